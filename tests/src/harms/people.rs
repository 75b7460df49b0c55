//! People, schedules and wrong answers of AWS.

use headroom_core::entry::Status;
use headroom_core::notice::{Kind, Severity};
use headroom_core::signal::{AlarmState, Mute};
use headroom_pipeline::{Handled, on_alarm, sweep};

use crate::fleets::{FIRES, alarm, at, cpu_alarm, web};
use crate::scene::{granted, minutes, night, told};
use crate::world::Fault;

const CPU: &str = "prod-eu-web-cpu-high";

#[tokio::test]
async fn a_scheduled_action_that_names_only_max_does_not_shield_a_lease_from_a_persons_min() {
    let (fleet, world) = granted().await;
    world.alarm(CPU, AlarmState::Ok);
    world.service(&web(), |s| s.scheduled = vec![(None, Some(10))]);
    minutes(&world, &fleet, 2, Some(63.3)).await;
    let mut fought = 0;
    for _ in 0..10 {
        world.service(&web(), |s| s.min = 1);
        minutes(&world, &fleet, 3, Some(63.3)).await;
        if world.aws(&web()).min != 1 {
            fought += 1;
        }
    }
    assert_eq!(fought, 0);
}

#[tokio::test]
async fn a_baseline_that_is_put_back_each_minute_is_answered_once() {
    let (fleet, world) = granted().await;
    world.alarm(CPU, AlarmState::Ok);
    minutes(&world, &fleet, 2, Some(63.3)).await;
    let before = world.mutations().len();
    for _ in 0..10 {
        world.service(&web(), |s| s.min = 2);
        minutes(&world, &fleet, 1, Some(63.3)).await;
    }
    assert!(world.mutations().len() - before <= 1, "{}", world.mutations().len() - before);
}

#[tokio::test]
async fn a_second_put_back_pages() {
    let (fleet, world) = granted().await;
    world.alarm(CPU, AlarmState::Ok);
    minutes(&world, &fleet, 2, Some(63.3)).await;
    world.service(&web(), |s| s.min = 2);
    minutes(&world, &fleet, 3, Some(63.3)).await;
    world.service(&web(), |s| s.min = 2);
    minutes(&world, &fleet, 3, Some(63.3)).await;
    assert!(world.messages().iter().any(|m| m.severity == Severity::Page), "{:?}", world.messages());
}

#[tokio::test]
async fn an_alarm_whose_lease_a_person_overrode_is_refused_instead_of_reported_as_done() {
    let (fleet, world) = granted().await;
    minutes(&world, &fleet, 2, Some(75.0)).await;
    world.service(&web(), |s| {
        s.min = 1;
    });
    minutes(&world, &fleet, 5, Some(75.0)).await;
    let before = world.mutations().len();
    world.metric(&web(), "CPUUtilization", 99.0, Some(3));
    let ev = cpu_alarm(AlarmState::Alarm, at(FIRES + 400), 99.0);
    world.advance(120);
    let h = on_alarm(&world, &fleet, &ev, "again").await.unwrap();
    assert!(!(matches!(h, Handled::Recorded(_, Status::Acted)) && world.mutations().len() == before));
}

#[tokio::test]
async fn a_service_switched_off_at_min_0_is_not_started_by_an_alarm_on_missing_data() {
    let (fleet, world) = night();
    world.service(&web(), |s| (s.min, s.desired, s.running) = (0, 0, 0));
    let slow = alarm("slow", AlarmState::Alarm, at(FIRES), 3.0, 2.0);
    world.alarm(&slow.name, AlarmState::Alarm);
    world.metric(&web(), "TargetResponseTime", 3.0, None);
    let handled = on_alarm(&world, &fleet, &slow, "f").await.unwrap();
    assert!(matches!(handled, Handled::Recorded(_, Status::Refused)), "{handled:?}");
    assert_eq!((world.aws(&web()).desired, world.mutations().len()), (0, 0));
}

#[tokio::test]
async fn a_service_parked_after_a_crash_is_not_started() {
    let (fleet, world) = night();
    let ev = cpu_alarm(AlarmState::Alarm, at(FIRES), 95.0);
    world.fail_at(4, Fault::Dies); // load, ask, write, apply
    tokio::select! { biased; _ = on_alarm(&world, &fleet, &ev, "dies") => panic!(), () = world.died() => {} }
    assert!(world.heal());
    assert_eq!(world.mutations().len(), 0);
    world.service(&web(), |s| {
        s.desired = 0;
        s.running = 0;
    }); // parked by a person
    world.advance(61);
    sweep(&world, &fleet, "s").await.unwrap();
    assert_eq!(world.aws(&web()).desired, 0, "{:?}", world.mutations());
}

#[tokio::test]
async fn a_grant_over_held_capacity_is_told_once_and_looked_at_again() {
    let (fleet, world) = night();
    world.service(&web(), |s| s.desired = 20);
    let ev = cpu_alarm(AlarmState::Alarm, at(FIRES), 95.0);
    on_alarm(&world, &fleet, &ev, "f").await.unwrap();
    minutes(&world, &fleet, 3, Some(95.0)).await;
    let t = told(&world, Kind::Held);
    world.service(&web(), |s| s.desired = 2);
    minutes(&world, &fleet, 20, Some(95.0)).await;
    assert!(t == 1 && world.aws(&web()).min > 2, "told {t}, min {}", world.aws(&web()).min);
}

#[tokio::test]
async fn one_wrong_answer_of_a_read_does_not_lose_the_baseline() {
    let (fleet, world) = granted().await;
    minutes(&world, &fleet, 2, Some(63.3)).await;
    let aws = world.aws(&web());
    let _gone = world.remove(&web());
    world.advance(60);
    sweep(&world, &fleet, "x").await.unwrap();
    world.put(&web(), aws); // DescribeServices knows it again
    world.alarm(CPU, AlarmState::Ok);
    minutes(&world, &fleet, 60, Some(5.0)).await;
    assert_eq!(
        world.aws(&web()).min,
        2,
        "kept {:?}, messages {}",
        world.state(&web()).service.kept,
        world.messages().len()
    );
}

#[tokio::test]
async fn a_doubt_that_was_cleared_does_not_hold_a_grant_back() {
    let (fleet, world) = granted().await;
    minutes(&world, &fleet, 1, Some(75.0)).await;
    world.service(&web(), |s| s.min = 1);
    minutes(&world, &fleet, 1, Some(75.0)).await;
    world.service(&web(), |s| s.min = 3); // flipped back
    world.advance(240);
    world.service(&web(), |s| (s.desired, s.running) = (3, 3));
    world.metric(&web(), "CPUUtilization", 95.0, Some(3));
    let before = world.mutations().len();
    let h = on_alarm(&world, &fleet, &cpu_alarm(AlarmState::Alarm, at(FIRES + 350), 95.0), "g").await.unwrap();
    assert!(!(matches!(h, Handled::Recorded(_, Status::Acted)) && world.mutations().len() == before));
}

#[tokio::test]
async fn what_stop_held_back_is_judged_after_it() {
    let (fleet, world) = night();
    world.stop("prod-eu", true);
    on_alarm(&world, &fleet, &cpu_alarm(AlarmState::Alarm, at(FIRES), 95.0), "f").await.unwrap();
    world.stop("prod-eu", false);
    minutes(&world, &fleet, 20, Some(95.0)).await;
    assert!(world.aws(&web()).min >= 3);
}

#[tokio::test]
async fn a_plan_that_a_person_blocked_is_not_reported_as_done() {
    let (fleet, world) = night();
    let ev = cpu_alarm(AlarmState::Alarm, at(FIRES), 95.0);
    world.fail_at(4, Fault::Dies);
    tokio::select! { biased; _ = on_alarm(&world, &fleet, &ev, "dies") => panic!(), () = world.died() => {} }
    world.heal();
    world.service(&web(), |s| s.desired = 20);
    world.advance(61);
    for n in 0..3 {
        world.advance(60);
        sweep(&world, &fleet, &format!("{n}")).await.unwrap();
    }
    assert!(!(world.mutations().is_empty() && told(&world, Kind::Opened) == 1));
}

#[tokio::test]
async fn two_looks_within_seconds_are_one_look() {
    let (fleet, world) = granted().await;
    minutes(&world, &fleet, 2, Some(75.0)).await;
    world.service(&web(), |s| s.min = 1);
    world.advance(1);
    sweep(&world, &fleet, "a").await.unwrap();
    world.advance(1);
    sweep(&world, &fleet, "b").await.unwrap();
    assert_eq!(told(&world, Kind::Drift), 0);
}

#[tokio::test]
async fn held_capacity_is_told_again_for_a_new_lease() {
    let (fleet, world) = granted().await;
    minutes(&world, &fleet, 3, Some(63.0)).await;
    world.service(&web(), |s| s.desired = 20);
    minutes(&world, &fleet, 2, Some(63.0)).await;
    assert_eq!(told(&world, Kind::Held), 1);
    world.service(&web(), |s| {
        s.created_at = at(FIRES);
        s.desired = 2;
        s.min = 2;
    });
    minutes(&world, &fleet, 20, Some(63.0)).await;
    world.metric(&web(), "CPUUtilization", 95.0, Some(2));
    world.service(&web(), |s| s.running = 2);
    let now = headroom_pipeline::Clock::now(&world);
    on_alarm(&world, &fleet, &cpu_alarm(AlarmState::Alarm, now, 95.0), "g").await.unwrap();
    minutes(&world, &fleet, 3, Some(63.0)).await;
    world.service(&web(), |s| s.desired = 20);
    minutes(&world, &fleet, 3, Some(63.0)).await;
    assert_eq!(told(&world, Kind::Held), 2);
}

#[tokio::test]
async fn a_held_pass_publishes_nothing_that_was_not_done() {
    let (fleet, world) = granted().await;
    minutes(&world, &fleet, 2, Some(63.0)).await;
    world.alarm(CPU, AlarmState::Ok);
    world.deny(true);
    minutes(&world, &fleet, 20, Some(5.0)).await; // restore planned, denied
    assert_eq!(told(&world, Kind::Closed), 0);
    world.service(&web(), |s| s.desired = 20);
    minutes(&world, &fleet, 2, Some(5.0)).await;
    let c = told(&world, Kind::Closed);
    assert!(
        c == 0 || world.aws(&web()).min == 2,
        "closed {c}: {:?}, min {}",
        world.messages().iter().map(|m| m.title.clone()).collect::<Vec<_>>(),
        world.aws(&web()).min
    );
}

#[tokio::test]
async fn two_absent_answers_with_a_stop_between_are_not_one_absence() {
    let (fleet, world) = granted().await;
    minutes(&world, &fleet, 2, Some(63.3)).await;
    let aws = world.remove(&web());
    world.advance(60);
    sweep(&world, &fleet, "a").await.unwrap();
    world.put(&web(), aws);
    world.stop("prod-eu", true);
    minutes(&world, &fleet, 6, Some(63.3)).await;
    world.stop("prod-eu", false);
    let aws = world.remove(&web());
    world.advance(60);
    sweep(&world, &fleet, "b").await.unwrap();
    world.put(&web(), aws);
    assert!(world.state(&web()).service.kept.is_some());
}

#[tokio::test]
async fn held_capacity_found_at_the_later_look_is_told() {
    let (fleet, world) = night();
    let mut ev = cpu_alarm(AlarmState::Alarm, at(FIRES), 95.0);
    ev.mute = Some(Mute { by: "m".into(), until: Some(at(FIRES + 120)) });
    let h = on_alarm(&world, &fleet, &ev, "f").await.unwrap();
    assert!(matches!(h, Handled::Recorded(_, Status::Deferred)));
    world.service(&web(), |s| s.desired = 20);
    minutes(&world, &fleet, 10, Some(95.0)).await;
    assert_eq!(told(&world, Kind::Held), 1);
}
