//! When a schedule's windows are open, on the clocks of one environment.

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use super::clock::{first, last};
use super::window::Window;
use crate::fleet::{Day, Opens, Schedule};
use crate::time::{Seconds, after};

/// So many days back a window that is still open may have opened: `for` is at most seven, and zones move by one.
const LOOK_BACK_DAYS: i32 = 9;
/// So many days ahead the next opening is looked for: five years have a 29th of February, holidays of years included.
pub const LOOK_AHEAD_DAYS: i32 = 5 * 366;

/// A schedule on the clocks of one environment.
///
/// Everything is a function of `now`: whoever asks after an hour, or a day, without having asked in between gets the
/// same answer as one who asked each minute (TRAPS 13).
#[derive(Debug, Clone, Copy)]
pub struct Calendar<'a> {
    schedule: &'a Schedule,
    zone: &'a TimeZone,
}

impl<'a> Calendar<'a> {
    /// Puts the two together.
    #[must_use]
    pub fn new(schedule: &'a Schedule, zone: &'a TimeZone) -> Self {
        Self { schedule, zone }
    }

    /// The window that is open; of two that overlap, the one that opened last, which is also the one that closes last.
    #[must_use]
    pub fn open_at(&self, now: Timestamp) -> Option<Window> {
        let today = self.date(now);
        // A jump over midnight moves an opening of tomorrow's date into today, or the other way round.
        let dates = (-1..=LOOK_BACK_DAYS).filter_map(|back| today.checked_sub(back.days()).ok());
        let newest = dates.map(|date| (date, self.openings(date))).find_map(|(date, openings)| {
            let begun = self.begun(&openings, now);
            openings[..begun].iter().rev().find_map(|local| self.window(date, *local))
        });
        newest.filter(|window| window.is_open(now))
    }

    /// The first window that opens after `now`; `None` when there is none in [`LOOK_AHEAD_DAYS`].
    #[must_use]
    pub fn next_after(&self, now: Timestamp) -> Option<Window> {
        self.first_after(now, self.date(now).checked_add(LOOK_AHEAD_DAYS.days()).ok()?)
    }

    /// The window whose floor is asked for at `now`: the one that is open, else the next one once `lead` begins.
    #[must_use]
    pub fn asked_at(&self, now: Timestamp, lead: Seconds) -> Option<Window> {
        let by = after(now, lead);
        let next = || self.first_after(now, self.date(by)).filter(|window| window.opens <= by);
        self.open_at(now).or_else(next)
    }

    /// The first window that opens after `now`, on this date at the latest.
    fn first_after(&self, now: Timestamp, until: Date) -> Option<Window> {
        let today = self.date(now);
        let dates = (-1..).map_while(|ahead: i32| today.checked_add(ahead.days()).ok());
        dates.take_while(|date| date.yesterday().is_ok_and(|day| day <= until)).find_map(|date| {
            let openings = self.openings(date);
            let begun = self.begun(&openings, now);
            openings[begun..].iter().find_map(|local| self.window(date, *local))
        })
    }

    fn date(&self, at: Timestamp) -> Date {
        at.to_zoned(self.zone.clone()).date()
    }

    /// How many of these have come: earlier readings of a clock come first, so that few need to be looked at.
    fn begun(&self, openings: &[DateTime], now: Timestamp) -> usize {
        openings.partition_point(|local| first(self.zone, *local).is_some_and(|opens| opens <= now))
    }

    /// When windows open on a date of the environment, earliest first.
    fn openings(&self, date: Date) -> Vec<DateTime> {
        if self.schedule.holidays.as_ref().is_some_and(|days| days.contains(date)) {
            return Vec::new();
        }
        match &self.schedule.opens {
            Opens::Days { days, hours } if days.contains(Day::of(date)) => hours.opens_on(date).into_iter().collect(),
            Opens::Dates { dates, hours } if dates.contains(&date) => hours.opens_on(date).into_iter().collect(),
            Opens::Cron { cron, .. } if cron.on(date) => cron.times().map(|time| date.to_datetime(time)).collect(),
            Opens::Days { .. } | Opens::Dates { .. } | Opens::Cron { .. } => Vec::new(),
        }
    }

    /// The window that opens then; one without a minute in it is none.
    fn window(&self, date: Date, local: DateTime) -> Option<Window> {
        let opens = first(self.zone, local)?;
        let closes = match &self.schedule.opens {
            Opens::Days { hours, .. } | Opens::Dates { hours, .. } => last(self.zone, hours.closes_of(date)?)?,
            Opens::Cron { lasting, .. } => after(opens, *lasting),
        };
        (opens < closes).then_some(Window { opens, closes })
    }
}
