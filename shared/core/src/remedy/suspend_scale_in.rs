//! `suspend-scale-in`: a lease that keeps what runs, while tasks come and go in quick turns.

use super::lease;
use crate::capacity::Lease;
use crate::decide::{Decision, Look, Plan, Refusal, Verdict, refuse};

/// Nobody suspended it before us.
pub(crate) fn room(look: &Look<'_>) -> Verdict {
    let ours = look.context.state.service.live().any(|l| l.hold);
    if look.target()?.suspended.scale_in && !ours {
        return refuse(Refusal::AlreadySuspended);
    }
    Ok("scale-in is not suspended by anybody else".to_owned())
}

pub(super) fn plan(look: &Look<'_>) -> Result<Plan, Decision> {
    lease::plan(look, |lease| Lease { hold: true, ..lease })
}
