//! What the clock asks of a service now.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::calendar::Calendar;
use super::learned::lead_of;
use super::window::Window;
use crate::fleet::{Fleet, Lead, Schedule, Service};
use crate::time::Seconds;

/// The longest lead (SEMANTICS 26): a learned one is known only once the service's state was read.
const LEAD_MAX: Seconds = Seconds(60 * 60);

/// A floor that a schedule asks for now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// Name of the schedule in the fleet file.
    pub schedule: String,
    /// Its window: open, or about to open.
    pub window: Window,
    /// Tasks under min now.
    pub floor: u32,
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
        let floor = schedule.floor_at(window.opens, now);
        Some(Self { schedule: schedule.name.clone(), window, floor, lead })
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
