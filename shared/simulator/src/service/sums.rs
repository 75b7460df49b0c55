//! What adds up within a minute.

use crate::queue::Mixture;

/// A minute's sums.
#[derive(Debug, Clone, Default)]
pub(super) struct Sums {
    pub(super) requests: f64,
    pub(super) failed: f64,
    /// Of both, those at the alternate target group.
    pub(super) alternate: (f64, f64),
    pub(super) unanswered: f64,
    pub(super) memory_seconds: f64,
    pub(super) healthy_seconds: f64,
    pub(super) billed_seconds: f64,
    pub(super) responses: Mixture,
}
