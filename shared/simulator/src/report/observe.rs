//! Watches a run from outside and sums it up as it goes: what it keeps does not grow with the days of the run.

use std::collections::BTreeMap;

use headroom_core::capacity::Change;

use super::hour::Hour;
use super::row::Row;
use super::summary::{HeadroomCounts, Report, ServiceReport};
use super::timeline::Line;
use crate::queue::Mixture;
use crate::scaling::{Activity, Outcome};
use crate::scenario::{Expectation, Judge};
use crate::service::Ended;
use crate::world::{Inner, Look, World};

/// A turn is a change of the desired count against the one before it, within this time: flapping.
const TURN_SECONDS: i64 = 30 * 60;
/// Hours are kept and printed of so many services, and of those whose hours are expected; of others the totals.
pub const SERVICES_SHOWN: usize = 20;

/// What is kept of a service while it runs.
#[derive(Debug, Default)]
struct Seen {
    /// Whether its hours are.
    shown: bool,
    /// The minutes of the hour so far.
    hour: Vec<Row>,
    responses: Mixture,
    /// Activities of its scalable target that were looked at.
    activities: u64,
    /// The newest change: when, and whether it was out.
    turned: Option<(i64, bool)>,
}

/// Collects while the world runs.
#[derive(Debug)]
pub struct Observer {
    report: Report,
    keep_minutes: bool,
    seen: Vec<Seen>,
    judges: Vec<Judge>,
    /// Service of each alarm, by name.
    alarms: BTreeMap<String, usize>,
    lines: Vec<Line>,
    midnight: i64,
}

impl Observer {
    /// An observer of services by name.
    #[must_use]
    pub fn new(title: String, start: i64, days: u32, seed: u64, names: Vec<String>, headroom: bool) -> Self {
        let seen = (0..names.len()).map(|index| Seen { shown: index < SERVICES_SHOWN, ..Seen::default() });
        let seen = seen.collect();
        let services = names.into_iter().map(|name| ServiceReport { name, ..ServiceReport::default() });
        let services = services.collect();
        let headroom = headroom.then(HeadroomCounts::default);
        let report = Report { title, start, days, seed, services, headroom, ..Report::default() };
        let midnight = start - start.rem_euclid(86_400);
        let (judges, alarms, lines) = (Vec::new(), BTreeMap::new(), Vec::new());
        Self { report, keep_minutes: false, seen, judges, alarms, lines, midnight }
    }

    /// With what is expected at the end, and the run to compare with.
    #[must_use]
    pub fn expecting(mut self, expectations: Vec<Expectation>, before: Option<Report>) -> Self {
        for expectation in expectations {
            let judge = Judge::new(expectation, &self.report.services);
            if let Some(seen) = judge.service().and_then(|i| self.seen.get_mut(i)) {
                seen.shown |= judge.by_hour();
            }
            self.judges.push(judge);
        }
        self.report.before = before.map(Box::new);
        self
    }

    /// With the services that alarms are about, by the alarms' names.
    #[must_use]
    pub fn counting(self, alarms: BTreeMap<String, usize>) -> Self {
        Self { alarms, ..self }
    }

    /// With every minute kept, for a report that shows them.
    #[must_use]
    pub fn keeping_minutes(self, keep_minutes: bool) -> Self {
        Self { keep_minutes, ..self }
    }

    /// A line of the timeline.
    pub fn line(&mut self, line: Line) {
        self.lines.push(line);
    }

    /// An alarm went to ALARM.
    pub fn alarm(&mut self, name: &str) {
        let service = self.alarms.get(name).and_then(|i| self.report.services.get_mut(*i));
        if let Some(service) = service {
            service.alarms += 1;
        }
        self.judges.iter_mut().for_each(|judge| judge.alarm(name));
    }

    /// A minute of every service, in their order.
    pub fn minute(&mut self, looks: Vec<Look>, ended: Vec<Ended>, world: &World) {
        let inner = world.inner.borrow();
        let mut rows = Vec::with_capacity(self.seen.len());
        let services = self.report.services.iter_mut().zip(&mut self.seen);
        for (((service, seen), (look, ended)), found) in services.zip(looks.into_iter().zip(ended)).zip(&inner.services)
        {
            let row = Row::of(look, &ended);
            service.task_hours += ended.billed_seconds / 3_600.0;
            service.requests += row.requests;
            service.errors += row.errors;
            service.minutes_over_85_cpu += u32::from(row.cpu.is_some_and(|c| c > 85.0));
            if seen.shown {
                hour(service, seen, row.clone(), &ended.responses);
            }
            for activity in found.target.newer(seen.activities) {
                self.lines.push(scaled(service, seen, activity));
            }
            seen.activities = found.target.recorded;
            if self.keep_minutes {
                service.rows.push(row.clone());
            }
            rows.push(row);
        }
        for judge in &mut self.judges {
            if let Some(row) = judge.service().and_then(|i| rows.get(i)) {
                judge.minute(row, self.midnight);
            }
        }
        self.report.timeline.extend(std::mem::take(&mut self.lines));
    }

    /// Minutes that are kept at this moment, of all services.
    #[must_use]
    pub fn rows_kept(&self) -> usize {
        let hours = self.seen.iter().map(|s| s.hour.len());
        hours.chain(self.report.services.iter().map(|s| s.rows.len())).sum()
    }

    /// Sums up.
    pub(crate) fn report(mut self, inner: &Inner, headroom: Vec<Line>) -> Report {
        let told = inner.notices.iter().map(|(at, n)| Line { at: *at, kind: "notice", text: n.title.clone() });
        self.report.timeline.merge(headroom.into_iter().chain(told).collect());
        if let Some(counts) = &mut self.report.headroom {
            counts.notices = inner.notices.len() as u32;
            for (_, _, change) in &inner.changes {
                counts.changes += 1;
                match change {
                    Change::Min { from, to } | Change::Desired { from, to } if to > from => counts.raises += 1,
                    Change::Min { .. } | Change::Desired { .. } => counts.returns += 1,
                    Change::Max { .. } | Change::Suspend { .. } => {}
                }
            }
        }
        self.report.checks = self.judges.iter().map(|judge| judge.check(&self.report)).collect();
        self.report
    }
}

fn hour(service: &mut ServiceReport, seen: &mut Seen, row: Row, responses: &Mixture) {
    seen.responses.merge(responses);
    seen.hour.push(row);
    if seen.hour.len() == 60 {
        service.hours.extend(Hour::of(&seen.hour, &seen.responses));
        seen.hour.clear();
        seen.responses = Mixture::default();
    }
}

fn scaled(service: &mut ServiceReport, seen: &mut Seen, activity: &Activity) -> Line {
    let Activity { at, cause, outcome, .. } = activity;
    let text = match outcome {
        Outcome::Scaled { from, to } => {
            let out = to > from;
            service.scale_outs += u32::from(out);
            service.scale_ins += u32::from(!out);
            let turned = seen.turned.is_some_and(|(last, was_out)| was_out != out && at - last < TURN_SECONDS);
            service.flapping += u32::from(turned);
            seen.turned = Some((*at, out));
            format!("{} {from} -> {to} by {cause}", service.name)
        }
        Outcome::NotScaled(why) => format!("{} not scaled by {cause}: {why}", service.name),
    };
    Line { at: *at, kind: "scaling", text }
}
