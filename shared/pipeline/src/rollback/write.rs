//! Writing a watch down, and telling what it has to tell.

use headroom_core::capacity::{ServiceState, woken};
use headroom_core::entry::{Entry, Status};
use headroom_core::id::ServiceId;
use headroom_core::notice::{self, About, Notice};
use headroom_core::rollback::{End, RollbackEvent, Stage, Watch};
use headroom_core::time::{Seconds, after, elapsed};
use jiff::Timestamp;

use super::ports::RollbackPorts;
use crate::converge::publish;
use crate::ports::{Expect, Keys, PortError, Write, Written};

/// A deployment shows within minutes what it is; each minute one look.
const CLOSELY: Seconds = Seconds(20 * 60);
/// After that the window is watched at this distance; an alarm wakes the watch at once.
const LATER: Seconds = Seconds(5 * 60);
/// When the newest whole minute is in CloudWatch, seconds past the minute.
const PAST: Seconds = Seconds(60);

/// The incident that all notices of a watch belong to.
pub(super) fn incident(entry: &Entry, watch: &Watch) -> String {
    let id = watch.deployment.rsplit('/').next().unwrap_or_default();
    format!("{}/{}/{id}", entry.label, entry.remedy)
}

/// When a watch is looked at again.
pub(super) fn next_look(watch: &Watch, now: Timestamp) -> Timestamp {
    let since = watch.first_traffic.unwrap_or(watch.created_at);
    after(now, if elapsed(since, now) < CLOSELY { PAST } else { LATER })
}

/// Builds a notice of this watch, as of now.
pub(super) fn about<T>(entry: &Entry, watch: &Watch, now: Timestamp, build: impl FnOnce(&About<'_>) -> T) -> T {
    let incident = incident(entry, watch);
    build(&About { incident: &incident, label: &entry.label, decision: &entry.decision, now })
}

/// Puts a watch, tells what is new, and puts it again without what was told. A watch that somebody else wrote
/// meanwhile stays theirs: nothing is told, and the next look decides anew.
pub(super) async fn put<P: RollbackPorts>(
    ports: &P,
    entry: Entry,
    revision: u64,
    told: Option<Notice>,
) -> Result<(), PortError> {
    put_with(ports, entry, revision, told, None).await
}

/// The same, with the service's state in one transaction.
pub(super) async fn put_with<P: RollbackPorts>(
    ports: &P,
    entry: Entry,
    revision: u64,
    told: Option<Notice>,
    state: Option<(ServiceId, ServiceState, u64)>,
) -> Result<(), PortError> {
    let mut entry = entry;
    let rests = entry.due;
    entry.outbox.extend(told);
    if untold(&entry) {
        entry.due = Some(ports.now());
    }
    let write = Write { entries: vec![(entry.clone(), Expect::Revision(revision))], state, ..Write::default() };
    if ports.write(&write).await? != Written::Done {
        tracing::debug!(decision = %entry.decision, "watch or state written by somebody else");
        return Ok(());
    }
    tell(ports, entry, revision + 1, rests).await
}

fn untold(entry: &Entry) -> bool {
    !entry.outbox.is_empty() || !entry.events.is_empty()
}

/// Tells people and CI what it can; what fails stays in the entry, and never fails the watch.
pub(super) async fn say<P: RollbackPorts>(ports: &P, entry: &mut Entry) {
    publish(ports, entry).await;
    let mut left = Vec::new();
    for event in entry.events.drain(..) {
        if let Err(error) = ports.announce(&event).await {
            tracing::warn!(id = %event.id, %error, "event not put, kept");
            left.push(event);
        }
    }
    entry.events = left;
}

/// Publishes what is in the outbox, and puts the watch back to rest.
pub(super) async fn tell<P: RollbackPorts>(
    ports: &P,
    mut entry: Entry,
    revision: u64,
    rests: Option<Timestamp>,
) -> Result<(), PortError> {
    if !untold(&entry) {
        return Ok(());
    }
    say(ports, &mut entry).await;
    entry.due = if !untold(&entry) { rests } else { Some(after(ports.now(), PAST)) };
    let write = Write { entries: vec![(entry, Expect::Revision(revision))], ..Write::default() };
    let _done_or_by_another = ports.write(&write).await?;
    Ok(())
}

/// Ends a watch.
pub(super) async fn end<P: RollbackPorts>(
    ports: &P,
    mut entry: Entry,
    mut watch: Watch,
    revision: u64,
    end: End,
) -> Result<(), PortError> {
    let now = ports.now();
    let told = about(&entry, &watch, now, |about| notice::rollback_ended(about, &watch, &end));
    let well = watch.floor.is_some() && matches!(end, End::Recovered { .. });
    let state = if well { woken_floor(ports, &entry, &watch, now).await? } else { None };
    entry.events.extend(RollbackEvent::ended(&entry, &watch, &end, now));
    entry.status = status(&end);
    entry.failure = (entry.status == Status::Failed).then(|| end.to_string());
    entry.due = None;
    watch.stage = Stage::Ended;
    watch.held = None;
    watch.end = Some(end);
    entry.watch = Some(Box::new(watch));
    put_with(ports, entry, revision, told, state).await
}

/// The good revision serves without errors: the floor that was held for it is looked at from now on.
async fn woken_floor<P: RollbackPorts>(
    ports: &P,
    entry: &Entry,
    watch: &Watch,
    now: Timestamp,
) -> Result<Option<(ServiceId, ServiceState, u64)>, PortError> {
    let keys = Keys { service: Some(entry.service.clone()), ..Keys::default() };
    let state = ports.load(&keys).await?.state;
    let woken = woken(&state.service, &watch.floor_source(&entry.remedy), now, now);
    Ok(woken.map(|woken| (entry.service.clone(), woken, state.generation)))
}

fn status(end: &End) -> Status {
    match end {
        End::Passed | End::Superseded { .. } | End::Gone | End::LeftTheFleet => Status::Noted,
        End::Unsure { .. } => Status::Refused,
        End::Observed => Status::Observed,
        End::NotAccepted => Status::Expired,
        End::Recovered { .. }
        | End::NotRecovered { .. }
        | End::Unverified { .. }
        | End::StoodBack { .. }
        | End::Overtook { .. }
        | End::Undone { .. }
        | End::OtherImage { .. } => Status::Acted,
        End::Failed { .. } | End::WrongTarget { .. } | End::NotSent { .. } | End::NotFinished { .. } => Status::Failed,
    }
}
