//! Proof that a mutating call may be made.

/// Yielded only by a write-ahead transaction that was won, in mode `act` or to give capacity back. A mutating
/// port method takes one, so that a call without a plan does not compile, in observe mode no more than by
/// accident.
///
/// ```compile_fail
/// let forged = headroom_pipeline::Permit(());
/// ```
#[derive(Debug)]
pub struct Permit(());

impl Permit {
    /// Only the flow calls this, right after [`crate::Written::Done`] of a transaction that holds changes.
    pub(crate) fn of_won_plan() -> Self {
        Self(())
    }
}
