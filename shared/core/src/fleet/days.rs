//! `days`: the days of the week on which a window opens.

use std::fmt;

use jiff::civil::{Date, Weekday};
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use super::node::{Node, Value, Want};
use super::problem::Findings;
use super::{schema, words};

const WANT: Want<'_> =
    Want { expected: "`daily`, a range such as `mon-fri`, or a list such as `[mon, wed]`", example: "days: mon-fri" };

const DAILY: &str = "daily";

/// A day of the week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Day {
    /// Monday.
    Mon,
    /// Tuesday.
    Tue,
    /// Wednesday.
    Wed,
    /// Thursday.
    Thu,
    /// Friday.
    Fri,
    /// Saturday.
    Sat,
    /// Sunday.
    Sun,
}

impl Day {
    /// Monday to Sunday.
    pub const ALL: [Self; 7] = [Self::Mon, Self::Tue, Self::Wed, Self::Thu, Self::Fri, Self::Sat, Self::Sun];

    /// The word in the fleet file.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Mon => "mon",
            Self::Tue => "tue",
            Self::Wed => "wed",
            Self::Thu => "thu",
            Self::Fri => "fri",
            Self::Sat => "sat",
            Self::Sun => "sun",
        }
    }

    /// The day of the week of a date.
    #[must_use]
    pub fn of(date: Date) -> Self {
        match date.weekday() {
            Weekday::Monday => Self::Mon,
            Weekday::Tuesday => Self::Tue,
            Weekday::Wednesday => Self::Wed,
            Weekday::Thursday => Self::Thu,
            Weekday::Friday => Self::Fri,
            Weekday::Saturday => Self::Sat,
            Weekday::Sunday => Self::Sun,
        }
    }

    fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|day| day.name() == text)
    }
}

/// Days of the week: at least one, in the order of the week, each once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<Day>", into = "Vec<Day>")]
pub struct Days(Vec<Day>);

impl Days {
    /// Reads `daily`, a range or a list.
    pub(crate) fn read(node: &Node, f: &mut Findings) -> Option<Self> {
        match &node.value {
            Value::List(items) => Self::read_list(node, items, f),
            Value::Text(text) => {
                let days = Self::parse(text);
                if days.is_none() {
                    node.refuse(f, WANT);
                }
                days
            }
            Value::Nothing | Value::Bool(_) | Value::Integer(_) | Value::Number(_) | Value::Map(_) => {
                node.refuse(f, WANT);
                None
            }
        }
    }

    /// What [`Self::read`] takes.
    pub(crate) fn schema() -> Json {
        let names = Day::ALL.map(Day::name);
        let day = names.join("|");
        let range = schema::text(WANT, &format!("^(?:{DAILY}|({day})-(?!\\1$)(?:{day}))$"));
        json!({ "anyOf": [range, schema::list(&schema::words(&names), 1)] })
    }

    /// `daily`, or from one day to another; `sat-mon` goes over the end of the week.
    fn parse(text: &str) -> Option<Self> {
        if text == DAILY {
            return Some(Self(Day::ALL.to_vec()));
        }
        let (first, last) = text.split_once('-')?;
        let (first, last) = (Day::parse(first)?, Day::parse(last)?);
        let inside = |day: &Day| {
            if first < last { (first..=last).contains(day) } else { *day >= first || *day <= last }
        };
        (first != last).then(|| Self(Day::ALL.into_iter().filter(inside).collect()))
    }

    fn read_list(node: &Node, items: &[Node], f: &mut Findings) -> Option<Self> {
        let known = Day::ALL.map(|day| (day.name(), day));
        let mut days = Vec::new();
        for item in items {
            let day = words::word(item, f, &known, "days: [mon, wed]")?;
            if days.contains(&day) {
                f.problem(&item.place, format!("`{}` a second time", day.name()), "each day once", "days: [mon, wed]");
            }
            days.push(day);
        }
        if days.is_empty() {
            f.problem(&node.place, "an empty list", "at least one day", "days: [mon, wed]");
            return None;
        }
        days.sort_unstable();
        days.dedup();
        Some(Self(days))
    }

    /// Whether a window opens on this day.
    #[must_use]
    pub fn contains(&self, day: Day) -> bool {
        self.0.contains(&day)
    }

    /// The days, in the order of the week.
    #[must_use]
    pub fn as_slice(&self) -> &[Day] {
        &self.0
    }
}

/// As people write it: `daily`, `mon-fri` for three days and more in a row, else `mon, wed`.
impl fmt::Display for Days {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 == Day::ALL {
            return f.write_str(DAILY);
        }
        let in_a_row = self.0.windows(2).all(|two| two[1] as u8 == two[0] as u8 + 1);
        match self.0.as_slice() {
            [first, _, .., last] if in_a_row => write!(f, "{}-{}", first.name(), last.name()),
            days => f.write_str(&days.iter().map(|day| day.name()).collect::<Vec<_>>().join(", ")),
        }
    }
}

impl TryFrom<Vec<Day>> for Days {
    type Error = String;

    fn try_from(days: Vec<Day>) -> Result<Self, String> {
        if days.is_empty() || days.windows(2).any(|two| two[0] >= two[1]) {
            return Err("days: at least one, in the order of the week, each once".to_owned());
        }
        Ok(Self(days))
    }
}

impl From<Days> for Vec<Day> {
    fn from(days: Days) -> Self {
        days.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::yaml;

    fn read(text: &str) -> Result<String, Vec<String>> {
        let mut f = Findings::new("f");
        let node = yaml::load(text, &mut f).expect("YAML");
        let days = Days::read(&node, &mut f).filter(|_| f.problems.is_empty());
        days.map(|days| days.to_string()).ok_or_else(|| f.problems.into_iter().map(|p| p.found).collect())
    }

    #[test]
    fn days_are_a_range_a_list_or_all() {
        for (text, days) in [
            ("daily", "daily"),
            ("mon-fri", "mon-fri"),
            ("[fri, mon]", "mon, fri"),
            ("[wed]", "wed"),
            ("sat-sun", "sat, sun"),
            ("sat-mon", "mon, sat, sun"),
            ("sun-sat", "daily"),
            ("[tue, wed, thu]", "tue-thu"),
        ] {
            assert_eq!(read(text), Ok(days.to_owned()), "{text}");
        }
    }

    #[test]
    fn what_names_no_day_is_refused() {
        for (text, found) in [
            ("mon-fry", "`mon-fry`"),
            ("Mon-Fri", "`Mon-Fri`"),
            ("mon-mon", "`mon-mon`"),
            ("mon", "`mon`"),
            ("weekdays", "`weekdays`"),
            ("5", "the number `5`"),
            ("[]", "an empty list"),
            ("[mon, sunday]", "`sunday`"),
            ("[mon, mon]", "`mon` a second time"),
        ] {
            assert_eq!(read(text), Err(vec![found.to_owned()]), "{text}");
        }
    }

    #[test]
    fn the_compiled_form_is_a_list_in_the_order_of_the_week() {
        let days = Days::parse("sat-mon").expect("days");
        assert_eq!(serde_json::to_string(&days).expect("JSON"), r#"["mon","sat","sun"]"#);
        assert!(days.contains(Day::Sun) && !days.contains(Day::Tue));
        assert_eq!(serde_json::from_str::<Days>(r#"["mon","sat","sun"]"#).expect("reads"), days);
        for bad in ["[]", r#"["tue","mon"]"#, r#"["mon","mon"]"#, r#"["moon"]"#] {
            assert!(serde_json::from_str::<Days>(bad).is_err(), "{bad}");
        }
    }
}
