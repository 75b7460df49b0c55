//! The fleet file as a whole: text in, compiled fleet and notes out, or every problem.

use serde_json::{Map, Value as Json, json};

use super::alert::{self, Alerts};
use super::channel::{self, Channel};
use super::compiled::{Fleet, Mode};
use super::cost::{self, Bill};
use super::dependency::{self, DependencyFile};
use super::environment::{self, Environments};
use super::freeze::{self, Freeze};
use super::limits::{self, LimitsLayer};
use super::node::{At, Fields, Node, Value, Want};
use super::overrides::Overrides;
use super::problem::{Findings, Note, Problem};
use super::refer::Names;
use super::remedy::{self, Remedies};
use super::route::{self, Route};
use super::schedule::{self, ScheduleFile};
use super::schema::{self, Key};
use super::service::{self, ServiceFile};
use super::switch::{self, Switch};
use super::{capacity, layer, mode, name, resolve, scaling, task, yaml};

const EXAMPLE: &str = "version: 1";
const EXAMPLE_DEFAULTS: &str = "defaults: { cluster: \"{environment}-cluster\" }";
const REQUIRED: [&str; 4] = ["version", "fleet", "environments", "services"];
/// The sections, in the order in which errors list them.
const KEYS: [Key; 16] = [
    Key("version", "Format of the file.", || json!({ "const": FILE_VERSION })),
    Key("fleet", "Name of the fleet.", name::schema),
    Key("mode", "What Headroom may do: observe records, suggest proposes, act changes.", || {
        schema::or(mode::schema(), "observe".into())
    }),
    Key(
        "environments",
        "Accounts and regions in which the services run; the order is the rollout order.",
        environment::schema,
    ),
    Key("defaults", "What holds for every service; an environment, a service and `in` are nearer.", || {
        schema::shown(schema::mapping(&layer::KEYS, &[]), EXAMPLE_DEFAULTS)
    }),
    Key("services", "ECS services by name, each in every environment.", service::schema),
    Key("remedies", "What Headroom does when Application Auto Scaling alone is not enough.", remedy::schema),
    Key("schedules", "Floors that the clock keeps.", schedule::schema),
    Key("freezes", "Times in which nothing that runs is replaced.", freeze::schema),
    Key("dependencies", "What services need and Headroom does not scale.", dependency::schema),
    Key("alerts", "What people are told and how loudly.", alert::schema),
    Key("limits", "When one is reached: stop, say so once, page.", limits::schema),
    Key("channels", "Where notices go; a token is a reference to a secret.", channel::schema),
    Key("routes", "Which notices go where; the first that fits.", route::schema),
    Key("switches", "Traffic from one service to another, and back.", switch::schema),
    Key("costs", "Bills to compare.", cost::schema),
];
/// The name of a shared part of the schema, and the part.
type Definition = (&'static str, fn() -> Json);
/// What several places of the schema share.
const DEFINITIONS: [Definition; 5] =
    [alert::DEFINITION, name::DEFINITION, capacity::DEFINITION, scaling::DEFINITION, task::DEFINITION];
/// Format of the fleet file; another number is refused.
const FILE_VERSION: i64 = 1;

/// A fleet that was read without a problem.
#[derive(Debug, Clone, PartialEq)]
pub struct Parsed {
    /// What the functions load.
    pub fleet: Fleet,
    /// What the file says and this release does not do, and the like.
    pub notes: Vec<Note>,
}

/// A file that fleets are read from.
#[derive(Debug, Clone, Copy)]
pub struct Source<'s> {
    /// Its name, as problems and explanations print it.
    pub name: &'s str,
    /// Its text.
    pub text: &'s str,
}

/// What the file says, element by element.
#[derive(Debug)]
pub(crate) struct FleetFile {
    pub(crate) fleet: String,
    pub(crate) mode: Mode,
    pub(crate) environments: Environments,
    pub(crate) defaults: layer::Layer,
    pub(crate) services: Vec<ServiceFile>,
    pub(crate) remedies: Remedies,
    pub(crate) schedules: Vec<ScheduleFile>,
    pub(crate) freezes: Vec<Freeze>,
    pub(crate) dependencies: Vec<DependencyFile>,
    pub(crate) alerts: Alerts,
    pub(crate) limits: LimitsLayer,
    pub(crate) channels: Vec<Channel>,
    pub(crate) routes: Vec<Route>,
    pub(crate) switches: Vec<At<Switch>>,
    pub(crate) costs: Vec<At<Bill>>,
}

/// Reads a fleet file.
///
/// # Errors
/// Every problem of the file, in the order of its lines.
pub fn parse(text: &str, file_name: &str) -> Result<Fleet, Vec<Problem>> {
    read(Source { name: file_name, text }, None).map(|parsed| parsed.fleet)
}

/// Reads a fleet file and puts an overrides file over it.
///
/// # Errors
/// Every problem of both files.
pub fn parse_with_overrides(
    text: &str,
    file_name: &str,
    overrides_text: &str,
    overrides_name: &str,
) -> Result<Fleet, Vec<Problem>> {
    let overrides = Source { name: overrides_name, text: overrides_text };
    read(Source { name: file_name, text }, Some(overrides)).map(|parsed| parsed.fleet)
}

/// Reads a fleet file, with an overrides file over it if there is one, and keeps the notes.
///
/// # Errors
/// Every problem of both files.
pub fn read(fleet: Source<'_>, overrides: Option<Source<'_>>) -> Result<Parsed, Vec<Problem>> {
    let mut f = Findings::new(fleet.name);
    let mut file = yaml::load(fleet.text, &mut f).and_then(|root| FleetFile::read(&root, &mut f));
    let mut problems = Vec::new();
    if let (Some(source), Some(file)) = (overrides, &mut file) {
        let mut over = Findings::new(source.name);
        let read =
            yaml::load(source.text, &mut over).and_then(|root| Overrides::read(&root, &file.remedies.names, &mut over));
        if let Some(read) = read {
            file.apply(&read);
        }
        problems = sorted(over.problems);
    }
    let services = file.as_ref().map(|file| resolve::services(file, &mut f)).unwrap_or_default();
    schedule::check(file.as_ref().map_or(&[], |file| &file.schedules), &services, &mut f);
    let mut all = sorted(std::mem::take(&mut f.problems));
    all.append(&mut problems);
    match file {
        Some(file) if all.is_empty() => {
            let notes = resolve::notes(&file, &mut f);
            Ok(Parsed { fleet: resolve::fleet(&file, services, fleet.name), notes })
        }
        _ => Err(all),
    }
}

/// The JSON Schema (draft 2020-12) of the fleet file, for editors.
///
/// What it refuses the reader refuses too. It does not see what compares two places of the file, such as a name that
/// refers to something else in it, nor whether a value is in quotes.
#[must_use]
pub fn json_schema() -> Json {
    let definitions: Map<String, Json> =
        DEFINITIONS.into_iter().map(|(name, schema)| (name.to_owned(), schema())).collect();
    let mut schema = schema::mapping(&KEYS, &REQUIRED);
    for (key, value) in [
        ("$schema", "https://json-schema.org/draft/2020-12/schema".into()),
        ("title", "Headroom fleet file".into()),
        ("description", "What Headroom may do for which ECS services, and how far.".into()),
        ("$defs", definitions.into()),
    ] {
        schema = schema::put(schema, key, value);
    }
    schema
}

fn sorted(mut problems: Vec<Problem>) -> Vec<Problem> {
    problems.sort_by_key(|p| (p.line, p.column));
    problems
}

impl FleetFile {
    /// Reads the file; what cannot be read is empty here and a problem in the findings.
    fn read(root: &Node, f: &mut Findings) -> Option<Self> {
        let fields = root.mapping(f, &KEYS, EXAMPLE)?;
        fields.require(f, "version", EXAMPLE, version);
        let fleet = fields.require(f, "fleet", "fleet: langfuse", name::parse).unwrap_or_default();
        let mode = fields.read(f, "mode", mode::read).unwrap_or(Mode::Observe);
        let example = "environments: [{ name: prod, account: \"123456789012\", region: us-east-1 }]";
        let environments = fields.require(f, "environments", example, Environments::read).unwrap_or_default();
        let defaults = fields.read(f, "defaults", defaults).unwrap_or_default();
        let services = fields
            .require(f, "services", "services: { web: {} }", |n, f| service::read(n, &environments.names, f))
            .unwrap_or_default();
        let remedies = fields.read(f, "remedies", Remedies::read).unwrap_or_default();
        let limits = fields.read(f, "limits", LimitsLayer::read).unwrap_or_default();
        let channels = fields.read(f, "channels", channel::read).unwrap_or_default();
        let names: Vec<&str> = environments.names.iter().map(String::as_str).collect();
        let service_names = fields.get("services").map(Node::keys).unwrap_or_default();
        let known_services = Names { what: "service", known: &service_names };
        let known = route::Known {
            environments: Names { what: "environment", known: &names },
            services: known_services,
            channels: Names { what: "channel", known: &fields.get("channels").map(Node::keys).unwrap_or_default() },
        };
        let schedules = fields.read(f, "schedules", |n, f| schedule::read(n, known.environments, known.services, f));
        let schedules = schedules.unwrap_or_default();
        let freezes = fields.read(f, "freezes", |n, f| freeze::read(n, known.environments, f)).unwrap_or_default();
        let routes = fields.read(f, "routes", |n, f| route::read(n, known, f)).unwrap_or_default();
        let dependencies = fields.read(f, "dependencies", dependency::read).unwrap_or_default();
        let alerts = fields.read(f, "alerts", Alerts::read).unwrap_or_default();
        let switches = fields.read(f, "switches", |n, f| switch::read(n, known_services, f)).unwrap_or_default();
        let costs = fields.read(f, "costs", |n, f| cost::read(n, known_services, f)).unwrap_or_default();
        let file = Self {
            fleet,
            mode,
            environments,
            defaults,
            services,
            remedies,
            schedules,
            freezes,
            dependencies,
            alerts,
            limits,
            channels,
            routes,
            switches,
            costs,
        };
        file.check_names(&fields, f);
        Some(file)
    }

    /// Checks the names of remedies and dependencies, at whatever level they stand.
    fn check_names(&self, fields: &Fields<'_>, f: &mut Findings) {
        let remedies: Vec<&str> = self.remedies.names.iter().map(String::as_str).collect();
        let dependencies = fields.get("dependencies").map(Node::keys).unwrap_or_default();
        let remedies = Names { what: "remedy", known: &remedies };
        let needed: Vec<&str> = dependencies.into_iter().chain(self.services.iter().map(|s| s.name.as_str())).collect();
        let needed = Names { what: "dependency or service", known: &needed };
        for layer in self.layers() {
            for name in layer.remedies.iter().flatten() {
                remedies.check(name, f);
            }
            for name in layer.depends_on.iter().flatten() {
                needed.check(name, f);
            }
        }
    }

    fn layers(&self) -> impl Iterator<Item = &layer::Layer> {
        std::iter::once(&self.defaults)
            .chain(self.environments.list.iter().map(|e| &e.layer))
            .chain(self.services.iter().flat_map(|s| std::iter::once(&s.layer).chain(s.inside.iter().map(|(_, l)| l))))
    }

    fn apply(&mut self, overrides: &Overrides) {
        self.limits.apply(overrides.limits);
        for (name, timing) in &overrides.remedies {
            for remedy in self.remedies.list.iter_mut().filter(|r| r.name == *name) {
                remedy.timing.apply(*timing);
            }
        }
    }
}

/// The format of the file.
fn version(node: &Node, f: &mut Findings) -> Option<()> {
    if matches!(node.value, Value::Integer(FILE_VERSION)) {
        return Some(());
    }
    node.refuse(f, Want { expected: "the number 1, the only format so far", example: EXAMPLE });
    None
}

fn defaults(node: &Node, f: &mut Findings) -> Option<layer::Layer> {
    let fields = node.mapping(f, &layer::KEYS, EXAMPLE_DEFAULTS)?;
    Some(layer::Layer::read(&fields, f))
}
