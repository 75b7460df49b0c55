//! `lead`: how long before its window a schedule asks for its tasks.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::time::Seconds;

use super::node::{Node, Want};
use super::problem::Findings;
use super::{duration, pattern, schema};

/// The least and the longest lead (SEMANTICS 26): a task needs about two minutes, and an hour ahead is an hour paid.
const LEAST: &str = "2m";
const MOST: &str = "60m";
const LEARNED: &str = "learned";
/// Before anything was learned: tens of tasks start in ten minutes, slow health checks included.
const FALLBACK: Seconds = Seconds(10 * 60);

const WANT: Want<'_> =
    Want { expected: "`learned`, or a length of time from 2m to 60m, with its unit", example: "lead: 10m" };

/// How long before the window opens the floor is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Lead {
    /// From the starts measured so far, kept between 2 min and 60 min.
    Learned {
        /// Used until enough starts were measured.
        fallback: Seconds,
    },
    /// Always the same.
    Fixed {
        /// 2 min to 60 min.
        length: Seconds,
    },
}

/// Learned: a fixed one is too late one day, or paid for every day.
impl Default for Lead {
    fn default() -> Self {
        Self::Learned { fallback: FALLBACK }
    }
}

impl Lead {
    /// Reads `learned` or a length.
    pub(crate) fn read(node: &Node, f: &mut Findings) -> Option<Self> {
        node.text(f, WANT, |text| match text {
            LEARNED => Some(Self::default()),
            _ => {
                let (least, most) = (duration::parse(LEAST)?, duration::parse(MOST)?);
                let length = duration::parse(text).filter(|length| (least..=most).contains(length))?;
                Some(Self::Fixed { length })
            }
        })
    }

    /// What [`Self::read`] takes.
    pub(crate) fn schema() -> Json {
        let mut alternatives = duration::alternatives(LEAST, MOST);
        alternatives.push(LEARNED.to_owned());
        schema::or(schema::text(WANT, &pattern::full(&alternatives)), LEARNED.into())
    }
}

/// As `headroom check` prints it.
impl fmt::Display for Lead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Learned { .. } => f.write_str("learned"),
            Self::Fixed { length } => length.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::yaml;

    #[test]
    fn a_lead_is_learned_or_two_minutes_to_an_hour() {
        for (text, lead) in [
            ("learned", Some(Lead::Learned { fallback: Seconds(600) })),
            ("2m", Some(Lead::Fixed { length: Seconds(120) })),
            ("60m", Some(Lead::Fixed { length: Seconds(3_600) })),
            ("1h", Some(Lead::Fixed { length: Seconds(3_600) })),
            ("90s", None),
            ("61m", None),
            ("10", None),
            ("auto", None),
        ] {
            let mut f = Findings::new("f");
            let node = yaml::load(text, &mut f).expect("YAML");
            assert_eq!(Lead::read(&node, &mut f), lead, "{text}");
            assert_eq!(f.problems.is_empty(), lead.is_some(), "{text}");
        }
    }

    #[test]
    fn it_prints_as_people_write_it() {
        assert_eq!(Lead::default().to_string(), "learned");
        assert_eq!(Lead::Fixed { length: Seconds(600) }.to_string(), "10 min");
    }
}
