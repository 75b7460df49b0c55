//! No mute rule was in force when the alarm fired (SEMANTICS 13, TRAPS 1).

use crate::decide::{Look, Verdict, Waiting, wait};
use crate::time::{Seconds, after};

/// When something deferred is looked at again at the earliest: one visit of the reconciler later.
const LOOK_AGAIN: Seconds = Seconds(60);
/// A mute rule without an end says nothing about when the alarm speaks again.
const ENDLESS_LOOK: Seconds = Seconds(300);

pub(super) fn check(look: &Look<'_>) -> Verdict {
    let now = look.context.now;
    match look.context.event.mute.as_ref().filter(|m| !look.context.later || m.until.is_some_and(|u| u > now)) {
        Some(mute) => {
            let until = mute.until.unwrap_or_else(|| after(now, ENDLESS_LOOK)).max(after(now, LOOK_AGAIN));
            wait(until, Waiting::Muted { by: mute.by.clone() })
        }
        None => Ok("no mute rule".to_owned()),
    }
}
