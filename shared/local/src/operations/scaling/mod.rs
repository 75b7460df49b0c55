//! Application Auto Scaling.

mod common;
mod targets;

use super::call::Operation;

/// What is served.
pub(super) const OPERATIONS: &[Operation] = &[
    Operation::changes("RegisterScalableTarget", targets::register),
    Operation::reads("DescribeScalableTargets", targets::describe),
];
