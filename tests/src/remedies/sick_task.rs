//! An event of a task wakes `stop-task`: that task is stopped, once, if it is sick when it is looked at.

use headroom_core::entry::{Helped, Status};
use headroom_core::fleet::{Action, Fleet, When};
use headroom_core::remedy::{Disrupts, Sick};
use headroom_core::seen::TaskSeen;
use headroom_core::signal::SICK_TASK;
use headroom_core::time::{Seconds, after};
use headroom_pipeline::{Clock, on_payload, sweep};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::crew::{task, with};
use crate::explained::file;
use crate::fleets::web;
use crate::world::World;

/// The task of the fixtures.
const TASK: &str = "arn:aws:ecs:eu-west-1:222222222222:task/prod-eu-cluster/4f2b8c1d9e0a47b6a5d3c2b1a0f9e8d7";
/// When they were sent.
const SENT: &str = "2026-11-23T02:10:45Z";

fn event(name: &str) -> Value {
    serde_json::from_str(&file(&format!("tests/fixtures/events/ecs_task/{name}.json"))).unwrap()
}

/// The night with a remedy that waits for sick tasks, and five tasks, of which the event's is the first.
fn night_of(first: TaskSeen) -> (Fleet, World) {
    let (mut fleet, world) = with(Action::StopTask);
    fleet.services[0].remedies[0].when = When::Event { event: SICK_TASK.to_owned() };
    world.set_now(SENT.parse::<Timestamp>().unwrap());
    let tasks = std::iter::once(TaskSeen { arn: TASK.into(), ..first }).chain((2..6).map(|n| task(n, |_| {})));
    world.service(&web(), |s| s.tasks = tasks.collect());
    (fleet, world)
}

async fn comes(fleet: &Fleet, world: &World, event: &Value, owner: &str) -> Value {
    let until = after(world.now(), Seconds(20));
    let mut answers = on_payload(world, fleet, event, owner, until).await;
    assert_eq!(answers.len(), 1);
    answers.remove(0).json()
}

fn unhealthy() -> TaskSeen {
    task(1, |t| t.unhealthy = true)
}

#[tokio::test]
async fn the_task_that_the_event_names_is_stopped_once_however_often_it_comes() {
    for (name, first, sick) in [
        ("running_unhealthy", unhealthy(), Sick::Unhealthy),
        ("running_out_of_memory", task(1, |t| t.out_of_memory = true), Sick::OutOfMemory),
    ] {
        let (fleet, world) = night_of(first);
        for n in 0..3 {
            comes(&fleet, &world, &event(name), &n.to_string()).await;
        }
        // Another version of it, while ECS stops the task.
        let mut later = event(name);
        later["detail"]["version"] = json!(6);
        world.service(&web(), |s| s.tasks[0].desired_status = "STOPPED".into());
        comes(&fleet, &world, &later, "later").await;
        for minute in 0..8 {
            world.advance(61);
            sweep(&world, &fleet, &format!("sweep-{minute}")).await.unwrap();
        }
        assert_eq!(world.disruptions(), [Disrupts::StopTask { task: TASK.into(), sick }], "{name}");
    }
}

#[tokio::test]
async fn one_that_is_well_again_protected_or_not_alone_is_left() {
    let refused = async |first: TaskSeen, others_sick: bool| {
        let (fleet, world) = night_of(first);
        if others_sick {
            world.service(&web(), |s| s.tasks.iter_mut().for_each(|t| t.unhealthy = true));
        }
        comes(&fleet, &world, &event("running_unhealthy"), "a").await;
        assert!(world.disruptions().is_empty());
        let entry = world.entries().pop().unwrap();
        assert_eq!(entry.status, Status::Refused);
        format!("{:?}", entry.judgement.unwrap().decision)
    };
    assert!(refused(task(1, |_| {}), false).await.contains("NothingSick"));
    assert!(refused(task(1, |t| (t.unhealthy, t.protected) = (true, true)), false).await.contains("TaskProtected"));
    assert!(refused(unhealthy(), true).await.contains("ManySick"));
}

#[tokio::test]
async fn without_a_remedy_for_it_or_of_another_service_or_stopped_it_wakes_nothing() {
    let (fleet, world) = night_of(unhealthy());
    let mut other = event("running_unhealthy");
    other["detail"]["group"] = json!("service:prod-eu-web-2");
    assert_eq!(comes(&fleet, &world, &other, "a").await["outcome"], "unmatched");
    other["detail"]["group"] = json!("family:migrate");
    assert_eq!(comes(&fleet, &world, &other, "a").await["outcome"], "ignored");
    let mut stopped = event("running_unhealthy");
    stopped["detail"]["desiredStatus"] = json!("STOPPED");
    assert_eq!(comes(&fleet, &world, &stopped, "b").await["outcome"], "ignored");
    assert_eq!(comes(&fleet, &world, &event("not_selected/running"), "c").await["outcome"], "ignored");
    let (alarms_only, _) = with(Action::StopTask);
    assert_eq!(comes(&alarms_only, &world, &event("running_unhealthy"), "d").await["outcome"], "unmatched");
    assert!(world.entries().is_empty() && world.disruptions().is_empty());
}

#[tokio::test]
async fn one_that_comes_late_is_judged_by_the_task_as_it_is_then() {
    for (still, stops) in [(true, 1), (false, 0)] {
        let (fleet, world) = night_of(unhealthy());
        world.advance(900);
        comes(&fleet, &world, &event("running_unhealthy"), "a").await;
        assert_eq!(world.with_status(Status::Deferred).len(), 1, "stale");
        world.service(&web(), |s| s.tasks[0].unhealthy = still);
        world.advance(61);
        sweep(&world, &fleet, "sweep").await.unwrap();
        assert_eq!(world.disruptions().len(), stops);
    }
}

#[tokio::test]
async fn it_helped_when_no_task_is_sick_afterwards_and_the_breaker_counts_when_not() {
    for (sick, helped) in [(false, Helped::Yes), (true, Helped::No)] {
        let (fleet, world) = night_of(unhealthy());
        comes(&fleet, &world, &event("running_unhealthy"), "a").await;
        world.service(&web(), |s| {
            s.tasks.remove(0);
            s.tasks[2].unhealthy = sick;
        });
        for minute in 0..12 {
            world.advance(61);
            sweep(&world, &fleet, &format!("sweep-{minute}")).await.unwrap();
        }
        let acted = world.with_status(Status::Acted);
        assert_eq!(acted.iter().map(|e| e.helped).collect::<Vec<_>>(), [Some(helped)]);
        assert_eq!(world.state(&web()).service.did_not_help.len(), usize::from(sick));
    }
}
