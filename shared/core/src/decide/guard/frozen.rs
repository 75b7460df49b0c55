//! No freeze window is open: it blocks what replaces running tasks, never added capacity (SEMANTICS 20).

use crate::decide::{Look, Verdict, Waiting, wait};
use crate::time::{Seconds, after};

/// A freeze lasts days, and may be taken out of the fleet file before its end.
const LOOK: Seconds = Seconds(900);

pub(super) fn check(look: &Look<'_>) -> Verdict {
    let context = look.context;
    match context.fleet.freeze_of(context.service, context.now) {
        Some(freeze) => {
            let until = freeze.until.min(after(context.now, LOOK));
            wait(until, Waiting::Frozen { freeze: freeze.name.clone(), until: freeze.until })
        }
        None => Ok("no freeze is open".to_owned()),
    }
}
