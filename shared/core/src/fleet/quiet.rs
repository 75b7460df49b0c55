//! `quiet_hours` of a channel: what does not page waits there until they are over.

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::local_time::LocalTime;
use super::node::Node;
use super::problem::Findings;
use super::schema::{self, Key};

const EXAMPLE: &str = "quiet_hours: { from: \"22:00\", until: \"07:00\" }";
const KEYS: [Key; 2] = [
    Key("from", "When they begin, on the clocks of the notice's environment; in quotes.", LocalTime::schema),
    Key("until", "When they end, another time; before `from`, it is the next day's. In quotes.", LocalTime::schema),
];
const NAMES: [&str; 2] = ["from", "until"];

/// Hours of each day, on the clocks of the environment that a notice is about; they may pass midnight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QuietHours {
    /// When they begin.
    pub from: LocalTime,
    /// When they end; never the same time.
    pub until: LocalTime,
}

/// What [`QuietHours::read`] takes.
pub(crate) fn schema() -> Json {
    schema::shown(schema::mapping(&KEYS, &NAMES), EXAMPLE)
}

impl QuietHours {
    pub(crate) fn read(node: &Node, f: &mut Findings) -> Option<Self> {
        let fields = node.mapping(f, &KEYS, EXAMPLE)?;
        let from = fields.require(f, NAMES[0], EXAMPLE, LocalTime::read);
        let until = fields.require(f, NAMES[1], EXAMPLE, LocalTime::read);
        let hours = Self { from: from?, until: until? };
        if hours.from == hours.until {
            let found = format!("{} to {}", hours.from, hours.until);
            f.problem(
                &node.place,
                found,
                "two times: the same one leaves open whether it is all day or never",
                EXAMPLE,
            );
            return None;
        }
        Some(hours)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::yaml;

    fn read(text: &str) -> Result<QuietHours, Vec<String>> {
        let mut f = Findings::new("f");
        let node = yaml::load(text, &mut f).expect("YAML");
        let hours = QuietHours::read(&node, &mut f).filter(|_| f.problems.is_empty());
        hours.ok_or_else(|| f.problems.into_iter().map(|p| p.found).collect())
    }

    #[test]
    fn quiet_hours_are_two_different_times_in_quotes() {
        let hours = read("{ from: \"22:00\", until: \"07:00\" }").expect("right");
        assert_eq!((hours.from.hour(), hours.until.hour()), (22, 7));
        assert_eq!(read("{ from: \"22:00\", until: \"22:00\" }"), Err(vec!["22:00 to 22:00".to_owned()]));
        assert_eq!(read("{ from: \"22:00\" }"), Err(vec!["no `until`".to_owned()]));
        assert!(read("{ from: 22:00, until: \"07:00\" }").is_err(), "not quoted");
    }
}
