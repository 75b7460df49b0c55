//! No freeze window is open: it blocks what replaces running tasks, never added capacity (SEMANTICS 20).

use crate::decide::{Look, Verdict, Waiting, wait};

pub(super) fn check(look: &Look<'_>) -> Verdict {
    let context = look.context;
    match context.fleet.freeze_of(context.service, context.now) {
        Some(freeze) => wait(freeze.until, Waiting::Frozen { freeze: freeze.name.clone(), until: freeze.until }),
        None => Ok("no freeze is open".to_owned()),
    }
}
