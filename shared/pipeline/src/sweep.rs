//! The reconciler's minute: resumes, renews, steps down, restores, repairs.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::stream::{self, StreamExt};
use headroom_core::entry::{Entry, Status};
use headroom_core::fleet::Fleet;
use headroom_core::id::{CaseKey, ServiceId};
use headroom_core::time::{Seconds, elapsed};
use jiff::Timestamp;
use tracing::Instrument;

use crate::converge::{Closing, Converged, Looked, close, converge, due, label, look_all, publish, service_of};
use crate::disrupt::resume_disruption;
use crate::later::{judge_effect, judge_later};
use crate::ports::{Expect, Keys, PortError, Ports, Write, Written};
use crate::span;

/// Services at once: more would only wait for the same table and the same throttle.
const AT_ONCE: usize = 8;
/// No service is begun after this: the function ends at 30 s, and a begun one takes at most a few.
const TIME_MAX: Seconds = Seconds(20);

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

/// Sweeps once. One service's failure never stops the others: it stays due.
///
/// # Errors
/// The index of what is due could not be read; nothing was done.
pub async fn sweep<P: Ports>(ports: &P, fleet: &Fleet, owner: &str) -> Result<Swept, PortError> {
    let begun = ports.now();
    let due = ports.due(begun).await?;
    let mut swept = Swept::default();
    let mut services: BTreeMap<ServiceId, Closing> = due.services.into_iter().map(|s| (s, Vec::new())).collect();
    let mut others = Vec::new();
    for key in due.cases.into_iter().collect::<BTreeSet<_>>() {
        swept.cases += 1;
        match load_entry(ports, &key).await {
            Ok(Some((entry, revision))) if entry.due.is_none_or(|d| d > ports.now()) => {
                tracing::debug!(%key, revision, "no longer due: the index was late");
            }
            Ok(Some((entry, revision))) if entry.status == Status::Planned && entry.disruption().is_none() => {
                services.entry(entry.service.clone()).or_default().push((entry, revision));
            }
            Ok(Some(other)) => others.push(other),
            Ok(None) => {}
            Err(error) => left(&mut swept, &key.0, &error),
        }
    }
    converge_all(ports, fleet, owner, services, &mut swept).await;
    for (entry, revision) in others {
        if late(ports, begun) {
            swept.left += 1;
            continue;
        }
        let key = entry.key.0.clone();
        let span = span::of_entry(&entry, owner);
        if let Err(error) = visit(ports, fleet, entry, revision, owner).instrument(span.clone()).await {
            span.in_scope(|| left(&mut swept, &key, &error));
        }
    }
    Ok(swept)
}

/// Reads all states, looks at all services in one question, then converges each, some at a time.
async fn converge_all<P: Ports>(
    ports: &P,
    fleet: &Fleet,
    owner: &str,
    mut services: BTreeMap<ServiceId, Closing>,
    swept: &mut Swept,
) {
    let begun = ports.now();
    let ids: Vec<ServiceId> = services.keys().cloned().collect();
    swept.services = u32::try_from(ids.len()).unwrap_or(u32::MAX);
    let states: Vec<_> =
        stream::iter(&ids).map(|id| due(ports, fleet, id, owner)).buffer_unordered(AT_ONCE).collect().await;
    let mut ready = Vec::new();
    for state in states {
        match state {
            Ok(Some(state)) => ready.push(state),
            Ok(None) => swept.left += 1,
            Err(error) => left(swept, "state", &error),
        }
    }
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
            if late(ports, begun) {
                return (Ok(Converged::Left), id);
            }
            (converge(ports, fleet, &id, owner, look, closing).await, id)
        }
        .instrument(span)
    });
    let done: Vec<_> = stream::iter(jobs).buffer_unordered(AT_ONCE).collect().await;
    for (outcome, id) in done {
        match outcome {
            Ok(Converged::Done { changes }) => swept.changes += changes,
            Ok(Converged::Left) => swept.left += 1,
            Err(error) => left(swept, &id.to_string(), &error),
        }
    }
}

/// Whether it is time to leave the rest to the next minute.
fn late<P: Ports>(ports: &P, begun: Timestamp) -> bool {
    elapsed(begun, ports.now()) >= TIME_MAX
}

fn left(swept: &mut Swept, what: &str, error: &PortError) {
    swept.failed += 1;
    tracing::warn!(what, %error, "failed; stays due");
}

async fn load_entry<P: Ports>(ports: &P, key: &CaseKey) -> Result<Option<(Entry, u64)>, PortError> {
    Ok(ports.load(&Keys { case: Some(key.clone()), ..Keys::default() }).await?.entry)
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
