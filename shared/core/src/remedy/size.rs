//! Sizing a scale-out: how many tasks carry this load at the target (SEMANTICS 23).

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::seen::{Load, ServiceSeen};

/// A need with the numbers that made it, so that it can be shown and computed again.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Arithmetic {
    /// Tasks that carried the load in the datapoint's own minute.
    pub running: u32,
    /// The metric.
    pub value: f64,
    /// Its target.
    pub target: f64,
    /// `ceil(running x value / target)`.
    pub tasks: u32,
}

impl fmt::Display for Arithmetic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { running, value, target, tasks } = self;
        write!(f, "ceil({running} x {value:.1} / {target:.0}) = {tasks}")
    }
}

/// Below this a quotient counts as the whole number under it: 3 x 70 / 70 needs 3 tasks, not 4.
const ROUNDING: f64 = 1e-9;

/// `ceil(running x value / target)`, saturating; a target of 0 or a value that is no number needs nothing.
#[must_use]
pub fn ratio(running: u32, value: f64, target: f64) -> Arithmetic {
    let quotient = f64::from(running) * (value / target);
    let tasks = if value.is_finite() && target > 0.0 && quotient > 0.0 { (quotient - ROUNDING).ceil() } else { 0.0 };
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to u32's range before")]
    let tasks = tasks.clamp(0.0, f64::from(u32::MAX)) as u32;
    Arithmetic { running, value, target, tasks }
}

/// The tasks that carried a load: those that reported in the datapoint's own minute (SEMANTICS C).
///
/// Never more than are there or asked for: a service that reports every 20 seconds counts each task three
/// times. While a deployment runs both revisions report: never more than desired then (SEMANTICS 23).
#[must_use]
pub fn carried_by(load: &Load, service: &ServiceSeen) -> u32 {
    let alive = service.running.min(service.desired);
    let Some(reported) = load.tasks else { return alive };
    if service.deployments_in_progress > 1 {
        reported.min(service.desired)
    } else {
        reported.min(service.running.max(service.desired))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_need_is_the_load_over_the_target_rounded_up() {
        for (running, value, target, tasks) in [
            (2, 95.0, 70.0, 3),
            (3, 63.333_333, 70.0, 3),
            (3, 30.0, 70.0, 2),
            (3, 70.0, 70.0, 3),
            (10, 7.0, 70.0, 1),
            (2, 0.0, 70.0, 0),
            (0, 95.0, 70.0, 0),
            (2, f64::NAN, 70.0, 0),
            (2, 95.0, 0.0, 0),
            (u32::MAX, 1e300, 1.0, u32::MAX),
        ] {
            assert_eq!(ratio(running, value, target).tasks, tasks, "{running} x {value} / {target}");
        }
    }

    #[test]
    fn tasks_that_report_three_times_a_minute_are_not_three_times_as_many() {
        let service = |desired, running, deployments_in_progress| ServiceSeen {
            arn: "arn".into(),
            created_at: None,
            desired,
            running,
            deployments_in_progress,
            daemon: false,
            troubles: Vec::new(),
            target_groups: Vec::new(),
            primary: None,
        };
        let load = |tasks| Load { value: 95.0, tasks, at: jiff::Timestamp::UNIX_EPOCH };
        for (tasks, service, carried) in [
            (Some(2), service(2, 2, 0), 2),
            (Some(6), service(2, 2, 0), 2),
            (Some(2), service(3, 2, 0), 2),
            (Some(4), service(2, 4, 2), 2),
            (None, service(3, 2, 0), 2),
        ] {
            assert_eq!(carried_by(&load(tasks), &service), carried, "{tasks:?} {service:?}");
        }
    }
}
