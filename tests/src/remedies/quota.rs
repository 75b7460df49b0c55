//! The account's Fargate quota through the flow: it clips, it refuses with numbers, and silence of it stops nothing.

use headroom_core::entry::Status;
use headroom_core::notice::Kind;
use headroom_core::signal::AlarmState;
use headroom_pipeline::on_alarm;

use crate::fleets::{FIRES, at, cpu_alarm, langfuse_web, web};
use crate::world::World;

/// The service's min after an alarm that needs 6 tasks of 2 vCPU while 3 run.
async fn min_after(quota: Option<(f64, f64)>) -> (u32, World) {
    let world = World::new(at(FIRES + 1), None).with_service(&web(), 3, 10);
    if let Some((used, limit)) = quota {
        world.quota(used, limit);
    }
    world.metric(&web(), "CPUUtilization", 135.0, Some(3));
    let event = cpu_alarm(AlarmState::Alarm, at(FIRES), 135.0);
    world.alarm(&event.name, AlarmState::Alarm);
    on_alarm(&world, &langfuse_web(), &event, "a").await.unwrap();
    (world.aws(&web()).min, world)
}

#[tokio::test]
async fn a_quota_that_carries_some_of_the_need_clips_it() {
    assert_eq!(min_after(Some((20.0, 200.0))).await.0, 6, "all of it");
    assert_eq!(min_after(Some((195.0, 200.0))).await.0, 5, "5 vCPU carry two tasks of 2");
}

#[tokio::test]
async fn a_quota_without_place_for_one_task_refuses_with_its_numbers_and_pages() {
    let (min, world) = min_after(Some((199.0, 200.0))).await;
    assert_eq!(min, 3);
    let entry = world.entries().remove(0);
    assert_eq!(entry.status, Status::Refused);
    let pages = world.messages();
    assert_eq!(pages.iter().map(|m| m.kind).collect::<Vec<_>>(), [Kind::LimitReached]);
    assert!(pages[0].title.contains("199 of 200 in use, a task needs 2"), "{}", pages[0].title);
}

#[tokio::test]
async fn a_quota_that_cannot_be_read_stops_nothing_and_the_entry_says_so() {
    let (min, world) = min_after(None).await;
    assert_eq!(min, 6);
    let judgement = world.entries().remove(0).judgement.unwrap();
    let saw = judgement.guards.iter().find(|a| a.guard.name() == "quota").unwrap();
    assert!(saw.passed && saw.saw.contains("unknown, so it stops nothing"), "{}", saw.saw);
}
