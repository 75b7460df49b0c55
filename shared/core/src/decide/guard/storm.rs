//! No storm of alarms blows: when many alarms of one environment fire within a minute their cause is a common one,
//! and replacing tasks here and there adds to it. Added capacity goes on.

use crate::decide::{Look, Verdict, Waiting, wait};
use crate::storm::CASES_MAX;
use crate::time::{Seconds, after};

/// A storm is over when a few minutes have passed without one.
const LOOK: Seconds = Seconds(300);

pub(super) fn check(look: &Look<'_>) -> Verdict {
    let cases = look.context.cases;
    if cases > CASES_MAX {
        return wait(after(look.context.now, LOOK), Waiting::Storm { cases });
    }
    Ok(format!("alarms of this environment this minute: {cases}, a storm has more than {CASES_MAX}"))
}
