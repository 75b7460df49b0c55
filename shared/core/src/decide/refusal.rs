//! Every way of not acting, with its numbers.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::capacity::Bounds;

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
    #[error("no room: {need} needed, at most {room} allowed by {}, desired is {desired}", .by.as_deref().unwrap_or("max and ceiling"))]
    NoRoom {
        /// The need.
        need: u32,
        /// The lowest of what bounds it.
        room: u32,
        /// Desired count.
        desired: u32,
        /// What bounds it, where that is not max and ceiling alone.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<String>,
    },
    /// The account's Fargate quota has no place for one task more: it would wait in ECS until another ends.
    #[error("vCPU quota: {used} of {limit} in use, a task needs {vcpu}")]
    VcpuQuota {
        /// On-Demand vCPU that the account uses in the Region.
        used: f64,
        /// The quota.
        limit: f64,
        /// Of one task.
        vcpu: f64,
    },
    /// What tasks of leases cost today leaves no room for one task more.
    #[error("cost limit reached: {usd:.2} USD more, today {spent:.2} of {limit:.2} USD")]
    CostLimit {
        /// USD that the least addition would commit.
        usd: f64,
        /// USD committed in this UTC day.
        spent: f64,
        /// USD allowed in a day.
        limit: f64,
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
    #[error("no scaling policy of this service can scale in: the added tasks would never go away by themselves")]
    NothingScalesIn,
    /// A service of scheduling strategy DAEMON has no count to set.
    #[error("the service is a daemon: one task on each container instance, no count to set")]
    Daemon,
    /// The service has no scalable target.
    #[error("the service has no scalable target: nothing to raise")]
    NoScalableTarget,
    /// Max is not what limits the service.
    #[error("not at max: desired {desired} of {max}")]
    NotAtMax {
        /// Desired count.
        desired: u32,
        /// MaxCapacity found.
        max: u32,
    },
    /// Scale-in is suspended already, by somebody else.
    #[error("scale-in is suspended already")]
    AlreadySuspended,
    /// No task shows a reason to stop it.
    #[error("none of {total} tasks is out of memory, unhealthy or stuck")]
    NothingSick {
        /// Tasks looked at.
        total: u32,
    },
    /// Too many tasks are sick for it to be the fault of one.
    #[error("{sick} of {total} tasks are sick: that is the service, not a task")]
    ManySick {
        /// Sick ones.
        sick: u32,
        /// All.
        total: u32,
    },
    /// Every task to blame is protected against scale-in: what it does must not be ended.
    #[error("{sick} sick tasks, each protected against scale-in")]
    TaskProtected {
        /// Sick ones.
        sick: u32,
    },
    /// What the plan expected is not there any more; nothing was done.
    #[error("expected {expected}, found {found}: somebody was faster")]
    Conflict {
        /// What the plan stands on.
        expected: String,
        /// What is there.
        found: String,
    },
    /// Nobody knows whether the call took effect, and it is not sent a third time (SEMANTICS 17).
    #[error("unknown outcome after {attempts} attempts: {cause}")]
    OutcomeUnknown {
        /// How often it was sent.
        attempts: u32,
        /// AWS's words.
        cause: String,
    },
    /// An error alarm fires and no deployment can be blamed.
    #[error("no deployment to blame: {why}")]
    NoDeployment {
        /// Why, for example `deployed-too-long-ago`.
        why: String,
    },
    /// A rollback is not decided on an alarm.
    #[error("a rollback is decided on the deployment's own error counts; this alarm only wakes the watch over it")]
    DecidedByWatch,
    /// A scale-out without a size, which no checked fleet file holds.
    #[error("the remedy has no size")]
    NoSize,
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
            Self::VcpuQuota { .. } => "vcpu-quota",
            Self::CostLimit { .. } => "cost-limit",
            Self::NothingRuns => "nothing-runs",
            Self::NoLongerBreaching { .. } => "no-longer-breaching",
            Self::Unseen { .. } => "unseen",
            Self::NothingScalesIn => "nothing-scales-in",
            Self::Daemon => "daemon",
            Self::NoScalableTarget => "no-scalable-target",
            Self::NotAtMax { .. } => "not-at-max",
            Self::AlreadySuspended => "already-suspended",
            Self::NothingSick { .. } => "nothing-sick",
            Self::ManySick { .. } => "many-sick",
            Self::TaskProtected { .. } => "task-protected",
            Self::Conflict { .. } => "conflict",
            Self::OutcomeUnknown { .. } => "outcome-unknown",
            Self::NoDeployment { .. } => "no-deployment",
            Self::DecidedByWatch => "decided-by-watch",
            Self::NoSize => "no-size",
        }
    }
}
