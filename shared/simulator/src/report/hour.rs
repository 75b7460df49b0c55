//! One hour of a service.

use serde::Serialize;

use super::row::Row;
use crate::queue::Mixture;

/// An hour.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Hour {
    /// Its start, in seconds since the epoch.
    pub at: i64,
    /// Running tasks: the median of the hour's minutes, so the count that most of the hour had.
    pub tasks: u32,
    /// The most running tasks of any minute.
    pub tasks_max: u32,
    /// Mean CPU in percent.
    pub cpu: Option<f64>,
    /// The highest CPU of any minute.
    pub cpu_max: Option<f64>,
    /// Mean requests per target and minute.
    pub requests_per_target: Option<f64>,
    /// 95 % of the hour's requests were faster. Seconds.
    pub p95: Option<f64>,
    /// 99 % of the hour's requests were faster. Seconds.
    pub p99: Option<f64>,
    /// Requests that failed.
    pub errors: f64,
}

impl Hour {
    /// Sums up the minutes of an hour.
    #[must_use]
    pub fn of(rows: &[Row], responses: &Mixture) -> Option<Self> {
        let mut tasks: Vec<u32> = rows.iter().map(|r| r.tasks).collect();
        tasks.sort_unstable();
        let mean = |value: &dyn Fn(&Row) -> Option<f64>| {
            let known: Vec<f64> = rows.iter().filter_map(value).collect();
            (!known.is_empty()).then(|| known.iter().sum::<f64>() / known.len() as f64)
        };
        Some(Self {
            at: rows.first()?.at,
            tasks: *tasks.get(tasks.len() / 2)?,
            tasks_max: *tasks.last()?,
            cpu: mean(&|r| r.cpu),
            cpu_max: rows.iter().filter_map(|r| r.cpu).reduce(f64::max),
            requests_per_target: mean(&|r| r.requests_per_target),
            p95: responses.quantile(0.95),
            p99: responses.quantile(0.99),
            errors: rows.iter().map(|r| r.errors).sum(),
        })
    }
}
