//! Release: a lease follows the load, not the alarm (SEMANTICS A, 4).
//!
//! An alarm goes quiet because of the lease; giving it back then would bring the alarm back. So the need is
//! computed again at each look: the floor steps down to it, and the lease ends when the need has stayed at
//! the baseline for the release delay. Missing, stale or insufficient data keeps everything as it is.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{hold, raise};
use crate::capacity::{Bounds, Claimed, Ended, Lease};
use crate::fleet::{Mode, Remedy, Sizing};
use crate::remedy::{Arithmetic, carried_by, ratio};
use crate::seen::{AlarmSeen, Load, Reading, ServiceSeen};
use crate::signal::AlarmState;
use crate::time::{Seconds, after, elapsed};

/// A lease of this age says that the baseline is too low, whatever its hard end.
pub(crate) const BASELINE_TOO_LOW_AGE: Seconds = Seconds(6 * 3_600);

/// What came of one look at a lease.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Judged {
    /// Still needed: renewed, at the same or another floor.
    Renewed {
        /// The floor before.
        from: u32,
        /// The floor now.
        to: u32,
        /// How the need was computed, for a ratio.
        need: Option<Arithmetic>,
        /// Until when.
        until: Timestamp,
    },
    /// The need is at the baseline, not yet for the release delay.
    Waiting {
        /// Since when.
        since: Timestamp,
        /// How the need was computed, for a ratio.
        need: Option<Arithmetic>,
    },
    /// Nothing could be read: kept.
    Kept {
        /// What was missing.
        why: String,
    },
    /// Ended.
    Ended {
        /// Why.
        why: Ended,
        /// How the need was computed, for a ratio.
        need: Option<Arithmetic>,
        /// How long it lived.
        age: Seconds,
    },
}

/// What a lease is judged by.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Look<'a> {
    /// Its remedy in the fleet file; `None` once it left it.
    pub(crate) remedy: Option<&'a Remedy>,
    /// Metric and alarm, when they were read.
    pub(crate) reading: Option<&'a (Reading<Load>, Reading<AlarmSeen>)>,
    /// The baseline.
    pub(crate) base: Bounds,
    /// The service.
    pub(crate) service: &'a ServiceSeen,
    /// No lease passes it.
    pub(crate) ceiling: u32,
    /// Whether it may grow.
    pub(crate) may_grow: bool,
}

/// While a release is pending the lease is looked at each minute, so that no spike goes unseen.
const PENDING_LOOK: Seconds = Seconds(60);

/// Looks at a lease; `None` when it is not due.
pub(crate) fn judge(lease: &Lease, look: &Look<'_>, now: Timestamp) -> Option<(Lease, Judged)> {
    if lease.operator.is_some() {
        // A person said how long: no load and no alarm speaks for it, and nobody is paged at its end.
        return (lease.hard_end <= now).then(|| ended(lease, Ended::TimeUp, None, now));
    }
    let Some(remedy) = look.remedy else { return Some(ended(lease, Ended::LeftTheFleet, None, now)) };
    if lease.hard_end <= now {
        return Some(ended(lease, Ended::HardEnd, None, now));
    }
    if lease.renew_at > now {
        return None;
    }
    let (load, alarm) = look.reading?;
    let look_again = after(now, remedy.cooldown);
    let until = lease.until.max(after(now, remedy.lease.times(lease.patience)));
    match Claimed::of(lease) {
        Claimed::Raise => return Some(raise::judge(lease, look, remedy, alarm, now)),
        Claimed::Hold => return Some(hold::judge(lease, remedy, alarm, now)),
        Claimed::Floor => {}
    }
    let (firing, enabled, need) = match read(lease, look, load, alarm) {
        Ok(read) => read,
        Err(why) => return Some(kept(lease, why, until, look_again)),
    };
    let floor = lease.floor.unwrap_or(0);
    let lowered = match (&need, lease.sizing) {
        (Some(need), _) => need.tasks,
        (None, Sizing::Add { tasks }) if !firing => floor.saturating_sub(tasks),
        (None, _) => floor,
    };
    if firing {
        // Growing is an action like the first one: not in observe mode, not with the alarm switched off.
        let grows = look.may_grow && enabled && remedy.mode == Mode::Act;
        let reach = look.service.desired.saturating_add(remedy.add_max).min(look.ceiling);
        let to = if grows { floor.max(lowered.min(reach)) } else { floor };
        return Some(renewed(lease, floor, to, need, until, look_again));
    }
    let steps = matches!(lease.sizing, Sizing::Add { .. });
    if !steps && lowered > look.base.min {
        return Some(renewed(lease, floor, floor.min(lowered), need, until, look_again));
    }
    let delay = remedy.release_delay.times(lease.patience);
    let since = lease.low_since.unwrap_or(now);
    // The datapoint that first showed the low load proves nothing new; an alarm without a metric of its own
    // is its own proof.
    let datapoint = load.known().map(|l| l.at);
    let newer = datapoint.is_none() || (lease.low_since.is_some() && datapoint > lease.low_datapoint);
    if elapsed(since, now) < delay || !(newer || delay == Seconds(0)) {
        let due = after(since, delay).max(after(now, Seconds(1)));
        let renew_at = after(now, PENDING_LOOK.min(remedy.cooldown)).min(due);
        let low_datapoint = if lease.low_since.is_some() { lease.low_datapoint } else { datapoint };
        let waiting = Lease { low_since: Some(since), low_datapoint, renew_at, ..lease.clone() };
        return Some((waiting, Judged::Waiting { since, need }));
    }
    if steps && lowered > look.base.min {
        return Some(renewed(lease, floor, lowered, need, until, look_again));
    }
    Some(ended(lease, Ended::LoadGone, need, now))
}

/// Whether the alarm fires, whether its actions are enabled, and the need; or what is missing.
fn read(
    lease: &Lease,
    look: &Look<'_>,
    load: &Reading<Load>,
    alarm: &Reading<AlarmSeen>,
) -> Result<(bool, bool, Option<Arithmetic>), String> {
    let (firing, enabled) = alarmed(lease, alarm)?;
    let need = match (lease.sizing, load.known()) {
        // An alarm on an expression has no metric to read: it decides alone.
        (Sizing::Add { .. }, None) if lease.load.name.is_empty() => None,
        (Sizing::Add { .. }, Some(_)) => None,
        (Sizing::Ratio { target }, Some(load)) => match carried_by(load, look.service) {
            0 => return Err("no task is running: a ratio of nothing is nothing".to_owned()),
            tasks => Some(ratio(tasks, load.value, target)),
        },
        (Sizing::Add { .. } | Sizing::Ratio { .. }, None) => return Err(format!("metric {}", load.why())),
    };
    Ok((firing, enabled, need))
}

/// Whether the lease's alarm fires, and whether its actions are enabled; a lease without one has nothing that fires.
fn alarmed(lease: &Lease, alarm: &Reading<AlarmSeen>) -> Result<(bool, bool), String> {
    if lease.alarm.is_empty() {
        return Ok((false, false));
    }
    let alarm = alarm.known().ok_or_else(|| format!("alarm {}", alarm.why()))?;
    let firing = match alarm.state {
        AlarmState::Alarm => lease.contributor_fires != Some(false),
        AlarmState::Ok => false,
        AlarmState::InsufficientData => return Err("alarm has insufficient data".to_owned()),
    };
    Ok((firing, alarm.actions_enabled))
}

/// Silence is never health: it also forgets a low load that was seen before it.
pub(super) fn kept(lease: &Lease, why: String, until: Timestamp, look_again: Timestamp) -> (Lease, Judged) {
    let next = Lease { renew_at: look_again, until, low_since: None, ..lease.clone() };
    (next, Judged::Kept { why })
}

/// Low, but for how long? Pending until it has lasted for the release delay.
pub(super) fn low(lease: &Lease, remedy: &Remedy, now: Timestamp) -> (Lease, Judged) {
    let delay = remedy.release_delay.times(lease.patience);
    let since = lease.low_since.unwrap_or(now);
    if elapsed(since, now) >= delay && (lease.low_since.is_some() || delay == Seconds(0)) {
        return ended(lease, Ended::LoadGone, None, now);
    }
    let due = after(since, delay).max(after(now, Seconds(1)));
    let renew_at = after(now, PENDING_LOOK.min(remedy.cooldown)).min(due);
    let waiting = Lease { low_since: Some(since), renew_at, ..lease.clone() };
    (waiting, Judged::Waiting { since, need: None })
}

fn renewed(
    lease: &Lease,
    from: u32,
    to: u32,
    need: Option<Arithmetic>,
    until: Timestamp,
    renew_at: Timestamp,
) -> (Lease, Judged) {
    let next = Lease {
        floor: Some(to),
        floor_highest: lease.floor_highest.max(to),
        low_since: None,
        until,
        renew_at,
        ..lease.clone()
    };
    (next, Judged::Renewed { from, to, need, until })
}

fn ended(lease: &Lease, why: Ended, need: Option<Arithmetic>, now: Timestamp) -> (Lease, Judged) {
    let next = Lease { ended: Some((now, why)), ..lease.clone() };
    (next, Judged::Ended { why, need, age: elapsed(lease.granted, now) })
}
