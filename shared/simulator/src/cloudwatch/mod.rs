//! CloudWatch: metrics by the minute with their delays, alarms with their treatment of missing data.

mod alarm;
mod custom;
mod error;
mod key;
mod math;
mod metrics;
mod missing;
mod published;
mod query;
mod reading;
mod set;
mod statistic;
mod usage;
mod watch;

pub use alarm::{Alarm, Changed, Compare, POINTS_MAX};
pub(crate) use custom::CustomMetrics;
pub use custom::{Datum, METRICS_MAX, Sample};
pub use error::CloudWatchError;
pub use key::{MetricKey, Place};
pub use metrics::{Alternate, Delays, Metrics, Minute};
pub use missing::{Missing, Point, evaluate};
pub use published::{Published, load_balancer_dimension, target_group_dimension};
pub(crate) use query::get;
pub use query::{
    GetMetricData, MetricDataAnswer, MetricDataQuery, MetricDataResult, MetricStat, Queried, ScanBy, StatusCode,
};
pub(crate) use reading::Readings;
pub use statistic::{Datapoint, Statistic, Summary};
pub(crate) use usage::usage;
pub(crate) use watch::Alarms;
pub use watch::{
    Actions, AlarmFilter, AlarmKind, AlarmView, Comparison, Described, MuteStatus, MuteView, PutCompositeAlarm,
    PutMetricAlarm, PutMuteRule, Standing, SuppressedBy, Suppressor, Watched,
};
