//! Schedules of scheduled actions: `at(..)`, `rate(..)` and `cron(..)`, in a time zone (AWS_FACTS 2.5).

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::{TimeZone, TimeZoneDatabase};

use super::cron::Cron;

const EXAMPLES: &str = "`at(2026-11-23T08:00:00)`, `rate(2 hours)` or `cron(0 8 ? * MON-FRI *)`";

/// When a scheduled action is due.
#[derive(Debug, Clone, PartialEq)]
pub struct Schedule {
    text: String,
    when: When,
    /// UTC when none.
    zone: Option<(String, TimeZone)>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum When {
    /// Once, in local time.
    At(DateTime),
    /// Each so many seconds; a time zone means nothing to it.
    Rate(i64),
    /// Local time.
    Cron(Cron),
}

impl Schedule {
    /// Reads an expression and a time zone, an IANA name; without one it is UTC. The time zones are those that this
    /// program was built with, so that the same run is the same on every machine.
    ///
    /// # Errors
    /// What was found, and examples.
    pub fn read(text: &str, zone: Option<&str>) -> Result<Self, String> {
        let wrong = || format!("schedule `{text}`, expected for example {EXAMPLES}");
        let (kind, inside) = text.strip_suffix(')').and_then(|t| t.split_once('(')).ok_or_else(wrong)?;
        let when = match kind {
            "at" => When::At(inside.parse::<DateTime>().map_err(|_| wrong())?),
            "rate" => When::Rate(rate(inside).ok_or_else(wrong)?),
            "cron" => When::Cron(Cron::read(inside)?),
            _ => return Err(wrong()),
        };
        let zone = zone.map(|name| {
            let found = TimeZoneDatabase::bundled().get(name);
            found
                .map(|zone| (name.to_owned(), zone))
                .map_err(|_| format!("time zone `{name}`, expected an IANA name, for example `Europe/Berlin`"))
        });
        Ok(Self { text: text.to_owned(), when, zone: zone.transpose()? })
    }

    /// As written.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Its time zone, when one was given.
    #[must_use]
    pub fn zone(&self) -> Option<&str> {
        self.zone.as_ref().map(|(name, _)| name.as_str())
    }

    /// Whether it comes again.
    #[must_use]
    pub fn recurs(&self) -> bool {
        !matches!(self.when, When::At(_))
    }

    /// Whether it is due in the minute that begins then; a rate counts from `since`.
    ///
    /// A local time that daylight saving skips never comes, and one that comes twice is due the first time only:
    /// AWS says so of EventBridge Scheduler (AWS_FACTS 4.3), and that Application Auto Scaling "adjusts" (2.5); that
    /// it does so in the same way is our assumption.
    #[must_use]
    pub fn due(&self, minute: i64, since: i64) -> bool {
        match &self.when {
            When::Rate(every) => {
                let times = |seconds: i64| seconds.div_euclid(*every);
                // A StartTime can be any number.
                let age = minute.saturating_sub(since);
                let (before, after) = (times(age.saturating_sub(1)), times(age.saturating_add(59)));
                after >= 1 && after > before
            }
            When::At(at) => self.local(minute).is_some_and(|local| minute_of(local) == minute_of(*at)),
            When::Cron(cron) => self.local(minute).is_some_and(|local| cron.matches(local)),
        }
    }

    /// Local time of a minute; `None` when the same local time was there before.
    fn local(&self, minute: i64) -> Option<DateTime> {
        let at = Timestamp::from_second(minute).ok()?;
        let Some((_, zone)) = &self.zone else { return Some(TimeZone::UTC.to_datetime(at)) };
        let local = zone.to_datetime(at);
        let first = zone.to_ambiguous_timestamp(local).earlier().ok()?;
        (first == at).then_some(local)
    }
}

fn minute_of(at: DateTime) -> (i16, i8, i8, i8, i8) {
    (at.year(), at.month(), at.day(), at.hour(), at.minute())
}

/// `2 hours`, in seconds.
fn rate(text: &str) -> Option<i64> {
    let (count, unit) = text.split_once(' ')?;
    let seconds = match unit {
        "minute" | "minutes" => 60,
        "hour" | "hours" => 3_600,
        "day" | "days" => 86_400,
        _ => return None,
    };
    count.parse::<u32>().ok().filter(|n| *n > 0).map(|n| i64::from(n) * seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time(text: &str) -> i64 {
        text.parse::<Timestamp>().unwrap().as_second()
    }

    /// The minutes from one time to another in which it is due, in UTC.
    fn due(text: &str, zone: Option<&str>, from: &str, until: &str) -> Vec<String> {
        let schedule = Schedule::read(text, zone).unwrap();
        let (from, until) = (time(from), time(until));
        let minutes = (from..until).step_by(60).filter(|m| schedule.due(*m, from));
        minutes.map(|m| Timestamp::from_second(m).unwrap().to_string()).collect()
    }

    #[test]
    fn a_cron_is_in_its_time_zone_and_daylight_saving_moves_it_in_utc() {
        let berlin = due("cron(0 8 ? * * *)", Some("Europe/Berlin"), "2026-03-28T00:00:00Z", "2026-03-30T00:00:00Z");
        assert_eq!(berlin, ["2026-03-28T07:00:00Z", "2026-03-29T06:00:00Z"]);
        let utc = due("cron(0 8 ? * * *)", None, "2026-03-28T00:00:00Z", "2026-03-30T00:00:00Z");
        assert_eq!(utc, ["2026-03-28T08:00:00Z", "2026-03-29T08:00:00Z"]);
    }

    #[test]
    fn a_local_time_that_daylight_saving_skips_never_comes() {
        let spring = due("cron(30 2 ? * * *)", Some("Europe/Berlin"), "2026-03-28T00:00:00Z", "2026-03-31T00:00:00Z");
        assert_eq!(spring, ["2026-03-28T01:30:00Z", "2026-03-30T00:30:00Z"]);
    }

    #[test]
    fn a_local_time_that_comes_twice_is_due_once() {
        let autumn = due("cron(30 2 ? * * *)", Some("Europe/Berlin"), "2026-10-24T22:00:00Z", "2026-10-25T22:00:00Z");
        assert_eq!(autumn, ["2026-10-25T00:30:00Z"]);
    }

    #[test]
    fn at_is_once_in_local_time() {
        let at = |zone| due("at(2026-11-23T08:00:00)", zone, "2026-11-22T00:00:00Z", "2026-11-25T00:00:00Z");
        assert_eq!(at(None), ["2026-11-23T08:00:00Z"]);
        assert_eq!(at(Some("America/New_York")), ["2026-11-23T13:00:00Z"]);
    }

    #[test]
    fn a_rate_counts_from_its_start() {
        let hours = due("rate(2 hours)", None, "2026-11-23T00:30:00Z", "2026-11-23T06:00:00Z");
        assert_eq!(hours, ["2026-11-23T02:30:00Z", "2026-11-23T04:30:00Z"]);
        let schedule = Schedule::read("rate(1 minute)", None).unwrap();
        assert!(!schedule.due(60, i64::MAX) && !schedule.due(60, i64::MIN), "times that nobody means");
        assert!(!schedule.due(0, 30) && schedule.due(60, 30) && schedule.due(120, 30), "30 s into a minute");
    }

    #[test]
    fn what_is_no_schedule_is_refused_with_examples() {
        for bad in
            ["8:00", "at(tomorrow)", "rate(0 hours)", "rate(2 weeks)", "every(1 hour)", "cron(0 8 * * *)", "rate(1"]
        {
            assert!(Schedule::read(bad, None).unwrap_err().contains("for example"), "{bad}");
        }
        assert!(Schedule::read("rate(1 hour)", Some("Berlin")).unwrap_err().contains("Europe/Berlin"));
    }
}
