//! SEMANTICS 17: a restart cannot be made idempotent, so it is looked for before it is repeated, once.

use headroom_core::control::Pause;
use headroom_core::entry::Status;
use headroom_core::fleet::{Action, Freeze, Mode};
use headroom_core::notice::Kind;
use headroom_pipeline::{Handled, on_alarm, sweep};

use super::crew::{fires, with, with_mode};
use crate::fleets::{FIRES, at, cpu_alarm, web};
use crate::scene::told;
use crate::world::Fault;

/// The port call of the restart itself: before it the case is loaded, AWS is asked, the plan is written, and the cases of
/// the minute are counted again.
const SEND: u32 = 5;
/// That of a second send in a sweep: before it come what is due, the entry, no service to look at, the service of the
/// case, the switches of its environment, the cases counted again, the attempt written ahead.
const SEND_AGAIN: u32 = 8;

#[tokio::test]
async fn a_restart_is_sent_once_and_told_once_whatever_the_number_of_deliveries() {
    let (fleet, world) = with(Action::ForceNewDeployment);
    assert!(matches!(fires(&fleet, &world, 0).await, Handled::Recorded(_, Status::Acted)));
    assert!(matches!(fires(&fleet, &world, 0).await, Handled::Duplicate(_, Status::Acted)));
    assert_eq!(world.disruptions().len(), 1);
    assert_eq!(told(&world, Kind::Disrupted), 1);
    assert!(world.mutations().is_empty(), "no bound is touched");
}

#[tokio::test]
async fn semantics_17_a_restart_whose_answer_was_lost_is_recognised_and_not_sent_again() {
    let (fleet, world) = with(Action::ForceNewDeployment);
    world.fail_at(SEND, Fault::EffectThenFails);
    assert!(matches!(fires(&fleet, &world, 0).await, Handled::Recorded(_, Status::Planned)));
    assert!(world.heal());
    world.advance(61);
    sweep(&world, &fleet, "sweep").await.unwrap();
    assert_eq!(world.disruptions().len(), 1, "another primary deployment means done");
    assert_eq!(world.with_status(Status::Acted).len(), 1);
    assert_eq!(told(&world, Kind::Disrupted), 1);
}

#[tokio::test]
async fn semantics_17_a_restart_that_did_not_take_effect_is_sent_a_second_time_and_never_a_third() {
    let (fleet, world) = with(Action::ForceNewDeployment);
    world.fail_at(SEND, Fault::Fails);
    fires(&fleet, &world, 0).await;
    assert!(world.heal());
    world.advance(61);
    world.fail_at(SEND_AGAIN, Fault::Fails);
    sweep(&world, &fleet, "sweep-1").await.unwrap();
    assert!(world.heal());
    let planned = world.with_status(Status::Planned);
    assert_eq!(planned.first().map(|e| e.attempts), Some(2), "{planned:?}");
    for minute in 0..5 {
        world.advance(61);
        sweep(&world, &fleet, &format!("sweep-{minute}")).await.unwrap();
    }
    assert_eq!(world.disruptions(), [], "neither send took effect");
    let failed = world.with_status(Status::Failed);
    assert!(failed[0].failure.as_ref().is_some_and(|f| f.contains("unknown outcome after 2 attempts")), "{failed:?}");
    assert_eq!(told(&world, Kind::Failed), 1, "a person is paged, once");
}

#[tokio::test]
async fn semantics_17_killed_at_any_call_a_restart_takes_effect_once_and_is_sent_at_most_twice() {
    for fault in [Fault::Dies, Fault::EffectThenDies, Fault::Fails, Fault::EffectThenFails] {
        for call in 1..12 {
            let (fleet, world) = with(Action::ForceNewDeployment);
            world.fail_at(call, fault);
            let event = cpu_alarm(headroom_core::signal::AlarmState::Alarm, at(FIRES), 95.0);
            tokio::select! {
                _done = on_alarm(&world, &fleet, &event, "first") => {}
                () = world.died() => {}
            }
            world.heal();
            for minute in 0..8 {
                // Lambda delivers again until it has answered; the reconciler comes each minute.
                let _again = on_alarm(&world, &fleet, &event, &format!("again-{minute}")).await;
                world.advance(61);
                let cpu = 95.0;
                world.metric(&web(), "CPUUtilization", cpu, Some(2));
                sweep(&world, &fleet, &format!("sweep-{minute}")).await.unwrap();
            }
            let open = world.with_status(Status::Planned);
            assert!(open.is_empty(), "{fault:?} at {call}: {open:?}");
            assert_eq!(world.disruptions().len(), 1, "{fault:?} at {call}");
        }
    }
}

#[tokio::test]
async fn semantics_18_a_deployment_that_overtook_the_plan_is_a_conflict_and_nothing_is_sent() {
    let (fleet, world) = with(Action::ForceNewDeployment);
    world.fail_at(SEND, Fault::Fails);
    fires(&fleet, &world, 0).await;
    world.heal();
    world.service(&web(), |s| s.deployed = 7);
    world.advance(61);
    sweep(&world, &fleet, "sweep").await.unwrap();
    assert!(world.disruptions().is_empty(), "somebody deployed: that is the fresh start");
    assert!(world.with_status(Status::Planned).is_empty());
}

#[tokio::test]
async fn semantics_17_a_first_send_that_lands_between_the_look_and_the_second_is_done_and_told() {
    let (fleet, world) = with(Action::ForceNewDeployment);
    world.fail_at(SEND, Fault::Fails);
    fires(&fleet, &world, 0).await;
    world.heal();
    world.advance(61);
    world.deploy_at_look(&web());
    sweep(&world, &fleet, "sweep-1").await.unwrap();
    let planned = world.with_status(Status::Planned);
    assert_eq!(
        planned.first().map(|e| e.attempts),
        Some(1),
        "no conflict, and the second send was not made: {planned:?}"
    );
    assert_eq!(world.messages(), [], "nobody knows yet");
    world.advance(61);
    sweep(&world, &fleet, "sweep-2").await.unwrap();
    assert!(world.disruptions().is_empty(), "what landed late is the only one");
    assert_eq!(world.with_status(Status::Acted).len(), 1);
    assert_eq!(told(&world, Kind::Disrupted), 1);
}

#[tokio::test]
async fn semantics_20_a_running_deployment_holds_a_restart_back_and_its_end_lets_it_go() {
    let (fleet, world) = with(Action::ForceNewDeployment);
    world.service(&web(), |s| s.deployments = 2);
    assert!(matches!(fires(&fleet, &world, 0).await, Handled::Recorded(_, Status::Deferred)));
    world.service(&web(), |s| s.deployments = 0);
    world.advance(121);
    world.metric(&web(), "CPUUtilization", 95.0, Some(2));
    sweep(&world, &fleet, "sweep").await.unwrap();
    assert_eq!(world.disruptions().len(), 1);
}

#[tokio::test]
async fn semantics_20_a_running_deployment_never_stops_added_capacity() {
    let (fleet, world) = crate::scene::night();
    world.service(&web(), |s| s.deployments = 2);
    assert!(matches!(fires(&fleet, &world, 0).await, Handled::Recorded(_, Status::Acted)));
    assert_eq!(world.mutations().len(), 1);
}

#[tokio::test]
async fn missing_data_never_restarts() {
    let (fleet, world) = with(Action::ForceNewDeployment);
    world.forget_alarm("prod-eu-web-cpu-high");
    let handled = fires(&fleet, &world, 0).await;
    assert!(matches!(handled, Handled::Recorded(_, Status::Refused)), "{handled:?}");
    assert!(world.disruptions().is_empty());
}

#[tokio::test]
async fn invariant_7_in_observe_mode_nothing_is_replaced() {
    let (fleet, world) = with_mode(Action::ForceNewDeployment, Mode::Observe);
    assert!(matches!(fires(&fleet, &world, 0).await, Handled::Recorded(_, Status::Observed)));
    assert!(world.disruptions().is_empty());
}

#[tokio::test]
async fn a_plan_that_was_stopped_in_between_is_not_sent_again() {
    let (fleet, world) = with(Action::ForceNewDeployment);
    world.fail_at(SEND, Fault::Fails);
    fires(&fleet, &world, 0).await;
    world.heal();
    world.stop("prod-eu", true);
    for minute in 0..3 {
        world.advance(61);
        sweep(&world, &fleet, &format!("sweep-{minute}")).await.unwrap();
    }
    assert!(world.disruptions().is_empty(), "a stopped environment is not touched");
}

#[tokio::test]
async fn a_pause_or_a_freeze_in_between_ends_the_case_and_pages() {
    for freeze in [false, true] {
        let (mut fleet, world) = with(Action::ForceNewDeployment);
        world.fail_at(SEND, Fault::Fails);
        fires(&fleet, &world, 0).await;
        world.heal();
        if freeze {
            fleet.freezes = vec![Freeze {
                name: "sale".into(),
                line: 3,
                environments: vec!["prod-eu".into()],
                from: at(FIRES),
                until: at(FIRES + 3_600),
            }];
        } else {
            world.pause("prod-eu", vec![Pause { service: None, remedy: None, until: None, by: "ana".into() }]);
        }
        for minute in 0..3 {
            world.advance(61);
            sweep(&world, &fleet, &format!("sweep-{minute}")).await.unwrap();
        }
        assert!(world.disruptions().is_empty());
        assert_eq!((world.with_status(Status::Failed).len(), told(&world, Kind::Failed)), (1, 1));
    }
}

#[tokio::test]
async fn a_call_that_aws_refuses_fails_at_once_and_pages() {
    let (fleet, world) = with(Action::ForceNewDeployment);
    world.deny(true);
    assert!(matches!(fires(&fleet, &world, 0).await, Handled::Recorded(_, Status::Failed)));
    assert_eq!(told(&world, Kind::Failed), 1);
}
