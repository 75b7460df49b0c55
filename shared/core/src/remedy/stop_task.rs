//! `stop-task`: one sick task is stopped, and ECS starts another in its place.

use super::disruption::{Disruption, Disrupts, Sick};
use super::{incident, load};
use crate::decide::{Decision, Look, Plan, Refusal, Verdict, refuse, unseen};
use crate::seen::TaskSeen;
use crate::time::{Seconds, elapsed};
use jiff::Timestamp;

/// A Fargate task starts within a few minutes, with a large image within ten (FLEETS); longer is stuck.
const STUCK_AGE: Seconds = Seconds(15 * 60);

/// Why a task should be stopped; `None` for one that is well.
pub(crate) fn sickness(task: &TaskSeen, now: Timestamp) -> Option<Sick> {
    if task.out_of_memory {
        return Some(Sick::OutOfMemory);
    }
    if task.unhealthy {
        return Some(Sick::Unhealthy);
    }
    let starting = matches!(task.last_status.as_str(), "PROVISIONING" | "PENDING" | "ACTIVATING");
    let old = task.created.is_some_and(|created| elapsed(created, now) >= STUCK_AGE);
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
    let mut sick: Vec<_> =
        wanted(look)?.into_iter().filter_map(|t| Some((t, sickness(t, look.context.now)?))).collect();
    sick.sort_by_key(|(task, sick)| (*sick, task.created, task.arn.clone()));
    Ok(sick)
}

/// The one task to stop: the one that an event names, else the first. One that is protected against scale-in does work
/// that its owner declared must not be ended.
fn choose<'a>(look: &Look<'a>) -> Result<(&'a TaskSeen, Sick), Decision> {
    let total = count(wanted(look)?.len());
    let event = look.context.event;
    let named = |task: &TaskSeen| event.task.is_none() || task.arn == event.arn;
    let sick: Vec<_> = sick(look)?.into_iter().filter(|(task, _)| named(task)).collect();
    match (sick.iter().find(|(task, _)| !task.protected), sick.len()) {
        (Some(chosen), _) => Ok(*chosen),
        (None, 0) => Err(Decision::Refuse(Refusal::NothingSick { total })),
        (None, sick) => Err(Decision::Refuse(Refusal::TaskProtected { sick: count(sick) })),
    }
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

/// Whether none of the tasks that ECS wants to run is sick.
#[must_use]
pub fn none_sick(tasks: &[TaskSeen], now: Timestamp) -> bool {
    tasks.iter().filter(|t| t.desired_status == "RUNNING").all(|t| sickness(t, now).is_none())
}
