//! What is looked at later: deferred cases, and whether an action helped.

use headroom_core::capacity::Misses;
use headroom_core::decide::{Decision, Judgement, Plan, Refusal};
use headroom_core::entry::{Entry, Helped, Status};
use headroom_core::fleet::{Fleet, Metric, When};
use headroom_core::notice::{self, About};
use headroom_core::remedy::none_sick;
use headroom_core::seen::{LoadQuestion, Question};
use headroom_core::signal::AlarmState;
use headroom_core::time::{Seconds, after};
use jiff::Timestamp;

use crate::alarm::{Case, contended};
use crate::converge::{close, publish, service_of};
use crate::ports::{Expect, Keys, PortError, Ports, Write, Written};

/// How long an added task gets to start, turn healthy and show in the metric before its effect is judged.
const SETTLES: Seconds = Seconds(600);
/// Looks at a deferred case before giving way to the next minute.
const TRIES: u32 = 3;

/// A suggestion that nobody accepts for so long says nothing about now.
pub(crate) const SUGGESTION_LASTS: Seconds = Seconds(1_800);

/// Until when an entry with nothing left to tell is left alone; `None` when it is over.
pub(crate) fn rests_until(entry: &Entry) -> Option<Timestamp> {
    match entry.status {
        Status::Deferred => entry.due,
        Status::Suggested => Some(after(entry.at, SUGGESTION_LASTS)),
        Status::Planned
        | Status::Acted
        | Status::Observed
        | Status::Expired
        | Status::Failed
        | Status::Refused
        | Status::Resumed
        | Status::Noted
        | Status::Watching => None,
    }
}

/// When an entry is due that has just told what it could: what is left to tell is told in the next minute, but a
/// deferred case waits for its judgement, told or not.
pub(crate) fn due_after_telling(entry: &Entry) -> Option<Timestamp> {
    let told = entry.outbox.is_empty() || entry.status == Status::Deferred;
    if told { rests_until(entry) } else { Some(entry.at) }
}

/// When the effect of an acted case is judged; `None` when it is none of an alarm, was judged, or only told people.
pub(crate) fn settles_at(entry: &Entry) -> Option<Timestamp> {
    let changes = effect_of(entry).is_some();
    (changes && entry.status == Status::Acted && entry.helped.is_none()).then(|| after(entry.at, SETTLES))
}

/// What an acted case is judged by: its metric, when it has one, and its alarm.
fn effect_of(entry: &Entry) -> Option<(Option<LoadQuestion>, String, String)> {
    let Decision::Act(plan) = &entry.judgement.as_ref()?.decision else { return None };
    // A window has no alarm: the proof says whether its tasks are there.
    if plan.grant().is_some_and(|grant| grant.lease.window.is_some()) {
        return None;
    }
    let (load, alarm) = match plan {
        Plan::Lease(grant) => (Some(grant.lease.load.clone()).filter(|l| !l.name.is_empty()), &grant.lease.alarm),
        Plan::Disrupt(disruption) => (disruption.load.clone(), &disruption.alarm),
        Plan::Tell { .. } => return None,
    };
    Some((load, alarm.clone(), plan.incident().to_owned()))
}

/// When an effect that begins now has settled.
pub(crate) fn settled(now: Timestamp) -> Timestamp {
    after(now, SETTLES)
}

/// A deferred case that is over; what it could not tell keeps it due.
pub(crate) fn answered(original: Entry, status: Status) -> Entry {
    let due = (!original.outbox.is_empty()).then_some(original.at);
    Entry { status, due, ..original }
}

/// Judges a deferred case by the alarm's present state, under its later key.
///
/// # Errors
/// A port failed; the case stays deferred.
pub(crate) async fn judge_later<P: Ports>(
    ports: &P,
    fleet: &Fleet,
    original: Entry,
    revision: u64,
    owner: &str,
) -> Result<(), PortError> {
    let remedy = service_of(fleet, &original.service)
        .and_then(|s| s.remedies.iter().find(|r| r.name == original.remedy).map(|r| (s, r)));
    let (Some((service, remedy)), Some(event)) = (remedy, original.event.clone()) else {
        let judgement = Judgement::refused(Refusal::LeftTheFleet);
        let closed = Entry { judgement: Some(judgement), ..answered(original, Status::Refused) };
        return put(ports, closed, revision).await;
    };
    let case = Case {
        fleet,
        service,
        remedy,
        event: &event,
        key: original.key.later(),
        id: original.service.clone(),
        original: Some((original, revision)),
        accepted: None,
        at_max: None,
    };
    if let (true, Some((original, revision))) = (case.is_at_max(), &case.original) {
        // The next look at its episode decides again, on what is found then.
        return put(ports, answered(original.clone(), Status::Resumed), *revision).await;
    }
    for _ in 0..TRIES {
        let now = ports.now();
        let loaded = ports.load(&case.keys(now)).await?;
        if loaded.entry.is_some() {
            let Some((original, revision)) = case.original else { return Ok(()) };
            return put(ports, answered(original, Status::Resumed), revision).await;
        }
        if case.handle(ports, &loaded, now, owner).await?.is_some() {
            return Ok(());
        }
    }
    Err(contended(&case.key))
}

/// Judges whether an acted case helped, and counts for the circuit breaker (SEMANTICS 24).
///
/// # Errors
/// A port failed; it is judged in the next minute.
pub(crate) async fn judge_effect<P: Ports>(
    ports: &P,
    fleet: &Fleet,
    entry: Entry,
    revision: u64,
) -> Result<(), PortError> {
    let Some((load, alarm, incident)) = effect_of(&entry) else {
        return put(ports, Entry { due: None, ..entry }, revision).await;
    };
    let watched = load.clone();
    let (helped, value) = effect(ports, fleet, &entry, load, alarm).await?;
    let now = ports.now();
    let keys = Keys { service: Some(entry.service.clone()), ..Keys::default() };
    let state = ports.load(&keys).await?.state;
    let mut next = state.service.clone();
    let id = entry.service.clone();
    let mut entry = Entry { helped: Some(helped), helped_at: Some(now), due: None, ..entry };
    match helped {
        Helped::Yes => {
            next.did_not_help.remove(&entry.remedy);
        }
        Helped::No => {
            let misses = next.did_not_help.entry(entry.remedy.clone()).or_insert(Misses { times: 0, at: now });
            *misses = Misses { times: misses.times.saturating_add(1), at: now };
            let about = About { incident: &incident, label: &entry.label, decision: &entry.decision, now };
            let by_task = entry.event.as_ref().is_some_and(|event| event.task.is_some());
            let value = said(watched.as_ref(), value, by_task);
            let told = notice::did_not_help(&about, &entry.remedy, &value);
            entry.outbox.push(told);
            entry.due = Some(now);
        }
        Helped::Unknown => {}
    }
    let mut write = Write { entries: vec![(entry.clone(), Expect::Revision(revision))], ..Write::default() };
    if next != state.service {
        write.state = Some((id, next, state.generation));
    }
    if ports.write(&write).await? != Written::Done {
        tracing::debug!("effect judged by somebody else, or the state moved: next minute");
        return Ok(());
    }
    if entry.outbox.is_empty() {
        return Ok(());
    }
    publish(ports, &mut entry).await;
    close(&mut entry, now);
    put(ports, entry, revision + 1).await
}

/// Whether the metric is back under its threshold; where there is no metric, whether the alarm is quiet.
async fn effect<P: Ports>(
    ports: &P,
    fleet: &Fleet,
    entry: &Entry,
    load: Option<LoadQuestion>,
    alarm: String,
) -> Result<(Helped, Option<f64>), PortError> {
    if entry.event.as_ref().is_some_and(|event| event.task.is_some()) {
        return Ok((tasks_helped(ports, entry).await?, None));
    }
    // Which side of a threshold is too much, only a metric of the fleet file says; else the alarm's state decides.
    let remedy = service_of(fleet, &entry.service).and_then(|s| s.remedies.iter().find(|r| r.name == entry.remedy));
    let threshold = remedy.and_then(|remedy| match remedy.when {
        When::Metric { above, .. } => Some(entry.event.as_ref().and_then(|e| e.threshold).unwrap_or(above)),
        When::Alarm { .. } | When::Contributor { .. } | When::Event { .. } => None,
    });
    let numbers = load.is_some() && threshold.is_some();
    let question = Question {
        service: entry.service.clone(),
        policies: false,
        scheduled: false,
        load,
        alarm: (!numbers).then_some(alarm),
        tasks: false,
        needs: Vec::new(),
        quota: false,
    };
    let seen = ports.ask(&[question]).await?.into_iter().next();
    let value = seen.as_ref().and_then(|s| s.load.known()).map(|l| l.value);
    let state = seen.as_ref().and_then(|s| s.alarm.known()).map(|a| a.state);
    let helped = match (value, threshold, state) {
        (Some(value), Some(threshold), _) if value <= threshold => Helped::Yes,
        (Some(_), Some(_), _) | (_, None, Some(AlarmState::Alarm)) => Helped::No,
        (_, None, Some(AlarmState::Ok)) => Helped::Yes,
        (None, Some(_), _) | (_, None, Some(AlarmState::InsufficientData) | None) => Helped::Unknown,
    };
    Ok((helped, value))
}

/// Where a task woke it there is no alarm: whether a task of the service is sick, again or still.
async fn tasks_helped<P: Ports>(ports: &P, entry: &Entry) -> Result<Helped, PortError> {
    let question = Question {
        service: entry.service.clone(),
        policies: false,
        scheduled: false,
        load: None,
        alarm: None,
        tasks: true,
        needs: Vec::new(),
        quota: false,
    };
    let seen = ports.ask(&[question]).await?.into_iter().next();
    Ok(match seen.as_ref().and_then(|s| s.tasks.known()) {
        Some(tasks) if none_sick(tasks, ports.now()) => Helped::Yes,
        Some(_) => Helped::No,
        None => Helped::Unknown,
    })
}

/// What is still too high, in words.
fn said(load: Option<&LoadQuestion>, value: Option<f64>, by_task: bool) -> String {
    let (Some(load), Some(value)) = (load, value) else {
        return if by_task { "a task is sick" } else { "the alarm still fires" }.to_owned();
    };
    let asked = (load.namespace.as_str(), load.name.as_str(), load.stat.as_str());
    match Metric::ALL.into_iter().find(|m| m.cloudwatch() == Some(asked)) {
        Some(metric) => notice::measured(metric, value),
        None => format!("{} {value:.2}", load.name),
    }
}

pub(crate) async fn put<P: Ports>(ports: &P, entry: Entry, revision: u64) -> Result<(), PortError> {
    let write = Write { entries: vec![(entry, Expect::Revision(revision))], ..Write::default() };
    if ports.write(&write).await? != Written::Done {
        tracing::debug!("entry written by somebody else");
    }
    Ok(())
}
