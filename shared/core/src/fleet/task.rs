//! `task`: the size of one Fargate task, for prices.

use std::ops::RangeInclusive;

use super::compiled::{Architecture, Task};
use super::count;
use super::node::{Fields, Node};
use super::problem::Findings;
use super::words;

const EXAMPLE: &str = "task: { vcpu: 2, memory_gib: 4, architecture: x86_64 }";

/// What one level of the file says about the task.
#[derive(Debug, Clone, Default)]
pub(crate) struct TaskLayer {
    vcpu: Option<f64>,
    memory_gib: Option<f64>,
    architecture: Option<Architecture>,
}

impl TaskLayer {
    pub(crate) fn read(node: &Node, f: &mut Findings) -> Option<Self> {
        let fields: Fields<'_> = node.fields(f, &["vcpu", "memory_gib", "architecture"], EXAMPLE)?;
        let known = [Architecture::X86_64, Architecture::Arm64].map(|a| (a.name(), a));
        Some(Self {
            vcpu: fields.read(f, "vcpu", |n, f| bounded(n, f, 0.25..=16.0, "vCPU of a Fargate task, 0.25 to 16", "2")),
            memory_gib: fields
                .read(f, "memory_gib", |n, f| bounded(n, f, 0.5..=120.0, "GiB of a Fargate task, 0.5 to 120", "4")),
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
        Some(Task { vcpu: self.vcpu?, memory_gib: self.memory_gib?, architecture })
    }
}

/// The smallest Fargate task has 0.25 vCPU and 0.5 GiB, the largest 16 vCPU and 120 GiB.
fn bounded(node: &Node, f: &mut Findings, range: RangeInclusive<f64>, expected: &str, example: &str) -> Option<f64> {
    let value = count::positive(node, f, expected, example)?;
    if range.contains(&value) {
        return Some(value);
    }
    f.problem(&node.place, node.describe(), expected, example);
    None
}
