//! Taking a deployment back: written ahead, sent once, looked for before it is sent again (SEMANTICS 17).

use headroom_core::capacity::ServiceState;
use headroom_core::entry::{Entry, Status};
use headroom_core::fleet::Mode;
use headroom_core::id::ServiceId;
use headroom_core::notice::{self, Notice};
use headroom_core::rollback::{
    Call, End, FloorInput, Judged, Quarantined, RollbackEvent, Stage, Watch, floor, quarantine,
};
use headroom_core::seen::Question;
use headroom_core::time::{Seconds, after, elapsed};
use jiff::Timestamp;

use super::condemned::budgets;
use super::context::Ruled;
use super::ports::RollbackPorts;
use super::visit::again;
use super::write::{about, end, incident};
use crate::permit::Permit;
use crate::ports::{Disrupted, Expect, Keys, Loaded, PortError, Retry, Write, Written};
use crate::told::tell_denied;

/// Once to act, once more when nobody knows whether the first took effect.
pub(super) const ATTEMPTS_MAX: u32 = 2;
/// When somebody looks for what became of a send: ECS's reads are behind its writes for some seconds.
const LOOKED_FOR_AFTER: Seconds = Seconds(60);
/// A plan of this age says nothing about now: it is not sent again.
const SENT_AGAIN_AGE_MAX: Seconds = Seconds(600);

/// Writes the plan, then sends it.
pub(super) async fn roll_back<P: RollbackPorts>(
    ports: &P,
    ruled: Ruled<'_>,
    mut entry: Entry,
    mut watch: Watch,
    revision: u64,
    loaded: &Loaded,
    now: Timestamp,
) -> Result<(), PortError> {
    let id = ServiceId::of(ruled.service);
    let mut state = quarantining(&loaded.state.service, ruled, &entry, &watch, now);
    if let Some((tasks, floored)) = floored(ports, ruled, &entry, &watch, &state, now).await {
        watch.floor = Some(tasks);
        state = floored;
    }
    watch.stage = Stage::Sent;
    watch.held = None;
    entry.status = Status::Planned;
    entry.attempts += 1;
    entry.due = Some(after(now, LOOKED_FOR_AFTER));
    entry.watch = Some(Box::new(watch.clone()));
    let write = Write {
        entries: vec![(entry.clone(), Expect::Revision(revision))],
        state: Some((id, state, loaded.state.generation)),
        budgets: budgets(ruled, &watch, now),
        unless_stopped: Some(ruled.service.environment.clone()),
        control_revision: Some(loaded.control.revision),
    };
    if let Written::Lost(lost) = ports.write(&write).await? {
        tracing::info!(?lost, decision = %entry.decision, "plan not written; looked at again in the next minute");
        return Ok(());
    }
    send(ports, entry, watch, revision + 1).await
}

/// The state with the revision of a watch in quarantine.
pub(super) fn quarantining(
    state: &ServiceState,
    ruled: Ruled<'_>,
    entry: &Entry,
    watch: &Watch,
    at: Timestamp,
) -> ServiceState {
    let mut next = state.clone();
    next.environment.clone_from(&ruled.service.environment);
    quarantine(
        &mut next.quarantined,
        Quarantined {
            deployment: watch.deployment.clone(),
            revision: watch.target.clone(),
            task_definition: watch.task_definition.clone(),
            decision: entry.decision.clone(),
            at,
            reason: watch.judged.as_ref().map(Judged::in_short).unwrap_or_default(),
        },
    );
    next
}

/// The state with a floor at the earlier desired count (SEMANTICS 18). What stands against a floor, or hides what it
/// needs, stops no rollback.
async fn floored<P: RollbackPorts>(
    ports: &P,
    ruled: Ruled<'_>,
    entry: &Entry,
    watch: &Watch,
    state: &ServiceState,
    now: Timestamp,
) -> Option<(u32, ServiceState)> {
    let question = Question {
        service: ServiceId::of(ruled.service),
        policies: true,
        scheduled: false,
        load: None,
        alarm: None,
        tasks: false,
        needs: Vec::new(),
        quota: false,
    };
    let seen = match ports.ask(&[question]).await.map(|seen| seen.into_iter().next()) {
        Ok(seen) => seen?,
        Err(error) => {
            tracing::warn!(decision = %entry.decision, %error, "capacity not read: rolled back without a floor");
            return None;
        }
    };
    let (service, remedy) = (ruled.service, ruled.remedy);
    let incident = incident(entry, watch);
    let input = FloorInput { service, remedy, watch, case: &entry.key, incident: &incident, state, seen: &seen, now };
    match floor(&input) {
        Ok(taken) => Some(taken),
        Err(none) => {
            tracing::info!(decision = %entry.decision, %none, "rolled back without a floor");
            None
        }
    }
}

/// Sends what is written ahead, and writes down what came of it.
pub(super) async fn send<P: RollbackPorts>(
    ports: &P,
    entry: Entry,
    mut watch: Watch,
    revision: u64,
) -> Result<(), PortError> {
    let Some(back) = watch.back.clone() else { return Ok(()) };
    let sent = ports.roll_back(&Permit::of_won_plan(), &entry.service, &Call::of(&watch, &back)).await;
    let now = ports.now();
    match sent {
        Ok(Disrupted::Done) => under_way(ports, entry, watch, revision, now).await,
        Ok(Disrupted::Conflict { expected, found }) => {
            watch.held = Some(format!("expected {expected}, found {found}: somebody was faster"));
            watch.stage = Stage::Watching;
            let entry = Entry { status: Status::Watching, ..entry };
            again(ports, entry, watch, revision, None, now).await
        }
        Err(error) => match error.retry {
            Retry::Later | Retry::Unknown => {
                tracing::warn!(decision = %entry.decision, %error, "outcome unknown; looked for in a minute");
                Ok(())
            }
            Retry::Never => {
                tell_denied(ports, &entry.label, &error, now).await;
                end(ports, entry, watch, revision, End::NotSent { why: error.to_string() }).await
            }
        },
    }
}

/// The way back is under way: people are told, and it is followed.
pub(super) async fn under_way<P: RollbackPorts>(
    ports: &P,
    mut entry: Entry,
    mut watch: Watch,
    revision: u64,
    now: Timestamp,
) -> Result<(), PortError> {
    let told = begun(&mut entry, &watch);
    watch.stage = Stage::Following;
    entry.status = Status::Acted;
    again(ports, entry, watch, revision, told, now).await
}

/// What people and CI hear of a way back that has begun. Told as of the plan: told again after a crash, it is the same.
pub(super) fn begun(entry: &mut Entry, watch: &Watch) -> Option<Notice> {
    let back = watch.back.as_ref()?;
    entry.events.extend(RollbackEvent::begun(entry, watch));
    Some(about(entry, watch, back.planned_at, |about| notice::rolling_back(about, watch, back, entry.attempts)))
}

/// Sends once more what took no effect, unless it is wanted no longer.
pub(super) async fn send_again<P: RollbackPorts>(
    ports: &P,
    ruled: Ruled<'_>,
    mut entry: Entry,
    watch: Watch,
    revision: u64,
    now: Timestamp,
) -> Result<(), PortError> {
    let times = entry.attempts;
    let young = watch.back.as_ref().is_some_and(|back| elapsed(back.planned_at, now) <= SENT_AGAIN_AGE_MAX);
    let unknown = |why: &str| End::NotSent { why: format!("no effect of {times} send is seen, and {why}") };
    if times >= ATTEMPTS_MAX {
        return end(ports, entry, watch, revision, unknown("it is not sent a third time")).await;
    }
    let environment = ruled.service.environment.clone();
    let keys = Keys { environment: Some(environment.clone()), ..Keys::default() };
    let control = ports.load(&keys).await?.control;
    let paused = control.pause_of(&ruled.service.name, &ruled.remedy.name, now).is_some();
    if control.stopped || ruled.remedy.mode != Mode::Act || !young {
        return end(ports, entry, watch, revision, unknown("it is stopped, or too old, or no longer in mode act"))
            .await;
    }
    if paused || ruled.fleet.freeze_of(ruled.service, now).is_some() {
        return end(ports, entry, watch, revision, unknown("it is paused or frozen now")).await;
    }
    entry.attempts += 1;
    entry.due = Some(after(now, LOOKED_FOR_AFTER));
    let write = Write {
        entries: vec![(entry.clone(), Expect::Revision(revision))],
        unless_stopped: Some(environment),
        control_revision: Some(control.revision),
        ..Write::default()
    };
    if let Written::Lost(lost) = ports.write(&write).await? {
        tracing::info!(?lost, decision = %entry.decision, "not sent again: stopped, or in other hands");
        return Ok(());
    }
    send(ports, entry, watch, revision + 1).await
}
