//! The circuit breaker: after some actions in a row that did not help, people must look (SEMANTICS 24).

use crate::capacity::{BREAKER_LIMIT, breaker_open};
use crate::decide::{Look, Refusal, Verdict, refuse};

pub(super) fn check(look: &Look<'_>) -> Verdict {
    let context = look.context;
    match context.state.service.did_not_help.get(&context.remedy.name) {
        Some(misses) if breaker_open(misses, context.now) => refuse(Refusal::CircuitBreaker { times: misses.times }),
        Some(misses) => Ok(format!("{} of {BREAKER_LIMIT} did not help", misses.times)),
        None => Ok("the last action helped, or there was none".to_owned()),
    }
}
