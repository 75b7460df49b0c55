//! Times and numbers as the page has them.

use headroom_core::fleet::Metric;
use jiff::Timestamp;
use serde_json::{Value, json};

/// `02:30` in UTC.
pub(super) fn clock(seconds: i64) -> String {
    Timestamp::from_second(seconds).unwrap_or(Timestamp::MIN).strftime("%H:%M").to_string()
}

/// A metric with no more digits than are shown, so that an unchanged reading is an unchanged text.
pub(super) fn rounded(metric: Metric, value: f64) -> Value {
    let digits = match metric {
        Metric::RequestsPerTarget => 1.0,
        Metric::Cpu | Metric::Memory => 10.0,
        Metric::ErrorRate => 100.0,
        Metric::ResponseTimeAvg | Metric::ResponseTimeP95 => 1_000.0,
    };
    json!((value * digits).round() / digits)
}

/// What an alarm on a metric of ours watches: `CPU over 85 %`.
pub(super) fn over(metric: Metric, threshold: f64) -> String {
    match metric {
        Metric::Cpu => format!("CPU over {threshold} %"),
        Metric::Memory => format!("memory over {threshold} %"),
        Metric::RequestsPerTarget => format!("requests per target and minute over {threshold}"),
        Metric::ResponseTimeAvg => format!("mean response time over {threshold} s"),
        Metric::ResponseTimeP95 => format!("response time p95 over {threshold} s"),
        Metric::ErrorRate => format!("errors over {threshold} %"),
    }
}
