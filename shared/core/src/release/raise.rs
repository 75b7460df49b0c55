//! A raised max is needed as long as more tasks are desired than the baseline allows, whatever its alarm says: the
//! alarm goes quiet because of the lease.

use jiff::Timestamp;

use super::judge::{Judged, Look, low};
use crate::capacity::Lease;
use crate::fleet::{Mode, Remedy};
use crate::seen::{AlarmSeen, Reading};
use crate::signal::AlarmState;
use crate::time::after;

pub(super) fn judge(
    lease: &Lease,
    look: &Look<'_>,
    remedy: &Remedy,
    alarm: &Reading<AlarmSeen>,
    now: Timestamp,
) -> (Lease, Judged) {
    let desired = look.service.desired;
    if desired <= look.base.max {
        return low(lease, remedy, now);
    }
    let from = lease.raise.unwrap_or(0);
    let firing = alarm.known().is_some_and(|a| a.state == AlarmState::Alarm && a.actions_enabled);
    // Growing is an action like the first one.
    let grows = firing && look.may_grow && remedy.mode == Mode::Act && desired >= from;
    let to = if grows { from.max(from.saturating_add(remedy.add_max).min(look.ceiling)) } else { from };
    let until = lease.until.max(after(now, remedy.lease.times(lease.patience)));
    let renew_at = after(now, remedy.cooldown);
    let next = Lease { raise: Some(to), low_since: None, until, renew_at, ..lease.clone() };
    (next, Judged::Renewed { from, to, need: None, until })
}
