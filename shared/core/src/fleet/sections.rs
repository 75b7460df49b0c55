//! Sections that later releases act on: their keys and the names in them are checked, their content is kept.
//!
//! Each line says what its absence means today, so that `headroom check` promises nothing.

use super::node::{At, Fields, Node, Value, Want};
use super::problem::Findings;
use super::words;

/// How a section is built.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    /// A mapping by name, each with these keys.
    Named(&'static [&'static str]),
    /// A mapping by name of mappings.
    Free,
}

/// One section.
#[derive(Debug)]
struct Section {
    name: &'static str,
    shape: Shape,
    /// What does not happen yet.
    today: &'static str,
    example: &'static str,
}

const SECTIONS: [Section; 2] = [
    Section {
        name: "switches",
        shape: Shape::Named(&["from", "to", "traffic", "ready", "watch", "after_watch"]),
        today: "no traffic is switched",
        example: "to-scaled: { from: web-old, to: web }",
    },
    Section { name: "costs", shape: Shape::Free, today: "no cost is computed", example: "after: { web: 2 }" },
];

/// Other keys that are kept and not acted on, by the end of their path.
const KEYS_KEPT: [(&str, &str); 7] = [
    ("soak", "no rollout waits for it"),
    ("depends_on", "tasks are added even while a dependency is high"),
    ("start", "the desired count at creation is not set"),
    ("deployed_within", "no deployment is rolled back"),
    ("requests_min", "no deployment is rolled back"),
    ("rollbacks_per_day", "no deployment is rolled back"),
    ("added_cost_per_day", "no cost is limited"),
];

/// What does not happen yet, for a path that was kept.
pub(crate) fn today(path: &str) -> &'static str {
    let last = path.rsplit('.').next().unwrap_or(path);
    let section = SECTIONS.iter().find(|s| s.name == path).map(|s| s.today);
    let key = || KEYS_KEPT.iter().find(|(key, _)| *key == last).map(|(_, today)| *today);
    section.or_else(key).unwrap_or("nothing reads it")
}

/// The names that sections may refer to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Known<'k> {
    pub(crate) services: &'k [&'k str],
}

/// Checks and keeps every section of the file that later releases act on.
pub(crate) fn read(file: &Fields<'_>, known: Known<'_>, f: &mut Findings) {
    for section in &SECTIONS {
        let Some(node) = file.get(section.name) else { continue };
        f.keep(node);
        for fields in section.members(node, f) {
            refer(section, fields, known, f);
        }
    }
}

/// The names that a section defines.
pub(crate) fn keys(section: Option<&Node>) -> Vec<&str> {
    match section.map(|node| &node.value) {
        Some(Value::Map(entries)) => entries.iter().map(|e| e.key.as_str()).collect(),
        Some(Value::Nothing | Value::Bool(_) | Value::Integer(_) | Value::Number(_) | Value::Text(_))
        | Some(Value::List(_))
        | None => Vec::new(),
    }
}

impl Section {
    /// The members of the section whose keys could be read.
    fn members<'n>(&self, node: &'n Node, f: &mut Findings) -> Vec<Fields<'n>> {
        let by_name = Want { expected: "a mapping by name", example: self.example };
        let (nodes, keys): (Vec<&Node>, _) = match self.shape {
            Shape::Named(keys) => {
                (node.entries(f, by_name).unwrap_or_default().iter().map(|e| &e.node).collect(), keys)
            }
            Shape::Free => {
                for entry in node.entries(f, by_name).unwrap_or_default() {
                    entry.node.entries(f, by_name);
                }
                return Vec::new();
            }
        };
        nodes.into_iter().filter_map(|n| n.fields(f, keys, self.example)).collect()
    }
}

/// Checks names and times in one member of a section.
fn refer(section: &Section, fields: Fields<'_>, known: Known<'_>, f: &mut Findings) {
    if section.name == "switches" {
        name_known(fields.get("from"), "service", known.services, f);
        name_known(fields.get("to"), "service", known.services, f);
    }
}

/// Refuses a name that nothing in the file has.
pub(crate) fn refer_to(name: &At<String>, what: &str, known: &[&str], f: &mut Findings) {
    if !known.contains(&name.value.as_str()) {
        let found = format!("unknown {what} `{}`{}", name.value, words::hint(&name.value, known));
        f.problem(&name.place, found, &format!("one of {}", words::list(known)), known.first().unwrap_or(&"[]"));
    }
}

fn name_known(node: Option<&Node>, what: &str, known: &[&str], f: &mut Findings) {
    let Some(node) = node else { return };
    let all = format!("a known {what}: one of {}", words::list(known));
    let example = known.first().copied().unwrap_or("web");
    node.text(f, Want { expected: &all, example }, |text| known.contains(&text).then_some(()));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_kept_says_what_does_not_happen() {
        for path in ["switches", "environments[0].soak", "services.web.in.staging.depends_on"] {
            assert_ne!(today(path), "nothing reads it", "{path}");
        }
    }
}
