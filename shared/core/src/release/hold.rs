//! Scale-in stays suspended while its alarm fires, and until it has been quiet for the release delay.

use jiff::Timestamp;

use super::judge::{Judged, kept, low};
use crate::capacity::Lease;
use crate::fleet::Remedy;
use crate::seen::{AlarmSeen, Reading};
use crate::signal::AlarmState;
use crate::time::after;

pub(super) fn judge(lease: &Lease, remedy: &Remedy, alarm: &Reading<AlarmSeen>, now: Timestamp) -> (Lease, Judged) {
    let until = lease.until.max(after(now, remedy.lease.times(lease.patience)));
    let look_again = after(now, remedy.cooldown);
    match alarm.known().map(|a| a.state) {
        None => kept(lease, format!("alarm {}", alarm.why()), until, look_again),
        Some(AlarmState::InsufficientData) => kept(lease, "alarm has insufficient data".to_owned(), until, look_again),
        Some(AlarmState::Ok) => low(lease, remedy, now),
        Some(AlarmState::Alarm) if lease.contributor_fires == Some(false) => low(lease, remedy, now),
        Some(AlarmState::Alarm) => {
            let next = Lease { low_since: None, until, renew_at: look_again, ..lease.clone() };
            (next, Judged::Renewed { from: 0, to: 0, need: None, until })
        }
    }
}
