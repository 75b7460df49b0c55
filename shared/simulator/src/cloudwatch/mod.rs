//! CloudWatch: metrics by the minute with their delays, alarms with their treatment of missing data.

mod alarm;
mod metrics;
mod missing;

pub use alarm::{Alarm, Changed, Compare, POINTS_MAX};
pub use metrics::{Delays, Metrics, Minute};
pub use missing::{Missing, Point, evaluate};
