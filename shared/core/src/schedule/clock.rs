//! Which moment a local time is, where clocks skip or repeat an hour.
//!
//! A floor that is there too long costs an hour of tasks; one that is missing costs an outage. Hence:
//! * a local time that the clocks skip is the moment in which they jump: the first that reads later than it;
//! * a window opens at the first of two moments that read the same, and closes at the second, unless the clocks are put
//!   back to that very reading: then nothing before it comes again.

use jiff::civil::DateTime;
use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{SignedDuration, Timestamp};

/// The first moment at which the clocks of `zone` read `local` or later; `None` at the ends of time only.
pub(super) fn first(zone: &TimeZone, local: DateTime) -> Option<Timestamp> {
    match zone.to_ambiguous_timestamp(local).offset() {
        AmbiguousOffset::Unambiguous { offset } => offset.to_timestamp(local).ok(),
        AmbiguousOffset::Fold { before, .. } => before.to_timestamp(local).ok(),
        AmbiguousOffset::Gap { before, .. } => change_until(zone, before.to_timestamp(local).ok()?),
    }
}

/// The first moment after which the clocks of `zone` never read less than `local` again.
pub(super) fn last(zone: &TimeZone, local: DateTime) -> Option<Timestamp> {
    let AmbiguousOffset::Fold { before, after } = zone.to_ambiguous_timestamp(local).offset() else {
        return first(zone, local);
    };
    let second = after.to_timestamp(local).ok()?;
    // The reading to which the clocks are put back: nothing less comes after its first moment either.
    if change_until(zone, second) == Some(second) { before.to_timestamp(local).ok() } else { Some(second) }
}

/// The newest change of the clocks, at the latest at `at`.
fn change_until(zone: &TimeZone, at: Timestamp) -> Option<Timestamp> {
    // `preceding` leaves out its argument.
    let just_after = at.checked_add(SignedDuration::from_nanos(1)).ok()?;
    zone.preceding(just_after).next().map(|change| change.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Berlin: two to three on the last Sunday of March, three to two on the last of October.
    fn zone() -> TimeZone {
        TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").expect("a zone")
    }

    fn both(local: &str) -> (String, String) {
        let local = local.parse().expect("a local time");
        let text = |at: Option<Timestamp>| at.expect("a moment").to_string();
        (text(first(&zone(), local)), text(last(&zone(), local)))
    }

    #[test]
    fn a_skipped_time_is_the_moment_of_the_jump() {
        for local in ["2026-03-29T02:00", "2026-03-29T02:30", "2026-03-29T02:59", "2026-03-29T03:00"] {
            assert_eq!(both(local), ("2026-03-29T01:00:00Z".to_owned(), "2026-03-29T01:00:00Z".to_owned()), "{local}");
        }
        assert_eq!(both("2026-03-29T01:59").0, "2026-03-29T00:59:00Z");
    }

    #[test]
    fn a_repeated_time_is_its_first_moment_to_open_and_its_second_to_close() {
        assert_eq!(both("2026-10-25T02:30"), ("2026-10-25T00:30:00Z".to_owned(), "2026-10-25T01:30:00Z".to_owned()));
        assert_eq!(both("2026-10-25T02:00"), ("2026-10-25T00:00:00Z".to_owned(), "2026-10-25T00:00:00Z".to_owned()));
        assert_eq!(both("2026-10-25T03:00"), ("2026-10-25T02:00:00Z".to_owned(), "2026-10-25T02:00:00Z".to_owned()));
    }
}
