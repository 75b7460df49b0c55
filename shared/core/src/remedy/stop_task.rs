//! `stop-task`: one sick task is stopped, and ECS starts another in its place.

use super::disruption::{Disruption, Disrupts, Sick};
use super::{incident, load};
use crate::decide::{Decision, Look, Plan, Refusal, Verdict, refuse, unseen};
use crate::seen::TaskSeen;
use crate::time::{Seconds, elapsed};

/// A Fargate task starts within a few minutes, with a large image within ten (FLEETS); longer is stuck.
const STUCK_AGE: Seconds = Seconds(15 * 60);

/// Why a task should be stopped; `None` for one that is well.
fn sickness(task: &TaskSeen, look: &Look<'_>) -> Option<Sick> {
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

/// The tasks that ECS wants to run.
fn wanted<'a>(look: &Look<'a>) -> Result<Vec<&'a TaskSeen>, Decision> {
    let reading = &look.seen()?.tasks;
    let tasks = reading.known().ok_or_else(|| unseen("the tasks", &reading.why()))?;
    Ok(tasks.iter().filter(|t| t.desired_status == "RUNNING").collect())
}

/// Those to stop, the first first: out of memory before unhealthy before stuck, then the oldest.
fn sick<'a>(look: &Look<'a>) -> Result<Vec<(&'a TaskSeen, Sick)>, Decision> {
    let mut sick: Vec<_> = wanted(look)?.into_iter().filter_map(|t| Some((t, sickness(t, look)?))).collect();
    sick.sort_by_key(|(task, sick)| (*sick, task.created, task.arn.clone()));
    Ok(sick)
}

/// The one task to stop.
fn choose<'a>(look: &Look<'a>) -> Result<(&'a TaskSeen, Sick), Decision> {
    let total = count(wanted(look)?.len());
    sick(look)?.first().copied().ok_or(Decision::Refuse(Refusal::NothingSick { total }))
}

fn count(tasks: usize) -> u32 {
    u32::try_from(tasks).unwrap_or(u32::MAX)
}

/// There is a task to blame, and it is not half of them: that is no fault of one. A single task is always all of them.
pub(crate) fn subject(look: &Look<'_>) -> Verdict {
    let (task, why) = choose(look)?;
    let (sick, total) = (count(sick(look)?.len()), count(wanted(look)?.len()));
    if sick > 1 && sick.saturating_mul(2) >= total {
        return refuse(Refusal::ManySick { sick, total });
    }
    Ok(format!("{} is {why}", task.arn.rsplit('/').next().unwrap_or_default()))
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
