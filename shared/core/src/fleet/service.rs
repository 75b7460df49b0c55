//! One service of the file, before environments are applied to it.

use super::layer::{self, Layer};
use super::name;
use super::node::{Entry, Node, Place, Want};
use super::problem::Findings;

const EXAMPLE: &str = "web: { capacity: { min: 2, max: 10 } }";
const EXAMPLE_IN: &str = "in: { staging: { remedies: [slow] } }";

/// A service as the file has it.
#[derive(Debug, Clone)]
pub(crate) struct ServiceFile {
    pub(crate) name: String,
    /// Place of its name.
    pub(crate) place: Place,
    pub(crate) layer: Layer,
    /// `in.<environment>`, in the order of the file.
    pub(crate) inside: Vec<(String, Layer)>,
}

impl ServiceFile {
    /// What the service says for one environment only.
    pub(crate) fn layer_in(&self, environment: &str) -> Option<&Layer> {
        self.inside.iter().find(|(name, _)| name == environment).map(|(_, layer)| layer)
    }

    fn read(entry: &Entry, environments: &[String], f: &mut Findings) -> Option<Self> {
        name::check_key(entry, f);
        let keys: Vec<&str> = ["mode", "in"].into_iter().chain(layer::KEYS).collect();
        let fields = entry.node.fields(f, &keys, EXAMPLE)?;
        let layer = Layer::read(&fields, f);
        let inside = fields.read(f, "in", |n, f| inside(n, environments, f)).unwrap_or_default();
        Some(Self { name: entry.key.clone(), place: entry.at.clone(), layer, inside })
    }
}

/// Services in the order of the file.
pub(crate) fn read(node: &Node, environments: &[String], f: &mut Findings) -> Option<Vec<ServiceFile>> {
    let entries = node.entries(f, Want { expected: "a mapping of services by name", example: EXAMPLE })?;
    if entries.is_empty() {
        f.problem(&node.place, "no service", "at least one service", EXAMPLE);
    }
    Some(entries.iter().filter_map(|entry| ServiceFile::read(entry, environments, f)).collect())
}

fn inside(node: &Node, environments: &[String], f: &mut Findings) -> Option<Vec<(String, Layer)>> {
    let known: Vec<&str> = environments.iter().map(String::as_str).collect();
    node.fields(f, &known, EXAMPLE_IN)?;
    let keys: Vec<&str> = ["mode"].into_iter().chain(layer::KEYS).collect();
    let entries = node.entries(f, Want { expected: "a mapping by environment", example: EXAMPLE_IN })?;
    let layers = entries.iter().filter_map(|entry| {
        let fields = entry.node.fields(f, &keys, EXAMPLE_IN)?;
        Some((entry.key.clone(), Layer::read(&fields, f)))
    });
    Some(layers.collect())
}
