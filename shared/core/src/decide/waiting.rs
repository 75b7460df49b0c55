//! Every way of judging later, with its numbers.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::capacity::Bounds;
use crate::time::Seconds;

/// Why a case is judged later, by the alarm's present state then.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "kebab-case")]
pub enum Waiting {
    /// The event is too old to say anything about now.
    #[error("stale-event: {age} old, limit {limit}")]
    StaleEvent {
        /// Its age.
        age: Seconds,
        /// The limit.
        limit: Seconds,
    },
    /// A replay or a dead letter: whatever its age, it says nothing about now.
    #[error("comes-again: {why}, so the alarm's present state decides")]
    ComesAgain {
        /// Why it comes again.
        why: String,
    },
    /// A mute rule is in force.
    #[error("muted by {by}")]
    Muted {
        /// ARN of the rule.
        by: String,
    },
    /// Somebody disabled the alarm's actions.
    #[error("actions-disabled: somebody switched this alarm's actions off")]
    ActionsDisabled,
    /// The environment is stopped.
    #[error("stopped: no mutating call in this environment until it is resumed")]
    Stopped,
    /// Somebody paused the service or the remedy.
    #[error("paused: by {by}")]
    Paused {
        /// Who.
        by: String,
    },
    /// A freeze window is open.
    #[error("frozen: {freeze} until {until:.0}")]
    Frozen {
        /// Its name in the fleet file.
        freeze: String,
        /// Its end.
        until: Timestamp,
    },
    /// Many alarms of the environment fire at once.
    #[error("storm: {cases} alarms of this environment fired within a minute")]
    Storm {
        /// How many.
        cases: u32,
    },
    /// A person holds this capacity outside its bounds.
    #[error("capacity-held-by-person: desired {desired} lies outside {found}")]
    CapacityHeldByPerson {
        /// Desired count.
        desired: u32,
        /// Bounds found.
        found: Bounds,
    },
    /// The remedy acted a moment ago.
    #[error("cooldown: this remedy rests until {until:.0}")]
    Cooldown {
        /// Its end.
        until: Timestamp,
    },
    /// The metric cannot be read and the event holds no number; nothing is guessed.
    #[error("metric-missing: {why}")]
    MetricMissing {
        /// Why.
        why: String,
    },
    /// A scaling policy watches the same metric and gets its turn.
    #[error("native-first: scaling policy {policy} watches the same metric")]
    NativeFirst {
        /// Its name.
        policy: String,
    },
    /// Something that the service needs is high: more tasks would make it worse.
    #[error("dependency-high: {name} is high")]
    DependencyHigh {
        /// Its name in the fleet file.
        name: String,
    },
    /// A deployment runs: what would be replaced is being replaced.
    #[error("deployment-running: {running} deployments are not finished")]
    DeploymentRunning {
        /// Deployments that are not finished.
        running: u32,
    },
    /// The bounds are not what was last applied; the reconciler finds out whose they are.
    #[error("drift: found {found}, last applied {applied}")]
    Drift {
        /// What is found.
        found: Bounds,
        /// What was applied last.
        applied: Bounds,
    },
}

impl Waiting {
    /// The name that people search for.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::StaleEvent { .. } => "stale-event",
            Self::ComesAgain { .. } => "comes-again",
            Self::Muted { .. } => "muted",
            Self::ActionsDisabled => "actions-disabled",
            Self::Stopped => "stopped",
            Self::Paused { .. } => "paused",
            Self::Frozen { .. } => "frozen",
            Self::Storm { .. } => "storm",
            Self::CapacityHeldByPerson { .. } => "capacity-held-by-person",
            Self::Cooldown { .. } => "cooldown",
            Self::MetricMissing { .. } => "metric-missing",
            Self::NativeFirst { .. } => "native-first",
            Self::DependencyHigh { .. } => "dependency-high",
            Self::DeploymentRunning { .. } => "deployment-running",
            Self::Drift { .. } => "drift",
        }
    }
}
