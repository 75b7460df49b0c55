//! A person ends leases before their time: the bounds go back as at any end, by the same pass.

use std::collections::BTreeSet;

use headroom_core::capacity::{Ended, Lease, Remark, ServiceState, intended};
use headroom_core::decide::Waiting;
use headroom_core::entry::{Accepted, Entry, RECONCILE};
use headroom_core::fleet::{Fleet, Mode};
use headroom_core::id::{CaseKey, DecisionId, ServiceId};
use headroom_core::notice::{self, About};
use headroom_core::person::NotGranted;
use headroom_core::release::Judged;
use headroom_core::time::elapsed;
use jiff::Timestamp;

use crate::converge::{Converged, FIRST_REVISION, converge, label, service_of};
use crate::ports::{Expect, Keys, PortError, Ports, Write, Written};

/// Other writers may win this often.
const TRIES: u32 = 3;

/// What was ended.
#[derive(Debug, Clone, PartialEq)]
pub struct Released {
    /// The decision's id; `None` when there was nothing to end.
    pub decision: Option<DecisionId>,
    /// Sources of the leases that ended now.
    pub ended: Vec<String>,
    /// Whether the bounds are verified to be what the leases that live on claim, the baseline when none does. If not,
    /// the reconciler goes on.
    pub back: bool,
}

/// Ends the living leases of these sources, and brings the bounds to what is left. Twice is once.
///
/// # Errors
/// A port failed. Nothing was done, or the leases have ended in the table and the reconciler brings the bounds back.
pub async fn release<P: Ports>(
    ports: &P,
    fleet: &Fleet,
    id: &ServiceId,
    sources: &BTreeSet<String>,
    by: &str,
    owner: &str,
) -> Result<Result<Released, NotGranted>, PortError> {
    let config = service_of(fleet, id);
    let label = label(id, config);
    for _ in 0..TRIES {
        let now = ports.now();
        let state = ports.load(&Keys { service: Some(id.clone()), ..Keys::default() }).await?.state;
        let environment = config.map_or_else(|| state.service.environment.clone(), |c| c.environment.clone());
        let keys = Keys { environment: Some(environment.clone()), ..Keys::default() };
        if ports.load(&keys).await?.control.stopped {
            return Ok(Err(NotGranted::Waits(Waiting::Stopped)));
        }
        let ceiling = config.map_or(0, |c| c.capacity.ceiling);
        let key = CaseKey::of_person(id, "release", owner);
        let mut entry = Entry::new(key, id.clone(), label.clone(), RECONCILE.to_owned(), Mode::Act, now);
        entry.accepted = Some(Accepted { by: by.to_owned(), at: now });
        entry.due = Some(now);
        let (next, ended) = without(&state.service, sources, ceiling, &mut entry, now);
        if ended.is_empty() {
            let back = restored(ports, fleet, id, owner, Vec::new()).await?;
            return Ok(Ok(Released { decision: None, ended, back }));
        }
        let write = Write {
            entries: vec![(entry.clone(), Expect::Absent)],
            state: Some((id.clone(), next, state.generation)),
            unless_stopped: Some(environment),
            ..Write::default()
        };
        if ports.write(&write).await? != Written::Done {
            continue;
        }
        let decision = Some(entry.decision.clone());
        let back = restored(ports, fleet, id, owner, vec![(entry, FIRST_REVISION)]).await?;
        return Ok(Ok(Released { decision, ended, back }));
    }
    Ok(Err(NotGranted::Contended))
}

/// Converges, then once more: the second look verifies what the first wrote.
pub(super) async fn restored<P: Ports>(
    ports: &P,
    fleet: &Fleet,
    id: &ServiceId,
    owner: &str,
    closing: Vec<(Entry, u64)>,
) -> Result<bool, PortError> {
    if converge(ports, fleet, id, owner, None, closing).await? == Converged::Left {
        return Ok(false);
    }
    converge(ports, fleet, id, owner, None, Vec::new()).await?;
    Ok(settled(&ports.load(&Keys { service: Some(id.clone()), ..Keys::default() }).await?.state.service))
}

/// Whether the bounds are verified to be what the leases that live claim, and the baseline when none does. After a kill
/// they may not be, though every lease has ended.
#[must_use]
pub fn settled(state: &ServiceState) -> bool {
    let lives = state.live().next().is_some();
    state.kept.as_ref().is_none_or(|kept| lives && kept.min.ours.len() <= 1 && kept.max.ours.len() <= 1)
}

/// The state without these leases, what ended, and the entry that says so.
fn without(
    state: &ServiceState,
    sources: &BTreeSet<String>,
    ceiling: u32,
    entry: &mut Entry,
    now: Timestamp,
) -> (ServiceState, Vec<String>) {
    let mut next = state.clone();
    let mut closed: Vec<Lease> = Vec::new();
    for lease in next.leases.values_mut().filter(|l| l.live() && sources.contains(&l.source)) {
        lease.ended = Some((now, Ended::Released));
        closed.push(lease.clone());
    }
    let Some(kept) = &next.kept else { return (next, closed.into_iter().map(|l| l.source).collect()) };
    let to = intended(kept.base(), ceiling, next.leases.values());
    for (lease, later) in closed.iter().zip(0_i64..) {
        let judged = Judged::Ended { why: Ended::Released, need: None, age: elapsed(lease.granted, now) };
        let decision = lease.case.decision();
        let about = About { incident: &lease.incident, label: &entry.label, decision: &decision, now };
        let notice = notice::closed(&about, lease, to, Some(kept), Ended::Released, &judged);
        let revision = notice.revision + later;
        entry.outbox.push(notice::Notice { revision, ..notice });
        entry.remarks.push(Remark::Judged { source: lease.source.clone(), judged });
    }
    (next, closed.into_iter().map(|l| l.source).collect())
}
