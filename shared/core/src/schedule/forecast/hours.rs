//! The clock hours of a window, and when they were in the weeks before.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use serde::{Deserialize, Serialize};

use super::super::clock::first;
use super::super::window::Window;

/// So many earlier days of the same weekday are looked at: a month, in which a load has one shape.
pub const WEEKS: usize = 4;
/// A window of a forecast lasts a day at most: 25 hours where the clocks are put back, and one that it begins in.
const HOURS_MAX: i32 = 27;

/// A stretch of time; `until` is the first moment after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Span {
    /// Its first moment.
    pub from: Timestamp,
    /// The first moment after it.
    pub until: Timestamp,
}

/// A clock hour in which a window is open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hour {
    /// The part of it within the window.
    pub span: Span,
    /// For people: `Mondays 09:00-10:00`, on the clocks of the environment.
    pub when: String,
    /// The whole hour on the last same weekdays, newest first; absent where the clocks skipped it.
    pub past: [Option<Span>; WEEKS],
}

/// The hours of a window, earliest first.
#[must_use]
pub fn hours(window: Window, zone: &TimeZone) -> Vec<Hour> {
    let opens = window.opens.to_zoned(zone.clone()).datetime();
    let first_hour = opens.date().at(opens.hour(), 0, 0, 0);
    let locals = (0..HOURS_MAX).filter_map(|n| first_hour.checked_add(n.hours()).ok());
    let all = locals.map_while(|local| {
        let whole = of_clock(zone, local);
        match whole {
            Some(whole) if whole.from >= window.closes => None,
            Some(_) | None => Some((local, whole)),
        }
    });
    all.filter_map(|(local, whole)| {
        let whole = whole?;
        let span = Span { from: whole.from.max(window.opens), until: whole.until.min(window.closes) };
        let past = std::array::from_fn(|week| {
            let days = 7 * i32::try_from(week + 1).ok()?;
            of_clock(zone, local.checked_sub(days.days()).ok()?)
        });
        (span.from < span.until).then(|| Hour { span, when: named(local), past })
    })
    .collect()
}

/// The time in which the clocks read this hour, first to last; `None` where they skip it.
fn of_clock(zone: &TimeZone, local: DateTime) -> Option<Span> {
    let span = Span { from: first(zone, local)?, until: first(zone, local.checked_add(1.hour()).ok()?)? };
    (span.from < span.until).then_some(span)
}

fn named(local: DateTime) -> String {
    let ends = if local.hour() == 23 { "24:00".to_owned() } else { format!("{:02}:00", local.hour() + 1) };
    format!("{}s {:02}:00-{ends}", local.strftime("%A"), local.hour())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().expect("a moment")
    }

    fn berlin() -> TimeZone {
        TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").expect("a zone")
    }

    #[test]
    fn a_window_is_its_clock_hours_and_each_has_four_before_it() {
        let window = Window { opens: at("2026-11-23T07:30:00Z"), closes: at("2026-11-23T09:15:00Z") };
        let found = hours(window, &berlin());
        let names: Vec<&str> = found.iter().map(|hour| hour.when.as_str()).collect();
        assert_eq!(names, ["Mondays 08:00-09:00", "Mondays 09:00-10:00", "Mondays 10:00-11:00"]);
        assert_eq!(found[0].span, Span { from: window.opens, until: at("2026-11-23T08:00:00Z") });
        assert_eq!(found[2].span, Span { from: at("2026-11-23T09:00:00Z"), until: window.closes });
        let past: Vec<String> = found[0].past.iter().map(|span| span.expect("an hour").from.to_string()).collect();
        assert_eq!(
            past,
            ["2026-11-16T07:00:00Z", "2026-11-09T07:00:00Z", "2026-11-02T07:00:00Z", "2026-10-26T07:00:00Z"],
            "whole hours"
        );
    }

    #[test]
    fn the_same_hour_is_one_of_the_clock_through_both_changes() {
        let window = Window { opens: at("2026-11-01T00:30:00Z"), closes: at("2026-11-01T04:00:00Z") };
        let found = hours(window, &berlin());
        let before = |n: usize| found[n].past[0].expect("an hour");
        assert_eq!(found[1].when, "Sundays 02:00-03:00");
        assert_eq!(
            (before(1).from, before(1).until),
            (at("2026-10-25T00:00:00Z"), at("2026-10-25T02:00:00Z")),
            "twice"
        );
        assert_eq!(before(2).from, at("2026-10-25T02:00:00Z"), "three o'clock of winter time");
        let window = Window { opens: at("2026-04-05T00:00:00Z"), closes: at("2026-04-05T02:00:00Z") };
        let spring = hours(window, &berlin());
        assert_eq!((spring[0].when.as_str(), spring[0].past[0]), ("Sundays 02:00-03:00", None), "it was skipped");
        assert!(spring[0].past[1].is_some() && spring[1].past[0].is_some());
    }

    #[test]
    fn an_hour_that_the_clocks_skip_is_none_and_the_window_goes_on() {
        let window = Window { opens: at("2026-03-29T00:00:00Z"), closes: at("2026-03-29T02:00:00Z") };
        let names: Vec<String> = hours(window, &berlin()).into_iter().map(|hour| hour.when).collect();
        assert_eq!(names, ["Sundays 01:00-02:00", "Sundays 03:00-04:00"]);
    }
}
