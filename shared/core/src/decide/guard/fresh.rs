//! The event is young enough to say something about now (SEMANTICS 13, TRAPS 14).

use crate::decide::{Look, Verdict, Waiting, wait};
use crate::time::elapsed;

pub(super) fn check(look: &Look<'_>) -> Verdict {
    let context = look.context;
    let (event, now) = (context.event, context.now);
    let (age, limit) = (elapsed(event.at, now), context.fleet.limits.event_age_max);
    if context.later {
        return Ok("judged by the alarm's present state".to_owned());
    }
    if let Some(why) = event.again.clone() {
        return wait(now, Waiting::ComesAgain { why });
    }
    if age > limit {
        return wait(now, Waiting::StaleEvent { age, limit });
    }
    Ok(format!("{age}, limit {limit}"))
}
