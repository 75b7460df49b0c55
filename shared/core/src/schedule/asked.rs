//! What the clock asks of a service now.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::calendar::Calendar;
use super::forecast::Forecast;
use super::learned::lead_of;
use super::window::Window;
use crate::fleet::{Fleet, Lead, Schedule, Service};
use crate::time::Seconds;

/// The longest lead (SEMANTICS 26): a learned one is known only once the service's state was read.
const LEAD_MAX: Seconds = Seconds(60 * 60);

/// A floor that a schedule asks for now.
#[derive(Debug, Clone, PartialEq)]
pub struct Asked {
    /// Name of the schedule in the fleet file.
    pub schedule: String,
    /// Its window: open, or about to open.
    pub window: Window,
    /// Tasks under min now; of a schedule that follows the usual load those of its fixed floor, until a forecast is made.
    pub floor: u32,
    /// Tasks for the first minutes of the window, while it has not lasted so long.
    pub start: Option<u32>,
    /// How much of the usual load the floor follows, in percent; `None`: it is fixed.
    pub usual: Option<u32>,
    /// Tasks from the opening on as the file has them, without those of its start; where the usual load is not known.
    pub fixed: u32,
    /// What its hours ask for, once that was made.
    pub forecast: Option<Forecast>,
    /// How long before the opening it is asked for.
    pub lead: Seconds,
}

/// How the source of a schedule's lease begins.
const SCHEDULE: &str = "schedule/";

/// The source of a schedule's lease; no remedy can have this name.
#[must_use]
pub fn source_of_schedule(schedule: &str) -> String {
    format!("{SCHEDULE}{schedule}")
}

/// The name of the schedule behind a source; `None` for a remedy's.
#[must_use]
pub fn schedule_of(source: &str) -> Option<&str> {
    source.strip_prefix(SCHEDULE)
}

impl Asked {
    /// What a schedule asks for at `now`, with this lead.
    #[must_use]
    pub fn of(schedule: &Schedule, zone: &TimeZone, lead: Seconds, now: Timestamp) -> Option<Self> {
        let window = Calendar::new(schedule, zone).asked_at(now, lead)?;
        let start = schedule.start_at(window.opens, now);
        let floor = schedule.floor.max(start.unwrap_or(0));
        let usual = schedule.usual;
        let (name, fixed) = (schedule.name.clone(), schedule.floor);
        Some(Self { schedule: name, window, floor, fixed, start, usual, forecast: None, lead })
    }

    /// With what was forecast for its window.
    #[must_use]
    pub fn with(self, forecast: Forecast, now: Timestamp) -> Self {
        Self { floor: self.floor_by(Some(&forecast), now), forecast: Some(forecast), ..self }
    }

    /// Tasks under min at `now`, by what was forecast for this window; its fixed floor without.
    #[must_use]
    pub fn floor_by(&self, forecast: Option<&Forecast>, now: Timestamp) -> u32 {
        let hour = forecast.filter(|_| self.usual.is_some()).and_then(|forecast| forecast.at(now, self.lead));
        hour.map_or(self.floor, |hour| hour.tasks.max(self.start.unwrap_or(0)))
    }

    /// The most that its window will ask for, now or later.
    #[must_use]
    pub fn most(&self) -> u32 {
        let hours = self.forecast.iter().flat_map(|forecast| &forecast.hours);
        hours.map(|hour| hour.tasks).fold(self.floor, u32::max)
    }

    /// Why so many: the sentence of the hour that decides.
    #[must_use]
    pub fn why(&self, now: Timestamp) -> Option<String> {
        self.forecast.as_ref().and_then(|forecast| forecast.at(now, self.lead)).map(ToString::to_string)
    }
}

/// How far ahead of its window a service is looked at for this schedule, before its state, and so its learned lead, was
/// read: at each minute of a fixed lead; of a learned one at each fifth minute of the longest, and at each of the usual.
#[must_use]
pub fn look_ahead(lead: Lead, now: Timestamp) -> Seconds {
    match lead {
        Lead::Fixed { length } => length,
        Lead::Learned { fallback } if now.as_second().div_euclid(60) % 5 != 0 => fallback,
        Lead::Learned { .. } => LEAD_MAX,
    }
}

/// What the clock asks of a service at `now`, by the source of the lease that answers; `learned` are the seconds that
/// earlier batches took, by schedule.
#[must_use]
pub fn asked_of(
    fleet: &Fleet,
    service: &Service,
    learned: &BTreeMap<String, Vec<u32>>,
    zone: &TimeZone,
    now: Timestamp,
) -> BTreeMap<String, Asked> {
    let all = fleet.schedules_of(service);
    let asked = all.filter_map(|schedule| {
        let samples = learned.get(&schedule.name).map_or(&[][..], Vec::as_slice);
        let asked = Asked::of(schedule, zone, lead_of(schedule.lead, samples), now)?;
        Some((source_of_schedule(&schedule.name), asked))
    });
    asked.collect()
}
