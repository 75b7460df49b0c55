//! What a run comes to.

use serde::Serialize;

use super::check::Check;
use super::hour::Hour;
use super::row::Row;
use super::timeline::Timeline;

/// A service over the whole run.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct ServiceReport {
    /// Its name in the scenario.
    pub name: String,
    /// Minutes; none unless the run was asked for them.
    #[serde(skip)]
    pub rows: Vec<Row>,
    /// Hours; none of a service that is not shown.
    pub hours: Vec<Hour>,
    /// Paid task time: from placement to the end of draining.
    pub task_hours: f64,
    /// Turns of the desired count: changes against the one before within 30 minutes.
    pub flapping: u32,
    /// Scale-outs.
    pub scale_outs: u32,
    /// Scale-ins.
    pub scale_ins: u32,
    /// Minutes with CPU over 85 %, the threshold of the incident this project began with.
    pub minutes_over_85_cpu: u32,
    /// Times that one of its alarms went to ALARM.
    pub alarms: u32,
    /// Requests that came.
    pub requests: f64,
    /// Requests that failed.
    pub errors: f64,
}

/// What Headroom did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct HeadroomCounts {
    /// Calls that raised a min.
    pub raises: u32,
    /// Calls that lowered a min.
    pub returns: u32,
    /// All calls that changed something.
    pub changes: u32,
    /// Notices.
    pub notices: u32,
}

/// The whole run.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Report {
    /// Title of the scenario.
    pub title: String,
    /// Start, in seconds since the epoch.
    pub start: i64,
    /// Days.
    pub days: u32,
    /// Seed.
    pub seed: u64,
    /// Services.
    pub services: Vec<ServiceReport>,
    /// Headroom, when it ran.
    pub headroom: Option<HeadroomCounts>,
    /// What happened, in order.
    pub timeline: Timeline,
    /// The run that this one is compared with.
    pub before: Option<Box<Report>>,
    /// Expectations with what was found.
    pub checks: Vec<Check>,
}

impl ServiceReport {
    /// Failed requests in percent; `None` without requests.
    #[must_use]
    pub fn error_percent(&self) -> Option<f64> {
        (self.requests > 0.0).then(|| self.errors / self.requests * 100.0)
    }
}

impl Report {
    /// Whether every expectation holds.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.checks.iter().all(|c| c.holds)
    }

    /// A service by its name in the scenario.
    #[must_use]
    pub fn service(&self, name: &str) -> Option<&ServiceReport> {
        self.services.iter().find(|s| s.name == name)
    }
}
