//! What `defaults`, an environment, a service and `service.in.<environment>` may all say.
//!
//! Four levels, the nearer wins member by member: defaults, environment, service, `service.in.<environment>`.

use serde_json::Value as Json;

use super::capacity::{self, CapacityLayer};
use super::compiled::Mode;
use super::mode;
use super::name;
use super::node::{At, Fields, Node, Want};
use super::problem::Findings;
use super::scaling::{self, ScalingLayer};
use super::schema::{self, Key};
use super::task::{self, TaskLayer};
use super::template::{Kind, Template};

/// The keys that every level takes.
pub(crate) const KEYS: [Key; 8] = [
    Key("cluster", "ECS cluster; `{environment}` and `{name}` stand for those of the service.", || Kind::Ecs.schema()),
    Key("service", "ECS service, `{name}` when left out; `{environment}` and `{name}` as above.", || {
        Kind::Ecs.schema()
    }),
    Key("target_group", "Target group, which ties load balancer metrics and target health to the service.", || {
        Kind::TargetGroup.schema()
    }),
    Key("task", "Size of one Fargate task, for prices.", || schema::shared(task::DEFINITION.0)),
    Key("capacity", "Bounds of the service in tasks.", || schema::shared(capacity::DEFINITION.0)),
    Key("scaling", "What Application Auto Scaling does alone: out if either target says so, in if all do.", || {
        schema::shared(scaling::DEFINITION.0)
    }),
    Key("remedies", "The remedies that apply here; all of the file when left out.", names_schema),
    Key("depends_on", "What the service needs: names of dependencies, and of other services.", names_schema),
];

/// One level.
#[derive(Debug, Clone, Default)]
pub(crate) struct Layer {
    pub(crate) cluster: Option<At<Template>>,
    pub(crate) service: Option<At<Template>>,
    pub(crate) target_group: Option<At<Template>>,
    pub(crate) task: TaskLayer,
    pub(crate) capacity: CapacityLayer,
    pub(crate) scaling: ScalingLayer,
    /// A service's own mode; at the level of an environment it is that environment's.
    pub(crate) mode: Option<Mode>,
    /// The remedies that apply; `None`: all of the file.
    pub(crate) remedies: Option<Vec<At<String>>>,
    /// The dependencies; `None`: those of a farther level.
    pub(crate) depends_on: Option<Vec<At<String>>>,
}

impl Layer {
    /// Reads the shared keys; the caller has checked the names of all keys.
    pub(crate) fn read(fields: &Fields<'_>, f: &mut Findings) -> Self {
        let depends_on = fields.read(f, "depends_on", |n, f| names(n, f, "depends_on: [redis]"));
        Self {
            cluster: fields.read_at(f, "cluster", |n, f| Template::read(n, f, Kind::Ecs)),
            service: fields.read_at(f, "service", |n, f| Template::read(n, f, Kind::Ecs)),
            target_group: fields.read_at(f, "target_group", |n, f| Template::read(n, f, Kind::TargetGroup)),
            task: fields.read(f, "task", TaskLayer::read).unwrap_or_default(),
            capacity: fields.read(f, "capacity", CapacityLayer::read).unwrap_or_default(),
            scaling: fields.read(f, "scaling", ScalingLayer::read).unwrap_or_default(),
            mode: fields.read(f, "mode", mode::read),
            remedies: fields.read(f, "remedies", |n, f| names(n, f, "remedies: [slow, at-max]")),
            depends_on,
        }
    }

    /// Puts a nearer level over this one.
    pub(crate) fn apply(&mut self, nearer: &Self) {
        for (mine, theirs) in [
            (&mut self.cluster, &nearer.cluster),
            (&mut self.service, &nearer.service),
            (&mut self.target_group, &nearer.target_group),
        ] {
            if theirs.is_some() {
                mine.clone_from(theirs);
            }
        }
        self.task.apply(&nearer.task);
        self.capacity.apply(&nearer.capacity);
        self.scaling.apply(&nearer.scaling);
        self.mode = nearer.mode.or(self.mode);
        if nearer.remedies.is_some() {
            self.remedies.clone_from(&nearer.remedies);
        }
        if nearer.depends_on.is_some() {
            self.depends_on.clone_from(&nearer.depends_on);
        }
    }
}

/// What [`names`] takes.
fn names_schema() -> Json {
    schema::list(&name::schema(), 0)
}

/// Reads a list of names, each once.
pub(crate) fn names(node: &Node, f: &mut Findings, example: &str) -> Option<Vec<At<String>>> {
    let items = node.items(f, Want { expected: "a list of names", example })?;
    let mut list: Vec<At<String>> = Vec::new();
    for item in items {
        let Some(value) = name::parse(item, f) else { continue };
        if list.iter().any(|known| known.value == value) {
            f.problem(&item.place, format!("`{value}` a second time"), "each name once", example);
        } else {
            list.push(At { value, place: item.place.clone() });
        }
    }
    Some(list)
}
