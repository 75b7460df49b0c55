//! When the windows of a schedule open: `days` or `dates` with `from` and `until`, or `cron` with `for`.

use std::fmt;

use jiff::civil::{Date, DateTime, Time};
use serde_json::{Value as Json, json};

use crate::time::Seconds;

use super::cron::Cron;
use super::days::Days;
use super::duration::Range;
use super::holidays;
use super::local_time::LocalTime;
use super::node::Fields;
use super::problem::Findings;
use super::schema;

const EXAMPLE: &str = "days: mon-fri, from: \"08:00\", until: \"18:00\"";
const CRON_EXAMPLE: &str = "cron: \"0 8 * * MON-FRI\", for: 10h";
/// Shorter is over before its tasks have started; longer than a week is `capacity.min`.
pub(crate) const LASTING: Range = Range { least: "5m", most: "7d", example: "for: 10h" };
const KINDS: [&str; 3] = ["days", "dates", "cron"];

/// Local times between which a window is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hours {
    /// When it opens.
    pub from: LocalTime,
    /// When it closes; not after `from`: on the day after.
    pub until: LocalTime,
}

/// When windows open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Opens {
    /// On days of the week.
    Days {
        /// Which.
        days: Days,
        /// When.
        hours: Hours,
    },
    /// Once on each of these dates.
    Dates {
        /// At least one, earliest first.
        dates: Vec<Date>,
        /// When.
        hours: Hours,
    },
    /// At minutes of local time, each for a time.
    Cron {
        /// Which.
        cron: Cron,
        /// How long, on no clock: 5 min to 7 days.
        lasting: Seconds,
    },
}

impl Hours {
    /// Whether the window closes on the day after it opened.
    #[must_use]
    pub fn overnight(self) -> bool {
        self.until < self.from
    }

    /// When the window of a date opens, on the clocks of the environment.
    #[must_use]
    pub fn opens_on(self, date: Date) -> Option<DateTime> {
        Some(date.to_datetime(clock(self.from)?))
    }

    /// When the window that opened on a date closes; `None` at the end of time only.
    #[must_use]
    pub fn closes_of(self, date: Date) -> Option<DateTime> {
        let date = if self.overnight() { date.tomorrow().ok()? } else { date };
        Some(date.to_datetime(clock(self.until)?))
    }

    fn read(fields: &Fields<'_>, f: &mut Findings) -> Option<Self> {
        let from = fields.require(f, "from", EXAMPLE, LocalTime::read);
        let until = fields.require(f, "until", EXAMPLE, LocalTime::read);
        let (from, until) = (from?, until?);
        if from == until
            && let Some(entry) = fields.entry("until")
        {
            let expected = "another time than `from`; a floor at all hours is `capacity.min`";
            f.problem(&entry.node.place, format!("{from} to {until}"), expected, "from: \"18:00\", until: \"06:00\"");
            return None;
        }
        Some(Self { from, until })
    }
}

fn clock(time: LocalTime) -> Option<Time> {
    Time::new(i8::try_from(time.hour()).ok()?, i8::try_from(time.minute()).ok()?, 0, 0).ok()
}

impl Opens {
    /// Reads one of the three.
    pub(crate) fn read(fields: &Fields<'_>, f: &mut Findings) -> Option<Self> {
        let named: Vec<&str> = KINDS.into_iter().filter(|key| fields.get(key).is_some()).collect();
        match named[..] {
            ["cron"] => {
                refuse(fields, &["from", "until"], "`for` beside `cron`", CRON_EXAMPLE, f);
                let cron = fields.require(f, "cron", CRON_EXAMPLE, Cron::read);
                let lasting = fields.require(f, "for", CRON_EXAMPLE, |n, f| LASTING.read(n, f));
                Some(Self::Cron { cron: cron?, lasting: lasting? })
            }
            [_, second, ..] => {
                if let Some(entry) = fields.entry(second) {
                    let found = format!("`{}` beside `{}`", second, named[0]);
                    f.problem(&entry.at, found, "one of `days`, `dates` and `cron`", EXAMPLE);
                }
                None
            }
            [] => {
                let expected = "one of `days`, `dates` and `cron`";
                f.problem(fields.place, "no `days`, `dates` or `cron`", expected, EXAMPLE);
                None
            }
            [kind] => {
                refuse(fields, &["for"], "`until`; `for` belongs to `cron`", EXAMPLE, f);
                let dates = fields.read(f, "dates", holidays::read_dates);
                let days = fields.read(f, "days", Days::read);
                let hours = Hours::read(fields, f)?;
                match kind {
                    "dates" => Some(Self::Dates { dates: dates?, hours }),
                    _ => Some(Self::Days { days: days?, hours }),
                }
            }
        }
    }

    /// Rules between the keys.
    pub(crate) fn rules() -> Vec<Json> {
        let by_clock = json!({ "required": ["from", "until"], "properties": { "for": false } });
        let by_cron = json!({ "required": ["for"], "properties": { "from": false, "until": false } });
        vec![
            schema::one_of(&KINDS),
            schema::beside("days", by_clock.clone()),
            schema::beside("dates", by_clock),
            schema::beside("cron", by_cron),
        ]
    }
}

fn refuse(fields: &Fields<'_>, keys: &[&str], expected: &str, example: &str, f: &mut Findings) {
    for entry in keys.iter().filter_map(|key| fields.entry(key)) {
        f.problem(&entry.at, format!("`{}`", entry.key), expected, example);
    }
}

/// As `headroom check` prints it; the zone follows.
impl fmt::Display for Opens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Days { days, hours } => write!(f, "{days} {}-{}", hours.from, hours.until),
            Self::Dates { dates, hours } => {
                let dates: Vec<String> = dates.iter().map(Date::to_string).collect();
                write!(f, "{} {}-{}", dates.join(", "), hours.from, hours.until)
            }
            Self::Cron { cron, lasting } => write!(f, "cron {cron} for {lasting}"),
        }
    }
}
