//! Granting a lease, and what an event does to one that exists.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::bounds::Bounds;
use super::change::{Change, changes};
use super::keep::writable;
use super::lease::Lease;
use super::state::{Caused, Kept, LOCK_LENGTH, Lock, ServiceState};
use crate::seen::{ServiceSeen, TargetSeen};
use crate::time::after;

/// What a decision grants: the lease, and the rest of the remedy that begins with it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Grant {
    /// The lease as it shall be.
    pub lease: Lease,
    /// Until when the remedy rests.
    pub cooldown_until: Timestamp,
    /// Bounds found, which the plan expects.
    pub expected: Bounds,
    /// The baseline's min, to which it returns.
    pub base_min: u32,
    /// Name of the environment.
    pub environment: String,
    /// No lease passes it.
    pub ceiling: u32,
}

/// The state that the write-ahead transaction stores, and the calls that follow it.
///
/// With a live lock of another writer the lease is stored and no call follows: the holder sees the moved
/// generation and writes for both, or the reconciler does.
#[must_use]
pub fn granted(
    state: &ServiceState,
    grant: &Grant,
    service: &ServiceSeen,
    target: &TargetSeen,
    owner: &str,
    now: Timestamp,
) -> (ServiceState, Vec<Change>) {
    let mut next = reserved(state, &grant.lease, &grant.environment, service, target, now);
    next.cooldowns.insert(grant.lease.remedy.clone(), grant.cooldown_until);
    if state.locked_for(owner, now) {
        return (next, Vec::new());
    }
    let mut kept = next.kept.take().unwrap_or_else(|| Kept::of(target));
    kept.explained(Bounds::of(target));
    let calls = changes(target, writable(&kept, &next.leases, grant.ceiling, service.desired, target));
    intend(&mut kept, &calls, service.desired, gives_back(&next.leases), now);
    if !calls.is_empty() {
        next.lock = Some(Lock { owner: owner.to_owned(), until: after(now, LOCK_LENGTH) });
    }
    next.kept = Some(kept);
    (next, calls)
}

/// The state with one lease more and what was found as its baseline, and no call: the reconciler's next minute brings
/// the bounds to it. For a function that may not move them itself.
#[must_use]
pub fn reserved(
    state: &ServiceState,
    lease: &Lease,
    environment: &str,
    service: &ServiceSeen,
    target: &TargetSeen,
    now: Timestamp,
) -> ServiceState {
    let mut next = state.clone();
    environment.clone_into(&mut next.environment);
    next.arn = Some(service.arn.clone());
    next.created_at = service.created_at;
    next.forget(now);
    next.absent = None;
    next.newest.remove(&lease.source);
    next.leases.insert(lease.source.clone(), lease.clone());
    next.kept = Some(next.kept.take().unwrap_or_else(|| Kept::of(target)));
    next
}

/// Whether a living lease takes the tasks that it adds away by the desired count.
pub(super) fn gives_back(leases: &BTreeMap<String, Lease>) -> bool {
    leases.values().any(|lease| lease.live() && lease.gives_back_desired)
}

/// Remembers every value that the calls are about to write, and with `gives_back` the desired count that a min over
/// it will cause.
pub(super) fn intend(kept: &mut Kept, calls: &[Change], desired: u32, gives_back: bool, now: Timestamp) {
    for call in calls {
        match call {
            Change::Min { to, .. } => {
                kept.min.intend(*to);
                kept.min_written = Some(now);
                if gives_back && *to > desired {
                    let before = kept.caused.filter(|c| c.is(desired)).map_or(desired, |caused| caused.before);
                    kept.caused = Some(Caused { before, count: *to, was: desired });
                }
            }
            Change::Desired { to, .. } if kept.by_desired => kept.min.intend(*to),
            Change::Desired { to, .. } => {
                kept.caused = kept.caused.map(|caused| Caused { count: *to, was: desired, ..caused });
            }
            Change::Max { to, .. } => kept.max.intend(*to),
            Change::Suspend { to, .. } => kept.scale_in.intend(to.scale_in),
        }
    }
}

/// The lease after a repeated or stronger claim of its own source: never smaller, never younger.
#[must_use]
pub fn repeated(old: &Lease, new: Lease) -> Lease {
    Lease {
        case: old.case.clone(),
        incident: old.incident.clone(),
        granted: old.granted,
        hard_end: old.hard_end,
        patience: old.patience,
        overridden: old.overridden,
        put_back: old.put_back,
        told_long: old.told_long,
        floor: old.floor.max(new.floor),
        raise: old.raise.max(new.raise),
        floor_highest: old.floor_highest.max(new.floor.unwrap_or(0)),
        as_of: old.as_of.max(new.as_of),
        until: old.until.max(new.until),
        ..new
    }
}

/// The state after the alarm went quiet: its lease, if it has one that is older than this, is due for a look.
///
/// Going quiet releases nothing: the lease itself may be the reason for it (SEMANTICS A).
#[must_use]
pub fn woken(state: &ServiceState, source: &str, as_of: Timestamp, now: Timestamp) -> Option<ServiceState> {
    let lease = state.leases.get(source).filter(|l| l.live() && l.as_of < as_of)?;
    let mut next = state.clone();
    let contributor_fires = lease.contributor_fires.map(|_| false);
    next.leases.insert(source.to_owned(), Lease { renew_at: now, as_of, contributor_fires, ..lease.clone() });
    Some(next)
}

/// The state after a transition that granted nothing: what is older is superseded from now on, and an alarm
/// that fires again cancels a release that was pending (SEMANTICS 16). `None` when it is older itself.
#[must_use]
pub fn registered(
    state: &ServiceState,
    source: &str,
    firing: bool,
    as_of: Timestamp,
    now: Timestamp,
) -> Option<ServiceState> {
    if state.newest_of(source).is_some_and(|newest| newest >= as_of) {
        return None;
    }
    let mut next = state.clone();
    match next.leases.get_mut(source) {
        Some(lease) if lease.live() && firing => {
            let contributor_fires = lease.contributor_fires.map(|_| true);
            *lease = Lease { as_of, low_since: None, renew_at: now, contributor_fires, ..lease.clone() };
        }
        Some(lease) => lease.as_of = as_of,
        None => {
            next.newest.insert(source.to_owned(), as_of);
        }
    }
    Some(next)
}
