//! `force-new-deployment`: every task is replaced by one of the same revision, for what only a fresh start cures.

use super::disruption::{Disruption, Disrupts};
use super::{incident, load};
use crate::decide::{Decision, Look, Plan, Refusal, Verdict, refuse, unseen};
use crate::seen::Primary;

/// There is something to replace, and the deployment that runs is known.
pub(crate) fn subject(look: &Look<'_>) -> Verdict {
    if look.service()?.desired == 0 {
        return refuse(Refusal::NothingRuns);
    }
    Ok(format!("primary deployment {}", primary(look)?.id))
}

fn primary<'a>(look: &Look<'a>) -> Result<&'a Primary, Decision> {
    look.service()?.primary.as_ref().ok_or_else(|| unseen("the primary deployment", "ECS names none"))
}

pub(super) fn plan(look: &Look<'_>) -> Result<Plan, Decision> {
    let Primary { id, task_definition } = primary(look)?.clone();
    Ok(Plan::Disrupt(Box::new(Disruption {
        what: Disrupts::ForceNewDeployment { primary: id, task_definition },
        incident: incident::of(look.context),
        load: load::question(look.context),
        alarm: look.context.event.name.clone(),
    })))
}
