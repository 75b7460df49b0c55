//! The bounds found are what was last applied, and no person holds the capacity (SEMANTICS 2, 5).

use crate::capacity::{Bounds, held_by_person};
use crate::decide::{Look, Verdict, Waiting, wait};
use crate::time::{Seconds, after};

/// When capacity that a person holds is looked at again: one visit of the reconciler later.
const LOOK_AGAIN: Seconds = Seconds(60);
/// A foreign change is understood after two visits of the reconciler.
const SETTLES: Seconds = Seconds(120);

pub(super) fn check(look: &Look<'_>) -> Verdict {
    let (service, target, now) = (look.service()?, look.target()?, look.context.now);
    let (found, desired) = (Bounds::of(&target), service.desired);
    let held = || wait(after(now, LOOK_AGAIN), Waiting::CapacityHeldByPerson { desired, found });
    let Some(kept) = &look.context.state.service.kept else {
        if desired < found.min || desired > found.max {
            return held();
        }
        return Ok(format!("no lease: {found} is the baseline"));
    };
    if held_by_person(kept, service, found, now) {
        return held();
    }
    let ours = kept.min.ours.contains(&found.min)
        && kept.max.ours.contains(&found.max)
        && kept.scale_in.ours.contains(&found.scale_in_suspended);
    if !ours {
        return wait(after(now, SETTLES), Waiting::Drift { found, applied: kept.newest() });
    }
    Ok(format!("found what was last applied: {found}"))
}
