//! What happens next, or what to change: one sentence for every way of not acting.

use crate::decide::{Refusal, Waiting};

/// What happens next, or what to change, for each wait.
#[must_use]
pub fn when_waiting(why: &Waiting) -> &'static str {
    match why {
        Waiting::StaleEvent { .. } => {
            "the reconciler judges it by the alarm's present state within a minute (limits.event_age_max)"
        }
        Waiting::ComesAgain { .. } => "judged by the alarm's present state in the next minute",
        Waiting::Muted { .. } => "judged by the alarm's present state when the mute window ends",
        Waiting::ActionsDisabled => "looked at every 5 minutes until the alarm's actions are enabled again",
        Waiting::Stopped => "looked at every 5 minutes until the environment is resumed",
        Waiting::Paused { .. } => "judged by the alarm's present state when the pause ends, or every 5 minutes",
        Waiting::Frozen { .. } => "judged by the alarm's present state when the freeze ends (freezes)",
        Waiting::Storm { .. } => {
            "looked at every 5 minutes: capacity is added meanwhile; find the cause that the alarms share"
        }
        Waiting::CapacityHeldByPerson { .. } => {
            "looked at each minute; set desired inside min and max, or move min and max"
        }
        Waiting::Cooldown { .. } => {
            "judged by the alarm's present state when the cooldown ends (remedies.<name>.cooldown)"
        }
        Waiting::MetricMissing { .. } => "looked at each minute; nothing is guessed from silence",
        Waiting::NativeFirst { .. } => {
            "it acts only if the metric still breaches after the policy's turn (remedies.<name>.native_first)"
        }
        Waiting::DependencyHigh { .. } => "looked at each minute until the dependency is no longer high (dependencies)",
        Waiting::DeploymentRunning { .. } => {
            "looked at every 2 minutes until the deployment is over; then by the alarm's present state"
        }
        Waiting::Drift { .. } => "the reconciler finds out within two minutes whose change it is",
    }
}

/// What to change, for each refusal.
#[must_use]
pub fn when_refused(why: &Refusal) -> &'static str {
    match why {
        Refusal::NotFiring => "nothing: the alarm is quiet, or its actions are suppressed",
        Refusal::NotAnEdge => "nothing: the first transition was the one to answer",
        Refusal::Superseded { .. } => "nothing: the newer transition was answered",
        Refusal::NothingToRelease => "nothing: there is no lease to look at",
        Refusal::LimitReached { .. } => "limits.changes_per_hour, after finding out why it changes so often",
        Refusal::CircuitBreaker { .. } => "find out why more tasks do not help; then reset the breaker",
        Refusal::Overridden { .. } => "nothing: what a person set wins until this lease ends",
        Refusal::DeferredTooLong { .. } => "nothing, or delete the alarm: nobody wants it answered",
        Refusal::LeftTheFleet => "nothing: the fleet file no longer names it",
        Refusal::AlreadyComing { .. } => "nothing: the tasks are on their way",
        Refusal::NoRoom { .. } => "capacity.max and capacity.ceiling",
        Refusal::VcpuQuota { .. } => {
            "ask AWS for more of \"Fargate On-Demand vCPU resource count\" (Service Quotas), or end tasks"
        }
        Refusal::CostLimit { .. } => {
            "limits.added_cost_per_day, after finding out what the day's leases were for; it is counted anew at 00:00 UTC"
        }
        Refusal::NothingRuns => "find out why no task runs; scaling cannot cure that",
        Refusal::NoLongerBreaching { .. } => "nothing: the metric recovered by itself",
        Refusal::Unseen { .. } => "the function's permissions, or AWS's own status",
        Refusal::NothingScalesIn => "add a scaling policy that may scale in",
        Refusal::Daemon => "nothing: add container instances instead",
        Refusal::NoScalableTarget => "register a scalable target for the service",
        Refusal::NotAtMax { .. } => "nothing: max is not what limits the service",
        Refusal::AlreadySuspended => "nothing: scale-in stays suspended until whoever suspended it resumes it",
        Refusal::NothingSick { .. } => "nothing: no task is to blame; look at the service as a whole",
        Refusal::ManySick { .. } => "find out what the tasks have in common: a dependency, a revision, a node",
        Refusal::TaskProtected { .. } => {
            "nothing: the protection ends by itself, or by ecs:UpdateTaskProtection; ECS keeps the task"
        }
        Refusal::Conflict { .. } => "nothing: somebody was faster; the next alarm is judged afresh",
        Refusal::OutcomeUnknown { .. } => "look at the service's events: the call may have taken effect",
        Refusal::NoDeployment { .. } => "nothing: look for another cause, or raise `deployed_within`",
        Refusal::DecidedByWatch => "nothing: `headroom journal --service` shows the deployment's own entry",
        Refusal::NoSize => "the remedy has no size: give it `size: ratio` or `add`",
    }
}
