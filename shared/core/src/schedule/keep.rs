//! Keeping a schedule's lease: by level, at each look.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::asked::Asked;
use super::proof::Proof;
use super::window::Window;
use crate::capacity::{Ended, Lease};
use crate::release::Judged;
use crate::time::elapsed;

/// Looks at the lease of a schedule; `None` when nothing about it changes. `asked` is absent where the time zone is not
/// known: then the lease stays until the end of its window, which is known.
///
/// It does not follow the load: within its window the floor is what the file says, and it ends with the window.
pub(crate) fn judge(
    lease: &Lease,
    window: Window,
    asked: Option<&BTreeMap<String, Asked>>,
    may_grow: bool,
    now: Timestamp,
) -> Option<(Lease, Judged)> {
    // The next window is a grant of its own: not in observe mode, not while paused, not where it needs a forecast first.
    let next_of = |asked: &&Asked| (may_grow && asked.usual.is_none()) || asked.window.opens == window.opens;
    match (asked, asked.and_then(|asked| asked.get(&lease.source)).filter(next_of)) {
        (_, Some(asked)) => {
            let from = lease.floor.unwrap_or(0);
            let floor = asked.floor_by(lease.forecast.as_ref(), now);
            let to = if may_grow { floor } else { floor.min(from) };
            if (to, asked.window) == (from, window) {
                return None;
            }
            let until = asked.window.closes;
            let next = Lease {
                floor: Some(to),
                floor_highest: lease.floor_highest.max(to),
                window: Some(asked.window),
                proof: if asked.window.opens == window.opens { lease.proof } else { Proof::default() },
                renew_at: until,
                hard_end: until,
                until,
                ..lease.clone()
            };
            Some((next, Judged::Renewed { from, to, need: None, until }))
        }
        (None, None) if now < window.closes => None,
        // Asked for by a longer lead than it is now: the window still comes.
        (_, None) if now < window.opens => None,
        (Some(all), None) if now < window.closes && all.contains_key(&lease.source) => None,
        (_, None) => {
            let why = Ended::WindowClosed;
            let next = Lease { ended: Some((now, why)), ..lease.clone() };
            Some((next, Judged::Ended { why, need: None, age: elapsed(lease.granted, now) }))
        }
    }
}
