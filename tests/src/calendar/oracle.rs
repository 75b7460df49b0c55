//! Walks through the minutes of a few days, reads the clock at each, and says what is open.
//!
//! Its rule is the one of `core/src/schedule/clock.rs` said in another way: a window opens in the first minute at which
//! the highest reading so far has come to `from`, and closes in the first minute at which the lowest reading still to
//! come has reached `until`. Nothing here computes an offset, a jump or an inverse.

use chrono::{Datelike, TimeDelta, TimeZone, Timelike, Utc};
use chrono_tz::Tz;

use super::draw::Drawn;

pub(super) const DAY: i64 = 24 * 60;
/// Days of one walk: what lasts two days from before its first is over with the second.
pub(super) const DAYS: i64 = 5;

/// The clock of a zone over some days.
pub(super) struct Walk {
    /// First minute, since 1970 in UTC.
    pub(super) start: i64,
    /// Day since 1970 on that clock at the start.
    pub(super) first_day: i64,
    /// Each reading that is reached for the first time, or skipped: at which minute of the walk, day, minute of the day.
    reached: Vec<(usize, i64, usize)>,
    /// The lowest reading from here on.
    lowest: Vec<i64>,
}

/// One window: indices into the walk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) opens: usize,
    /// `None` after the end of the walk.
    pub(super) closes: Option<usize>,
}

impl Walk {
    pub(super) fn new(zone: Tz, start: i64) -> Self {
        let begin = Utc.timestamp_opt(start * 60, 0).unwrap();
        let readings: Vec<i64> = (0..DAYS * DAY)
            .map(|minute| {
                let local = (begin + TimeDelta::minutes(minute)).with_timezone(&zone);
                let day = i64::from(local.date_naive().num_days_from_ce()) - 719_163;
                day * DAY + i64::from(local.hour() * 60 + local.minute())
            })
            .collect();
        let mut reached = Vec::new();
        let mut highest = readings[0];
        for (i, reading) in readings.iter().enumerate() {
            for new in highest + 1..=*reading {
                reached.push((i, new.div_euclid(DAY), usize::try_from(new.rem_euclid(DAY)).unwrap()));
            }
            highest = highest.max(*reading);
        }
        let first_day = readings[0].div_euclid(DAY);
        let mut lowest = readings;
        for i in (1..lowest.len()).rev() {
            lowest[i - 1] = lowest[i - 1].min(lowest[i]);
        }
        Self { start, first_day, reached, lowest }
    }

    /// Every window that opens within the walk.
    pub(super) fn windows(&self, drawn: &Drawn) -> Vec<Found> {
        let times = drawn.times();
        let mut windows = Vec::new();
        for (i, day, minute) in &self.reached {
            if !times[*minute] || !drawn.is_day(*day) {
                continue;
            }
            let closes = match drawn.closes(*day) {
                Ok(until) => (*i..self.lowest.len()).find(|at| self.lowest[*at] >= until),
                Err(lasting) => Some(*i + lasting).filter(|end| *end < self.lowest.len()),
            };
            if closes != Some(*i) {
                windows.push(Found { opens: *i, closes });
            }
        }
        windows
    }
}
