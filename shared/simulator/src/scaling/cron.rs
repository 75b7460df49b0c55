//! `cron(Minutes Hours Day-of-month Month Day-of-week Year)` of scheduled actions (AWS_FACTS 2.5).

use jiff::civil::DateTime;

const MONTHS: [&str; 12] = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const DAYS: [&str; 7] = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];
const EXAMPLE: &str = "cron(0 8 ? * MON-FRI *)";
/// EventBridge User Guide, "Cron expressions reference": years from 1970 to 2199.
const YEARS: (u32, u32) = (1_970, 2_199);

/// Which minutes of local time are meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cron {
    minutes: Field,
    hours: Field,
    days_of_month: Field,
    months: Field,
    /// 1 is Sunday.
    days_of_week: Field,
    years: Field,
}

impl Cron {
    /// Reads the fields between the parentheses: numbers, names of months and days, `*`, `?`, lists, ranges and
    /// steps. Six fields; a seventh in front counts as seconds, which AWS accepts and does not promise to keep
    /// (AWS_FACTS 2.5).
    ///
    /// # Errors
    /// What was found, and an example.
    pub fn read(fields: &str) -> Result<Self, String> {
        let parts: Vec<&str> = fields.split_whitespace().collect();
        let [minutes, hours, day, month, weekday, year] = match parts.as_slice() {
            [seconds, rest @ ..] if rest.len() == 6 => {
                let _not_kept = Field::read(seconds, "seconds", (0, 59), &[])?;
                [rest[0], rest[1], rest[2], rest[3], rest[4], rest[5]]
            }
            [a, b, c, d, e, f] => [*a, *b, *c, *d, *e, *f],
            _ => return Err(wrong(fields, "six fields, found")),
        };
        // EventBridge User Guide, "Cron expressions reference": one of the two days is `?`; AWS's own older examples
        // have `*` there, which means the same.
        if ![day, weekday].into_iter().any(|f| matches!(f, "*" | "?")) {
            return Err(wrong(&format!("{day} {weekday}"), "day of month and day of week both given"));
        }
        Ok(Self {
            minutes: Field::read(minutes, "minutes", (0, 59), &[])?,
            hours: Field::read(hours, "hours", (0, 23), &[])?,
            days_of_month: Field::read(day, "day of month", (1, 31), &[])?,
            months: Field::read(month, "month", (1, 12), &MONTHS)?,
            days_of_week: Field::read(weekday, "day of week", (1, 7), &DAYS)?,
            years: Field::read(year, "year", YEARS, &[])?,
        })
    }

    /// Whether this minute of local time is meant.
    #[must_use]
    pub fn matches(&self, at: DateTime) -> bool {
        let number = |n: i8| u32::from(n.unsigned_abs());
        self.minutes.has(number(at.minute()))
            && self.hours.has(number(at.hour()))
            && self.days_of_month.has(number(at.day()))
            && self.months.has(number(at.month()))
            && self.days_of_week.has(number(at.weekday().to_sunday_one_offset()))
            && self.years.has(u32::from(at.year().unsigned_abs()))
    }
}

fn wrong(found: &str, what: &str) -> String {
    format!("{what} `{found}`, expected for example `{EXAMPLE}`")
}

/// Ranges with steps; an empty list is every value.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Field(Vec<(u32, u32, u32)>);

impl Field {
    fn read(text: &str, what: &str, bounds: (u32, u32), names: &[&str]) -> Result<Self, String> {
        if matches!(text, "*" | "?") {
            return Ok(Self(Vec::new()));
        }
        let parts = text.split(',').map(|part| Self::part(part, bounds, names).ok_or(part));
        parts.collect::<Result<_, _>>().map(Self).map_err(|part: &str| {
            let special = !names.is_empty() || what == "day of month";
            if special && part.bytes().any(|b| matches!(b, b'#' | b'L' | b'W')) && part != "JUL" {
                return wrong(text, &format!("L, W and # are not simulated; {what}"));
            }
            wrong(text, what)
        })
    }

    fn part(part: &str, (least, most): (u32, u32), names: &[&str]) -> Option<(u32, u32, u32)> {
        let number = |text: &str| {
            let named = names.iter().position(|n| n.eq_ignore_ascii_case(text)).map(|i| i as u32 + 1);
            named.or_else(|| text.parse().ok())
        };
        let (range, step) = match part.split_once('/') {
            Some((range, step)) => (range, Some(step.parse::<u32>().ok().filter(|s| *s > 0)?)),
            None => (part, None),
        };
        let (from, to) = match range.split_once('-') {
            Some((from, to)) => (number(from)?, number(to)?),
            None if range == "*" => (least, most),
            // `5/15` goes on to the end of the field, `5` is only itself.
            None => (number(range)?, if step.is_some() { most } else { number(range)? }),
        };
        (least <= from && from <= to && to <= most).then_some((from, to, step.unwrap_or(1)))
    }

    fn has(&self, n: u32) -> bool {
        self.0.is_empty()
            || self.0.iter().any(|(from, to, step)| (*from..=*to).contains(&n) && (n - from).is_multiple_of(*step))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    /// The minutes of 2026 that match.
    fn due(fields: &str) -> Vec<DateTime> {
        let cron = Cron::read(fields).unwrap();
        let begin = date(2026, 1, 1).at(0, 0, 0, 0);
        let minutes = (0..365 * 1_440_i64).map(|m| begin.checked_add(jiff::Span::new().minutes(m)).unwrap());
        minutes.filter(|at| cron.matches(*at)).collect()
    }

    #[test]
    fn a_cron_has_minutes_hours_days_months_weekdays_and_years() {
        assert_eq!(due("0 8 ? * MON-FRI *").len(), 261, "working days of 2026");
        assert_eq!(due("0 8 ? * 2-6 *"), due("0 8 ? * MON-FRI *"), "1 is Sunday");
        assert_eq!(due("30 22 * * ? *").len(), 365);
        assert_eq!(due("0 0 1 1,JUL ? *"), [date(2026, 1, 1).at(0, 0, 0, 0), date(2026, 7, 1).at(0, 0, 0, 0)]);
        assert_eq!(due("0 0 31 * ? *").len(), 7, "months of 31 days");
        assert_eq!(due("0/20 6 5 3 ? 2026").len(), 3);
        assert_eq!(due("0 6 5 3 ? 2027-2030").len(), 0);
        assert_eq!(due("0 */6 24 DEC ? *").len(), 4);
    }

    #[test]
    fn a_seventh_field_of_seconds_is_accepted_and_not_kept() {
        assert_eq!(Cron::read("30 0 8 ? * MON-FRI *"), Cron::read("0 8 ? * MON-FRI *"));
        assert!(Cron::read("60 0 8 ? * MON-FRI *").is_err());
    }

    #[test]
    fn what_is_not_supported_is_refused_and_never_ignored() {
        for bad in [
            "0 8 * * MON-FRI",
            "0 8 1 * MON *",
            "0 24 ? * * *",
            "0 8 ? * FRI-MON *",
            "x 8 ? * * *",
            "",
            "0/0 8 ? * * *",
        ] {
            assert!(Cron::read(bad).is_err(), "{bad}");
        }
        for special in ["0 8 L * ? *", "0 8 15W * ? *", "0 8 ? * 6#3 *", "0 8 ? * 6L *"] {
            assert!(Cron::read(special).unwrap_err().starts_with("L, W and # are not simulated"), "{special}");
        }
    }
}
