//! `connections`: what every task of a service opens at a dependency, and how many that takes.

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::count;
use super::node::Node;
use super::problem::Findings;
use super::schema::{self, Key};

const EXAMPLE: &str = "connections: { per_task: 25, max: 500 }";
/// More is a misplaced number: a database takes some thousand connections, a cache 65,000.
const MOST: u32 = 100_000;
const KEYS: [Key; 2] = [
    Key("per_task", "Connections that one task opens.", || count::schema(1, MOST, "25")),
    Key("max", "Connections that it takes from all services together.", || count::schema(1, MOST, "500")),
];

/// Connections of a dependency: more tasks than they allow make everything worse (TRAPS 18).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Connections {
    /// Connections that one task opens, 1 to 100,000.
    pub per_task: u32,
    /// Connections that the dependency takes from all services together, 1 to 100,000.
    pub max: u32,
}

/// What [`read`] takes.
pub(crate) fn schema() -> Json {
    schema::shown(schema::mapping(&KEYS, &["per_task", "max"]), EXAMPLE)
}

/// Reads `connections`.
pub(crate) fn read(node: &Node, f: &mut Findings) -> Option<Connections> {
    let fields = node.mapping(f, &KEYS, EXAMPLE)?;
    let per_task = fields.require(f, "per_task", EXAMPLE, |n, f| count::read(n, f, 1, MOST, "per_task: 25"));
    let max = fields.require(f, "max", EXAMPLE, |n, f| count::read(n, f, 1, MOST, "max: 500"));
    Some(Connections { per_task: per_task?, max: max? })
}
