//! Amazon ECS.

mod common;
mod services;

use super::call::Operation;

/// What is served.
pub(super) const OPERATIONS: &[Operation] =
    &[Operation::reads("DescribeServices", services::describe), Operation::reads("ListServices", services::list)];
