//! A run: the clock jumps from one instant of a minute to the next, for a bounded number of days.

use std::collections::{BTreeMap, VecDeque};

use headroom_core::decide::Decision;
use headroom_core::entry::Entry;
use headroom_core::fleet::Fleet;
use headroom_core::id::ServiceId;
use headroom_core::signal::{AlarmState, ScalingEvent, Signal, decode};
use headroom_pipeline::{
    PortError, capacity_pass, look_at, on_alarm, on_deployment, on_error_alarm, sweep, watch_pass,
};

use crate::event::Event;
use crate::pace::Passed;
use crate::poll;
use crate::random::Random;
use crate::report::{Line, Observer, Report};
use crate::scenario::Scenario;
use crate::service::{Ended, Service};
use crate::world::{Look, World};

/// A month; a scenario that asks for more is refused, so that every run ends.
pub const DAYS_MAX: u32 = 31;
/// Seconds of a day.
pub const DAY: i64 = 86_400;

/// An event reaches Headroom this much later.
const DELIVERED_AFTER: i64 = 1;
/// Second of the minute in which Headroom's reconciler wakes.
const SWEPT_AT: i64 = 40;

/// Why a run ended before its time.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RunError {
    /// The scenario cannot be run.
    #[error("{0}")]
    Scenario(String),
    /// Headroom's flow failed, which no port of this world gives a reason for.
    #[error("headroom failed at {at}: {error}")]
    Headroom {
        /// When.
        at: String,
        /// What it said.
        error: PortError,
    },
    /// Headroom's flow never ended.
    #[error("headroom hung at {at}")]
    Hung {
        /// When.
        at: String,
    },
}

/// Runs a scenario to its end and judges its expectations.
///
/// # Errors
/// [`RunError`]; an expectation that does not hold is none, it is in the report.
pub fn run(scenario: Scenario) -> Result<Report, RunError> {
    run_keeping(scenario, false)
}

/// As [`run`], with every minute in the report when asked: memory grows with the days then.
///
/// # Errors
/// As [`run`].
pub fn run_keeping(mut scenario: Scenario, minutes: bool) -> Result<Report, RunError> {
    let before = scenario.before.take().map(|before| run(*before)).transpose()?;
    let (start, days) = (scenario.start, scenario.days);
    if !(1..=DAYS_MAX).contains(&days) {
        return Err(RunError::Scenario(format!("days {days}, expected 1 to {DAYS_MAX}")));
    }
    let built = scenario.build().map_err(RunError::Scenario)?;
    let observer = built.observer.expecting(built.expectations, before).keeping_minutes(minutes);
    let (mut live, mut observer) = (Live::new(built.world, built.fleet), observer);
    observed(&mut live, &mut observer, start + i64::from(days) * DAY)?;
    let entries = live.world.inner.borrow().journal.entries();
    let entries = entries.map_err(|error| RunError::Headroom { at: "the end".to_owned(), error })?;
    let inner = live.world.inner.into_inner();
    Ok(observer.report(&inner, headroom_lines(&entries)))
}

fn observed(live: &mut Live, observer: &mut Observer, to: i64) -> Result<(), RunError> {
    let mut began = Vec::new();
    live.advance(to, &mut |seen, world| match seen {
        Sight::Began(looks) => began = looks,
        Sight::Ended(ended) => {
            observer.minute(std::mem::take(&mut began), ended, world);
            // Nobody listens to them here; kept, they would grow with the days.
            drop(world.take_events());
        }
        Sight::Alarm(name) => observer.alarm(&name),
        Sight::Line(line) => observer.line(line),
    })
}

/// What an observer of a run sees.
#[derive(Debug)]
pub enum Sight {
    /// A minute began; each service as it was then.
    Began(Vec<Look>),
    /// A minute ended; what each service published.
    Ended(Vec<Ended>),
    /// An alarm went to ALARM; its name.
    Alarm(String),
    /// A line of the timeline.
    Line(Line),
}

/// Which events of Application Auto Scaling never come: it sends them best effort. None by default.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Loses {
    /// The share of them, in percent.
    pub percent: u32,
    /// The same seed loses the same ones.
    pub seed: u64,
}

impl Loses {
    fn this(self, event: &Event) -> bool {
        Random::new(self.seed, event.number).unit() * 100.0 < f64::from(self.percent)
    }
}

/// A world with Headroom in it, or without.
#[derive(Debug)]
pub struct Live {
    /// The world.
    pub world: World,
    fleet: Option<Fleet>,
    waiting: VecDeque<(i64, Event)>,
    sweep_at: i64,
    /// Whether services at their max are watched, and which events of Application Auto Scaling never come.
    capacity: Option<Loses>,
    /// Whether nobody runs the reconciler.
    pub reconciler_dead: bool,
    /// Number of the newest deployment of each service that Headroom heard of.
    deployed: BTreeMap<ServiceId, u64>,
}

impl Live {
    /// A world at its start.
    #[must_use]
    pub fn new(world: World, fleet: Option<Fleet>) -> Self {
        let sweep_at = world.seconds() + SWEPT_AT;
        let deployed = newest_deployments(&world);
        let waiting = VecDeque::new();
        Self { world, fleet, waiting, sweep_at, capacity: None, reconciler_dead: false, deployed }
    }

    /// The same with the function that watches capacity.
    #[must_use]
    pub fn watching_capacity(self, loses: Loses) -> Self {
        Self { capacity: Some(loses), ..self }
    }

    /// Runs to a moment, with what Headroom does until then.
    ///
    /// # Errors
    /// Headroom's flow failed or hung.
    pub fn advance(&mut self, to: i64, seen: &mut dyn FnMut(Sight, &World)) -> Result<(), RunError> {
        loop {
            // Evaluated, or set by somebody since.
            while let Some(event) = self.world.next_alarm_change() {
                self.waiting.push_back((event.at + DELIVERED_AFTER, event));
            }
            while let Some(event) = self.world.next_max_reached() {
                if self.capacity.is_some_and(|loses| !loses.this(&event)) {
                    self.waiting.push_back((event.at + DELIVERED_AFTER, event));
                }
            }
            let due = self.waiting.front().map_or(i64::MAX, |(at, _)| *at);
            let stop = to.min(due).min(self.sweep_at);
            match self.world.step(stop) {
                Some(Passed::Began(looks)) => seen(Sight::Began(looks), &self.world),
                Some(Passed::Ended(ended)) => seen(Sight::Ended(ended), &self.world),
                Some(Passed::Evaluated) => {}
                None if due <= stop => {
                    if let Some((_, event)) = self.waiting.pop_front() {
                        self.deliver(&event, seen)?;
                    }
                }
                None if self.sweep_at <= stop => {
                    self.sweep_at += 60;
                    self.sweep()?;
                }
                None => return Ok(()),
            }
        }
    }

    /// The minute of the reconciler and of the function that rolls back, which first hears of what was deployed since.
    fn sweep(&mut self) -> Result<(), RunError> {
        let at = self.world.seconds();
        let Some(fleet) = &self.fleet else { return Ok(()) };
        let owner = format!("sweep-{at}");
        let newest = newest_deployments(&self.world);
        for id in newest.iter().filter(|(id, number)| self.deployed.get(id) != Some(number)).map(|(id, _)| id) {
            let _woken = ended(at, poll::to_end(on_deployment(&self.world, fleet, id)))?;
        }
        self.deployed = newest;
        if !self.reconciler_dead {
            let _swept = ended(at, poll::to_end(sweep(&self.world, fleet, &owner)))?;
        }
        let _passed = ended(at, poll::to_end(watch_pass(&self.world, fleet)))?;
        if self.capacity.is_some() {
            let _polled = ended(at, poll::to_end(capacity_pass(&self.world, fleet, &owner)))?;
        }
        Ok(())
    }

    /// As the function hears of it that watches capacity.
    fn max_reached(&self, scaling: ScalingEvent) -> Result<(), RunError> {
        let at = self.world.seconds();
        let (Some(fleet), Some(service), true) = (&self.fleet, scaling.service, scaling.scaled_to_max) else {
            return Ok(());
        };
        ended(at, poll::to_end(look_at(&self.world, fleet, &service, &format!("event-{at}-max"), true)))
    }

    /// Once, in order, as the JSON that the function gets. INSUFFICIENT_DATA is not among what the rule selects
    /// (`signal::alarm::pattern`).
    fn deliver(&mut self, event: &Event, seen: &mut dyn FnMut(Sight, &World)) -> Result<(), RunError> {
        let at = self.world.seconds();
        let event = match decode(&event.json()) {
            Ok(Signal::Alarm(alarm)) => *alarm,
            Ok(Signal::Scaling(scaling)) => return self.max_reached(*scaling),
            Ok(_) => return Ok(()),
            Err(error) => return Err(RunError::Scenario(format!("an event that headroom does not read: {error}"))),
        };
        let text = format!("{} {}", event.name, event.state.name());
        if event.state == AlarmState::Alarm {
            seen(Sight::Alarm(event.name.clone()), &self.world);
        }
        seen(Sight::Line(Line { at, kind: "alarm", text }), &self.world);
        let (Some(fleet), false) = (&self.fleet, event.state == AlarmState::InsufficientData) else { return Ok(()) };
        let owner = format!("event-{at}-{}", event.name);
        if ended(at, poll::to_end(on_error_alarm(&self.world, fleet, &event)))?.is_some() {
            return Ok(());
        }
        let _handled = ended(at, poll::to_end(on_alarm(&self.world, fleet, &event, &owner)))?;
        Ok(())
    }
}

fn newest_deployments(world: &World) -> BTreeMap<ServiceId, u64> {
    let newest = |s: &Service| Some((s.spec.id.clone(), s.deploys.history.back()?.number));
    world.read(|all| all.iter().filter_map(newest).collect())
}

fn ended<T>(at: i64, outcome: Option<Result<T, PortError>>) -> Result<T, RunError> {
    let at = crate::report::clock(at);
    match outcome {
        Some(Ok(value)) => Ok(value),
        Some(Err(error)) => Err(RunError::Headroom { at, error }),
        None => Err(RunError::Hung { at }),
    }
}

/// What Headroom decided, one line each.
fn headroom_lines(entries: &[Entry]) -> Vec<Line> {
    let lines = entries.iter().map(|entry| {
        let what = match entry.judgement.as_ref().map(|j| (&j.decision, j.need)) {
            Some((Decision::Act(plan), need)) => {
                let need = need.map(|n| format!(": {n}")).unwrap_or_default();
                let what = match &entry.changes[..] {
                    [] => plan.to_string(),
                    changes => headroom_core::notice::sentence(changes),
                };
                format!("{what}{need}")
            }
            Some((other, _)) => format!("{other:?}"),
            None if entry.changes.is_empty() => entry.status.name().to_owned(),
            None => headroom_core::notice::sentence(&entry.changes),
        };
        Line { at: entry.at.as_second(), kind: "headroom", text: format!("{} {}: {what}", entry.label, entry.remedy) }
    });
    lines.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario;

    const ALL_DAY: &str = "\
start 2026-11-23T00:00:00Z
days DAYS
service web[1..30]
  bounds 2..10
  track cpu 60% out 60s in 300s
  alarm hot cpu > 70% 2 of 2
  noise 10%
  load daily 300/min..3000/min peak 14:00 work 40ms
expect:
  web1.cpu max in 00:00..01:00 <= 100
";

    /// Minutes kept, lines of the timeline, hours: after so many days.
    fn kept(days: &str) -> [usize; 3] {
        let files = |path: &str| Err(path.to_owned());
        let scenario = scenario::read(&ALL_DAY.replace("DAYS", days), &files).unwrap();
        let (start, days) = (scenario.start, i64::from(scenario.days));
        let built = scenario.build().unwrap();
        let mut observer = built.observer.expecting(built.expectations, None);
        let mut live = Live::new(built.world, None);
        observed(&mut live, &mut observer, start + days * DAY).unwrap();
        let rows = observer.rows_kept();
        let report = observer.report(&live.world.inner.into_inner(), Vec::new());
        let hours = report.services.iter().map(|s| s.hours.len()).max();
        [rows, report.timeline.lines.len(), hours.unwrap_or_default()]
    }

    #[test]
    fn what_a_run_keeps_of_its_minutes_is_the_same_after_one_day_and_after_seven() {
        let (one, seven) = (kept("1"), kept("7"));
        assert_eq!((one[0], seven[0]), (0, 0), "an hour that has ended is summed up");
        assert_eq!((one[2], seven[2]), (24, 7 * 24));
        assert!(one[1] > 100 && seven[1] <= crate::report::LINES_KEPT, "{one:?} {seven:?}");
    }
}
