//! The alarm is firing now, and nobody switched its actions off (SEMANTICS 13).

use crate::decide::{Look, Refusal, Verdict, Waiting, refuse, unseen, wait};
use crate::fleet::When;
use crate::remedy::Class;
use crate::signal::AlarmState;
use crate::time::{Seconds, after};

/// A switched-off alarm says nothing about when it returns.
const DISABLED_LOOK: Seconds = Seconds(300);
/// One visit of the reconciler later.
const LOOK_AGAIN: Seconds = Seconds(60);

pub(super) fn check(look: &Look<'_>) -> Verdict {
    let (context, seen) = (look.context, look.seen()?);
    let now = context.now;
    if context.event.task.is_some() {
        return Ok("no alarm: the task itself is looked at".to_owned());
    }
    if matches!(context.remedy.when, When::Event { .. }) {
        return Ok("no alarm: the counts themselves are read".to_owned());
    }
    match seen.alarm.known() {
        Some(alarm) if alarm.state != AlarmState::Alarm => refuse(Refusal::NotFiring),
        Some(alarm) if !alarm.actions_enabled => wait(after(now, DISABLED_LOOK), Waiting::ActionsDisabled),
        Some(_) => Ok("in ALARM now, actions enabled".to_owned()),
        None if context.later => {
            let why = format!("alarm {}", seen.alarm.why());
            wait(after(now, LOOK_AGAIN), Waiting::MetricMissing { why })
        }
        // Adding capacity or telling people on an alarm that cannot be read again harms nobody; replacing what runs
        // may (SEMANTICS 13).
        None => match context.remedy.action.class() {
            Class::Add | Class::Tell => Ok(format!("by the event; {}", seen.alarm.why())),
            Class::Disrupt | Class::Rollback => Err(unseen("the alarm", &seen.alarm.why())),
        },
    }
}
