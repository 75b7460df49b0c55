//! What may be proposed: the need, within everything that bounds it.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::demand::task_hours_above;
use super::found::fortnight;
use super::question::CapacitySeen;
use crate::decide::{Decision, Guard, Judgement, Refusal};
use crate::quota::VcpuQuota;
use crate::seen::Reading;

/// A dependency with a number of clients, connections or the like that its users share.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Downstream {
    /// Name in the fleet file.
    pub name: String,
    /// Connections that one task opens.
    pub per_task: u32,
    /// Connections that it takes.
    pub max: u32,
    /// Connections of the other services that depend on it; unreadable: nobody knows.
    pub others: Reading<u32>,
}

/// What bounds a raise.
#[derive(Debug, Clone, PartialEq)]
pub struct Limits {
    /// No lease passes it.
    pub ceiling: u32,
    /// The most that one grant of the remedy adds, where there is one.
    pub add_max: Option<u32>,
    /// vCPU of one task, when the fleet file says it.
    pub vcpu: Option<f64>,
    /// The account's quota.
    pub quota: Reading<VcpuQuota>,
    /// Dependencies that count connections.
    pub downstream: Vec<Downstream>,
}

/// One bound with its numbers, and the tasks that it allows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Bound {
    /// The fleet file's.
    Ceiling {
        /// Tasks.
        tasks: u32,
    },
    /// One grant of the remedy's.
    AddMax {
        /// Tasks that it adds at most.
        add_max: u32,
        /// Tasks.
        tasks: u32,
    },
    /// The account's.
    Quota {
        /// vCPU in use.
        used: f64,
        /// vCPU allowed.
        limit: f64,
        /// vCPU of one task.
        per_task: f64,
        /// Tasks that fit.
        tasks: u32,
    },
    /// A dependency's.
    Downstream {
        /// Its name.
        name: String,
        /// Connections that one task opens.
        per_task: u32,
        /// Connections that it takes.
        max: u32,
        /// Tasks that fit.
        tasks: u32,
    },
    /// What a guard saw that left less of the proposal than its other bounds, for example what added tasks may cost.
    Guard {
        /// In the guard's words.
        saw: String,
        /// Tasks that it leaves.
        tasks: u32,
    },
    /// Something that could not be read, and does not bound.
    Unknown {
        /// What, and why.
        what: String,
    },
}

impl Bound {
    /// Tasks that it allows; `None`: it bounds nothing.
    #[must_use]
    pub fn tasks(&self) -> Option<u32> {
        match self {
            Self::Ceiling { tasks }
            | Self::AddMax { tasks, .. }
            | Self::Quota { tasks, .. }
            | Self::Downstream { tasks, .. }
            | Self::Guard { tasks, .. } => Some(*tasks),
            Self::Unknown { .. } => None,
        }
    }
}

impl fmt::Display for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ceiling { tasks } => write!(f, "ceiling {tasks}"),
            Self::AddMax { add_max, tasks } => write!(f, "add_max {add_max}: up to {tasks} at once"),
            Self::Guard { saw, tasks } => write!(f, "{saw}: room up to {tasks}"),
            Self::Quota { used, limit, per_task, tasks } => {
                write!(f, "vCPU quota {used:.0} of {limit:.0} used, {per_task} a task: room up to {tasks}")
            }
            Self::Downstream { name, per_task, max, tasks } => {
                write!(f, "{name} takes {max} connections, {per_task} a task: room up to {tasks}")
            }
            Self::Unknown { what } => write!(f, "{what}: not checked"),
        }
    }
}

/// What comes of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Proposed {
    /// Max now.
    pub from: u32,
    /// Max as proposed; the same as `from`: nothing can be proposed.
    pub to: u32,
    /// What the load asks for.
    pub need: u32,
    /// Everything that was looked at.
    pub bounds: Vec<Bound>,
    /// Task-hours that the last two weeks would have used of it, when they were read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hours_fortnight: Option<f64>,
}

impl Proposed {
    /// Whether there is something to propose.
    #[must_use]
    pub fn possible(&self) -> bool {
        self.to > self.from
    }

    /// The same as the decision on it leaves it: the plan raises max to `to`, and what a refusal leaves is nothing.
    #[must_use]
    pub fn as_decided(mut self, judgement: &Judgement) -> Self {
        let (to, by): (u32, &[Guard]) = match &judgement.decision {
            Decision::Act(plan) => match plan.grant().and_then(|grant| grant.lease.raise) {
                Some(raise) if raise < self.to => (raise.max(self.from), &[Guard::Quota, Guard::Cost]),
                Some(_) | None => return self,
            },
            Decision::Refuse(Refusal::CostLimit { .. }) => (self.from, &[Guard::Cost]),
            Decision::Refuse(Refusal::VcpuQuota { .. }) => (self.from, &[Guard::Quota]),
            Decision::Refuse(Refusal::NoRoom { .. }) => (self.from, &[Guard::Room]),
            Decision::Refuse(_) | Decision::Wait { .. } => return self,
        };
        let saw = judgement.guards.iter().filter(|answer| by.contains(&answer.guard)).map(|answer| answer.saw.as_str());
        let saw = saw.collect::<Vec<_>>().join("; ");
        self.to = to;
        self.bounds.push(Bound::Guard { saw, tasks: to });
        self
    }

    /// Max as the fleet file could have it for good: the need within what bounds the service itself, not one grant.
    #[must_use]
    pub fn permanent(&self) -> u32 {
        let for_good = |bound: &&Bound| !matches!(bound, Bound::AddMax { .. } | Bound::Guard { .. });
        let allowed = self.bounds.iter().filter(for_good).filter_map(Bound::tasks).min();
        allowed.map_or(self.to, |allowed| self.need.min(allowed)).max(self.to)
    }

    /// The same with what the two weeks until then say about it; what the look before said of the same, where they were
    /// not read.
    #[must_use]
    pub fn with_history(self, seen: &CapacitySeen, until: Timestamp, before: Option<&Self>) -> Self {
        let same = before.filter(|before| (before.from, before.to) == (self.from, self.to));
        let hours = fortnight(seen, until).map(|asked| task_hours_above(&asked, self.from, self.to));
        Self { hours_fortnight: hours.or_else(|| same?.hours_fortnight), ..self }
    }

    /// The bounds that keep it under the need.
    pub fn in_the_way(&self) -> impl Iterator<Item = &Bound> {
        let (to, need) = (self.to, self.need);
        self.bounds.iter().filter(move |bound| to < need && bound.tasks().is_some_and(|tasks| tasks <= to))
    }
}

/// Max as it should be for a need, within everything that is known to bound it; never under what it is.
#[must_use]
pub fn propose(max: u32, running: u32, need: u32, limits: &Limits) -> Proposed {
    let mut bounds = vec![Bound::Ceiling { tasks: limits.ceiling }];
    // Only worth a word where it holds something back.
    let at_once = limits.add_max.map(|add_max| Bound::AddMax { add_max, tasks: max.saturating_add(add_max) });
    bounds.extend(at_once.filter(|bound| bound.tasks().is_some_and(|tasks| tasks < need)));
    bounds.push(quota(running, limits));
    bounds.extend(limits.downstream.iter().map(connections));
    let allowed = bounds.iter().filter_map(Bound::tasks).min().unwrap_or(max);
    Proposed { from: max, to: need.min(allowed).max(max), need, bounds, hours_fortnight: None }
}

fn quota(running: u32, limits: &Limits) -> Bound {
    match (limits.vcpu.filter(|vcpu| *vcpu > 0.0), limits.quota.known()) {
        (Some(per_task), Some(quota)) => {
            let VcpuQuota { used, limit } = *quota;
            Bound::Quota { used, limit, per_task, tasks: quota.carries(running, per_task) }
        }
        (None, _) => Bound::Unknown { what: "vCPU quota (the fleet file names no task size)".to_owned() },
        (Some(_), None) => Bound::Unknown { what: format!("vCPU quota ({})", limits.quota.why()) },
    }
}

fn connections(downstream: &Downstream) -> Bound {
    let Downstream { name, per_task, max, others } = downstream;
    match others.known() {
        Some(others) => {
            let tasks = max.saturating_sub(*others).checked_div(*per_task).unwrap_or(u32::MAX);
            Bound::Downstream { name: name.clone(), per_task: *per_task, max: *max, tasks }
        }
        None => Bound::Unknown { what: format!("connections of {name} ({})", others.why()) },
    }
}
