//! What a task is given to end and to begin.

use super::examine::Patient;
use super::finding::{Check, Finding};
use crate::seen::Reading;
use crate::time::Seconds;

/// Requests that a draining task still serves are cut when its containers are killed first.
pub(super) fn draining(patient: &Patient<'_>) -> Vec<Finding> {
    let check = Check::Draining;
    let mut found = Vec::new();
    for (service, sight) in patient.services() {
        let label = service.label();
        let tasks = match check.read(&label, &sight.tasks) {
            Ok(tasks) => tasks,
            Err(unknown) => {
                found.push(unknown);
                continue;
            }
        };
        if tasks.target_groups.is_empty() {
            continue;
        }
        let stop = match check.read(&format!("{label}: stopTimeout"), &tasks.stop_timeout) {
            Ok(stop) => stop,
            Err(unknown) => {
                found.push(unknown);
                continue;
            }
        };
        match &sight.deregistration {
            Reading::Known(delay) if delay > stop => found.push(check.warn(format!(
                "{label}: deregistration delay {delay} is longer than stopTimeout {stop}: requests that still drain are cut"
            ))),
            Reading::Known(_) => {}
            other @ (Reading::Absent | Reading::Unreadable(_) | Reading::Stale { .. }) => found.push(check.unknown(
                format!("{label}: deregistration delay of {}: {}; it should be at most {stop}", tasks.target_groups.join(", "), other.why()),
            )),
        }
    }
    check.of_many(found, format!("{}: targets drain before their containers are killed", patient.count()))
}

/// The longest batch of a schedule stands for a start: from its grant to the running floor.
pub(super) fn grace(patient: &Patient<'_>) -> Vec<Finding> {
    let check = Check::Grace;
    let mut found = Vec::new();
    for (service, sight) in patient.services() {
        let label = service.label();
        let (tasks, state) = match (check.read(&label, &sight.tasks), check.read(&label, &sight.state)) {
            (Ok(tasks), Ok(state)) => (tasks, state),
            (Err(unknown), _) | (_, Err(unknown)) => {
                found.push(unknown);
                continue;
            }
        };
        if tasks.target_groups.is_empty() {
            continue;
        }
        let Some(longest) = state.batches.values().flatten().max() else {
            found.push(check.unknown(format!("{label}: no start was measured yet; a schedule's windows do")));
            continue;
        };
        match check.read(&format!("{label}: grace period"), &tasks.grace) {
            Ok(grace) if grace.0 < *longest => found.push(check.warn(format!(
                "{label}: grace period {grace} is shorter than the longest measured start, {}: a slow task is killed for it",
                Seconds(*longest)
            ))),
            Ok(_) => {}
            Err(unknown) => found.push(unknown),
        }
    }
    check.of_many(found, format!("{}: the grace period outlasts every measured start", patient.count()))
}
