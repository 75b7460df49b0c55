//! Growing, limits, the breaker, and whether an action helped.

use headroom_core::entry::Status;
use headroom_core::fleet::Mode;
use headroom_core::notice::{Kind, Severity};
use headroom_core::signal::AlarmState;
use headroom_pipeline::{Handled, on_alarm, sweep};

use crate::fleets::{FIRES, alarm, at, cpu_alarm, web};
use crate::scene::{granted, minutes, night, told};
use crate::world::Fault;

const CPU: &str = "prod-eu-web-cpu-high";

#[tokio::test]
async fn in_observe_mode_a_living_lease_does_not_grow() {
    let (mut fleet, world) = granted().await;
    for r in &mut fleet.services[0].remedies {
        r.mode = Mode::Observe;
    }
    minutes(&world, &fleet, 15, Some(95.0)).await;
    assert_eq!(world.aws(&web()).min, 3, "{:?}", world.mutations());
}

#[tokio::test]
async fn with_the_alarms_actions_switched_off_a_lease_does_not_grow() {
    let (fleet, world) = granted().await;
    world.actions(CPU, false);
    minutes(&world, &fleet, 15, Some(95.0)).await;
    assert_eq!(world.aws(&web()).min, 3, "{:?}", world.mutations());
}

#[tokio::test]
async fn growth_counts_against_the_hours_limit() {
    let (mut fleet, world) = night();
    fleet.limits.changes_per_hour_service = 1;
    on_alarm(&world, &fleet, &cpu_alarm(AlarmState::Alarm, at(FIRES), 95.0), "f").await.unwrap();
    minutes(&world, &fleet, 25, Some(95.0)).await;
    assert!(world.mutations().len() <= 1, "{:?}", world.mutations());
}

#[tokio::test]
async fn an_open_breaker_gives_one_try_again() {
    let (mut fleet, world) = night();
    fleet.limits.changes_per_hour_service = 100;
    let mut fired = FIRES;
    for n in 0..5 {
        let event = cpu_alarm(AlarmState::Alarm, at(fired), 95.0);
        world.alarm(CPU, AlarmState::Alarm);
        on_alarm(&world, &fleet, &event, &format!("n{n}")).await.unwrap();
        world.alarm(CPU, AlarmState::Ok);
        minutes(&world, &fleet, 11, Some(99.0)).await;
        fired += 11 * 60;
        world.service(&web(), |s| (s.desired, s.running) = (s.min, s.min));
    }
    minutes(&world, &fleet, 60, Some(5.0)).await;
    assert!(world.state(&web()).service.kept.is_none());
    world.set_now(at(FIRES + 90 * 86_400));
    world.service(&web(), |s| (s.desired, s.running) = (2, 2));
    world.metric(&web(), "CPUUtilization", 95.0, Some(2));
    world.alarm(CPU, AlarmState::Alarm);
    let ev = cpu_alarm(AlarmState::Alarm, at(FIRES + 90 * 86_400), 95.0);
    let h = on_alarm(&world, &fleet, &ev, "later").await.unwrap();
    assert!(matches!(h, Handled::Recorded(_, Status::Acted)), "{h:?}");
}

#[tokio::test]
async fn while_a_deployment_runs_both_revisions_do_not_double_the_need() {
    // decide clamps to desired while a deployment runs; judge does not
    let (fleet, world) = granted().await; // desired 3
    world.service(&web(), |s| s.deployments = 2);
    for _ in 0..6 {
        world.advance(60);
        world.metric(&web(), "CPUUtilization", 95.0, Some(6)); // both colours report
        sweep(&world, &fleet, "s").await.unwrap();
    }
    assert_eq!(world.aws(&web()).min, 5, "ceil(3 x 95 / 70) = 5");
}

#[tokio::test]
async fn an_action_that_did_not_help_pages() {
    let (fleet, world) = granted().await;
    minutes(&world, &fleet, 12, Some(99.0)).await;
    assert_eq!(world.state(&web()).service.did_not_help.get("cpu-high").map(|m| m.times), Some(1));
    assert!(
        world.messages().iter().any(|m| m.severity == Severity::Page),
        "{:?}",
        world.messages().iter().map(|m| m.title.clone()).collect::<Vec<_>>()
    );
}

#[tokio::test]
async fn the_page_about_a_spent_limit_survives_any_death() {
    for fault in Fault::ALL {
        for call in 1..60 {
            let (mut fleet, world) = night();
            fleet.limits.changes_per_hour_service = 0;
            let event = cpu_alarm(AlarmState::Alarm, at(FIRES), 95.0);
            world.fail_at(call, fault);
            tokio::select! { biased; _ = on_alarm(&world, &fleet, &event, "d") => {}, () = world.died() => {} }
            if !world.heal() {
                break;
            }
            world.advance(61);
            on_alarm(&world, &fleet, &event, "e").await.unwrap();
            minutes(&world, &fleet, 3, Some(95.0)).await;
            assert!(told(&world, Kind::LimitReached) >= 1, "{fault:?} {call}");
        }
    }
}

#[tokio::test]
async fn growth_under_another_leases_floor_counts_against_the_hours_limit() {
    let (mut fleet, world) = granted().await; // floor 3
    fleet.limits.changes_per_hour_service = 2;
    let slow = alarm("slow", AlarmState::Alarm, at(FIRES + 5), 3.0, 2.0);
    world.alarm(&slow.name, AlarmState::Alarm);
    world.metric(&web(), "TargetResponseTime", 3.0, None);
    on_alarm(&world, &fleet, &slow, "slow").await.unwrap();
    assert_eq!(world.aws(&web()).min, 4, "the second change of the hour");
    minutes(&world, &fleet, 12, Some(65.0)).await; // ceil(4 x 65 / 70) = 4: no call, and a claim of its own
    let floors: Vec<_> = world.state(&web()).service.live().map(|l| (l.remedy.clone(), l.floor)).collect();
    assert_eq!(floors, [("cpu-high".to_owned(), Some(3)), ("slow".to_owned(), Some(4))]);
    assert_eq!(told(&world, Kind::LimitReached), 1);
}

#[tokio::test]
async fn at_max_a_lease_claims_nothing_more_and_tells_of_no_growth() {
    let (fleet, world) = night();
    world.service(&web(), |s| s.max = 4);
    on_alarm(&world, &fleet, &cpu_alarm(AlarmState::Alarm, at(FIRES), 95.0), "f").await.unwrap();
    minutes(&world, &fleet, 30, Some(99.0)).await;
    let floors: Vec<_> = world.state(&web()).service.live().filter_map(|l| l.floor).collect();
    assert_eq!((world.aws(&web()).min, floors), (4, vec![4]), "never past max 4");
    let grown = world.messages().into_iter().filter(|m| m.kind == Kind::Grown).map(|m| m.title).collect::<Vec<_>>();
    assert_eq!(grown.len(), 1, "min 3 -> 4, and then no more: {grown:?}");
}

#[tokio::test]
async fn an_overridden_lease_reports_no_growth() {
    let (fleet, world) = granted().await;
    minutes(&world, &fleet, 2, Some(75.0)).await;
    world.service(&web(), |s| s.min = 1);
    minutes(&world, &fleet, 4, Some(75.0)).await;
    let (g, m) = (told(&world, Kind::Grown), world.mutations().len());
    minutes(&world, &fleet, 60, Some(99.0)).await;
    assert_eq!(
        (told(&world, Kind::Grown) - g, world.mutations().len() - m),
        (0, 0),
        "{:?}",
        world.messages().iter().map(|m| m.title.clone()).collect::<Vec<_>>()
    );
}

#[tokio::test]
async fn held_capacity_grows_nothing() {
    let (fleet, world) = granted().await;
    minutes(&world, &fleet, 3, Some(75.0)).await;
    world.service(&web(), |s| s.desired = 20);
    let (g, m) = (told(&world, Kind::Grown), world.mutations().len());
    minutes(&world, &fleet, 30, Some(99.0)).await;
    assert_eq!(
        (told(&world, Kind::Grown) - g, world.mutations().len() - m),
        (0, 0),
        "{:?}",
        world.messages().iter().map(|m| m.title.clone()).collect::<Vec<_>>()
    );
}

#[tokio::test]
async fn an_effect_is_judged_from_the_act_and_not_from_the_plan() {
    let (fleet, world) = night();
    world.deny(true);
    let _ = on_alarm(&world, &fleet, &cpu_alarm(AlarmState::Alarm, at(FIRES), 95.0), "f").await;
    minutes(&world, &fleet, 15, Some(95.0)).await;
    world.deny(false);
    minutes(&world, &fleet, 2, Some(95.0)).await;
    assert_eq!(told(&world, Kind::DidNotHelp), 0, "{:?}", world.mutations());
}

#[tokio::test]
async fn growth_that_a_hold_prevented_does_not_land_past_the_limit() {
    let (mut fleet, world) = granted().await;
    fleet.limits.changes_per_hour_service = 1; // spent by the grant
    minutes(&world, &fleet, 3, Some(75.0)).await;
    world.service(&web(), |s| s.desired = 20);
    minutes(&world, &fleet, 10, Some(99.0)).await;
    world.service(&web(), |s| (s.desired, s.running) = (3, 3));
    minutes(&world, &fleet, 2, Some(99.0)).await;
    assert_eq!(world.aws(&web()).min, 3, "{:?}", world.mutations());
}
