//! Every way of not acting, with its numbers.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::capacity::Bounds;
use crate::time::Seconds;

/// Why nothing is done, for good. Each has a kebab-case name that people search for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "kebab-case")]
pub enum Refusal {
    /// The alarm is no longer, or was never, firing.
    #[error("the alarm is not firing now")]
    NotFiring,
    /// The change was no edge of firing, for example a new suppression.
    #[error("nothing began: the alarm was firing before and is firing now, or the other way round")]
    NotAnEdge,
    /// A newer transition of the same alarm was already handled.
    #[error("superseded by the transition at {newer:.0}")]
    Superseded {
        /// Its time.
        newer: Timestamp,
    },
    /// The alarm went quiet and no lease of it lives.
    #[error("the alarm went quiet; no lease of it lives")]
    NothingToRelease,
    /// The window's limit is spent.
    #[error("limit reached: {scope} used {used} of {limit} this hour")]
    LimitReached {
        /// The service or the environment.
        scope: String,
        /// Used in this window.
        used: u32,
        /// Allowed in a window.
        limit: u32,
    },
    /// The last actions did not help: people must look.
    #[error("circuit breaker: the last {times} actions of this remedy did not help")]
    CircuitBreaker {
        /// How many in a row.
        times: u32,
    },
    /// A person overrode the lease of this source: it claims nothing more until it ends.
    #[error("a person's change stands over this lease, found {found}")]
    Overridden {
        /// Bounds found.
        found: Bounds,
    },
    /// It was deferred again and again: an alarm that nobody wants answered.
    #[error("deferred since {since:.0}: no longer waited for")]
    DeferredTooLong {
        /// When it came.
        since: Timestamp,
    },
    /// The service or the remedy left the fleet file while the case was deferred.
    #[error("the service or the remedy left the fleet file")]
    LeftTheFleet,
    /// The need is covered by tasks that are already asked for.
    #[error("already coming: {need} needed, desired is {desired}")]
    AlreadyComing {
        /// The need.
        need: u32,
        /// Desired count.
        desired: u32,
    },
    /// No bound leaves room for one task more.
    #[error("no room: {need} needed, at most {room} allowed by max and ceiling, desired is {desired}")]
    NoRoom {
        /// The need.
        need: u32,
        /// The lowest of max and ceiling.
        room: u32,
        /// Desired count.
        desired: u32,
    },
    /// No task runs, so a ratio says nothing; or the service is switched off.
    #[error("no task is running: more of nothing is nothing, and a service that is switched off stays off")]
    NothingRuns,
    /// The metric is back under the alarm's threshold.
    #[error("the metric is {value:.1}, no longer over {threshold:.1}")]
    NoLongerBreaching {
        /// The metric.
        value: f64,
        /// The threshold.
        threshold: f64,
    },
    /// A reading that the decision needs is missing; nothing is guessed.
    #[error("cannot see {what}: {why}")]
    Unseen {
        /// Which reading.
        what: String,
        /// Why it is missing.
        why: String,
    },
    /// No scaling policy would ever take the added tasks away again (SEMANTICS 22).
    #[error("no scaling policy of this service can scale in: the added tasks would never go away")]
    NothingScalesIn,
    /// The service has no scalable target.
    #[error("the service has no scalable target: nothing to raise")]
    NoScalableTarget,
    /// The fleet file asks for an action that this release records only.
    #[error("{action} is not acted on by this release: recorded only")]
    NotInThisRelease {
        /// The action.
        action: String,
    },
}

impl Refusal {
    /// The name that people search for.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::NotFiring => "not-firing",
            Self::NotAnEdge => "not-an-edge",
            Self::Superseded { .. } => "superseded",
            Self::NothingToRelease => "nothing-to-release",
            Self::LimitReached { .. } => "limit-reached",
            Self::CircuitBreaker { .. } => "circuit-breaker",
            Self::Overridden { .. } => "overridden",
            Self::DeferredTooLong { .. } => "deferred-too-long",
            Self::LeftTheFleet => "left-the-fleet",
            Self::AlreadyComing { .. } => "already-coming",
            Self::NoRoom { .. } => "no-room",
            Self::NothingRuns => "nothing-runs",
            Self::NoLongerBreaching { .. } => "no-longer-breaching",
            Self::Unseen { .. } => "unseen",
            Self::NothingScalesIn => "nothing-scales-in",
            Self::NoScalableTarget => "no-scalable-target",
            Self::NotInThisRelease { .. } => "not-in-this-release",
        }
    }
}

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
            Self::CapacityHeldByPerson { .. } => "capacity-held-by-person",
            Self::Cooldown { .. } => "cooldown",
            Self::MetricMissing { .. } => "metric-missing",
            Self::NativeFirst { .. } => "native-first",
            Self::Drift { .. } => "drift",
        }
    }
}
