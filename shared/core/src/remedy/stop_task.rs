//! `stop-task`: one sick task is stopped, and ECS starts another in its place.

use super::disruption::{Disruption, Disrupts, Sick};
use super::{incident, load};
use crate::decide::{Decision, Look, Plan, Refusal, Verdict, unseen};
use crate::seen::TaskSeen;
use crate::time::{Seconds, elapsed};

/// A Fargate task starts within a few minutes, with a large image within ten (FLEETS); longer is stuck.
const STUCK_AGE: Seconds = Seconds(15 * 60);

/// Why a task should be stopped; `None` for one that is well, or that ECS stops already.
fn sickness(task: &TaskSeen, look: &Look<'_>) -> Option<Sick> {
    if task.desired_status != "RUNNING" {
        return None;
    }
    if task.out_of_memory {
        return Some(Sick::OutOfMemory);
    }
    if task.unhealthy {
        return Some(Sick::Unhealthy);
    }
    let starting = matches!(task.last_status.as_str(), "PROVISIONING" | "PENDING" | "ACTIVATING");
    let old = task.created.is_some_and(|created| elapsed(created, look.context.now) >= STUCK_AGE);
    (starting && old).then_some(Sick::Stuck)
}

/// The one task to stop: out of memory before unhealthy before stuck, then the oldest.
fn choose<'a>(look: &Look<'a>) -> Result<(&'a TaskSeen, Sick), Decision> {
    let reading = &look.seen()?.tasks;
    let tasks = reading.known().ok_or_else(|| unseen("the tasks", &reading.why()))?;
    let wanted = tasks.iter().filter(|t| t.desired_status == "RUNNING").count();
    let mut sick: Vec<(Sick, &TaskSeen)> = tasks.iter().filter_map(|t| Some((sickness(t, look)?, t))).collect();
    sick.sort_by_key(|(sick, task)| (*sick, task.created, task.arn.clone()));
    let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    let (many, total) = (count(sick.len()), count(wanted));
    match sick.first() {
        None => Err(Decision::Refuse(Refusal::NothingSick { total })),
        // Half of them at once is no fault of one task; a single task is always all of them.
        Some(_) if many > 1 && many.saturating_mul(2) >= total => {
            Err(Decision::Refuse(Refusal::ManySick { sick: many, total }))
        }
        Some((sick, task)) => Ok((task, *sick)),
    }
}

/// There is exactly one reason and one task for it.
pub(crate) fn subject(look: &Look<'_>) -> Verdict {
    let (task, sick) = choose(look)?;
    Ok(format!("{} is {sick}", task.arn.rsplit('/').next().unwrap_or_default()))
}

pub(super) fn plan(look: &Look<'_>) -> Result<Plan, Decision> {
    let (task, sick) = choose(look)?;
    Ok(Plan::Disrupt(Box::new(Disruption {
        what: Disrupts::StopTask { task: task.arn.clone(), sick },
        incident: incident::of(look.context),
        load: load::question(look.context),
        alarm: look.context.event.name.clone(),
    })))
}
