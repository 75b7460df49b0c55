//! The reconciler's minute: resumes, renews, steps down, restores, repairs.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::stream::{self, StreamExt};
use headroom_core::entry::{Entry, Status};
use headroom_core::fleet::Fleet;
use headroom_core::id::{CaseKey, ServiceId};
use headroom_core::time::{Seconds, elapsed};
use jiff::Timestamp;
use tracing::Instrument;

use crate::converge::{Closing, Converged, Due, Looked, close, converge, due, label, look_all, publish, service_of};
use crate::disrupt::resume_disruption;
use crate::later::{judge_effect, judge_later};
use crate::ports::{Expect, Keys, PortError, Ports, Write, Written};
use crate::prewarm::{Wanted, given, grant_all, wanted};
use crate::span;
use crate::would::tell_days;

/// Services at once: more would only wait for the same table and the same throttle.
pub(crate) const AT_ONCE: usize = 8;
/// Nothing is begun after this: the function ends at 30 s, and what has begun takes at most a few.
const TIME_MAX: Seconds = Seconds(20);
/// So many of the oldest due cases are read before the services are looked at, and so many at a time afterwards: what
/// keeps a service off its baseline must not wait for thousands of cases.
const BATCH: usize = 64;

/// What one sweep did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Swept {
    /// Services that were looked at.
    pub services: u32,
    /// Cases that were due.
    pub cases: u32,
    /// Calls that changed AWS.
    pub changes: u32,
    /// Services and cases that were left to somebody else, or to a later minute.
    pub left: u32,
    /// Services and cases that failed, and stay due: a reconciler that cannot see is no success.
    pub failed: u32,
}

impl Swept {
    fn add(&mut self, other: Self) {
        self.services += other.services;
        self.cases += other.cases;
        self.changes += other.changes;
        self.left += other.left;
        self.failed += other.failed;
    }
}

/// One sweep: everything that its passes share.
struct Sweep<'a, P> {
    ports: &'a P,
    fleet: &'a Fleet,
    owner: &'a str,
    begun: Timestamp,
}

/// Sweeps once: the services first, because what is given back and repaired there waits for no one, then the cases, the
/// oldest first. One failure never stops the others: it stays due, as does what there was no time for.
///
/// # Errors
/// The index of what is due could not be read; nothing was done.
pub async fn sweep<P: Ports>(ports: &P, fleet: &Fleet, owner: &str) -> Result<Swept, PortError> {
    let begun = ports.now();
    let due = ports.due(begun).await?;
    let sweep = Sweep { ports, fleet, owner, begun };
    let mut seen = BTreeSet::new();
    let cases: Vec<CaseKey> = due.cases.into_iter().filter(|key| seen.insert(key.clone())).collect();
    let mut swept = Swept { cases: u32::try_from(cases.len()).unwrap_or(u32::MAX), ..Swept::default() };
    let mut services: BTreeMap<ServiceId, Closing> = due.services.into_iter().map(|s| (s, Vec::new())).collect();
    let mut batches = cases.chunks(BATCH);
    // A planned case is closed by the pass over its service that carries it out.
    let first = sweep.load(batches.next().unwrap_or_default(), &mut swept).await;
    let (planned, others): (Closing, Closing) = first.into_iter().partition(|(entry, _)| is_converged(entry));
    for case in planned {
        services.entry(case.0.service.clone()).or_default().push(case);
    }
    let mut wanted = wanted(ports, fleet, begun);
    sweep.converge_all(services, &mut wanted, &mut swept).await;
    sweep.warm(wanted, &mut swept).await;
    sweep.visit_all(others, &mut swept).await;
    for batch in batches {
        if sweep.late() {
            swept.left = swept.left.saturating_add(u32::try_from(batch.len()).unwrap_or(u32::MAX));
            continue;
        }
        let entries = sweep.load(batch, &mut swept).await;
        sweep.visit_all(entries, &mut swept).await;
    }
    if !sweep.late() {
        tell_days(ports, fleet, begun).await;
    }
    Ok(swept)
}

/// A planned case that a pass over its service carries out; a disruption is looked for instead.
fn is_converged(entry: &Entry) -> bool {
    entry.status == Status::Planned && entry.disruption().is_none()
}

fn left(swept: &mut Swept, what: &str, error: &PortError) {
    swept.failed += 1;
    tracing::warn!(what, %error, "failed; stays due");
}

impl<P: Ports> Sweep<'_, P> {
    /// Grants the floors that the clock wants.
    async fn warm(&self, wanted: Wanted<'_>, swept: &mut Swept) {
        if wanted.is_empty() {
            return;
        }
        let warmed = grant_all(self.ports, self.fleet, wanted, self.owner, || self.late()).await;
        swept.changes += warmed.changes;
        swept.left += warmed.left;
        swept.failed += warmed.failed;
    }

    /// Whether it is time to leave the rest to the next minute.
    fn late(&self) -> bool {
        elapsed(self.begun, self.ports.now()) >= TIME_MAX
    }

    /// Reads cases, and keeps those that are due.
    async fn load(&self, keys: &[CaseKey], swept: &mut Swept) -> Closing {
        let read = stream::iter(keys).map(async |key| {
            let keys = Keys { case: Some(key.clone()), ..Keys::default() };
            (key, self.ports.load(&keys).await.map(|loaded| loaded.entry))
        });
        let read: Vec<_> = read.buffered(AT_ONCE).collect().await;
        let mut entries = Vec::with_capacity(read.len());
        for (key, entry) in read {
            match entry {
                Ok(Some((entry, revision))) if entry.due.is_none_or(|d| d > self.ports.now()) => {
                    tracing::debug!(%key, revision, "no longer due: the index was late");
                }
                Ok(Some(entry)) => entries.push(entry),
                Ok(None) => {}
                Err(error) => left(swept, &key.0, &error),
            }
        }
        entries
    }

    /// Visits cases: those of one service one after another, for they write the same state, and some services at once.
    async fn visit_all(&self, entries: Closing, swept: &mut Swept) {
        let mut services: BTreeMap<ServiceId, Closing> = BTreeMap::new();
        for case in entries {
            services.entry(case.0.service.clone()).or_default().push(case);
        }
        let visits = services.into_iter().map(|(id, cases)| self.visit_service(id, cases));
        let visited: Vec<Swept> = stream::iter(visits).buffer_unordered(AT_ONCE).collect().await;
        visited.into_iter().for_each(|visited| swept.add(visited));
    }

    async fn visit_service(&self, id: ServiceId, cases: Closing) -> Swept {
        let Self { ports, fleet, owner, .. } = *self;
        let mut swept = Swept::default();
        let (planned, others): (Closing, Closing) = cases.into_iter().partition(|(entry, _)| is_converged(entry));
        if !planned.is_empty() {
            let span = span::of_service(&label(&id, service_of(fleet, &id)), owner);
            let done = async {
                if self.late() { Ok(Converged::Left) } else { converge(ports, fleet, &id, owner, None, planned).await }
            };
            converged(&mut swept, &id, done.instrument(span).await);
        }
        for (entry, revision) in others {
            if self.late() {
                swept.left += 1;
                continue;
            }
            let key = entry.key.0.clone();
            let span = span::of_entry(&entry, owner);
            if let Err(error) = visit(ports, fleet, entry, revision, owner).instrument(span.clone()).await {
                span.in_scope(|| left(&mut swept, &key, &error));
            }
        }
        swept
    }

    /// Reads all states, looks at all services in one question, then converges each, some at a time.
    /// What the clock wants and a state gives already is struck off: nobody reads that state again.
    async fn converge_all(
        &self,
        mut services: BTreeMap<ServiceId, Closing>,
        wanted: &mut Wanted<'_>,
        swept: &mut Swept,
    ) {
        let Self { ports, fleet, owner, .. } = *self;
        let ids: Vec<ServiceId> = services.keys().cloned().collect();
        swept.services = u32::try_from(ids.len()).unwrap_or(u32::MAX);
        let states =
            stream::iter(&ids).map(async |id| if self.late() { Ok(None) } else { due(ports, fleet, id, owner).await });
        let states: Vec<_> = states.buffer_unordered(AT_ONCE).collect().await;
        let mut seen = BTreeSet::new();
        let mut ready = Vec::new();
        for state in states {
            match state {
                Ok(Some(due)) => {
                    strike_off(wanted, &due);
                    seen.insert(due.id.clone());
                    ready.push(due);
                }
                Ok(None) => swept.left += 1,
                Err(error) => left(swept, "state", &error),
            }
        }
        // Stopped, or another's for now: the clock's floors wait with everything else there.
        wanted.retain(|id, _| seen.contains(id) || !services.contains_key(id));
        let names: Vec<ServiceId> = ready.iter().map(|d| d.id.clone()).collect();
        let looked: Vec<(ServiceId, Option<Looked>)> = match look_all(ports, ready).await {
            Ok(looked) => looked.into_iter().map(|(id, look)| (id, Some(look))).collect(),
            Err(error) => {
                // One service that cannot be read must not blind the reconciler to the others.
                tracing::warn!(%error, "looking at each service alone");
                names.into_iter().map(|id| (id, None)).collect()
            }
        };
        let jobs = looked.into_iter().map(|(id, look)| {
            let closing = services.remove(&id).unwrap_or_default();
            let span = span::of_service(&label(&id, service_of(fleet, &id)), owner);
            async move {
                if self.late() {
                    return (Ok(Converged::Left), id);
                }
                (converge(ports, fleet, &id, owner, look, closing).await, id)
            }
            .instrument(span)
        });
        let done: Vec<_> = stream::iter(jobs).buffer_unordered(AT_ONCE).collect().await;
        for (outcome, id) in done {
            converged(swept, &id, outcome);
        }
    }
}

/// Takes what a service gives already off the list of what the clock wants.
fn strike_off(wanted: &mut Wanted<'_>, due: &Due) {
    let Some((_, all)) = wanted.get_mut(&due.id) else { return };
    let given = given(&due.state.service);
    all.retain(|source, _| !given.contains(source));
    if all.is_empty() {
        wanted.remove(&due.id);
    }
}

fn converged(swept: &mut Swept, id: &ServiceId, outcome: Result<Converged, PortError>) {
    match outcome {
        Ok(Converged::Done { changes }) => swept.changes += changes,
        Ok(Converged::Left) => swept.left += 1,
        Err(error) => left(swept, &id.to_string(), &error),
    }
}

/// A due case that is not planned: an outbox to empty, a deferral to judge, an effect to judge.
async fn visit<P: Ports>(
    ports: &P,
    fleet: &Fleet,
    mut entry: Entry,
    mut revision: u64,
    owner: &str,
) -> Result<(), PortError> {
    if !entry.outbox.is_empty() {
        publish(ports, &mut entry).await;
        close(&mut entry, ports.now());
        let write = Write { entries: vec![(entry.clone(), Expect::Revision(revision))], ..Write::default() };
        if ports.write(&write).await? != Written::Done || entry.due.is_none_or(|d| d > ports.now()) {
            return Ok(());
        }
        revision += 1;
    }
    if !entry.outbox.is_empty() && !matches!(entry.status, Status::Deferred | Status::Planned) {
        return Ok(());
    }
    match entry.status {
        Status::Deferred => judge_later(ports, fleet, entry, revision, owner).await,
        Status::Acted => judge_effect(ports, fleet, entry, revision).await,
        Status::Planned => resume_disruption(ports, fleet, entry, revision).await,
        Status::Suggested => {
            let expired = Entry { status: Status::Expired, due: None, ..entry };
            let write = Write { entries: vec![(expired, Expect::Revision(revision))], ..Write::default() };
            let _done_or_by_another = ports.write(&write).await?;
            Ok(())
        }
        // A deployment is watched by the function that rolls back; it is not due here.
        Status::Watching => Ok(()),
        Status::Observed | Status::Expired | Status::Failed | Status::Refused | Status::Resumed | Status::Noted => {
            let write =
                Write { entries: vec![(Entry { due: None, ..entry }, Expect::Revision(revision))], ..Write::default() };
            let _done_or_by_another = ports.write(&write).await?;
            Ok(())
        }
    }
}
