//! Something happened to a service's deployments: the newest one is watched from now on.

use headroom_core::entry::{Entry, Rule, Status};
use headroom_core::fleet::Fleet;
use headroom_core::id::{CaseKey, DecisionId, ServiceId};
use headroom_core::notice;
use headroom_core::rollback::{DeploymentSeen, DeploymentsSeen, Stage, Watch, Way};
use headroom_core::seen::Reading;
use headroom_core::time::elapsed;

use super::context::Ruled;
use super::ports::RollbackPorts;
use super::write::{about, tell};
use crate::converge::{FIRST_REVISION, service_of};
use crate::ports::{Expect, Keys, PortError, Retry, Write, Written};

/// What became of a wake-up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Woken {
    /// Nothing is watched here, and why.
    NotWatched(&'static str),
    /// A deployment is watched.
    Watched(DecisionId),
}

/// An event named a service: whatever it says, the newest deployment is read and watched (SEMANTICS 19).
///
/// # Errors
/// A port failed; the event comes again.
pub async fn on_deployment<P: RollbackPorts>(
    ports: &P,
    fleet: &Fleet,
    service: &ServiceId,
) -> Result<Woken, PortError> {
    let Some(found) = service_of(fleet, service) else { return Ok(Woken::NotWatched("no-service")) };
    let Some(ruled) = Ruled::of(fleet, found) else { return Ok(Woken::NotWatched("no-rollback-remedy")) };
    watch(ports, ruled, None).await
}

/// Watches the newest deployment of a service: it is due now, and the next minute looks.
pub(super) async fn watch<P: RollbackPorts>(
    ports: &P,
    ruled: Ruled<'_>,
    alarm: Option<&str>,
) -> Result<Woken, PortError> {
    let now = ports.now();
    let seen = ports.deployments(&ruled.question(None)).await?;
    let service = match &seen.service {
        Reading::Known(service) => service,
        Reading::Absent => return Ok(Woken::NotWatched("service-absent")),
        other @ (Reading::Unreadable(_) | Reading::Stale { .. }) => {
            return Err(PortError { place: "ecs".to_owned(), cause: other.why(), retry: Retry::Later });
        }
    };
    let Some(newest) = newest(&seen) else { return Ok(Woken::NotWatched("no-deployment")) };
    if elapsed(newest.created_at, now) > ruled.policy.deployed_within {
        return Ok(Woken::NotWatched("deployed-too-long-ago"));
    }
    if is_our_own(ports, ruled, &seen, newest).await? {
        return Ok(Woken::NotWatched("our-own-rollback"));
    }
    let id = ServiceId::of(ruled.service);
    let key = CaseKey::of_deployment(&newest.arn, &id, &ruled.remedy.name);
    let keys = Keys { case: Some(key.clone()), service: Some(id.clone()), ..Keys::default() };
    let loaded = ports.load(&keys).await?;
    let decision = key.decision();
    if let Some((entry, revision)) = loaded.entry {
        woken_again(ports, entry, revision, alarm).await?;
        return Ok(Woken::Watched(decision));
    }
    let primary = service.primary.as_ref().map(|p| p.task_definition.clone()).unwrap_or_default();
    let mut watch = Watch::new(newest.arn.clone(), newest.created_at, newest.target.clone(), primary, service.desired);
    watch.alarms.extend(alarm.map(str::to_owned));
    let mut entry = Entry::new(key, id, ruled.service.label(), ruled.remedy.name.clone(), ruled.remedy.mode, now);
    entry.status = Status::Watching;
    entry.rule = Some(Rule::of(ruled.fleet, ruled.service, ruled.remedy));
    entry.due = Some(now);
    let again = |q: &&headroom_core::rollback::Quarantined| q.task_definition == watch.task_definition;
    let again = loaded.state.service.quarantined.iter().rev().find(again).cloned();
    if let Some(quarantined) = &again {
        let told = about(&entry, &watch, now, |about| notice::deployed_again(about, quarantined));
        entry.outbox.push(told);
    }
    entry.watch = Some(Box::new(watch));
    let write = Write { entries: vec![(entry.clone(), Expect::Absent)], ..Write::default() };
    if ports.write(&write).await? != Written::Done {
        // Two events of one deployment at once: the other one looks.
        return Ok(Woken::Watched(decision));
    }
    let due = entry.due;
    tell(ports, entry, FIRST_REVISION, due).await?;
    Ok(Woken::Watched(decision))
}

fn decision_key(newest: &DeploymentSeen, ruled: Ruled<'_>) -> CaseKey {
    CaseKey::of_deployment(&newest.arn, &ServiceId::of(ruled.service), &ruled.remedy.name)
}

fn newest(seen: &DeploymentsSeen) -> Option<&DeploymentSeen> {
    seen.deployments.iter().max_by_key(|d| d.created_at)
}

/// A watch that is there is due now, and remembers an alarm that is new to it.
async fn woken_again<P: RollbackPorts>(
    ports: &P,
    mut entry: Entry,
    revision: u64,
    alarm: Option<&str>,
) -> Result<(), PortError> {
    let now = ports.now();
    let Some(watch) = entry.watch.as_mut().filter(|watch| watch.stage == Stage::Watching) else { return Ok(()) };
    let new = alarm.filter(|name| watch.alarms.iter().all(|known| known != name));
    watch.alarms.extend(new.map(str::to_owned));
    if new.is_none() && entry.due.is_some_and(|due| due <= now) {
        return Ok(());
    }
    entry.due = Some(now);
    let write = Write { entries: vec![(entry, Expect::Revision(revision))], ..Write::default() };
    if ports.write(&write).await? != Written::Done {
        let cause = "a look at it wrote first".to_owned();
        return Err(PortError { place: "watch".to_owned(), cause, retry: Retry::Later });
    }
    Ok(())
}

/// Whether the newest deployment is the one that our own UpdateService began: rolling it back would bring the bad
/// revision again (TRAPS 10).
async fn is_our_own<P: RollbackPorts>(
    ports: &P,
    ruled: Ruled<'_>,
    seen: &DeploymentsSeen,
    newest: &DeploymentSeen,
) -> Result<bool, PortError> {
    let before = seen.deployments.iter().filter(|d| d.created_at < newest.created_at).max_by_key(|d| d.created_at);
    let Some(before) = before else { return Ok(false) };
    let keys = Keys { case: Some(decision_key(before, ruled)), ..Keys::default() };
    let Some((entry, _)) = ports.load(&keys).await?.entry else { return Ok(false) };
    let Some(back) = entry.watch.and_then(|watch| watch.back).filter(|back| back.way == Way::Update) else {
        return Ok(false);
    };
    let primary = seen.service.known().and_then(|s| s.primary.as_ref());
    let asked_for = primary.is_some_and(|p| p.task_definition == back.task_definition);
    Ok(match &back.ours {
        Some(ours) => *ours == newest.arn,
        None => asked_for && newest.created_at.as_second() + 5 >= back.planned_at.as_second(),
    })
}
