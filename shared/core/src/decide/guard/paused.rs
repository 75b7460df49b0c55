//! Nobody paused the service or the remedy: a pause ends new grants and disruption, never what gives back
//! (SEMANTICS 12).

use crate::decide::{Look, Verdict, Waiting, wait};
use crate::time::{Seconds, after};

/// A pause without an end is looked at as rarely as a stop.
const LOOK: Seconds = Seconds(300);

pub(super) fn check(look: &Look<'_>) -> Verdict {
    let context = look.context;
    match context.control.pause_of(&context.service.name, &context.remedy.name, context.now) {
        Some(pause) => {
            let until = pause.until.unwrap_or_else(|| after(context.now, LOOK));
            wait(until, Waiting::Paused { by: pause.by.clone() })
        }
        None => Ok("not paused".to_owned()),
    }
}
