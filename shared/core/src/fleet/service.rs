//! One service of the file, before environments are applied to it.

use serde_json::Value as Json;

use super::layer::{self, Layer};
use super::node::{Entry, Node, Place, Want};
use super::problem::Findings;
use super::schema::{self, Key};
use super::{mode, name};

const EXAMPLE: &str = "web: { capacity: { min: 2, max: 10 } }";
const EXAMPLE_IN: &str = "in: { staging: { remedies: [slow] } }";

const MODE: Key =
    Key("mode", "What Headroom may do with the service, instead of the mode of its environment.", mode::schema);
const IN: Key = Key("in", "What holds in one environment only, by the name of the environment.", || {
    schema::shown(schema::by_name(&schema::mapping(&keys(&[MODE]), &[])), EXAMPLE_IN)
});

fn keys(own: &[Key]) -> Vec<Key> {
    own.iter().copied().chain(layer::KEYS).collect()
}

/// What [`read`] takes.
pub(crate) fn schema() -> Json {
    let service = schema::shown(schema::mapping(&keys(&[MODE, IN]), &[]), EXAMPLE);
    schema::put(schema::by_name(&service), "minProperties", 1.into())
}

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
        let fields = entry.node.mapping(f, &keys(&[MODE, IN]), EXAMPLE)?;
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
    let entries = node.entries(f, Want { expected: "a mapping by environment", example: EXAMPLE_IN })?;
    let layers = entries.iter().filter_map(|entry| {
        let fields = entry.node.mapping(f, &keys(&[MODE]), EXAMPLE_IN)?;
        Some((entry.key.clone(), Layer::read(&fields, f)))
    });
    Some(layers.collect())
}
