//! One minute of a service.

use serde::Serialize;

use crate::service::Ended;
use crate::world::Look;

/// One minute of a service. Counts are those at its start.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Row {
    /// Its start, in seconds since the epoch.
    pub at: i64,
    /// Running tasks.
    pub tasks: u32,
    /// Healthy targets.
    pub healthy: u32,
    /// Desired count.
    pub desired: u32,
    /// MinCapacity.
    pub min: u32,
    /// MaxCapacity.
    pub max: u32,
    /// CPU in percent, as published.
    pub cpu: Option<f64>,
    /// Memory in percent, as published.
    pub memory: Option<f64>,
    /// Requests per target.
    pub requests_per_target: Option<f64>,
    /// Response times in seconds.
    pub p50: Option<f64>,
    /// Response times in seconds.
    pub p95: Option<f64>,
    /// Response times in seconds.
    pub p99: Option<f64>,
    /// Requests that failed, at a target or before one.
    pub errors: f64,
    /// Requests that came.
    pub requests: f64,
    /// Jobs that wait at its end, and those for each task.
    pub queued: Option<(f64, f64)>,
}

impl Row {
    /// What was seen at the start of a minute, and what it published.
    pub(super) fn of(look: Look, ended: &Ended) -> Self {
        let minute = &ended.minute;
        Self {
            at: minute.at,
            tasks: look.running,
            healthy: look.healthy,
            desired: look.desired,
            min: look.min,
            max: look.max,
            cpu: minute.cpu,
            memory: minute.memory,
            requests_per_target: minute.requests_per_target,
            p50: minute.response_p50,
            p95: minute.response_p95,
            p99: minute.response_p99,
            errors: minute.errors.unwrap_or(0.0) + ended.unanswered,
            requests: minute.requests.unwrap_or(0.0) + ended.unanswered,
            queued: ended.queued,
        }
    }
}
