//! The environment is not stopped (SEMANTICS 12).

use crate::decide::{Look, Verdict, Waiting, wait};
use crate::time::{Seconds, after};

/// A stopped environment is looked at as rarely.
const LOOK: Seconds = Seconds(300);

pub(super) fn check(look: &Look<'_>) -> Verdict {
    if look.context.control.stopped {
        return wait(after(look.context.now, LOOK), Waiting::Stopped);
    }
    Ok("ok".to_owned())
}
