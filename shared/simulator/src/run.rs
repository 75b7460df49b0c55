//! A run: the clock jumps from one instant of a minute to the next, for a bounded number of days.

use headroom_core::decide::Decision;
use headroom_core::entry::Entry;
use headroom_core::fleet::Fleet;
use headroom_core::signal::{AlarmEvent, AlarmState};
use headroom_pipeline::{PortError, on_alarm, sweep};

use crate::poll;
use crate::report::{Line, Observer, Report};
use crate::scenario::Scenario;
use crate::world::World;

/// A month; a scenario that asks for more is refused, so that every run ends.
pub const DAYS_MAX: u32 = 31;
/// Seconds of a day.
pub const DAY: i64 = 86_400;

/// Second of the minute in which CloudWatch evaluates and scaling acts; real alarms have their own offset each.
const EVALUATED_AT: i64 = 31;
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
    let (start, days) = (scenario.start, scenario.days);
    if !(1..=DAYS_MAX).contains(&days) {
        return Err(RunError::Scenario(format!("days {days}, expected 1 to {DAYS_MAX}")));
    }
    let built = scenario.build().map_err(RunError::Scenario)?;
    let mut run = Run { world: built.world, fleet: built.fleet, observer: built.observer };
    let midnight = start.rem_euclid(DAY);
    for minute in 0..i64::from(days) * 1_440 {
        run.minute(start + minute * 60, minute * 60, midnight)?;
    }
    let entries = run.world.inner.borrow().journal.entries();
    let entries = entries.map_err(|error| RunError::Headroom { at: "the end".to_owned(), error })?;
    let inner = run.world.inner.into_inner();
    Ok(run.observer.report(&inner, headroom_lines(&entries)))
}

struct Run {
    world: World,
    fleet: Option<Fleet>,
    observer: Observer,
}

impl Run {
    fn minute(&mut self, at: i64, second: i64, midnight: i64) -> Result<(), RunError> {
        self.world.run_to(at);
        let looks = self.world.begin_minute(second, midnight);
        self.world.run_to(at + EVALUATED_AT);
        self.world.scale();
        let events = self.world.alarms();
        self.world.run_to(at + EVALUATED_AT + DELIVERED_AFTER);
        for event in events {
            self.deliver(&event)?;
        }
        self.world.run_to(at + SWEPT_AT);
        if let Some(fleet) = &self.fleet {
            let owner = format!("sweep-{at}");
            let _swept = ended(at, poll::to_end(sweep(&self.world, fleet, &owner)))?;
        }
        self.world.run_to(at + 60);
        let ended = self.world.end_minute();
        self.observer.minute(looks, ended);
        Ok(())
    }

    /// Once, in order. INSUFFICIENT_DATA is not among what the rule selects (`signal::alarm::pattern`).
    fn deliver(&mut self, event: &AlarmEvent) -> Result<(), RunError> {
        let at = self.world.seconds();
        let text = format!("{} {}", event.name, event.state.name());
        self.observer.line(Line { at, kind: "alarm", text });
        let (Some(fleet), false) = (&self.fleet, event.state == AlarmState::InsufficientData) else { return Ok(()) };
        let owner = format!("event-{at}-{}", event.name);
        let _handled = ended(at, poll::to_end(on_alarm(&self.world, fleet, event, &owner)))?;
        Ok(())
    }
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
            Some((Decision::Act(_), need)) => {
                let need = need.map(|n| format!(": {n}")).unwrap_or_default();
                format!("{}{need}", headroom_core::notice::sentence(&entry.changes))
            }
            Some((other, _)) => format!("{other:?}"),
            None if entry.changes.is_empty() => entry.status.name().to_owned(),
            None => headroom_core::notice::sentence(&entry.changes),
        };
        Line { at: entry.at.as_second(), kind: "headroom", text: format!("{} {}: {what}", entry.label, entry.remedy) }
    });
    lines.collect()
}
