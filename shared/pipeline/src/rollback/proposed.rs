//! A way back that is proposed to people: looked at each minute, until somebody takes it or its time is over.

use headroom_core::entry::{Entry, Status};
use headroom_core::rollback::{Back, DeploymentsSeen, End, Proposal, Stage, Watch, proposal};
use headroom_core::time::after;
use jiff::Timestamp;

use super::act::{begun, quarantining};
use super::context::Ruled;
use super::follow::EACH_MINUTE;
use super::ports::RollbackPorts;
use super::write::{end, put, put_with};
use crate::later::SUGGESTION_LASTS;
use crate::ports::{Keys, PortError};

/// Until when a proposal stands.
pub(super) fn stands_until(back: &Back) -> Timestamp {
    after(back.planned_at, SUGGESTION_LASTS)
}

/// When a proposal is looked at next.
pub(super) fn looked_at_next(back: &Back, now: Timestamp) -> Timestamp {
    after(now, EACH_MINUTE).min(stands_until(back))
}

/// Looks at a proposal.
pub(super) async fn proposed<P: RollbackPorts>(
    ports: &P,
    ruled: Ruled<'_>,
    mut entry: Entry,
    watch: Watch,
    revision: u64,
    seen: &DeploymentsSeen,
) -> Result<(), PortError> {
    let now = ports.now();
    let Some(back) = watch.back.clone() else { return Ok(()) };
    match proposal(&watch, &back, seen, now) {
        Proposal::Open if stands_until(&back) <= now => end(ports, entry, watch, revision, End::NotAccepted).await,
        Proposal::Open => {
            entry.due = Some(looked_at_next(&back, now));
            put(ports, entry, revision, None).await
        }
        Proposal::Accepted(back) => accepted(ports, ruled, entry, Watch { back: Some(back), ..watch }, revision).await,
        Proposal::Over(ended) => end(ports, entry, watch, revision, ended).await,
    }
}

/// Somebody took the proposal: what they take back is quarantined, and followed like a way back of our own.
async fn accepted<P: RollbackPorts>(
    ports: &P,
    ruled: Ruled<'_>,
    mut entry: Entry,
    mut watch: Watch,
    revision: u64,
) -> Result<(), PortError> {
    let keys = Keys { service: Some(entry.service.clone()), ..Keys::default() };
    let state = ports.load(&keys).await?.state;
    let now = ports.now();
    let next = quarantining(&state.service, ruled, &entry, &watch, now);
    watch.stage = Stage::Following;
    watch.held = None;
    let told = begun(&mut entry, &watch);
    entry.status = Status::Acted;
    entry.due = Some(after(now, EACH_MINUTE));
    let state = Some((entry.service.clone(), next, state.generation));
    entry.watch = Some(Box::new(watch));
    put_with(ports, entry, revision, told, state).await
}
