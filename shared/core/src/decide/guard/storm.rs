//! No storm of alarms blows: when many alarms of one environment fire within a minute their cause is a common one,
//! and replacing tasks here and there adds to it. Added capacity goes on. A case that came in a storm is held as long as
//! its alarm fires: that a few minutes passed says nothing about the common cause.

use crate::decide::{Look, Verdict, Waiting, wait};
use crate::signal::AlarmState;
use crate::storm::{CASES_MAX, LOOK_AGAIN};
use crate::time::after;

pub(super) fn check(look: &Look<'_>) -> Verdict {
    let (cases, (_, beside)) = (look.context.cases, look.context.came);
    let until = after(look.context.now, LOOK_AGAIN);
    if cases > CASES_MAX {
        return wait(until, Waiting::Storm { cases });
    }
    if look.context.later && beside > CASES_MAX {
        // Before the look nothing is known of the alarm; after it a quiet one is the next guard's to refuse.
        let alarm = look.seen().ok().and_then(|seen| seen.alarm.known());
        if alarm.is_some_and(|alarm| alarm.state == AlarmState::Alarm) {
            return wait(until, Waiting::Storm { cases: beside });
        }
    }
    Ok(format!("alarms of this environment this minute: {cases}, a storm has more than {CASES_MAX}"))
}
