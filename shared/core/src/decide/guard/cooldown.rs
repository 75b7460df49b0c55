//! The remedy does not rest from its last action.

use crate::decide::{Look, Verdict, Waiting, wait};

pub(super) fn check(look: &Look<'_>) -> Verdict {
    let context = look.context;
    let remedy = context.remedy;
    match context.state.service.cooldowns.get(&remedy.name).copied().filter(|until| *until > context.now) {
        Some(until) => wait(until, Waiting::Cooldown { until }),
        None => Ok(format!("no {} in the last {}", remedy.action.name(), remedy.cooldown)),
    }
}
