//! The numbers condemn a deployment: everything that may still stand against taking it back, then the plan.

use headroom_core::entry::{Entry, Status};
use headroom_core::fleet::{Mode, Service, WhileHigh};
use headroom_core::id::ServiceId;
use headroom_core::notice;
use headroom_core::remedy::needs;
use headroom_core::rollback::{
    Back, BackQuestion, BackSeen, By, DeploymentsSeen, End, Quarantined, Refused, RevisionSeen, Stage, Watch, Way, Why,
    brought_nothing, choose, cleared, may_update,
};
use headroom_core::seen::Reading;
use jiff::Timestamp;

use super::act::{ATTEMPTS_MAX, roll_back};
use super::context::{Ruled, before};
use super::ports::RollbackPorts;
use super::proposed::{looked_at_next, stands_until};
use super::visit::{again, unsure};
use super::write::{about, end, put};
use crate::ports::{BudgetAdd, Keys, Loaded, PortError};
use crate::told::{one_change, one_rollback};

/// Decides what to do about a deployment that the numbers condemn.
pub(super) async fn condemned<P: RollbackPorts>(
    ports: &P,
    ruled: Ruled<'_>,
    entry: Entry,
    mut watch: Watch,
    revision: u64,
    seen: &DeploymentsSeen,
    now: Timestamp,
) -> Result<(), PortError> {
    let id = ServiceId::of(ruled.service);
    let keys = Keys {
        service: Some(id),
        environment: Some(ruled.service.environment.clone()),
        budgets: budgets(ruled, &watch, now).into_iter().map(|b| b.key).collect(),
        ..Keys::default()
    };
    let loaded = ports.load(&keys).await?;
    if let Err(refused) = allowed(ruled, &entry, &watch, seen, &loaded, now) {
        return held(ports, entry, watch, revision, &refused, now).await;
    }
    let Some(watched) = seen.deployments.iter().find(|d| d.arn == watch.deployment) else { return Ok(()) };
    let choice = match choose(watched, seen, &loaded.state.service.quarantined) {
        Ok(choice) => choice,
        Err(refused) => return held(ports, entry, watch, revision, &refused, now).await,
    };
    let question = BackQuestion {
        service: ServiceId::of(ruled.service),
        revisions: vec![choice.good.target.clone(), watch.target.clone()],
        balancer: watch.balancer.clone(),
        from: before(watch.created_at),
        beside: beside(ruled),
        needed: ruled.fleet.needed_by(ruled.service).map(|s| (s.name.clone(), ServiceId::of(s))).collect(),
    };
    let mut back_seen = ports.back(&question).await?;
    // Silence is no proof that the others are well: missing data never rolls back (invariant 5).
    if let Some(refused) = unseen(&back_seen) {
        return held(ports, entry, watch, revision, &refused, now).await;
    }
    without_those_that_need_it(&mut back_seen, ruled);
    if let Some(why) = cleared(&watch, ruled.remedy, seen, choice.good, &back_seen, now) {
        return unsure(ports, ruled, entry, watch, revision, &why, now).await;
    }
    if brought_nothing(&back_seen, &choice.good.target, &watch.target) {
        return unsure(ports, ruled, entry, watch, revision, &Why::SameRevision, now).await;
    }
    let running = back_seen.revisions.iter().find(|r| r.arn == watch.target).map(|r| r.task_definition.clone());
    watch.task_definition = running.unwrap_or(watch.task_definition);
    if choice.way == Way::Update
        && let Err(refused) = may_update(&back_seen, &choice.good.target, &watch.target)
    {
        return held(ports, entry, watch, revision, &refused, now).await;
    }
    let good = back_seen.revisions.iter().find(|r| r.arn == choice.good.target);
    // Deployed again since, it is another revision of the same task definition; one that succeeded before is another image
    // behind a tag that moved.
    let since = |q: &Quarantined| q.at < choice.good.created_at;
    let mut quarantined = loaded.state.service.quarantined.iter().filter(|q| since(q));
    let known = |r: &RevisionSeen| quarantined.any(|q| q.task_definition == r.task_definition);
    if good.is_some_and(known) {
        return held(ports, entry, watch, revision, &Refused::AllQuarantined, now).await;
    }
    let primary = seen.service.known().and_then(|s| s.primary.as_ref()).map(|p| p.id.clone()).unwrap_or_default();
    let back = Back {
        by: By::Headroom,
        way: choice.way,
        revision: choice.good.target.clone(),
        task_definition: good.map(|r| r.task_definition.clone()).unwrap_or_default(),
        good_since: Some(choice.good.created_at),
        planned_at: now,
        primary,
        ours: None,
        second: watch.back.is_some(),
    };
    let frozen = ruled.fleet.freeze_of(ruled.service, now).map(|freeze| freeze.name.clone());
    watch.back = Some(back);
    match (ruled.remedy.mode, frozen) {
        (Mode::Observe, _) => end(ports, entry, watch, revision, End::Observed).await,
        (Mode::Suggest, _) => {
            let why = format!("remedy {} is in mode suggest", ruled.remedy.name);
            propose(ports, entry, watch, revision, &why, now).await
        }
        (Mode::Act, Some(freeze)) => {
            let why = format!("freeze {freeze}: only people roll back now");
            propose(ports, entry, watch, revision, &why, now).await
        }
        (Mode::Act, None) => roll_back(ports, ruled, entry, watch, revision, &loaded, now).await,
    }
}

/// Target groups of the other services of the environment.
fn beside(ruled: Ruled<'_>) -> Vec<String> {
    let service = ruled.service;
    let other = |s: &&Service| s.environment == service.environment && s.name != service.name;
    let groups = ruled.fleet.services.iter().filter(other).filter_map(|s| s.target_group.clone());
    groups.filter(|group| service.target_group.as_ref() != Some(group)).collect()
}

/// What nobody could read, though it may speak for the deployment.
fn unseen(seen: &BackSeen) -> Option<Refused> {
    let unread = |what: &str, why: String| Refused::Unseen { what: what.to_owned(), why };
    match (&seen.siblings, &seen.needed) {
        (Reading::Known(_), Reading::Known(_)) => None,
        (Reading::Known(_), needed) => Some(unread("the deployments of the services that it needs", needed.why())),
        (siblings, _) => Some(unread("the errors of its siblings", siblings.why())),
    }
}

/// Services that need this one have errors because it has: their rise says nothing about a shared cause.
fn without_those_that_need_it(seen: &mut BackSeen, ruled: Ruled<'_>) {
    let Reading::Known(siblings) = &mut seen.siblings else { return };
    let needing: Vec<&str> = ruled.fleet.needing(ruled.service).filter_map(|s| s.target_group.as_deref()).collect();
    // `targetgroup/NAME/0123456789abcdef`.
    siblings.retain(|dimension, _| dimension.split('/').nth(1).is_none_or(|name| !needing.contains(&name)));
}

/// What a rollback counts towards. The second way of one case is the same rollback, and only a change more.
pub(super) fn budgets(ruled: Ruled<'_>, watch: &Watch, now: Timestamp) -> Vec<BudgetAdd> {
    let second = watch.back.as_ref().is_some_and(|back| back.second || watch.stage == Stage::Watching);
    let rollbacks = if second { Vec::new() } else { one_rollback(ruled.fleet, ruled.service, now) };
    rollbacks.into_iter().chain(one_change(ruled.fleet, ruled.service, now)).collect()
}

/// What a person or a limit says against it.
fn allowed(
    ruled: Ruled<'_>,
    entry: &Entry,
    watch: &Watch,
    seen: &DeploymentsSeen,
    loaded: &Loaded,
    now: Timestamp,
) -> Result<(), Refused> {
    if entry.attempts >= ATTEMPTS_MAX || watch.back.as_ref().is_some_and(|back| back.second) {
        return Err(Refused::SentBefore { times: entry.attempts });
    }
    if loaded.control.stopped {
        return Err(Refused::Stopped);
    }
    if let Some(pause) = loaded.control.pause_of(&ruled.service.name, &ruled.remedy.name, now) {
        return Err(Refused::Paused { by: pause.by.clone() });
    }
    needs::none_high(ruled.fleet, ruled.service, WhileHigh::NoRollback, &seen.needs)
        .map_err(|name| Refused::DependencyHigh { name })?;
    for (budget, used) in budgets(ruled, watch, now).into_iter().zip(&loaded.used) {
        if *used >= budget.limit {
            return Err(Refused::Limit { scope: budget.key.scope, used: *used, limit: budget.limit });
        }
    }
    Ok(())
}

/// Not rolled back, for a reason that may pass: told once for each reason, looked at again.
async fn held<P: RollbackPorts>(
    ports: &P,
    entry: Entry,
    mut watch: Watch,
    revision: u64,
    refused: &Refused,
    now: Timestamp,
) -> Result<(), PortError> {
    watch.held = Some(format!("{}: {refused}", refused.name()));
    let told = watch
        .tells(refused.name())
        .then(|| about(&entry, &watch, now, |about| notice::not_rolled_back(about, &watch, refused)));
    again(ports, entry, watch, revision, told, now).await
}

async fn propose<P: RollbackPorts>(
    ports: &P,
    mut entry: Entry,
    mut watch: Watch,
    revision: u64,
    why: &str,
    now: Timestamp,
) -> Result<(), PortError> {
    let next = watch.back.as_ref().map(|back| looked_at_next(back, now));
    let until = watch.back.as_ref().map_or(now, stands_until);
    let told = watch
        .back
        .as_ref()
        .map(|back| about(&entry, &watch, now, |about| notice::rollback_proposed(about, &watch, back, why, until)));
    watch.stage = Stage::Proposed;
    watch.held = Some(why.to_owned());
    entry.status = Status::Suggested;
    entry.due = next;
    entry.watch = Some(Box::new(watch));
    put(ports, entry, revision, told).await
}
