//! `switches.*.ready`: what has to hold before traffic moves.

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::node::{Fields, Node};
use super::problem::Findings;
use super::schema::{self, Key};
use super::{count, endpoint, words};

pub(crate) const EXAMPLE: &str =
    "ready: { healthy_targets_min: 2, http: { path: /health, status: 200, answered_by_min: 2 } }";
const KEYS: [Key; 3] = [
    Key("healthy_targets_min", "Healthy targets of the new service.", count::tasks_some_schema),
    Key("resolves", "A DNS name that leads to the new service's load balancer.", endpoint::dns_name_schema),
    Key("http", "A page of the new service that answers.", || schema::mapping(&HTTP_KEYS, &["path"])),
];
const HTTP_KEYS: [Key; 3] = [
    Key("path", "Path of the page, for example /health.", endpoint::path_schema),
    Key("status", "HTTP status that it answers.", || {
        schema::or(count::schema(STATUS.0, STATUS.1, "200"), STATUS_USUAL.into())
    }),
    Key("answered_by_min", "Different tasks that answered so.", || schema::or(count::tasks_some_schema(), 1.into())),
];
/// A final answer of an HTTP server.
const STATUS: (u32, u32) = (200, 599);
/// What a healthy page answers.
const STATUS_USUAL: u32 = 200;

/// Conditions before traffic moves; at least one is set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ready {
    /// Healthy targets of the new service.
    pub healthy_targets_min: Option<u32>,
    /// A DNS name that leads to the new service's load balancer.
    pub resolves: Option<String>,
    /// A page that answers.
    pub http: Option<HttpReady>,
}

/// A page of the new service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HttpReady {
    /// Its path, for example `/health`.
    pub path: String,
    /// HTTP status that it answers.
    pub status: u32,
    /// Different tasks that answered so.
    pub answered_by_min: u32,
}

/// What [`Ready::read`] takes.
pub(crate) fn schema() -> Json {
    let ready = schema::shown(schema::mapping(&KEYS, &[]), EXAMPLE);
    schema::with(ready, vec![schema::some_of(&schema::names(&KEYS))])
}

impl Ready {
    pub(crate) fn read(node: &Node, f: &mut Findings) -> Option<Self> {
        let fields = node.mapping(f, &KEYS, EXAMPLE)?;
        some_of(&fields, &schema::names(&KEYS), "a switch that waits for nothing", EXAMPLE, f)?;
        Some(Self {
            healthy_targets_min: fields.read(f, "healthy_targets_min", count::tasks_some),
            resolves: fields.read(f, "resolves", endpoint::dns_name),
            http: fields.read(f, "http", HttpReady::read),
        })
    }
}

impl HttpReady {
    fn read(node: &Node, f: &mut Findings) -> Option<Self> {
        let fields = node.mapping(f, &HTTP_KEYS, EXAMPLE)?;
        let path = fields.require(f, "path", EXAMPLE, endpoint::path);
        let status = fields.read(f, "status", |n, f| count::read(n, f, STATUS.0, STATUS.1, "status: 200"));
        let answered_by_min = fields.read(f, "answered_by_min", count::tasks_some);
        Some(Self {
            path: path?,
            status: status.unwrap_or(STATUS_USUAL),
            answered_by_min: answered_by_min.unwrap_or(1),
        })
    }
}

/// At least one condition stands there.
pub(crate) fn some_of(fields: &Fields<'_>, keys: &[&str], found: &str, example: &str, f: &mut Findings) -> Option<()> {
    if keys.iter().any(|key| fields.get(key).is_some()) {
        return Some(());
    }
    f.problem(fields.place, found, &format!("at least one of {}", words::list(keys)), example);
    None
}
