//! Why each bound of a service is what it is.

use jiff::Timestamp;

use super::page::Row;
use crate::capacity::{Bounds, Claimed, Kept, Lease};
use crate::control::Control;
use crate::seen::{Reading, ServiceSeen, TargetSeen};

/// Lines, the most telling first; never none.
#[must_use]
pub fn why(row: &Row<'_>, control: &Control, now: Timestamp) -> Vec<String> {
    let mut lines = Vec::new();
    match (row.seen.service.known(), row.seen.target.known()) {
        (Some(service), target) => bounds(&mut lines, row, service, target.copied(), now),
        (None, _) => lines.push(match &row.seen.service {
            Reading::Absent => "not there: ECS knows no such service".to_owned(),
            other @ (Reading::Known(_) | Reading::Unreadable(_) | Reading::Stale { .. }) => {
                format!("cannot be read: {}", other.why())
            }
        }),
    }
    if let Some(pause) = control
        .pauses
        .iter()
        .find(|p| p.service.as_ref().is_some_and(|s| *s == row.service.name) && p.until.is_none_or(|until| until > now))
    {
        let what = pause.remedy.as_ref().map(|remedy| format!("remedy {remedy} ")).unwrap_or_default();
        lines.push(format!("{what}paused {} ({})", ends(pause.until, now), pause.by));
    }
    if lines.is_empty() {
        lines.push("baseline".to_owned());
    }
    lines
}

/// When a pause ends, in words.
pub(super) fn ends(until: Option<Timestamp>, now: Timestamp) -> String {
    until.map_or_else(|| "until it is resumed".to_owned(), |until| format!("until {}", clock_of(until, now)))
}

fn bounds(lines: &mut Vec<String>, row: &Row<'_>, service: &ServiceSeen, target: Option<TargetSeen>, now: Timestamp) {
    let kept = row.state.kept.as_ref();
    let Some(target) = target else {
        let lease = row.state.live().find(|lease| lease.floor.is_some());
        let why = lease.map(|lease| format!("desired {} {}", service.desired, held(lease, now)));
        let unread = || match &row.seen.target {
            Reading::Absent => "no scalable target".to_owned(),
            other @ (Reading::Known(_) | Reading::Unreadable(_) | Reading::Stale { .. }) => {
                format!("bounds cannot be read: {}", other.why())
            }
        };
        lines.push(why.unwrap_or_else(unread));
        return;
    };
    let found = Bounds::of(&target);
    lines.extend(row.state.live().map(|lease| claim(lease, kept, found, now)));
    if let Some(kept) = kept.filter(|_| row.state.live().next().is_none()) {
        lines.push(format!("on its way back to {}", kept.base()));
    }
    let own = kept.is_none_or(|kept| {
        kept.min.ours.contains(&found.min)
            && kept.max.ours.contains(&found.max)
            && kept.scale_in.ours.contains(&found.scale_in_suspended)
    });
    if !own {
        lines.push(format!("{found} set by somebody, not ours"));
    }
    let file = row.service.capacity;
    if kept.is_none() && (found.min, found.max) != (file.min, file.max) {
        lines.push(format!("set by somebody, respected; the fleet file says {}..{}", file.min, file.max));
    }
    if service.desired < found.min || service.desired > found.max {
        lines.push(format!("desired {} lies outside: held by a person", service.desired));
    } else if service.desired == found.max && found.max > found.min {
        lines.push("AT MAX".to_owned());
    }
    if service.deployments_in_progress > 0 {
        lines.push("a deployment runs".to_owned());
    }
}

/// A time of today by its clock, another with its day.
fn clock_of(at: Timestamp, now: Timestamp) -> String {
    let day = |at: Timestamp| at.strftime("%Y-%m-%d").to_string();
    let format = if day(at) == day(now) { "%H:%M" } else { "%Y-%m-%d %H:%M" };
    at.strftime(format).to_string()
}

/// What one lease claims, from what, and for how long.
fn claim(lease: &Lease, kept: Option<&Kept>, found: Bounds, now: Timestamp) -> String {
    let base = kept.map_or(found, Kept::base);
    let what = match Claimed::of(lease) {
        Claimed::Floor => format!("min {} -> {}", base.min, lease.floor.unwrap_or(base.min)),
        Claimed::Raise => format!("max {} -> {}", base.max, lease.raise.unwrap_or(base.max)),
        Claimed::Hold => "no scale-in".to_owned(),
    };
    if lease.is_overridden() {
        return format!("{what} for {}: somebody's change stands over it", lease.remedy);
    }
    format!("{what}  {}", held(lease, now))
}

/// For whom, and until when.
fn held(lease: &Lease, now: Timestamp) -> String {
    let until = clock_of(lease.until, now);
    match &lease.operator {
        Some(by) => format!("{by} until {until}"),
        None => format!("{} until {until}, then while needed", lease.remedy),
    }
}
