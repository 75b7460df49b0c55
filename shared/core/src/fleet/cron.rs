//! `cron`: minutes of local time at which a window opens, for example `"0 8 * * MON-FRI"`.

use std::fmt;

use jiff::civil::{Date, Time};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::node::{Node, Want};
use super::problem::Findings;
use super::schema;

const WANT: Want<'_> = Want {
    expected: "five fields: minute, hour, day of month, month, day of week; one of the two days is `*`",
    example: "cron: \"0 8 * * MON-FRI\"",
};
const MONTHS: [&str; 12] = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const DAYS: [&str; 7] = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];
const SUNDAY_TOO: u32 = 7;

/// Minutes of local time, in the five fields that crontab has: lists, ranges and steps, names of months and days.
///
/// Day of month and day of week are never both given: crontab takes either of the two then, people mean both.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Cron {
    text: String,
    /// One bit each.
    minutes: u64,
    hours: u64,
    days: u64,
    months: u64,
    /// Bit 0 is Sunday.
    weekdays: u64,
}

impl Cron {
    /// Reads five fields.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let fields: Vec<&str> = text.split(' ').collect();
        let [minute, hour, day, month, weekday] = fields[..] else { return None };
        if day != "*" && weekday != "*" {
            return None;
        }
        let week = set(weekday, 0, SUNDAY_TOO, &DAYS)?;
        Some(Self {
            text: text.to_owned(),
            minutes: set(minute, 0, 59, &[])?,
            hours: set(hour, 0, 23, &[])?,
            days: set(day, 1, 31, &[])?,
            months: set(month, 1, 12, &MONTHS)?,
            weekdays: (week | (week >> SUNDAY_TOO)) & 0x7f,
        })
    }

    /// Reads an expression of the file.
    pub(crate) fn read(node: &Node, f: &mut Findings) -> Option<Self> {
        node.text(f, WANT, Self::parse)
    }

    /// What [`Self::read`] takes; ranges, and which day is `*`, are not seen by a schema.
    pub(crate) fn schema() -> Json {
        schema::text(WANT, "^[A-Za-z0-9*,/-]+(?: [A-Za-z0-9*,/-]+){4}$")
    }

    /// Whether windows open on this date.
    #[must_use]
    pub fn on(&self, date: Date) -> bool {
        let weekday = date.weekday().to_sunday_zero_offset();
        has(self.days, date.day()) && has(self.months, date.month()) && has(self.weekdays, weekday)
    }

    /// The times of a day at which windows open, earliest first.
    pub fn times(&self) -> impl DoubleEndedIterator<Item = Time> {
        let (hours, minutes) = (self.hours, self.minutes);
        let hours = (0..24).filter(move |hour| has(hours, *hour));
        hours.flat_map(move |hour| {
            (0..60).filter(move |minute| has(minutes, *minute)).filter_map(move |m| Time::new(hour, m, 0, 0).ok())
        })
    }
}

fn has(set: u64, n: i8) -> bool {
    u32::try_from(n).is_ok_and(|n| n < u64::BITS && set >> n & 1 == 1)
}

/// One field as bits.
fn set(text: &str, least: u32, most: u32, names: &[&str]) -> Option<u64> {
    text.split(',').try_fold(0, |bits, part| Some(bits | range(part, least, most, names)?))
}

fn range(part: &str, least: u32, most: u32, names: &[&str]) -> Option<u64> {
    let (range, step) = match part.split_once('/') {
        Some((range, step)) => (range, Some(number(step).filter(|step| *step > 0)?)),
        None => (part, None),
    };
    let value = |text: &str| {
        let named = names.iter().position(|name| name.eq_ignore_ascii_case(text));
        named.and_then(|at| u32::try_from(at).ok()).map(|at| at + least).or_else(|| number(text))
    };
    let (from, to) = match range.split_once('-') {
        Some((from, to)) => (value(from)?, value(to)?),
        None if range == "*" => (least, most),
        // `5/15` goes on to the end of the field, `5` is only itself.
        None => (value(range)?, if step.is_some() { most } else { value(range)? }),
    };
    let inside = least <= from && from <= to && to <= most;
    inside.then(|| (from..=to).step_by(step.unwrap_or(1) as usize).fold(0, |bits, n| bits | 1 << n))
}

fn number(text: &str) -> Option<u32> {
    let digits = !text.is_empty() && text.len() <= 2 && text.bytes().all(|b| b.is_ascii_digit());
    text.parse().ok().filter(|_| digits)
}

impl fmt::Display for Cron {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl TryFrom<String> for Cron {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text).ok_or_else(|| format!("`{text}` is no cron expression of five fields"))
    }
}

impl From<Cron> for String {
    fn from(cron: Cron) -> Self {
        cron.text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn times(text: &str) -> Vec<String> {
        Cron::parse(text).expect(text).times().map(|t| t.strftime("%H:%M").to_string()).collect()
    }

    #[test]
    fn fields_are_lists_ranges_and_steps() {
        assert_eq!(times("0 8 * * MON-FRI"), ["08:00"]);
        assert_eq!(times("0,30 8-9 * * *"), ["08:00", "08:30", "09:00", "09:30"]);
        assert_eq!(times("*/20 7 1 * *"), ["07:00", "07:20", "07:40"]);
        assert_eq!(times("50/5 23 * jan *"), ["23:50", "23:55"]);
        assert_eq!(times("* * * * *").len(), 1_440);
    }

    #[test]
    fn sunday_is_0_and_7_and_names_are_in_any_case() {
        let sunday = date(2026, 11, 22);
        let on = |text: &str, date| Cron::parse(text).expect(text).on(date);
        for text in ["0 8 * * 0", "0 8 * * 7", "0 8 * * sun", "0 8 22 NOV *", "0 8 * * SAT,SUN", "0 8 * * 5-7"] {
            assert!(on(text, sunday), "{text}");
        }
        for text in ["0 8 * * MON-FRI", "0 8 21 * *", "0 8 * 12 *", "0 8 * * 1-6"] {
            assert!(!on(text, sunday), "{text}");
        }
    }

    #[test]
    fn what_leaves_the_minute_open_is_refused() {
        for bad in [
            "",
            "0 8 * *",
            "0 8 * * * *",
            "cron(0 8 ? * MON-FRI *)",
            "60 8 * * *",
            "0 24 * * *",
            "0 8 0 * *",
            "0 8 1 * MON",
            "0 8 ? * MON",
            "0  8 * * *",
            "0 8 * * FRI-MON",
            "0/0 8 * * *",
            "+5 8 * * *",
            "0 8 * * MOND",
            "0 8 L * *",
        ] {
            assert_eq!(Cron::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn the_compiled_form_is_the_text() {
        let cron = Cron::parse("0 8 * * MON-FRI").expect("cron");
        assert_eq!(serde_json::to_string(&cron).expect("JSON"), "\"0 8 * * MON-FRI\"");
        assert_eq!(serde_json::from_str::<Cron>("\"0 8 * * MON-FRI\"").expect("reads"), cron);
        assert!(serde_json::from_str::<Cron>("\"0 8 * *\"").is_err());
    }
}
