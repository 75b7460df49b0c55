//! `holidays`: days on which a window does not open.

use std::fmt;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use super::compiled::Fleet;
use super::ics;
use super::node::{Node, Value, Want};
use super::problem::Findings;
use super::schema;

const EXAMPLE: &str = "holidays: [\"2026-12-25\", \"2027-01-01\"]";
const WANT: Want<'_> = Want {
    expected: "a calendar file beside the fleet file, its name ending in `.ics`, or a list of dates in quotes",
    example: EXAMPLE,
};
const WANT_DATE: Want<'_> = Want {
    expected: "a date in quotes: unquoted, 2026-12-25 is no text to YAML 1.1 readers",
    example: "\"2026-12-25\"",
};
/// Ten years of the public holidays of one place.
const DATES_MAX: usize = 200;
/// As long as a file name may be.
const FILE_NAME_BYTES_MAX: usize = 255;

/// Days on which a window does not open, in the time zone of the environment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Holidays {
    /// The all-day events of a calendar file.
    File {
        /// Its name, relative to the fleet file.
        name: String,
        /// Its dates, earliest first, as the fleet was compiled.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        dates: Vec<Date>,
    },
    /// These dates, earliest first.
    Dates {
        /// At least one, each once.
        dates: Vec<Date>,
    },
}

impl Holidays {
    /// Reads a file name or a list of dates.
    pub(crate) fn read(node: &Node, f: &mut Findings) -> Option<Self> {
        match &node.value {
            Value::List(_) => Some(Self::Dates { dates: read_dates(node, f)? }),
            Value::Text(text) if is_calendar(text) => Some(Self::File { name: text.clone(), dates: Vec::new() }),
            Value::Text(_) | Value::Nothing | Value::Bool(_) | Value::Integer(_) | Value::Number(_) | Value::Map(_) => {
                node.refuse(f, WANT);
                None
            }
        }
    }

    /// What [`Self::read`] takes; quotes, and how many days a month has, are not seen by a schema.
    pub(crate) fn schema() -> Json {
        let part = "[A-Za-z0-9_-][A-Za-z0-9_.-]*";
        let file = schema::text(WANT, &format!("^(?=.{{1,{FILE_NAME_BYTES_MAX}}}$)(?:{part}/)*{part}\\.ics$"));
        json!({ "anyOf": [schema::put(file, "examples", json!(["holidays.ics"])), dates_schema()] })
    }

    /// Whether it is one of them. A calendar file is read when the fleet is compiled; one that was not is no day.
    #[must_use]
    pub fn contains(&self, date: Date) -> bool {
        match self {
            Self::File { dates, .. } | Self::Dates { dates } => dates.binary_search(&date).is_ok(),
        }
    }
}

/// What [`read_dates`] takes.
pub(crate) fn dates_schema() -> Json {
    let date = schema::text(WANT_DATE, "^[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])$");
    schema::put(schema::list(&date, 1), "maxItems", DATES_MAX.into())
}

/// Reads a list of dates in quotes, each once; earliest first.
pub(crate) fn read_dates(node: &Node, f: &mut Findings) -> Option<Vec<Date>> {
    let items = node.items(f, Want { expected: "a list of dates in quotes", example: EXAMPLE })?;
    if items.is_empty() || items.len() > DATES_MAX {
        let found = if items.is_empty() { "an empty list".to_owned() } else { format!("{} dates", items.len()) };
        f.problem(&node.place, found, &format!("1 to {DATES_MAX} dates; more belong in a file"), EXAMPLE);
        return None;
    }
    let mut dates = Vec::new();
    for item in items {
        let read = |text: &str| text.parse::<Date>().ok().filter(|date| item.quoted && date.to_string() == text);
        let Some(date) = item.text(f, WANT_DATE, read) else { continue };
        if dates.contains(&date) {
            f.problem(&item.place, format!("{date} a second time"), "each date once", EXAMPLE);
        }
        dates.push(date);
    }
    dates.sort_unstable();
    Some(dates)
}

impl Fleet {
    /// Reads the calendar files that its schedules name; `read` gives the text of one, by its name in the fleet file.
    ///
    /// # Errors
    /// One line for each file that cannot be read or understood.
    pub fn read_holidays(&mut self, read: impl Fn(&str) -> Result<String, String>) -> Result<(), Vec<String>> {
        let mut wrong = Vec::new();
        for schedule in &mut self.schedules {
            let Some(Holidays::File { name, dates }) = &mut schedule.holidays else { continue };
            match read(name).and_then(|text| ics::dates(&text)) {
                Ok(found) => *dates = found,
                Err(why) => wrong.push(format!("schedules.{}.holidays: {name}: {why}", schedule.name)),
            }
        }
        if wrong.is_empty() { Ok(()) } else { Err(wrong) }
    }
}

/// A file in the folder of the fleet file or below it, so that both travel together.
fn is_calendar(text: &str) -> bool {
    let parts: Vec<&str> = text.split('/').collect();
    let stem = parts.last().and_then(|last| last.strip_suffix(".ics"));
    text.len() <= FILE_NAME_BYTES_MAX
        && stem.is_some_and(|stem| !stem.is_empty())
        && parts.iter().all(|part| !part.is_empty() && !part.starts_with('.'))
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/'))
}

/// As `headroom check` prints it.
impl fmt::Display for Holidays {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File { name, .. } => f.write_str(name),
            Self::Dates { dates } if dates.len() == 1 => f.write_str("1 date"),
            Self::Dates { dates } => write!(f, "{} dates", dates.len()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::yaml;

    fn read(text: &str) -> Result<Holidays, Vec<String>> {
        let mut f = Findings::new("f");
        let node = yaml::load(text, &mut f).expect("YAML");
        let holidays = Holidays::read(&node, &mut f).filter(|_| f.problems.is_empty());
        holidays.ok_or_else(|| f.problems.into_iter().map(|p| p.found).collect())
    }

    #[test]
    fn holidays_are_a_calendar_file_or_dates_in_quotes() {
        for name in ["holidays.ics", "calendars/de-by.ics"] {
            assert_eq!(read(name), Ok(Holidays::File { name: name.to_owned(), dates: Vec::new() }));
        }
        let dates = read("[\"2027-01-01\", \"2026-12-25\"]").expect("dates");
        assert_eq!(
            serde_json::to_string(&dates).expect("JSON"),
            r#"{"dates":{"dates":["2026-12-25","2027-01-01"]}}"#,
            "earliest first"
        );
        assert_eq!(dates.to_string(), "2 dates");
    }

    #[test]
    fn what_is_neither_is_refused() {
        for bad in ["holidays.csv", ".ics", "/etc/holidays.ics", "../holidays.ics", "a//b.ics", "s3://b/h.ics", "true"]
        {
            assert!(read(bad).is_err(), "{bad}");
        }
        for (text, found) in [
            ("[]", "an empty list"),
            ("[2026-12-25]", "`2026-12-25`"),
            ("[\"2026-02-30\"]", "`2026-02-30`"),
            ("[\"25.12.2026\"]", "`25.12.2026`"),
            ("[\"20261225\"]", "`20261225`"),
            ("[\"2026-12-25T00:00\"]", "`2026-12-25T00:00`"),
            ("[\"2026-12-25\", \"2026-12-25\"]", "2026-12-25 a second time"),
        ] {
            assert_eq!(read(text), Err(vec![found.to_owned()]), "{text}");
        }
    }
}
