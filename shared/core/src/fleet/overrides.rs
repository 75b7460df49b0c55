//! An overrides file: other lengths of time and limits for one purpose, such as a demo with short leases.
//!
//! It cannot name a service, a bound or a mode: what may be changed, and how far, stays in the fleet file.

use super::limits::LimitsLayer;
use super::node::{Node, Want};
use super::problem::Findings;
use super::timing::{self, Timing};

const EXAMPLE: &str = "remedies: { cpu-high: { lease: 30s, release_delay: 5s } }";

/// What an overrides file says.
#[derive(Debug, Default)]
pub(crate) struct Overrides {
    pub(crate) remedies: Vec<(String, Timing)>,
    pub(crate) limits: LimitsLayer,
}

impl Overrides {
    /// Reads the file; `known` are the remedies of the fleet file.
    pub(crate) fn read(node: &Node, known: &[String], f: &mut Findings) -> Option<Self> {
        let fields = node.fields(f, &["remedies", "limits"], EXAMPLE)?;
        let remedies = fields.read(f, "remedies", |n, f| remedies(n, known, f)).unwrap_or_default();
        let limits = fields.read(f, "limits", LimitsLayer::read).unwrap_or_default();
        Some(Self { remedies, limits })
    }
}

fn remedies(node: &Node, known: &[String], f: &mut Findings) -> Option<Vec<(String, Timing)>> {
    let known: Vec<&str> = known.iter().map(String::as_str).collect();
    node.fields(f, &known, EXAMPLE)?;
    let entries = node.entries(f, Want { expected: "a mapping of remedies by name", example: EXAMPLE })?;
    let timings = entries.iter().filter_map(|entry| {
        let fields = entry.node.mapping(f, &timing::KEYS, EXAMPLE)?;
        Some((entry.key.clone(), Timing::read_part(&fields, f)))
    });
    Some(timings.collect())
}
