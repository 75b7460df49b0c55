//! Why tasks stopped, for whoever is told that a window is short.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::seen::Reading;
use crate::time::{Seconds, elapsed};

/// What stopped earlier says little of the batch of now: the longest usual start, with its health checks, several times.
const AGE_MAX: Seconds = Seconds(15 * 60);
/// So many reasons are told; a batch fails for one or two.
const REASONS_MAX: usize = 3;
/// How the reason begins of a task that the scheduler took away because fewer are wanted: no trouble.
const SCALED_IN: &str = "Scaling activity initiated by";

/// A task that stopped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stopped {
    /// When; unknown where ECS does not say.
    pub at: Option<Timestamp>,
    /// ECS's stoppedReason, with that of its container where it has one.
    pub reason: String,
}

/// The reasons of the last quarter of an hour, the most frequent first, each with its number of tasks; what cannot be read
/// says so.
#[must_use]
pub fn stopped_lately(read: &Reading<Vec<Stopped>>, now: Timestamp) -> Vec<String> {
    let all = match read {
        Reading::Known(all) => all,
        Reading::Absent => return Vec::new(),
        Reading::Unreadable(_) | Reading::Stale { .. } => return vec![format!("reasons are {}", read.why())],
    };
    let mut counted: BTreeMap<&str, u32> = BTreeMap::new();
    let recent = |task: &&Stopped| task.at.is_none_or(|at| elapsed(at, now) <= AGE_MAX);
    for task in all.iter().filter(recent).filter(|task| !task.reason.starts_with(SCALED_IN)) {
        *counted.entry(&task.reason).or_default() += 1;
    }
    let mut reasons: Vec<(u32, &str)> = counted.into_iter().map(|(reason, tasks)| (tasks, reason)).collect();
    reasons.sort_by_key(|(tasks, _)| std::cmp::Reverse(*tasks));
    let said = |(tasks, reason): (u32, &str)| match tasks {
        1 => format!("1 task: {reason}"),
        _ => format!("{tasks} tasks: {reason}"),
    };
    reasons.into_iter().take(REASONS_MAX).map(said).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn task(second: i64, reason: &str) -> Stopped {
        Stopped { at: Some(at(second)), reason: reason.to_owned() }
    }

    #[test]
    fn reasons_are_counted_the_most_frequent_first_and_what_was_scaled_in_is_none() {
        let all = vec![
            task(10_000, "Essential container in task exited"),
            task(10_000, "Task failed ELB health checks"),
            task(9_500, "Task failed ELB health checks"),
            task(9_000, "CannotPullContainerError"),
            task(10_000, "Scaling activity initiated by (deployment ecs-svc/1)"),
        ];
        assert_eq!(
            stopped_lately(&Reading::Known(all), at(10_030)),
            ["2 tasks: Task failed ELB health checks", "1 task: Essential container in task exited"]
        );
    }

    #[test]
    fn what_cannot_be_read_is_not_taken_for_no_reason() {
        let unread = Reading::Unreadable("AccessDeniedException".to_owned());
        assert_eq!(stopped_lately(&unread, at(0)), ["reasons are unreadable: AccessDeniedException"]);
    }
}
