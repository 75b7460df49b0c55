//! Application Auto Scaling.

mod activities;
mod common;
mod policies;
mod policy_shape;
mod scheduled;
mod targets;

use super::call::Operation;

/// What is served.
pub(super) const OPERATIONS: &[Operation] = &[
    Operation::changes("DeleteScalingPolicy", policies::delete),
    Operation::changes("DeleteScheduledAction", scheduled::delete),
    Operation::changes("DeregisterScalableTarget", targets::deregister),
    Operation::reads("DescribeScalableTargets", targets::describe),
    Operation::reads("DescribeScalingActivities", activities::describe),
    Operation::reads("DescribeScalingPolicies", policy_shape::describe),
    Operation::reads("DescribeScheduledActions", scheduled::describe),
    Operation::changes("PutScalingPolicy", policies::put),
    Operation::changes("PutScheduledAction", scheduled::put),
    Operation::changes("RegisterScalableTarget", targets::register),
];
