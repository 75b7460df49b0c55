//! Application Auto Scaling.

mod common;
mod scheduled;
mod targets;

use super::call::Operation;

/// What is served.
pub(super) const OPERATIONS: &[Operation] = &[
    Operation::changes("DeleteScheduledAction", scheduled::delete),
    Operation::changes("DeregisterScalableTarget", targets::deregister),
    Operation::reads("DescribeScalableTargets", targets::describe),
    Operation::reads("DescribeScheduledActions", scheduled::describe),
    Operation::changes("PutScheduledAction", scheduled::put),
    Operation::changes("RegisterScalableTarget", targets::register),
];
