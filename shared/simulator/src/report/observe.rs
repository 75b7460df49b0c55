//! Watches a run from outside and sums it up.

use headroom_core::capacity::Change;
use serde::Serialize;

use super::check::Check;
use super::hour::Hour;
use crate::queue::Mixture;
use crate::scaling::Outcome;
use crate::scenario::Expectation;
use crate::service::Ended;
use crate::world::{Inner, Look};

/// A turn is a change of the desired count against the one before it, within this time: flapping.
const TURN_SECONDS: i64 = 30 * 60;

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
}

/// A line of the timeline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Line {
    /// Seconds since the epoch.
    pub at: i64,
    /// Whose it is: `scaling`, `alarm`, `headroom`, `notice`.
    pub kind: &'static str,
    /// What happened.
    pub text: String,
}

/// A service over the whole run.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ServiceReport {
    /// Its name in the scenario.
    pub name: String,
    /// Minutes.
    #[serde(skip)]
    pub rows: Vec<Row>,
    /// Hours.
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
#[derive(Debug, Clone, PartialEq, Serialize)]
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
    pub timeline: Vec<Line>,
    /// Expectations with what was found.
    pub checks: Vec<Check>,
}

impl Report {
    /// Whether every expectation holds.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.checks.iter().all(|c| c.holds)
    }
}

/// Collects while the world runs.
#[derive(Debug)]
pub struct Observer {
    report: Report,
    expectations: Vec<Expectation>,
    hours: Vec<Mixture>,
    begun: Vec<usize>,
}

impl Observer {
    /// An observer of services by name.
    #[must_use]
    pub fn new(title: String, start: i64, days: u32, seed: u64, names: Vec<String>, headroom: bool) -> Self {
        let count = names.len();
        let services = names.into_iter().map(|name| ServiceReport {
            name,
            rows: Vec::new(),
            hours: Vec::new(),
            task_hours: 0.0,
            flapping: 0,
            scale_outs: 0,
            scale_ins: 0,
            minutes_over_85_cpu: 0,
        });
        let report = Report {
            title,
            start,
            days,
            seed,
            services: services.collect(),
            headroom: headroom.then(HeadroomCounts::default),
            timeline: Vec::new(),
            checks: Vec::new(),
        };
        Self { report, expectations: Vec::new(), hours: vec![Mixture::default(); count], begun: vec![0; count] }
    }

    /// With what is expected at the end.
    #[must_use]
    pub fn expecting(self, expectations: Vec<Expectation>) -> Self {
        Self { expectations, ..self }
    }

    /// A line of the timeline.
    pub fn line(&mut self, line: Line) {
        self.report.timeline.push(line);
    }

    /// A minute of every service, in their order.
    pub fn minute(&mut self, looks: Vec<Look>, ended: Vec<Ended>) {
        let state = self.hours.iter_mut().zip(&mut self.begun);
        for ((service, (hour, begun)), (look, ended)) in
            self.report.services.iter_mut().zip(state).zip(looks.into_iter().zip(ended))
        {
            service.task_hours += ended.billed_seconds / 3_600.0;
            hour.merge(&ended.responses);
            service.rows.push(row(look, &ended));
            if service.rows.len() - *begun == 60 {
                let rows = service.rows.get(*begun..).unwrap_or_default();
                service.hours.extend(Hour::of(rows, hour));
                *begun = service.rows.len();
                *hour = Mixture::default();
            }
        }
    }

    /// Sums up.
    pub(crate) fn report(mut self, inner: &Inner, headroom: Vec<Line>) -> Report {
        for (service, seen) in inner.services.iter().zip(&mut self.report.services) {
            let mut last: Option<(i64, bool)> = None;
            for activity in &service.target.activities {
                let text = match activity.outcome {
                    Outcome::Scaled { from, to } => format!("{} {from} -> {to} by {}", seen.name, activity.cause),
                    Outcome::NotScaled(why) => format!("{} not scaled by {}: {why}", seen.name, activity.cause),
                };
                self.report.timeline.push(Line { at: activity.at, kind: "scaling", text });
                if let Outcome::Scaled { from, to } = activity.outcome {
                    let out = to > from;
                    seen.scale_outs += u32::from(out);
                    seen.scale_ins += u32::from(!out);
                    seen.flapping += u32::from(last.is_some_and(|(at, l)| l != out && activity.at - at < TURN_SECONDS));
                    last = Some((activity.at, out));
                }
            }
            seen.minutes_over_85_cpu = seen.rows.iter().filter(|r| r.cpu.is_some_and(|c| c > 85.0)).count() as u32;
        }
        let told = inner.notices.iter().map(|(at, n)| Line { at: *at, kind: "notice", text: n.title.clone() });
        self.report.timeline.extend(headroom.into_iter().chain(told));
        self.report.timeline.sort_by(|a, b| (a.at, a.kind, &a.text).cmp(&(b.at, b.kind, &b.text)));
        if let Some(counts) = &mut self.report.headroom {
            counts.notices = inner.notices.len() as u32;
            for (_, _, change) in &inner.changes {
                counts.changes += 1;
                match change {
                    Change::Min { from, to } if to > from => counts.raises += 1,
                    Change::Min { .. } => counts.returns += 1,
                    Change::Max { .. } | Change::Suspend { .. } => {}
                }
            }
        }
        self.report.checks = self.expectations.iter().map(|e| e.check(&self.report)).collect();
        self.report
    }
}

fn row(look: Look, ended: &Ended) -> Row {
    let minute = &ended.minute;
    Row {
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
    }
}
