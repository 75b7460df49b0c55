//! Nobody paused the service or the remedy: a pause ends new grants and disruption, never what gives back
//! (SEMANTICS 12).

use crate::decide::{Look, Verdict, Waiting, wait};
use crate::time::{Seconds, after};

/// A pause is looked at as rarely as a stop: it may have no end, or be lifted before it.
const LOOK: Seconds = Seconds(300);

pub(super) fn check(look: &Look<'_>) -> Verdict {
    let context = look.context;
    match context.control.pause_of(&context.service.name, &context.remedy.name, context.now) {
        Some(pause) => {
            let look = after(context.now, LOOK);
            let until = pause.until.map_or(look, |until| until.min(look));
            wait(until, Waiting::Paused { by: pause.by.clone() })
        }
        None => Ok("not paused".to_owned()),
    }
}
