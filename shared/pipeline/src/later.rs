//! What is looked at later: deferred cases, and whether an action helped.

use headroom_core::capacity::Misses;
use headroom_core::decide::{Decision, Judgement, Refusal};
use headroom_core::entry::{Entry, Helped, Status};
use headroom_core::fleet::{Fleet, When};
use headroom_core::notice::{self, About};
use headroom_core::seen::Question;
use headroom_core::time::{Seconds, after};
use jiff::Timestamp;

use crate::alarm::{Case, contended};
use crate::converge::{close, publish, service_of};
use crate::ports::{Expect, Keys, PortError, Ports, Write, Written};

/// How long an added task gets to start, turn healthy and show in the metric before its effect is judged.
const SETTLES: Seconds = Seconds(600);
/// Looks at a deferred case before giving way to the next minute.
const TRIES: u32 = 3;

/// When the effect of an acted case is judged; `None` when it is none of an alarm, or was judged.
pub(crate) fn settles_at(entry: &Entry) -> Option<Timestamp> {
    let acted = matches!(entry.judgement.as_ref().map(|j| &j.decision), Some(Decision::Act(_)));
    (acted && entry.status == Status::Acted && entry.helped.is_none()).then(|| after(entry.at, SETTLES))
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
        let judgement = Judgement {
            guards: Vec::new(),
            need: None,
            native: None,
            decision: Decision::Refuse(Refusal::LeftTheFleet),
        };
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
    };
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
    let Some(Decision::Act(grant)) = entry.judgement.as_ref().map(|j| j.decision.clone()) else {
        return put(ports, Entry { due: None, ..entry }, revision).await;
    };
    let threshold = entry.event.as_ref().and_then(|e| e.threshold).or_else(|| {
        let remedy = service_of(fleet, &entry.service)?.remedies.iter().find(|r| r.name == entry.remedy)?;
        match remedy.when {
            When::Metric { above, .. } => Some(above),
            When::Alarm { .. } | When::Contributor { .. } | When::Event { .. } => None,
        }
    });
    let question = Question {
        service: entry.service.clone(),
        policies: false,
        scheduled: false,
        load: Some(grant.lease.load.clone()).filter(|l| !l.name.is_empty()),
        alarm: None,
    };
    let load = ports.ask(&[question]).await?.into_iter().next().and_then(|s| s.load.known().copied());
    let helped = match (load, threshold) {
        (Some(load), Some(threshold)) if load.value <= threshold => Helped::Yes,
        (Some(_), Some(_)) => Helped::No,
        (None, _) | (_, None) => Helped::Unknown,
    };
    let now = ports.now();
    let keys = Keys { service: Some(entry.service.clone()), ..Keys::default() };
    let state = ports.load(&keys).await?.state;
    let mut next = state.service.clone();
    let id = entry.service.clone();
    let mut entry = Entry { helped: Some(helped), due: None, ..entry };
    match helped {
        Helped::Yes => {
            next.did_not_help.remove(&entry.remedy);
        }
        Helped::No => {
            let misses = next.did_not_help.entry(entry.remedy.clone()).or_insert(Misses { times: 0, at: now });
            *misses = Misses { times: misses.times.saturating_add(1), at: now };
            let lease = &grant.lease;
            let about = About { incident: &lease.incident, label: &entry.label, decision: &entry.decision, now };
            let value = load.map(|l| notice::measured(lease.metric, l.value)).unwrap_or_default();
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

async fn put<P: Ports>(ports: &P, entry: Entry, revision: u64) -> Result<(), PortError> {
    let write = Write { entries: vec![(entry, Expect::Revision(revision))], ..Write::default() };
    if ports.write(&write).await? != Written::Done {
        tracing::debug!("entry written by somebody else");
    }
    Ok(())
}
