//! Nothing that the service needs is high: more tasks would open more connections to it (TRAPS 18).

use crate::decide::{Look, Verdict, Waiting, wait};
use crate::fleet::WhileHigh;
use crate::remedy::needs;
use crate::time::{Seconds, after};

/// One visit of the reconciler later.
const LOOK: Seconds = Seconds(60);

pub(super) fn check(look: &Look<'_>) -> Verdict {
    let context = look.context;
    match needs::none_high(context.fleet, context.service, WhileHigh::NoScaleOut, &look.seen()?.needs) {
        Err(name) => wait(after(context.now, LOOK), Waiting::DependencyHigh { name }),
        Ok(unread) if !unread.is_empty() => Ok(format!("cannot be read: {}", unread.join(", "))),
        Ok(_) if context.fleet.dependencies_of(context.service).next().is_none() => Ok("none declared".to_owned()),
        Ok(_) => Ok("none is high".to_owned()),
    }
}
