//! One sick task is stopped, and only one.

use headroom_core::decide::Decision;
use headroom_core::entry::Status;
use headroom_core::fleet::Action;
use headroom_core::remedy::{Disrupts, Sick};
use headroom_core::seen::TaskSeen;
use headroom_pipeline::Handled;

use super::crew::{fires, since, task, with};
use crate::fleets::web;

async fn stops(tasks: Vec<TaskSeen>) -> Result<(String, Sick), String> {
    let (fleet, world) = with(Action::StopTask);
    world.service(&web(), |s| s.tasks = tasks);
    let handled = fires(&fleet, &world, 0).await;
    let entry = world.entries().pop().expect("an entry");
    match (world.disruptions().pop(), entry.judgement.map(|j| j.decision)) {
        (Some(Disrupts::StopTask { task, sick }), _) => {
            assert!(matches!(handled, Handled::Recorded(_, Status::Acted)));
            Ok((task.rsplit('/').next().unwrap_or_default().to_owned(), sick))
        }
        (_, Some(Decision::Refuse(why))) => Err(why.name().to_owned()),
        (_, other) => Err(format!("{other:?}")),
    }
}

#[tokio::test]
async fn out_of_memory_goes_before_unhealthy_before_stuck() {
    let oom = task(1, |t| t.out_of_memory = true);
    let unhealthy = task(2, |t| t.unhealthy = true);
    let stuck = task(3, |t| t.last_status = "PENDING".into());
    let well = |n| task(n, |_| {});
    let five = |sick: &TaskSeen| vec![well(4), well(5), sick.clone(), well(6), well(7)];
    assert_eq!(stops(five(&oom)).await, Ok(("1".into(), Sick::OutOfMemory)));
    assert_eq!(stops(five(&unhealthy)).await, Ok(("2".into(), Sick::Unhealthy)));
    assert_eq!(stops(five(&stuck)).await, Ok(("3".into(), Sick::Stuck)));
    let mut both = five(&unhealthy);
    both.push(oom);
    assert_eq!(stops(both).await, Ok(("1".into(), Sick::OutOfMemory)), "one of them");
}

#[tokio::test]
async fn a_task_that_starts_is_not_stuck_yet() {
    let young = task(1, |t| (t.last_status, t.created) = ("PENDING".into(), Some(since(600))));
    assert_eq!(stops(vec![young, task(2, |_| {}), task(3, |_| {})]).await, Err("nothing-sick".into()));
}

#[tokio::test]
async fn half_of_the_tasks_at_once_is_no_fault_of_one() {
    let sick = |n| task(n, |t| t.unhealthy = true);
    assert_eq!(stops(vec![sick(1), sick(2), task(3, |_| {})]).await, Err("many-sick".into()));
    assert_eq!(stops(vec![sick(1)]).await, Ok(("1".into(), Sick::Unhealthy)), "the only one is always all of them");
}

#[tokio::test]
async fn a_task_that_ecs_stops_already_is_left_alone() {
    let going = task(1, |t| (t.unhealthy, t.desired_status) = (true, "STOPPED".into()));
    assert_eq!(stops(vec![going, task(2, |_| {})]).await, Err("nothing-sick".into()));
}
