//! One visit to a watch: what is due next, by its stage.

use headroom_core::entry::{Entry, Status};
use headroom_core::fleet::Fleet;
use headroom_core::id::CaseKey;
use headroom_core::notice;
use headroom_core::rollback::{DeploymentsSeen, End, RollbackEvent, Stage, Step, Watch, Why, look};
use headroom_core::time::after;
use jiff::Timestamp;

use super::condemned::condemned;
use super::context::Ruled;
use super::follow::{follow_up, verify_it};
use super::ports::RollbackPorts;
use super::proposed::proposed;
use super::write::{about, end, next_look, put, say, tell};
use crate::ports::{Keys, PortError};

/// Reads a watch and looks at it, if it is due.
pub(super) async fn looked_at<P: RollbackPorts>(ports: &P, fleet: &Fleet, key: &CaseKey) -> Result<(), PortError> {
    let loaded = ports.load(&Keys { case: Some(key.clone()), ..Keys::default() }).await?;
    match loaded.entry {
        Some((entry, revision)) if entry.due.is_some_and(|due| due <= ports.now()) => {
            visit(ports, fleet, entry, revision).await
        }
        Some(_) | None => Ok(()),
    }
}

async fn visit<P: RollbackPorts>(ports: &P, fleet: &Fleet, mut entry: Entry, revision: u64) -> Result<(), PortError> {
    let Some(watch) = entry.watch.as_deref().cloned() else { return Ok(()) };
    if watch.stage == Stage::Ended {
        return tell(ports, entry, revision, None).await;
    }
    // What a crash left untold goes first; a topic that takes nothing stops no look.
    say(ports, &mut entry).await;
    let Some(ruled) = Ruled::of_entry(fleet, &entry) else {
        return end(ports, entry, watch, revision, End::LeftTheFleet).await;
    };
    let seen = ports.deployments(&ruled.question(Some(&watch))).await?;
    match watch.stage {
        Stage::Watching => watching(ports, ruled, entry, watch, revision, &seen).await,
        Stage::Sent | Stage::Following => follow_up(ports, ruled, entry, watch, revision, &seen).await,
        Stage::Verifying { since } => verify_it(ports, entry, watch, revision, since, &seen).await,
        Stage::Proposed => proposed(ports, ruled, entry, watch, revision, &seen).await,
        Stage::Ended => Ok(()),
    }
}

async fn watching<P: RollbackPorts>(
    ports: &P,
    ruled: Ruled<'_>,
    mut entry: Entry,
    mut watch: Watch,
    revision: u64,
    seen: &DeploymentsSeen,
) -> Result<(), PortError> {
    let now = ports.now();
    match look(&mut watch, ruled.remedy, &ruled.policy, seen, now) {
        Step::Again { why } => {
            watch.held = why;
            again(ports, entry, watch, revision, None, now).await
        }
        Step::Unsure(why) => unsure(ports, ruled, entry, watch, revision, &why, now).await,
        Step::Condemned => condemned(ports, ruled, entry, watch, revision, seen, now).await,
        Step::Follow(back) => {
            let told = about(&entry, &watch, now, |about| notice::rolling_back(about, &watch, &back, 1));
            watch.back = Some(back);
            entry.events.extend(RollbackEvent::begun(&entry, &watch));
            watch.stage = Stage::Following;
            watch.held = None;
            entry.status = Status::Acted;
            again(ports, entry, watch, revision, Some(told), now).await
        }
        Step::End(ended) => end(ports, entry, watch, revision, ended).await,
    }
}

/// Nobody can say: people are asked, once for each reason.
pub(super) async fn unsure<P: RollbackPorts>(
    ports: &P,
    ruled: Ruled<'_>,
    entry: Entry,
    mut watch: Watch,
    revision: u64,
    why: &Why,
    now: Timestamp,
) -> Result<(), PortError> {
    let until = after(watch.created_at, ruled.policy.deployed_within);
    watch.held = Some(why.to_string());
    // One notice for doubt of any kind: the numbers of a reason change each minute.
    let told = watch
        .tells("inconclusive")
        .then(|| about(&entry, &watch, now, |about| notice::inconclusive(about, &watch, why, until)));
    again(ports, entry, watch, revision, told, now).await
}

/// Puts a watch that is looked at again.
pub(super) async fn again<P: RollbackPorts>(
    ports: &P,
    mut entry: Entry,
    watch: Watch,
    revision: u64,
    told: Option<headroom_core::notice::Notice>,
    now: Timestamp,
) -> Result<(), PortError> {
    entry.due = Some(next_look(&watch, now));
    entry.watch = Some(Box::new(watch));
    put(ports, entry, revision, told).await
}
