//! `freezes`: times in which nothing that runs is replaced. AWS's own word for such a calendar is Change Calendar.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::compiled::{Fleet, Service};
use super::name;
use super::node::{Entry, Fields, Node, Want};
use super::problem::Findings;
use super::refer::{self, Names};
use super::schema::{self, Key};

const EXAMPLE: &str = "black-friday: { from: \"2026-11-26T00:00:00+01:00\", until: \"2026-12-01T00:00:00+01:00\" }";
const REQUIRED: [&str; 2] = ["from", "until"];
const KEYS: [Key; 3] = [
    Key("environments", "Environments in which it holds; all when left out.", refer::some_schema),
    Key("from", "When it begins, with its offset from UTC; in quotes.", || schema::text(MOMENT, PATTERN)),
    Key("until", "When it ends, later than `from`; in quotes.", || schema::text(MOMENT, PATTERN)),
];
const MOMENT: Want<'_> = Want {
    expected: "a moment in quotes with its offset, as RFC 3339 writes it: a local time would mean another moment elsewhere",
    example: "\"2026-11-26T00:00:00+01:00\"",
};
const PATTERN: &str = "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:Z|[+-][0-9]{2}:[0-9]{2})$";

/// A time in which disruptive remedies wait. Added capacity and what gives it back go on (SEMANTICS 20).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Freeze {
    /// Name in the fleet file.
    pub name: String,
    /// Line in the fleet file, 1-based.
    pub line: u32,
    /// Environments in which it holds; all of the file when it names none.
    pub environments: Vec<String>,
    /// When it begins.
    pub from: Timestamp,
    /// When it ends.
    pub until: Timestamp,
}

impl Fleet {
    /// The freeze that holds for a service now, the one that ends last.
    #[must_use]
    pub fn freeze_of(&self, service: &Service, now: Timestamp) -> Option<&Freeze> {
        let open = |f: &&Freeze| f.from <= now && now < f.until && f.environments.contains(&service.environment);
        self.freezes.iter().filter(open).max_by_key(|f| f.until)
    }
}

/// What [`read`] takes.
pub(crate) fn schema() -> Json {
    schema::by_name(&schema::shown(schema::mapping(&KEYS, &REQUIRED), EXAMPLE))
}

/// Reads `freezes`.
pub(crate) fn read(node: &Node, environments: Names<'_>, f: &mut Findings) -> Option<Vec<Freeze>> {
    let entries = node.entries(f, Want { expected: "a mapping of freezes by name", example: EXAMPLE })?;
    Some(entries.iter().filter_map(|entry| freeze(entry, environments, f)).collect())
}

fn freeze(entry: &Entry, environments: Names<'_>, f: &mut Findings) -> Option<Freeze> {
    name::check_key(entry, f);
    let fields = entry.node.mapping(f, &KEYS, EXAMPLE)?;
    let environments = environments.or_all(&fields, "environments", f);
    let from = moment(&fields, "from", f);
    let until = moment(&fields, "until", f);
    let (from, until) = (from?, until?);
    if until <= from
        && let Some(ends) = fields.entry("until")
    {
        f.problem(&ends.node.place, format!("{from} to {until}"), "an end later than `from`", EXAMPLE);
        return None;
    }
    Some(Freeze { name: entry.key.clone(), line: entry.at.line, environments, from, until })
}

fn moment(fields: &Fields<'_>, key: &str, f: &mut Findings) -> Option<Timestamp> {
    fields.require(f, key, EXAMPLE, |n, f| n.text(f, MOMENT, parse))
}

/// Seconds and an offset are written out; a time that a calendar does not have is refused.
fn parse(text: &str) -> Option<Timestamp> {
    let written_out = match text.as_bytes() {
        [.., b'Z'] => text.len() == 20,
        [.., b'+' | b'-', _, _, b':', _, _] => text.len() == 25,
        _ => false,
    };
    text.parse().ok().filter(|_| written_out && text.as_bytes().get(10) == Some(&b'T'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::yaml;

    const ENVIRONMENTS: Names<'_> = Names { what: "environment", known: &["staging", "prod"] };

    fn one(keys: &str) -> Result<Freeze, Vec<String>> {
        let mut f = Findings::new("f");
        let node = yaml::load(&format!("sale: {{ {keys} }}"), &mut f).expect("YAML");
        let mut all = read(&node, ENVIRONMENTS, &mut f).expect("mapping");
        match all.pop() {
            Some(freeze) if f.problems.is_empty() => Ok(freeze),
            _ => Err(f.problems.into_iter().map(|p| p.found).collect()),
        }
    }

    #[test]
    fn a_freeze_is_two_moments_and_holds_everywhere_when_it_names_no_environment() {
        let sale = one("from: \"2026-11-26T00:00:00+01:00\", until: \"2026-12-01T00:00:00Z\"").expect("right");
        assert_eq!((sale.from.to_string().as_str(), sale.line), ("2026-11-25T23:00:00Z", 1));
        assert_eq!(sale.environments, ["staging", "prod"]);
    }

    #[test]
    fn what_leaves_the_moment_open_is_refused() {
        let until = "until: \"2026-12-01T00:00:00Z\"";
        for (keys, found) in [
            (format!("from: \"2026-11-26\", {until}"), "`2026-11-26`"),
            (format!("from: \"2026-11-26T00:00:00\", {until}"), "`2026-11-26T00:00:00`"),
            (format!("from: \"2026-11-26T00:00Z\", {until}"), "`2026-11-26T00:00Z`"),
            (format!("from: \"2026-02-30T00:00:00Z\", {until}"), "`2026-02-30T00:00:00Z`"),
            (format!("from: \"2026-12-02T00:00:00Z\", {until}"), "2026-12-02T00:00:00Z to 2026-12-01T00:00:00Z"),
            (until.to_owned(), "no `from`"),
            (format!("from: \"2026-11-26T00:00:00Z\", environments: [dev], {until}"), "unknown environment `dev`"),
        ] {
            assert_eq!(one(&keys), Err(vec![found.to_owned()]), "{keys}");
        }
    }
}
