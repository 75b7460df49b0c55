//! A time of day on the clocks of an environment, for example `"08:00"`.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::node::{Node, Want};
use super::problem::Findings;
use super::schema;

const WANT: Want<'_> = Want {
    expected: "a time in quotes, \"00:00\" to \"23:59\": unquoted, 18:00 is the number 1080 to YAML 1.1 readers",
    example: "\"18:00\"",
};

/// A time of day, from 00:00 to 23:59, in the time zone of an environment. Which instant it is, the date decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct LocalTime {
    /// Minutes after midnight.
    minutes: u16,
}

impl LocalTime {
    /// Reads `08:00`: two digits each, 24 hours.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (hours, minutes) = text.split_once(':')?;
        let two = |t: &str, most: u16| {
            let digits = t.len() == 2 && t.bytes().all(|b| b.is_ascii_digit());
            t.parse::<u16>().ok().filter(|n| digits && *n <= most)
        };
        Some(Self { minutes: two(hours, 23)? * 60 + two(minutes, 59)? })
    }

    /// Reads a time of the file.
    pub(crate) fn read(node: &Node, f: &mut Findings) -> Option<Self> {
        node.text(f, WANT, |text| Self::parse(text).filter(|_| node.quoted))
    }

    /// What [`Self::read`] takes; quotes are not seen by a schema.
    pub(crate) fn schema() -> Json {
        schema::text(WANT, "^(?:[01][0-9]|2[0-3]):[0-5][0-9]$")
    }

    /// Hour of the day, 0 to 23.
    #[must_use]
    pub fn hour(self) -> u16 {
        self.minutes / 60
    }

    /// Minute of the hour, 0 to 59.
    #[must_use]
    pub fn minute(self) -> u16 {
        self.minutes % 60
    }
}

impl fmt::Display for LocalTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.hour(), self.minute())
    }
}

impl TryFrom<String> for LocalTime {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text).ok_or_else(|| format!("`{text}` is no time from 00:00 to 23:59"))
    }
}

impl From<LocalTime> for String {
    fn from(time: LocalTime) -> Self {
        time.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::yaml;

    #[test]
    fn times_are_two_digits_each() {
        for (text, hour, minute) in [("00:00", 0, 0), ("08:00", 8, 0), ("23:59", 23, 59)] {
            let time = LocalTime::parse(text).expect(text);
            assert_eq!((time.hour(), time.minute(), time.to_string().as_str()), (hour, minute, text));
        }
        for bad in ["8:00", "24:00", "08:60", "0800", "08:00:00", "", ":", "+8:00", "08:+0", "٠٨:٠٠"] {
            assert_eq!(LocalTime::parse(bad), None, "{bad}");
        }
        assert!(LocalTime::parse("07:59") < LocalTime::parse("08:00"));
    }

    #[test]
    fn what_other_readers_take_for_a_number_is_refused() {
        for (text, right) in
            [("\"18:00\"", true), ("'08:00'", true), ("18:00", false), ("08:00", false), ("1080", false)]
        {
            let mut f = Findings::new("f");
            let node = yaml::load(text, &mut f).expect("YAML");
            assert_eq!(LocalTime::read(&node, &mut f).is_some(), right, "{text}");
            assert_eq!(f.problems.is_empty(), right, "{text}");
        }
    }

    #[test]
    fn the_compiled_form_is_the_text() {
        let time = LocalTime::parse("08:05").expect("a time");
        assert_eq!(serde_json::to_string(&time).expect("JSON"), "\"08:05\"");
        assert_eq!(serde_json::from_str::<LocalTime>("\"08:05\"").expect("reads"), time);
        assert!(serde_json::from_str::<LocalTime>("\"25:00\"").is_err());
    }
}
