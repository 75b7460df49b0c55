//! What holds a remedy back for a time: pauses, freezes, storms (SEMANTICS 12, 13, 20).

use headroom_core::control::Pause;
use headroom_core::decide::Decision;
use headroom_core::entry::Status;
use headroom_core::fleet::{Action, Freeze};
use headroom_core::signal::{AlarmEvent, AlarmState};
use headroom_pipeline::{Handled, on_alarm, sweep};

use super::crew::{fires, with};
use crate::fleets::{FIRES, at, cpu_alarm, web};
use crate::scene::night;
use crate::world::World;

fn paused(until: Option<i64>) -> Vec<Pause> {
    vec![Pause { service: None, remedy: None, until: until.map(at), by: "ana".into() }]
}

fn waits_for(world: &World) -> String {
    match world.entries().pop().and_then(|e| e.judgement).map(|j| j.decision) {
        Some(Decision::Wait { why, .. }) => why.name().to_owned(),
        other => format!("{other:?}"),
    }
}

#[tokio::test]
async fn semantics_12_a_pause_ends_new_grants_and_leases_are_still_given_back() {
    let (fleet, world) = night();
    fires(&fleet, &world, 0).await;
    assert_eq!(world.aws(&web()).min, 3);
    world.pause("prod-eu", paused(None));
    let slow = AlarmEvent {
        name: "prod-eu-web-slow".into(),
        arn: "arn:aws:cloudwatch:eu-west-1:222222222222:alarm:prod-eu-web-slow".into(),
        ..cpu_alarm(AlarmState::Alarm, at(FIRES + 1), 95.0)
    };
    let handled = on_alarm(&world, &fleet, &slow, "slow").await.unwrap();
    assert!(matches!(handled, Handled::Recorded(_, Status::Deferred)), "{handled:?}");
    world.alarm("prod-eu-web-cpu-high", AlarmState::Ok);
    for minute in 0..20 {
        world.advance(60);
        world.metric(&web(), "CPUUtilization", 30.0, Some(3));
        sweep(&world, &fleet, &format!("{minute}")).await.unwrap();
    }
    assert_eq!(world.aws(&web()).min, 2, "given back under the pause");
}

#[tokio::test]
async fn semantics_12_a_lease_does_not_grow_under_a_pause() {
    for (paused_for, grown) in [(Some("cpu-high"), false), (Some("slow"), true)] {
        let (fleet, world) = night();
        fires(&fleet, &world, 0).await;
        let pause = Pause { service: None, remedy: paused_for.map(str::to_owned), until: None, by: "ana".into() };
        world.pause("prod-eu", vec![pause]);
        for minute in 0..12 {
            world.advance(60);
            world.service(&web(), |s| s.running = s.desired);
            world.metric(&web(), "CPUUtilization", 99.0, Some(world.aws(&web()).running));
            sweep(&world, &fleet, &format!("{minute}")).await.unwrap();
        }
        assert_eq!(world.aws(&web()).min > 3, grown, "{paused_for:?}");
    }
}

#[tokio::test]
async fn semantics_12_a_pause_between_the_look_and_the_write_stops_growth() {
    for grows_above_the_floor in [true, false] {
        let (fleet, world) = night();
        fires(&fleet, &world, 0).await;
        if !grows_above_the_floor {
            // A higher floor of another lease: growth calls nothing, and is written all the same.
            let slow = crate::fleets::alarm("slow", AlarmState::Alarm, at(FIRES), 3.0, 2.0);
            world.alarm("prod-eu-web-slow", AlarmState::Alarm);
            world.metric(&web(), "TargetResponseTime", 3.0, None);
            on_alarm(&world, &fleet, &slow, "slow").await.unwrap();
        }
        let floor =
            |world: &World| world.state(&web()).service.live().find(|l| l.remedy == "cpu-high").and_then(|l| l.floor);
        let (before, mutations) = (floor(&world), world.mutations().len());
        // Between two looks: the lease is due, and wants more.
        world.advance(301);
        world.service(&web(), |s| s.running = s.desired);
        world.metric(&web(), "CPUUtilization", 99.0, Some(world.aws(&web()).running));
        world.metric(&web(), "TargetResponseTime", 3.0, None);
        let pause = Pause { service: None, remedy: None, until: None, by: "ana".into() };
        world.pause_at_look("prod-eu", vec![pause]);
        sweep(&world, &fleet, "sweep").await.unwrap();
        assert_eq!((floor(&world), world.mutations().len()), (before, mutations), "{grows_above_the_floor}");
        world.pause("prod-eu", Vec::new());
        world.advance(301);
        world.metric(&web(), "CPUUtilization", 99.0, Some(world.aws(&web()).running));
        sweep(&world, &fleet, "again").await.unwrap();
        assert!(floor(&world) > before, "{grows_above_the_floor}: it would have grown");
    }
}

#[tokio::test]
async fn semantics_12_a_pause_of_one_remedy_holds_back_the_growth_of_its_lease_alone() {
    // A fixed addition never grows; a ratio does.
    for (paused, grows) in [("slow", true), ("cpu-high", false)] {
        let (mut fleet, world) = night();
        fleet.services[0].capacity.ceiling = 40;
        world.service(&web(), |s| s.max = 40);
        world.alarm("prod-eu-web-slow", AlarmState::Alarm);
        world.metric(&web(), "TargetResponseTime", 3.0, None);
        fires(&fleet, &world, 0).await;
        let slow = crate::fleets::alarm("slow", AlarmState::Alarm, at(FIRES), 3.0, 2.0);
        on_alarm(&world, &fleet, &slow, "slow").await.unwrap();
        let floors = |world: &World| {
            let state = world.state(&web()).service;
            let floor = |remedy: &str| state.live().find(|l| l.remedy == remedy).and_then(|l| l.floor);
            (floor("cpu-high"), floor("slow"))
        };
        let before = floors(&world);
        assert!(before.0.is_some() && before.1.is_some(), "{before:?}");
        world.pause(
            "prod-eu",
            vec![Pause { service: None, remedy: Some(paused.into()), until: None, by: "ana".into() }],
        );
        for minute in 0..12 {
            world.advance(60);
            world.service(&web(), |s| s.running = s.desired);
            world.metric(&web(), "CPUUtilization", 99.0, Some(world.aws(&web()).running));
            world.metric(&web(), "TargetResponseTime", 3.0, None);
            sweep(&world, &fleet, &format!("{minute}")).await.unwrap();
        }
        let after = floors(&world);
        assert_eq!((after.0 > before.0, after.1), (grows, before.1), "{paused}: {before:?} {after:?}");
    }
}

#[tokio::test]
async fn semantics_13_a_pause_that_is_lifted_early_lets_its_cases_go() {
    let (fleet, world) = night();
    world.pause("prod-eu", paused(Some(FIRES + 8 * 3_600)));
    fires(&fleet, &world, 0).await;
    world.pause("prod-eu", Vec::new());
    for minute in 0..6 {
        world.advance(60);
        world.metric(&web(), "CPUUtilization", 95.0, Some(2));
        sweep(&world, &fleet, &format!("{minute}")).await.unwrap();
    }
    assert_eq!(world.mutations().len(), 1);
}

#[tokio::test]
async fn semantics_13_what_a_pause_held_back_is_judged_when_it_ends() {
    let (fleet, world) = night();
    world.pause("prod-eu", paused(Some(FIRES + 600)));
    fires(&fleet, &world, 0).await;
    assert_eq!(waits_for(&world), "paused");
    for minute in 0..12 {
        world.advance(60);
        world.metric(&web(), "CPUUtilization", 95.0, Some(2));
        sweep(&world, &fleet, &format!("{minute}")).await.unwrap();
        let paused = minute < 9;
        assert_eq!(world.mutations().is_empty(), paused, "minute {minute}");
    }
}

#[tokio::test]
async fn semantics_12_a_pause_between_the_look_and_the_plan_stops_the_plan() {
    let (fleet, world) = night();
    world.pause_at_look("prod-eu", paused(None));
    let handled = fires(&fleet, &world, 0).await;
    assert!(matches!(handled, Handled::Recorded(_, Status::Deferred)), "{handled:?}");
    assert!(world.mutations().is_empty());
}

#[tokio::test]
async fn semantics_20_a_freeze_holds_back_what_replaces_tasks_and_never_added_capacity() {
    let freeze = Freeze {
        name: "black-friday".into(),
        line: 3,
        environments: vec!["prod-eu".into()],
        from: at(FIRES - 60),
        until: at(FIRES + 300),
    };
    let (mut fleet, world) = with(Action::ForceNewDeployment);
    fleet.freezes = vec![freeze.clone()];
    fires(&fleet, &world, 0).await;
    assert_eq!(waits_for(&world), "frozen");
    for minute in 0..5 {
        world.advance(60);
        world.metric(&web(), "CPUUtilization", 95.0, Some(2));
        sweep(&world, &fleet, &format!("{minute}")).await.unwrap();
    }
    assert_eq!(world.disruptions().len(), 1, "judged when the freeze ended");

    let (mut fleet, world) = night();
    fleet.freezes = vec![freeze];
    assert!(matches!(fires(&fleet, &world, 0).await, Handled::Recorded(_, Status::Acted)));
}
