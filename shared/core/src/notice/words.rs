//! Words that several notices share.

use crate::capacity::Change;
use crate::fleet::Metric;

/// A metric's value with its unit and name, as people say it.
#[must_use]
pub fn measured(metric: Metric, value: f64) -> String {
    match metric {
        Metric::Cpu => format!("CPU {value:.0} %"),
        Metric::Memory => format!("memory {value:.0} %"),
        Metric::RequestsPerTarget => format!("{value:.0} requests per target and minute"),
        Metric::ResponseTimeAvg => format!("response time {value:.2} s"),
        Metric::ResponseTimeP95 => format!("response time p95 {value:.2} s"),
        Metric::ErrorRate => format!("errors {value:.2} %"),
    }
}

/// What a metric over its threshold is called in a title.
pub(super) fn cause(metric: Metric) -> &'static str {
    match metric {
        Metric::Cpu => "high CPU",
        Metric::Memory => "high memory",
        Metric::RequestsPerTarget => "many requests",
        Metric::ResponseTimeAvg | Metric::ResponseTimeP95 => "slow responses",
        Metric::ErrorRate => "errors",
    }
}

/// The changes as one sentence.
#[must_use]
pub fn sentence(changes: &[Change]) -> String {
    changes.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}
