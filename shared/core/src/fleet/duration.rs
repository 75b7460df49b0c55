//! Lengths of time: a whole number with its unit.

use serde_json::Value as Json;

use crate::time::Seconds;

use super::node::{Node, Want};
use super::problem::Findings;
use super::{pattern, schema};

/// Units and their seconds.
const UNITS: [(char, u32); 4] = [('s', 1), ('m', 60), ('h', 3_600), ('d', 86_400)];

/// Reads `90s`, `5m`, `2h` or `1d`; a bare number is refused, because nobody remembers which unit was meant.
#[must_use]
pub fn parse(text: &str) -> Option<Seconds> {
    let unit = text.chars().last()?;
    let (_, factor) = UNITS.into_iter().find(|(known, _)| *known == unit)?;
    let digits = &text[..text.len() - 1];
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    digits.parse::<u32>().ok()?.checked_mul(factor).map(Seconds)
}

/// The lengths of a range as regular expressions, one for each unit that has some.
pub(crate) fn alternatives(least: &str, most: &str) -> Vec<String> {
    let seconds = |text| parse(text).map_or(0, |length| u64::from(length.0));
    let of = |(unit, factor): (char, u32)| {
        let factor = u64::from(factor);
        let (least, most) = (seconds(least).div_ceil(factor), seconds(most) / factor);
        (least <= most).then(|| format!("0*(?:{}){unit}", pattern::whole(least, most)))
    };
    UNITS.into_iter().filter_map(of).collect()
}

/// A range of lengths as words and numbers.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Range {
    pub(crate) least: &'static str,
    pub(crate) most: &'static str,
    pub(crate) example: &'static str,
}

impl Range {
    /// Reads a length within the range.
    pub(crate) fn read(self, node: &Node, f: &mut Findings) -> Option<Seconds> {
        let (least, most) = (parse(self.least)?, parse(self.most)?);
        node.text(f, Want { expected: &self.expected(), example: self.example }, |text| {
            parse(text).filter(|length| (least..=most).contains(length))
        })
    }

    fn expected(self) -> String {
        format!("a length of time from {} to {}, with its unit: s, m, h or d", self.least, self.most)
    }

    /// What [`Self::read`] takes, and what holds where nothing stands.
    pub(crate) fn schema_or(self, usual: Seconds) -> Json {
        schema::or(self.schema(), format!("{}s", usual.0).into())
    }

    /// What [`Self::read`] takes.
    pub(crate) fn schema(self) -> Json {
        let want = Want { expected: &self.expected(), example: self.example };
        schema::text(want, &pattern::full(&alternatives(self.least, self.most)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_is_a_whole_number_and_a_unit() {
        for (text, seconds) in [("0s", 0), ("90s", 90), ("5m", 300), ("2h", 7_200), ("1d", 86_400)] {
            assert_eq!(parse(text), Some(Seconds(seconds)), "{text}");
        }
        for bad in ["", "s", "30", "1.5h", "-1m", "+1m", "5 m", "5min", "1h30m", "5M", "99999999d", "٣m", "5é"] {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }
}
