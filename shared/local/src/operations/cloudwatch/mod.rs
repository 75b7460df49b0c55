//! Amazon CloudWatch.

mod common;
mod metrics;

use super::call::Operation;

/// What is served.
pub(super) const OPERATIONS: &[Operation] =
    &[Operation::reads("GetMetricData", metrics::get), Operation::changes("PutMetricData", metrics::put)];
