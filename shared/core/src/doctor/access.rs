//! Whose credentials, what they may, and what they reach.

use super::examine::Patient;
use super::finding::{Check, Finding};
use super::sight::Access;
use crate::seen::Reading;
use crate::time::elapsed;

/// Times of leases are told to the minute.
const CLOCK_OFF_SECONDS: u32 = 60;
/// AWS refuses a signature that is older or newer (IAM User Guide, "Elements of an AWS API request signature").
const CLOCK_REFUSED_SECONDS: u32 = 300;

pub(super) fn credentials(patient: &Patient<'_>) -> Vec<Finding> {
    let check = Check::Credentials;
    let meant = &patient.environment.account;
    vec![match check.read("account", &patient.sight.account) {
        Err(unknown) => unknown,
        Ok(found) if found == meant => check.good(format!("account {found}, as the fleet file says")),
        Ok(found) => {
            check.bad(format!("account {found}; the fleet file says {meant}: use the profile of that account"))
        }
    }]
}

pub(super) fn permissions(patient: &Patient<'_>) -> Vec<Finding> {
    let check = Check::Permissions;
    let used = &patient.sight.access;
    let mut found = Vec::new();
    let allowed: Vec<&str> =
        used.iter().filter(|(_, a)| *a == Access::Allowed).map(|(name, _)| name.as_str()).collect();
    if !allowed.is_empty() {
        found.push(check.good(format!("present: {}", allowed.join(", "))));
    }
    for (action, access) in used {
        match access {
            Access::Allowed => {}
            Access::Denied(words) => found.push(check.bad(format!("missing: {action}: {words}"))),
            Access::Failed(words) => found.push(check.unknown(format!("{action}: {words}"))),
        }
    }
    let changing = patient.expected.changing.join(", ");
    found.push(check.unknown(format!("not tried, as they change something: {changing}")));
    found
}

pub(super) fn clock(patient: &Patient<'_>) -> Vec<Finding> {
    let check = Check::Clock;
    let (aws, here) = match check.read("", &patient.sight.clock) {
        Ok((aws, here)) => (*aws, *here),
        Err(unknown) => return vec![unknown],
    };
    let off = elapsed(aws.min(here), aws.max(here)).0;
    let words = format!("{off} s {} AWS's", if here > aws { "ahead of" } else { "behind" });
    vec![match off {
        CLOCK_REFUSED_SECONDS.. => check.bad(format!("{words}: AWS refuses what is signed so far off; set the clock")),
        CLOCK_OFF_SECONDS.. => {
            check.warn(format!("{words}: times of leases and pauses are off by that; set the clock"))
        }
        0 => check.good("as AWS's, to the second"),
        _ => check.good(words),
    }]
}

pub(super) fn table(patient: &Patient<'_>) -> Vec<Finding> {
    let check = Check::Table;
    let mut found = Vec::new();
    let states = patient.services().next().map(|(_, sight)| &sight.state);
    match states {
        Some(Reading::Known(_)) => {}
        Some(other) => found.push(check.unknown(format!("states: {}", other.why()))),
        None => found.push(check.unknown("states: the environment has no service")),
    }
    if let Err(unknown) = check.read("entries", &patient.sight.entries) {
        found.push(unknown);
    }
    check.of_many(found, "states and index of entries can be read")
}
