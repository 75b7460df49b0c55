//! `task`: the size of one Fargate task, for prices.

use std::ops::RangeInclusive;

use serde_json::{Value as Json, json};

use super::compiled::{Architecture, Task};
use super::count;
use super::node::{Fields, Node};
use super::problem::Findings;
use super::schema::{self, Key};
use super::words;

const EXAMPLE: &str = "task: { vcpu: 2, memory_gib: 4, architecture: x86_64 }";
/// The smallest Fargate task has 0.25 vCPU and 0.5 GiB, the largest 16 vCPU and 120 GiB.
const VCPU: RangeInclusive<f64> = 0.25..=16.0;
const MEMORY_GIB: RangeInclusive<f64> = 0.5..=120.0;
const KEYS: [Key; 3] = [
    Key("vcpu", "vCPU of a task, 0.25 to 16.", || bounded_schema(VCPU, "2")),
    Key("memory_gib", "Memory of a task in GiB, 0.5 to 120.", || bounded_schema(MEMORY_GIB, "4")),
    Key("architecture", "Processor architecture.", || {
        schema::or(schema::words(&ARCHITECTURES.map(Architecture::name)), Architecture::X86_64.name().into())
    }),
];
const ARCHITECTURES: [Architecture; 2] = [Architecture::X86_64, Architecture::Arm64];

/// The definition that every level shares.
pub(crate) const DEFINITION: (&str, fn() -> Json) = ("task", || schema::shown(schema::mapping(&KEYS, &[]), EXAMPLE));

/// What one level of the file says about the task.
#[derive(Debug, Clone, Default)]
pub(crate) struct TaskLayer {
    vcpu: Option<f64>,
    memory_gib: Option<f64>,
    architecture: Option<Architecture>,
}

impl TaskLayer {
    pub(crate) fn read(node: &Node, f: &mut Findings) -> Option<Self> {
        let fields: Fields<'_> = node.mapping(f, &KEYS, EXAMPLE)?;
        let known = ARCHITECTURES.map(|a| (a.name(), a));
        Some(Self {
            vcpu: fields.read(f, "vcpu", |n, f| bounded(n, f, VCPU, "vCPU of a Fargate task, 0.25 to 16", "2")),
            memory_gib: fields
                .read(f, "memory_gib", |n, f| bounded(n, f, MEMORY_GIB, "GiB of a Fargate task, 0.5 to 120", "4")),
            architecture: fields.read(f, "architecture", |n, f| words::word(n, f, &known, "architecture: x86_64")),
        })
    }

    pub(crate) fn apply(&mut self, nearer: &Self) {
        self.vcpu = nearer.vcpu.or(self.vcpu);
        self.memory_gib = nearer.memory_gib.or(self.memory_gib);
        self.architecture = nearer.architecture.or(self.architecture);
    }

    /// The size, once vCPU and memory are both known. Fargate's own default architecture is `x86_64`.
    pub(crate) fn resolve(&self) -> Option<Task> {
        let architecture = self.architecture.unwrap_or(Architecture::X86_64);
        Some(Task { vcpu: self.vcpu?, memory_gib: self.memory_gib?, architecture, usd_hour: None })
    }
}

fn bounded_schema(range: RangeInclusive<f64>, example: &str) -> Json {
    schema::shown(json!({ "type": "number", "minimum": range.start(), "maximum": range.end() }), example)
}

fn bounded(node: &Node, f: &mut Findings, range: RangeInclusive<f64>, expected: &str, example: &str) -> Option<f64> {
    let value = count::positive(node, f, expected, example)?;
    if range.contains(&value) {
        return Some(value);
    }
    f.problem(&node.place, node.describe(), expected, example);
    None
}
