//! No deployment runs: it replaces the tasks by itself, and a second one on top would hide what the first one does
//! (SEMANTICS 20). Asked before disruptive remedies only; added capacity goes on in a deployment.

use crate::decide::{Look, Verdict, Waiting, wait};
use crate::time::{Seconds, after};

/// A rolling deployment takes minutes; its end wakes nothing here.
const LOOK: Seconds = Seconds(120);

pub(super) fn check(look: &Look<'_>) -> Verdict {
    let running = look.service()?.deployments_in_progress;
    if running > 0 {
        return wait(after(look.context.now, LOOK), Waiting::DeploymentRunning { running });
    }
    Ok("none runs".to_owned())
}
