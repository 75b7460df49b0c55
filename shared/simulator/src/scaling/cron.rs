//! Scheduled actions' expressions: `cron(Minutes Hours Day-of-month Month Day-of-week Year)`, in UTC.

use jiff::Timestamp;
use jiff::tz::TimeZone;

const DAYS: [&str; 7] = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];
const EXAMPLE: &str = "cron(0 8 ? * MON-FRI *)";

/// Minute, hour and day of the week; day of month, month and year must be `*` or `?` here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cron {
    minutes: Vec<u32>,
    hours: Vec<u32>,
    /// 0 is Sunday.
    days: Vec<u32>,
}

impl Cron {
    /// Reads the six fields between the parentheses (AWS_FACTS 2.5). Numbers, `*`, lists and ranges; days as
    /// SUN to SAT or 1 to 7, 1 being Sunday.
    ///
    /// # Errors
    /// What was found, and an example.
    pub fn read(fields: &str) -> Result<Self, String> {
        let wrong = |found: &str, what: &str| format!("{what} `{found}`, expected for example `{EXAMPLE}`");
        let parts: Vec<&str> = fields.split_whitespace().collect();
        let [minutes, hours, day, month, weekday, year] = parts.as_slice() else {
            return Err(wrong(fields, "six fields, found"));
        };
        for (found, what) in [(day, "day of month"), (month, "month"), (year, "year")] {
            if !matches!(*found, "*" | "?") {
                return Err(wrong(found, what));
            }
        }
        let number = |text: &str| text.parse().ok();
        let weekday_number = |text: &str| {
            let named = DAYS.iter().position(|d| d.eq_ignore_ascii_case(text)).map(|i| i as u32 + 1);
            named.or_else(|| text.parse().ok())
        };
        let days = field(weekday, 1, 7, weekday_number).ok_or_else(|| wrong(weekday, "day of week"))?;
        Ok(Self {
            minutes: field(minutes, 0, 59, number).ok_or_else(|| wrong(minutes, "minutes"))?,
            hours: field(hours, 0, 23, number).ok_or_else(|| wrong(hours, "hours"))?,
            days: days.into_iter().map(|d| d - 1).collect(),
        })
    }

    /// Whether it is due in the minute that begins then.
    #[must_use]
    pub fn due(&self, minute: i64) -> bool {
        let Ok(at) = Timestamp::from_second(minute) else { return false };
        let at = at.to_zoned(TimeZone::UTC);
        let day = at.weekday().to_sunday_zero_offset() as u32;
        self.minutes.contains(&(at.minute() as u32))
            && self.hours.contains(&(at.hour() as u32))
            && self.days.contains(&day)
    }
}

fn field(text: &str, least: u32, most: u32, number: impl Fn(&str) -> Option<u32>) -> Option<Vec<u32>> {
    if matches!(text, "*" | "?") {
        return Some((least..=most).collect());
    }
    let mut found = Vec::new();
    for part in text.split(',') {
        let (from, to) = part.split_once('-').unwrap_or((part, part));
        let (from, to) = (number(from)?, number(to)?);
        if from < least || to > most || from > to {
            return None;
        }
        found.extend(from..=to);
    }
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-11-23 00:00 UTC, a Monday.
    const MONDAY: i64 = 1_795_392_000;

    #[test]
    fn cron_is_daily_or_on_weekdays_in_utc() {
        let office = Cron::read("0 8 ? * MON-FRI *").unwrap();
        let due: Vec<i64> = (0..7 * 1_440).filter(|m| office.due(MONDAY + m * 60)).collect();
        assert_eq!(due, [480, 1_920, 3_360, 4_800, 6_240]);
        let daily = Cron::read("30 22 * * ? *").unwrap();
        assert_eq!((0..7 * 1_440).filter(|m| daily.due(MONDAY + m * 60)).count(), 7);
        assert_eq!(Cron::read("0 8 ? * 2-6 *"), Ok(office), "1 is Sunday");
    }

    #[test]
    fn what_is_not_supported_is_refused_and_never_ignored() {
        for bad in
            ["0 8 * * MON-FRI", "0 8 1 * ? *", "0 8 ? 1 * *", "0 24 ? * * *", "0 8 ? * FRI-MON *", "x 8 ? * * *", ""]
        {
            assert!(Cron::read(bad).is_err(), "{bad}");
        }
    }
}
