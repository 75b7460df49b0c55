//! Quiet hours: what does not page waits until they are over.

use jiff::tz::TimeZone;
use jiff::{Timestamp, civil};

use crate::fleet::LocalTime;

/// When the quiet hours end that `now` lies in; `None` outside them. They may pass midnight. Where daylight saving
/// skips the end, it is as much later.
#[must_use]
pub fn quiet_until(now: Timestamp, from: LocalTime, until: LocalTime, zone: &TimeZone) -> Option<Timestamp> {
    let local = now.to_zoned(zone.clone()).datetime();
    let minute = minutes(local.hour(), local.minute());
    let (begin, end) = (of(from), of(until));
    let inside = if begin <= end { (begin..end).contains(&minute) } else { minute >= begin || minute < end };
    if !inside {
        return None;
    }
    let date = if minute < end { local.date() } else { local.date().tomorrow().ok()? };
    let clock = civil::Time::new(i8::try_from(until.hour()).ok()?, i8::try_from(until.minute()).ok()?, 0, 0).ok()?;
    let end = zone.to_ambiguous_zoned(date.to_datetime(clock));
    let first = end.clone().compatible().ok()?.timestamp();
    // Where daylight saving ends the clock shows the end twice, and the first time may be over.
    if first > now { Some(first) } else { Some(end.later().ok()?.timestamp()) }
}

fn of(time: LocalTime) -> u32 {
    u32::from(time.hour()) * 60 + u32::from(time.minute())
}

fn minutes(hour: i8, minute: i8) -> u32 {
    u32::from(hour.unsigned_abs()) * 60 + u32::from(minute.unsigned_abs())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn until(now: &str, from: &str, until: &str, hours_east: i8) -> Option<String> {
        let [from, until] = [from, until].map(|t| LocalTime::parse(t).unwrap());
        let zone = TimeZone::fixed(jiff::tz::Offset::constant(hours_east));
        quiet_until(now.parse().unwrap(), from, until, &zone).map(|at| at.to_string())
    }

    #[test]
    fn an_end_that_the_clock_shows_twice_is_never_past() {
        let [from, until] = ["22:00", "02:30"].map(|t| LocalTime::parse(t).unwrap());
        let zone = TimeZone::get("Europe/Berlin").unwrap();
        let end = |now: &str| quiet_until(now.parse().unwrap(), from, until, &zone).map(|at| at.to_string());
        // On 25 October 2026 the clock goes from 03:00 back to 02:00 at 01:00 UTC.
        assert_eq!(end("2026-10-25T00:10:00Z"), Some("2026-10-25T00:30:00Z".to_owned()), "the first 02:10");
        assert_eq!(end("2026-10-25T01:10:00Z"), Some("2026-10-25T01:30:00Z".to_owned()), "the second 02:10");
        assert_eq!(end("2026-03-29T00:30:00Z"), Some("2026-03-29T01:30:00Z".to_owned()), "02:30 does not exist");
    }

    #[test]
    fn quiet_hours_pass_midnight_on_the_clocks_of_the_environment() {
        let end = Some("2026-11-23T06:00:00Z".to_owned());
        assert_eq!(until("2026-11-22T21:30:00Z", "22:00", "07:00", 1), end);
        assert_eq!(until("2026-11-23T05:59:59Z", "22:00", "07:00", 1), end);
        assert_eq!(until("2026-11-23T06:00:00Z", "22:00", "07:00", 1), None);
        assert_eq!(until("2026-11-22T20:59:59Z", "22:00", "07:00", 1), None);
        assert_eq!(until("2026-11-22T12:30:00Z", "12:00", "13:00", 0), Some("2026-11-22T13:00:00Z".to_owned()));
        assert_eq!(until("2026-11-22T12:00:00Z", "12:00", "12:00", 0), None, "no hours are no quiet hours");
    }
}
