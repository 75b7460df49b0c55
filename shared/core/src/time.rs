//! Time as values: seconds with their unit, and AWS's timestamps read tolerantly.
//!
//! Nothing here reads a clock; `now` is always an argument.

use std::fmt;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// A length of time in whole seconds, written `90s`, `5m`, `2h` or `1d` by people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Seconds(pub u32);

impl Seconds {
    /// As a duration to add to a timestamp.
    #[must_use]
    pub fn duration(self) -> SignedDuration {
        SignedDuration::from_secs(i64::from(self.0))
    }

    /// This many times as long, at most about 136 years.
    #[must_use]
    pub fn times(self, factor: u32) -> Self {
        Self(self.0.saturating_mul(factor))
    }
}

impl fmt::Display for Seconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let s = self.0;
        match s {
            0..60 => write!(f, "{s} s"),
            60..3_600 if s.is_multiple_of(60) => write!(f, "{} min", s / 60),
            60..3_600 => write!(f, "{} min {} s", s / 60, s % 60),
            _ if s.is_multiple_of(3_600) => write!(f, "{} h", s / 3_600),
            _ => write!(f, "{} h {} min", s / 3_600, (s % 3_600) / 60),
        }
    }
}

/// `at` plus a length of time; saturates at the end of time instead of failing.
#[must_use]
pub fn after(at: Timestamp, length: Seconds) -> Timestamp {
    at.checked_add(length.duration()).unwrap_or(Timestamp::MAX)
}

/// Whole seconds from `earlier` to `later`; 0 when `later` is not later.
#[must_use]
pub fn elapsed(earlier: Timestamp, later: Timestamp) -> Seconds {
    Seconds(u32::try_from(later.duration_since(earlier).as_secs().max(0)).unwrap_or(u32::MAX))
}

/// Reads a timestamp as AWS writes it: RFC 3339, or `2026-06-03T15:46:15.662+0000` without the colon.
#[must_use]
pub fn parse_aws(text: &str) -> Option<Timestamp> {
    if let Ok(at) = text.parse::<Timestamp>() {
        return Some(at);
    }
    let split = text.len().checked_sub(5)?;
    if !text.is_char_boundary(split) {
        return None;
    }
    let (head, zone) = text.split_at(split);
    let sign = zone.starts_with('+') || zone.starts_with('-');
    if !sign || !zone.bytes().skip(1).all(|b| b.is_ascii_digit()) {
        return None;
    }
    format!("{head}{}:{}", &zone[..3], &zone[3..]).parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn aws_timestamps_are_read_with_and_without_a_colon_in_the_offset() {
        let plain = parse_aws("2026-06-03T15:46:15.662+0000");
        assert!(plain.is_some());
        assert_eq!(plain, parse_aws("2026-06-03T15:46:15.662Z"));
        assert_eq!(plain, parse_aws("2026-06-03T17:46:15.662+0200"));
        for bad in ["", "now", "2026-06-03", "+0000", "2026-06-03T15:46:15.662+00é0"] {
            assert_eq!(parse_aws(bad), None, "{bad}");
        }
    }

    #[test]
    fn lengths_are_printed_with_their_unit() {
        for (s, text) in [(30, "30 s"), (90, "1 min 30 s"), (300, "5 min"), (7_200, "2 h"), (7_440, "2 h 4 min")] {
            assert_eq!(Seconds(s).to_string(), text);
        }
    }
}
