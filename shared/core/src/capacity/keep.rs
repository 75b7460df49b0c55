//! Keeping: one pass over a service. Judges its leases, absorbs what was found, and says what to write.
//!
//! Used alike by the reconciler's sweep, by a retry that resumes a case, and by a writer whose generation
//! moved while it wrote. The same state and the same sight give the same pass.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::bounds::{Bounds, intended};
use super::change::{Change, changes, stepped};
use super::grant::{gives_back, intend};
use super::lease::{Claimed, Ended, Lease};
use super::prove::{clip, prove};
use super::state::{Kept, LOCK_LENGTH, Lock, Member, Misses, ServiceState};
use crate::fleet::{Mode, Service};
use crate::release::{BASELINE_TOO_LOW_AGE, Judged, Look, judge};
use crate::schedule::{self, Asked};
use crate::seen::{AlarmSeen, Load, Reading, ServiceSeen, TargetSeen};
use crate::time::{Seconds, after, elapsed};

/// For so long a desired count outside the bounds may be our own min on its way (SEMANTICS 5).
const OWN_MIN_SETTLES: Seconds = Seconds(120);

/// What a pass looks at.
#[derive(Debug)]
pub struct PassInput<'a> {
    /// The state as read.
    pub state: &'a ServiceState,
    /// The service in the fleet file; `None` once it left it, when the state alone must suffice to restore.
    pub fleet: Option<&'a Service>,
    /// The service as found.
    pub service: &'a ServiceSeen,
    /// The target as found.
    pub target: &'a TargetSeen,
    /// Readings for the leases that are due, by source; a lease without one is kept as it is.
    pub readings: &'a BTreeMap<String, (Reading<Load>, Reading<AlarmSeen>)>,
    /// (min, max) of the target's own scheduled actions.
    pub scheduled: &'a [(Option<u32>, Option<u32>)],
    /// Healthy targets of the newest minute; absent where they were not asked for.
    pub healthy: Option<&'a Reading<Load>>,
    /// What the clock asks now, by the source of the lease; absent while the time zone is not known.
    pub asked: Option<&'a BTreeMap<String, Asked>>,
    /// Whether leases of alarms may grow: false once the hour's limits are spent.
    pub may_grow: bool,
    /// Whether those of the clock may; they have a limit of their own.
    pub clock_may_grow: bool,
    /// Remedies that somebody paused: what they granted stays and is given back, and does not grow.
    pub paused: &'a BTreeSet<String>,
    /// This invocation.
    pub owner: &'a str,
    /// Now.
    pub now: Timestamp,
}

/// What a pass found worth a journal entry or a notice.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Remark {
    /// A lease was looked at, and what came of it.
    Judged {
        /// Its source.
        source: String,
        /// The judgement.
        judged: Judged,
    },
    /// A lease lives so long that the baseline must be too low; told once.
    LongLived {
        /// Its source.
        source: String,
        /// Its age.
        age: Seconds,
    },
    /// Desired lies outside the bounds: a person holds this capacity, nothing is written.
    HeldByPerson {
        /// Desired count.
        desired: u32,
        /// Bounds found.
        found: Bounds,
    },
    /// A foreign value stood in two looks running: it is the baseline of that member now.
    ForeignRespected {
        /// `min`, `max` or `scale-in`.
        member: String,
        /// What is found.
        found: Bounds,
        /// Whether it was one of the target's own scheduled actions, so that leases stand beside it.
        scheduled: bool,
        /// Whether the baseline was put back before over the same lease: somebody's Terraform insists.
        again: bool,
    },
    /// Somebody wrote exactly the baseline over a living lease: ours is written once more.
    PutBack {
        /// What was found.
        found: Bounds,
    },
    /// A write of ours had not landed, or a late one had: written again.
    Repaired {
        /// What was found.
        found: Bounds,
        /// What is written.
        to: Bounds,
    },
    /// A window's floor is short, for the third look in a row.
    Short {
        /// Source of its lease.
        source: String,
        /// What ECS said about it lately.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        why: Vec<String>,
        /// Tasks that run.
        running: u32,
        /// Why its tasks stopped lately, by ECS; read once it is short.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        stopped: Vec<String>,
        /// Healthy targets, where it is these that are too few.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        healthy: Option<u32>,
        /// Healthy targets of the newest minute, where they are known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        targets: Option<u32>,
        /// Tasks that are asked for, and that the bounds leave.
        floor: u32,
    },
    /// A window asks for more than max, or the ceiling, leaves; told once for a window.
    Clipped {
        /// Source of its lease.
        source: String,
        /// Tasks that are asked for.
        floor: u32,
        /// Tasks that are left of it.
        left: u32,
    },
    /// It is whole again, or its window is over, after people were told that it was short.
    Whole {
        /// Source of its lease.
        source: String,
        /// For how long it was short.
        after: Seconds,
        /// Tasks that run.
        running: u32,
        /// Tasks that are asked for, and that the bounds leave.
        floor: u32,
    },
    /// A person made the fleet file's bounds the baseline.
    Adopted {
        /// The baseline until then.
        from: Bounds,
        /// The baseline from then on.
        to: Bounds,
    },
    /// The service is another one under the same name: its leases ended without a restore.
    Recreated,
    /// Every lease has ended and the baseline is verified.
    Restored {
        /// The baseline.
        base: Bounds,
    },
}

/// Why a pass writes nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Held {
    /// Another writer holds the lock; it stays due.
    Locked,
}

/// What to store, then what to call.
#[derive(Debug, Clone, PartialEq)]
#[must_use = "a pass changes nothing until it is written"]
pub struct Pass {
    /// The state to store first, with every intent in it.
    pub next: ServiceState,
    /// The calls after it.
    pub changes: Vec<Change>,
    /// What people and the journal should know.
    pub remarks: Vec<Remark>,
    /// The bounds that the calls lead to.
    pub to: Bounds,
    /// A person holds the capacity: nothing was done, and a planned case is not done either.
    pub held: bool,
    /// Remedies whose lease grew: each costs one of the hour's changes.
    pub grown: Vec<String>,
}

/// Makes one pass.
///
/// # Errors
/// [`Held`] when another writer may be writing now.
pub fn keep(input: &PassInput<'_>) -> Result<Pass, Held> {
    let PassInput { state, now, owner, .. } = *input;
    if state.locked_for(owner, now) {
        return Err(Held::Locked);
    }
    let found = Bounds::of(input.target);
    let mut next = state.clone();
    next.lock = None;
    next.absent = None;
    next.forget(now);
    let mut remarks = Vec::new();
    let quiet = |next, remarks| Pass { next, changes: Vec::new(), remarks, to: found, held: false, grown: Vec::new() };
    let Some(mut kept) = next.kept.take() else {
        return Ok(quiet(next, remarks));
    };
    if recreated(state, input.service) {
        end_all(&mut next, now, Ended::ServiceRecreated, &mut remarks);
        remarks.push(Remark::Recreated);
        return Ok(quiet(next, remarks));
    }
    if kept.by_desired && !input.target.by_desired {
        end_all(&mut next, now, Ended::TargetAppeared, &mut remarks);
        return Ok(quiet(next, remarks));
    }
    let held = held_by_person(&kept, input.service, found, now);
    // What stands there is not ours to build on: nothing grows over it.
    let settled = !held && kept.min.ours.contains(&found.min);
    let grown = judge_leases(input, &mut next, kept.base(), settled, &mut remarks);
    if remarks.iter().any(ended_unasked) {
        keep_count(&mut kept, found);
    }
    if held {
        if next.held_since.is_none() {
            next.held_since = Some(now);
            remarks.push(Remark::HeldByPerson { desired: input.service.desired, found });
        }
        next.kept = Some(kept);
        return Ok(Pass { held: true, ..quiet(next, remarks) });
    }
    next.held_since = None;
    let own_older = absorb(&mut kept, &mut next, input, found, &mut remarks);
    let to = writable(&kept, &next.leases, ceiling(input.fleet), input.service.desired, input.target);
    clip(input, &mut next, to, &mut remarks);
    prove(input, &mut next, to, &mut remarks);
    let at_base = next.live().next().is_none() && found == kept.base();
    let back = if at_base { give_back(&mut kept, input.service) } else { None };
    if at_base && back.is_none() {
        remarks.push(Remark::Restored { base: kept.base() });
        return Ok(quiet(next, remarks));
    }
    let calls: Vec<Change> = changes(input.target, to).into_iter().chain(back).collect();
    if own_older && !calls.is_empty() {
        remarks.push(Remark::Repaired { found, to });
    }
    intend(&mut kept, &calls, input.service.desired, gives_back(&next.leases), now);
    if !calls.is_empty() {
        next.lock = Some(Lock { owner: owner.to_owned(), until: after(now, LOCK_LENGTH) });
    }
    next.kept = Some(kept);
    Ok(Pass { next, changes: calls, remarks, to, held: false, grown })
}

/// A lease that ended although nothing says that its tasks are not needed: its hard end, or a fleet file without it.
fn ended_unasked(remark: &Remark) -> bool {
    matches!(remark, Remark::Judged { judged: Judged::Ended { why: Ended::HardEnd | Ended::LeftTheFleet, .. }, .. })
}

/// Running tasks are never taken away for the end of a lease alone: a bound goes back and lets policies decide, but a
/// desired count that we set, or caused, stays as it is found, and is somebody else's from now on.
fn keep_count(kept: &mut Kept, found: Bounds) {
    kept.caused = None;
    if kept.by_desired {
        kept.min = Member::at(found.min);
    }
}

/// The next step down of a desired count that we caused and that no policy takes away; nothing once it is back, or
/// once it is somebody else's.
fn give_back(kept: &mut Kept, service: &ServiceSeen) -> Option<Change> {
    let caused = kept.caused?;
    let (end, now) = (caused.before.max(kept.min.base), service.desired);
    if !caused.is(now) || now <= end {
        kept.caused = None;
        return None;
    }
    Some(Change::Desired { from: now, to: stepped(now, end) })
}

/// For so long a service must be absent, look after look, before its leases end: one wrong answer of an
/// eventually consistent read must not lose a baseline.
const GONE_AFTER: Seconds = Seconds(300);

/// Looks further apart than this are not one absence: a stop, a lock or a failed read lay between them.
const ABSENT_GAP: Seconds = Seconds(150);

/// The pass over a service that AWS says is not there; no remarks while that may still be a wrong answer.
#[must_use]
pub fn gone(state: &ServiceState, now: Timestamp) -> (ServiceState, Option<Vec<Remark>>) {
    let since = match state.absent {
        Some((since, last)) if elapsed(last, now) <= ABSENT_GAP => since,
        Some(_) | None => now,
    };
    let mut next = ServiceState { absent: Some((since, now)), ..state.clone() };
    if elapsed(since, now) < GONE_AFTER {
        return (next, None);
    }
    let mut remarks = Vec::new();
    end_all(&mut next, now, Ended::ServiceGone, &mut remarks);
    remarks.push(Remark::Recreated);
    (ServiceState { kept: None, lock: None, absent: None, paid: None, ..next }, Some(remarks))
}

/// The state once its writer is done: the lock is given back, nothing else changes.
#[must_use]
pub fn unlocked(state: &ServiceState) -> ServiceState {
    ServiceState { lock: None, ..state.clone() }
}

/// A service that left the fleet file has no ceiling: its leases have ended, and only its baseline counts.
pub(super) fn ceiling(service: Option<&Service>) -> u32 {
    service.map_or(0, |s| s.capacity.ceiling)
}

fn recreated(state: &ServiceState, service: &ServiceSeen) -> bool {
    matches!((state.created_at, service.created_at), (Some(then), Some(now)) if then != now)
}

fn end_all(state: &mut ServiceState, now: Timestamp, why: Ended, remarks: &mut Vec<Remark>) {
    for lease in state.leases.values_mut().filter(|l| l.live()) {
        lease.ended = Some((now, why));
        if std::mem::take(&mut lease.proof.told) {
            let (source, after, floor) = (lease.source.clone(), lease.proof.short_for(now), lease.floor.unwrap_or(0));
            remarks.push(Remark::Whole { source, after, running: 0, floor });
        }
        let judged = Judged::Ended { why, need: None, age: elapsed(lease.granted, now) };
        remarks.push(Remark::Judged { source: lease.source.clone(), judged });
    }
}

/// Judges what is due; returns the remedies whose lease grew.
fn judge_leases(
    input: &PassInput<'_>,
    next: &mut ServiceState,
    base: Bounds,
    settled: bool,
    remarks: &mut Vec<Remark>,
) -> Vec<String> {
    let (mut grown, mut helped) = (Vec::new(), Vec::new());
    let open: Vec<String> = next
        .did_not_help
        .iter()
        .filter(|(_, misses)| breaker_open(misses, input.now))
        .map(|(remedy, _)| remedy.clone())
        .collect();
    for lease in next.leases.values_mut().filter(|l| l.live()) {
        let remedy = input.fleet.and_then(|s| s.remedies.iter().find(|r| r.name == lease.remedy));
        let reading = input.readings.get(&lease.source);
        let held_back = open.contains(&lease.remedy) || input.paused.contains(&lease.remedy);
        let within_limits = if lease.window.is_some() { input.clock_may_grow } else { input.may_grow };
        let may_grow = within_limits && settled && !lease.is_overridden() && !held_back;
        // No floor passes max, so none grows past it: that would be a claim, and a notice, without a call.
        let ceiling = match Claimed::of(lease) {
            Claimed::Floor | Claimed::Hold => ceiling(input.fleet).min(input.target.max),
            Claimed::Raise => ceiling(input.fleet),
        };
        let look = Look { remedy, reading, base, service: input.service, ceiling, may_grow };
        let judged = match lease.window {
            Some(window) => {
                let acts = input.fleet.is_some_and(|service| service.mode == Mode::Act);
                schedule::judge(lease, window, clock_of(input), may_grow && acts, input.now)
            }
            None => judge(lease, &look, input.now),
        };
        let Some((after_look, judged)) = judged else { continue };
        match &judged {
            Judged::Renewed { from, to, .. } if to > from => grown.push(lease.remedy.clone()),
            Judged::Ended { why: Ended::LoadGone, .. } => helped.push(lease.remedy.clone()),
            Judged::Renewed { .. } | Judged::Waiting { .. } | Judged::Kept { .. } | Judged::Ended { .. } => {}
        }
        remarks.push(Remark::Judged { source: lease.source.clone(), judged });
        *lease = after_look;
        let age = elapsed(lease.granted, input.now);
        if lease.live() && !lease.told_long && age >= BASELINE_TOO_LOW_AGE {
            lease.told_long = true;
            remarks.push(Remark::LongLived { source: lease.source.clone(), age });
        }
    }
    // The load is gone: whatever did not help is over, and the next time is judged afresh.
    next.did_not_help.retain(|remedy, _| !helped.contains(remedy));
    grown
}

/// What the clock asks; of a service that left the fleet file nothing.
pub(super) fn clock_of<'a>(input: &PassInput<'a>) -> Option<&'a BTreeMap<String, Asked>> {
    const NOTHING: &BTreeMap<String, Asked> = &BTreeMap::new();
    if input.fleet.is_some() { input.asked } else { Some(NOTHING) }
}

/// This many actions in a row that did not help open the circuit breaker: one may be chance, two a slow
/// start; three mean that more tasks are not the cure.
pub const BREAKER_LIMIT: u32 = 3;
/// For so long an open breaker stays open; then one try is made again.
pub const BREAKER_RESTS: Seconds = Seconds(86_400);

/// Whether the breaker stops a remedy now.
#[must_use]
pub fn breaker_open(misses: &Misses, now: Timestamp) -> bool {
    misses.times >= BREAKER_LIMIT && after(misses.at, BREAKER_RESTS) > now
}

/// Desired outside the found bounds, unless through a min of ours that is still settling.
#[must_use]
pub fn held_by_person(kept: &Kept, service: &ServiceSeen, found: Bounds, now: Timestamp) -> bool {
    let settling =
        found.min == kept.min.newest && kept.min_written.is_some_and(|at| elapsed(at, now) < OWN_MIN_SETTLES);
    service.desired > found.max || (service.desired < found.min && !settling)
}

/// Takes in what was found, member by member. Returns whether an older value of ours stood there.
fn absorb(
    kept: &mut Kept,
    next: &mut ServiceState,
    input: &PassInput<'_>,
    found: Bounds,
    remarks: &mut Vec<Remark>,
) -> bool {
    let base = kept.base();
    let foreign = !kept.is_ours(found);
    let unused = next.live().next().is_some() && next.live().all(|l| !l.put_back);
    if foreign && found == base && unused && found != kept.newest() {
        // An apply or a schedule wrote the baseline back over a living lease (SEMANTICS D). What was found is
        // not remembered as ours: a second time it is foreign, and so is a rewrite that does not land.
        for lease in next.leases.values_mut().filter(|l| l.live()) {
            lease.put_back = true;
        }
        remarks.push(Remark::PutBack { found });
        return false;
    }
    let again = found == base && next.live().any(|l| l.put_back);
    let min = absorb_member(&mut kept.min, found.min, input.now);
    let max = absorb_member(&mut kept.max, found.max, input.now);
    let scale_in = absorb_member(&mut kept.scale_in, found.scale_in_suspended, input.now);
    let by_schedule_min = input.scheduled.iter().any(|(min, _)| *min == Some(found.min));
    let by_schedule_max = input.scheduled.iter().any(|(_, max)| *max == Some(found.max));
    for (name, absorbed, scheduled) in
        [("min", min, by_schedule_min), ("max", max, by_schedule_max), ("scale-in", scale_in, false)]
    {
        if absorbed != Absorbed::Respected {
            continue;
        }
        remarks.push(Remark::ForeignRespected { member: name.to_owned(), found, scheduled, again });
        for lease in next.leases.values_mut().filter(|l| l.live() && !scheduled) {
            override_member(lease, name);
        }
    }
    [min, max, scale_in].contains(&Absorbed::OwnOlder)
}

fn override_member(lease: &mut Lease, member: &str) {
    match member {
        "min" => lease.overridden.min = true,
        "max" => lease.overridden.max = true,
        _ => lease.overridden.scale_in = true,
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Absorbed {
    /// The newest intent is there: verified.
    Verified,
    /// Another value of ours: a write that did not land, or landed late.
    OwnOlder,
    /// Foreign, seen for the first time: not written until it is understood.
    ForeignOnce,
    /// Foreign in two looks running: the new base.
    Respected,
}

/// Two looks of the reconciler lie a minute apart; a repeated schedule or a second try in the same pass is no
/// second look.
const FOREIGN_STANDS: Seconds = Seconds(30);

fn absorb_member<T: Copy + PartialEq>(member: &mut Member<T>, found: T, now: Timestamp) -> Absorbed {
    if found == member.newest {
        *member = Member { ours: vec![found], foreign: None, ..member.clone() };
        Absorbed::Verified
    } else if member.ours.contains(&found) {
        member.foreign = None;
        Absorbed::OwnOlder
    } else {
        match member.foreign {
            Some((seen, since)) if seen == found && elapsed(since, now) >= FOREIGN_STANDS => {
                *member = Member::at(found);
                Absorbed::Respected
            }
            Some((seen, _)) if seen == found => Absorbed::ForeignOnce,
            Some(_) | None => {
                member.foreign = Some((found, now));
                Absorbed::ForeignOnce
            }
        }
    }
}

/// The bounds to write now: the claim of the leases, but max never below what is desired, and a member with
/// an unexplained foreign value left as it was found.
pub(super) fn writable(
    kept: &Kept,
    leases: &BTreeMap<String, Lease>,
    ceiling: u32,
    desired: u32,
    found: &TargetSeen,
) -> Bounds {
    let claim = intended(kept.base(), ceiling, leases.values());
    let max = if kept.max.foreign.is_some() { found.max } else { claim.max.max(desired.min(found.max)) };
    let min = if kept.min.foreign.is_some() { found.min } else { claim.min.min(max) };
    let scale_in_suspended =
        if kept.scale_in.foreign.is_some() { found.suspended.scale_in } else { claim.scale_in_suspended };
    Bounds { min, max, scale_in_suspended }
}
