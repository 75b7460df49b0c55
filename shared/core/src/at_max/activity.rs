//! Scaling activities: what Application Auto Scaling did, and why it did nothing.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Why nothing is added at max, in Auto Scaling's word.
pub const AT_MAX: &str = "AlreadyAtMaxCapacity";

/// One entry of DescribeScalingActivities.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActivitySeen {
    /// ActivityId.
    pub id: String,
    /// StartTime.
    pub at: Timestamp,
    /// StatusCode, for example `Successful`; `Failed` also where nothing was to be scaled (AWS_FACTS 2.7).
    pub status: String,
    /// StatusMessage, when there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// The desired count that it set, read from Description.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<u32>,
    /// Codes of NotScaledReasons; empty for one that scaled, or failed to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub not_scaled: Vec<String>,
}

impl ActivitySeen {
    /// Scaling was tried and failed: a not-scaled entry has the same StatusCode, but it has reasons.
    #[must_use]
    pub fn failed(&self) -> bool {
        self.not_scaled.is_empty() && matches!(self.status.as_str(), "Failed" | "Unfulfilled")
    }
}

/// Scaling that fails.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// Failures since the last success, of those that were read.
    pub times: u32,
    /// When the oldest of these began.
    pub since: Timestamp,
    /// Auto Scaling's words about the newest.
    pub message: String,
    /// Whether a later activity succeeded. Where none was tried any more, nobody knows whether scaling works.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub recovered: bool,
}

impl Failure {
    /// The same after a look that found no failure as the newest activity.
    #[must_use]
    pub fn after(self, activities: &[ActivitySeen]) -> Self {
        let succeeded = activities.iter().any(|a| a.not_scaled.is_empty() && !a.failed() && a.at > self.since);
        Self { recovered: self.recovered || succeeded, ..self }
    }
}

/// Since when Auto Scaling says that it would add tasks and max forbids it. Only the first of a row is recorded
/// (AWS_FACTS 2.7), so it holds until an activity that says otherwise.
#[must_use]
pub fn held_at_max(activities: &[ActivitySeen]) -> Option<Timestamp> {
    let says = |a: &&ActivitySeen| a.not_scaled.iter().any(|code| code == AT_MAX);
    let row = newest_first(activities).into_iter().take_while(|a| !a.failed()).take_while(says);
    row.last().map(|first| first.at)
}

/// The failures since the last activity that did not fail; `None` when the newest did not.
#[must_use]
pub fn failing(activities: &[ActivitySeen]) -> Option<Failure> {
    let row: Vec<&ActivitySeen> =
        newest_first(activities).into_iter().filter(|a| a.not_scaled.is_empty()).take_while(|a| a.failed()).collect();
    let (newest, oldest) = (row.first()?, row.last()?);
    let message = newest.message.clone().unwrap_or_else(|| newest.status.clone());
    Some(Failure { times: u32::try_from(row.len()).unwrap_or(u32::MAX), since: oldest.at, message, recovered: false })
}

/// The desired counts that were set since a time, oldest first.
#[must_use]
pub fn moves(activities: &[ActivitySeen], since: Timestamp) -> Vec<f64> {
    let mut recent: Vec<&ActivitySeen> = activities.iter().filter(|a| a.at >= since && !a.failed()).collect();
    recent.sort_by_key(|a| a.at);
    recent.into_iter().filter_map(|a| a.to).map(f64::from).collect()
}

fn newest_first(activities: &[ActivitySeen]) -> Vec<&ActivitySeen> {
    let mut sorted: Vec<&ActivitySeen> = activities.iter().collect();
    sorted.sort_by_key(|a| std::cmp::Reverse(a.at));
    sorted
}

#[cfg(test)]
mod tests {
    use super::*;

    fn activity(at: i64, status: &str, to: Option<u32>, not_scaled: &[&str]) -> ActivitySeen {
        ActivitySeen {
            id: at.to_string(),
            at: Timestamp::from_second(at).unwrap(),
            status: status.to_owned(),
            message: (status == "Failed").then(|| "Failed to set desired count".to_owned()),
            to,
            not_scaled: not_scaled.iter().map(|&code| code.to_owned()).collect(),
        }
    }

    #[test]
    fn a_not_scaled_entry_is_no_failure_and_a_failure_is_no_reason() {
        let at_max = activity(3, "Failed", None, &[AT_MAX]);
        let failed = activity(2, "Failed", None, &[]);
        assert_eq!(failing(std::slice::from_ref(&at_max)), None);
        assert_eq!(held_at_max(std::slice::from_ref(&failed)), None);
        assert_eq!(failing(&[at_max, failed]).map(|f| f.times), Some(1), "the reason ends no row of failures");
    }

    #[test]
    fn what_was_said_holds_until_an_activity_says_otherwise() {
        let row = [activity(9, "Failed", None, &[AT_MAX]), activity(5, "Failed", None, &[AT_MAX])];
        assert_eq!(held_at_max(&row).map(Timestamp::as_second), Some(5));
        let scaled = [row.to_vec(), vec![activity(10, "Successful", Some(4), &[])]].concat();
        assert_eq!(held_at_max(&scaled), None);
        assert_eq!(held_at_max(&[activity(5, "Failed", None, &["AlreadyAtMinCapacity"])]), None);
    }

    #[test]
    fn failures_end_with_a_success() {
        let row = [
            activity(1, "Successful", Some(3), &[]),
            activity(4, "Failed", None, &[]),
            activity(6, "Unfulfilled", None, &[]),
        ];
        let failure = failing(&row).unwrap();
        assert_eq!((failure.times, failure.since.as_second(), failure.message.as_str()), (2, 4, "Unfulfilled"));
        let over = [row.to_vec(), vec![activity(7, "Successful", Some(4), &[])]].concat();
        assert_eq!(failing(&over), None);
    }

    #[test]
    fn moves_are_the_counts_that_were_set_in_their_order() {
        let all = [
            activity(9, "Successful", Some(4), &[]),
            activity(1, "Successful", Some(2), &[]),
            activity(8, "Overridden", Some(6), &[]),
        ];
        assert_eq!(moves(&all, Timestamp::from_second(5).unwrap()), [6.0, 4.0]);
    }
}
