//! What was seen in AWS.

use crate::entry::Entry;
use crate::fleet::Metric;
use crate::notice::measured;
use crate::seen::{PolicySeen, Seen};

/// Two lines: service, target and load; then the scaling policies.
pub(super) fn seen(entry: &Entry, seen: &Seen) -> Vec<String> {
    let service = match seen.service.known() {
        Some(s) => format!("desired {}, running {}", s.desired, s.running),
        None => format!("service {}", seen.service.why()),
    };
    let target = match seen.target.known() {
        Some(t) => format!("min {}, max {}", t.min, t.max),
        None => format!("scalable target {}", seen.target.why()),
    };
    let load = match (metric(entry), seen.load.known()) {
        (Some(metric), Some(load)) => {
            let tasks = load.tasks.map(|t| format!(" on {t} tasks")).unwrap_or_default();
            format!("{}{tasks}", measured(metric, load.value))
        }
        (_, _) => format!("metric {}", seen.load.why()),
    };
    vec![format!("{service}; {target}; {load}"), policies(entry, seen)]
}

fn policies(entry: &Entry, seen: &Seen) -> String {
    match seen.policies.known() {
        Some(policies) if policies.is_empty() => "no scaling policy".to_owned(),
        Some(policies) => {
            let list: Vec<String> = policies.iter().map(policy).collect();
            let native = entry.judgement.as_ref().and_then(|j| j.native.as_ref());
            let watched = native
                .map_or_else(|| "none watches this metric".to_owned(), |name| format!("{name} watches this metric"));
            format!("scaling policies: {}; {watched}", list.join(", "))
        }
        None => format!("scaling policies {}", seen.policies.why()),
    }
}

fn policy(policy: &PolicySeen) -> String {
    match (&policy.tracks, policy.target) {
        (Some(tracks), Some(target)) => format!("{tracks} at {target:.0}"),
        (_, _) => policy.name.clone(),
    }
}

fn metric(entry: &Entry) -> Option<Metric> {
    entry.rule.as_ref()?.metric
}
