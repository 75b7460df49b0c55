//! A storm: more alarms of one environment in one minute than single causes explain.

use jiff::Timestamp;

use crate::time::Seconds;

/// More cases of one environment in one minute than this are one incident. Three alarms on each of three services that
/// share one dependency are nine; a tenth says that the environment itself is ill.
pub const CASES_MAX: u32 = 9;
/// When somebody looks again whether a storm is over.
pub const LOOK_AGAIN: Seconds = Seconds(300);
/// Length of the window that counts them, in seconds.
pub const WINDOW_SECONDS: i64 = 60;

/// The incident that a storm's cases belong to: one for an environment and hour, so that a storm of many minutes is
/// one thread.
#[must_use]
pub fn incident(environment: &str, now: Timestamp) -> String {
    format!("{environment}/storm@{}", now.strftime("%Y-%m-%dT%H:00Z"))
}
