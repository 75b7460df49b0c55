//! Each way back, and how it ends.

use headroom_core::entry::Status;
use headroom_core::fleet::Mode;
use headroom_core::notice::Kind;
use headroom_core::rollback::{By, Came, End, Stage, Way};
use headroom_simulator::deploy::{Config, DeploymentAlarms, Lifecycle, Pause, Strategy};

use super::play::{Play, in_mode};

/// A rolling deployment whose alarms are watched for some minutes after its last task.
fn watched() -> Config {
    let alarms = DeploymentAlarms { names: vec!["nobody-fires-this".into()], rollback: true };
    Config { alarms: Some(alarms), ..Config::default() }
}

#[test]
fn a_bad_deployment_that_ended_is_taken_back_by_update_service_and_verified() {
    let mut play = Play::new(2_000);
    play.deploy("bad", 8.0);
    play.minutes(30);
    assert_eq!(play.deployments(), ["SUCCESSFUL", "SUCCESSFUL", "SUCCESSFUL"], "{:#?}", play.watches());
    assert_eq!(play.runs(), "prod-eu-web:1");
    let watches = play.watches();
    assert_eq!(watches.len(), 1, "our own deployment is not watched: {watches:#?}");
    let back = watches[0].back.as_ref().unwrap();
    assert_eq!((back.by, &back.way), (By::Headroom, &Way::Update));
    assert!(matches!(play.end(), Some(End::Recovered { .. })), "{:?}", play.end());
    assert_eq!((play.told(Kind::RollingBack).len(), play.told(Kind::RolledBack).len()), (1, 1), "{:?}", play.titles());
    assert!(play.titles()[0].contains("rolling back prod-eu-web:2 -> prod-eu-web:1"), "{:?}", play.titles());
    let heard: Vec<Came> = play.world().announced().into_iter().map(|event| event.state).collect();
    assert_eq!(heard, [Came::Begun, Came::Verified]);
}

#[test]
fn a_bad_deployment_on_its_way_is_stopped_and_ecs_restores_the_old_revision() {
    let mut play = Play::new(2_000);
    play.configure(Config { percent_max: 125, ..watched() });
    play.deploy("bad", 30.0);
    play.minutes(40);
    assert_eq!(play.deployments(), ["SUCCESSFUL", "ROLLBACK_SUCCESSFUL"], "{:#?}", play.watches());
    assert_eq!(play.watches()[0].back.as_ref().map(|b| b.way.clone()), Some(Way::Stop));
    assert!(matches!(play.end(), Some(End::Recovered { .. })), "{:?}", play.end());
}

#[test]
fn a_healthy_deployment_passes_and_nothing_is_called() {
    let mut play = Play::new(2_000);
    play.deploy("good", 0.2);
    play.minutes(70);
    assert_eq!(play.deployments(), ["SUCCESSFUL", "SUCCESSFUL"]);
    assert_eq!(play.end(), Some(End::Passed), "{:#?}", play.watches());
    assert!(play.titles().is_empty(), "{:?}", play.titles());
}

#[test]
fn semantics_9_a_deployment_event_alone_schedules_the_looks_of_its_watch_window() {
    let mut play = Play::with(&[("web", 2_000)], |_| {});
    // No alarm is there to change.
    let place = headroom_simulator::cloudwatch::Place::of(&super::play::id("web"));
    let names: Vec<String> = play
        .world()
        .describe_alarms(&place, &headroom_simulator::cloudwatch::AlarmFilter { metric: true, ..Default::default() })
        .unwrap()
        .alarms
        .into_iter()
        .map(|a| a.name)
        .collect();
    play.world().delete_alarms(&place, &names).unwrap();
    play.deploy("bad", 8.0);
    play.minutes(30);
    assert!(matches!(play.end(), Some(End::Recovered { .. })), "{:?}", play.end());
    assert!(play.entries().iter().all(|e| e.event.as_ref().is_none_or(|alarm| !alarm.firing())), "no alarm woke it");
}

#[test]
fn blue_green_is_judged_by_its_traffic_and_stopped_while_it_bakes() {
    let mut play = Play::new(2_000);
    play.configure(Config { strategy: Strategy::BlueGreen { bake: 1_800 }, ..Config::default() });
    play.deploy("bad", 8.0);
    play.minutes(40);
    assert_eq!(play.deployments(), ["SUCCESSFUL", "ROLLBACK_SUCCESSFUL"], "{:#?}", play.watches());
    assert!(matches!(play.end(), Some(End::Recovered { .. })), "{:?}", play.end());
}

#[test]
fn a_pause_hook_that_waits_is_answered_with_rollback() {
    let mut play = Play::new(2_000);
    let pause = Pause::at(Lifecycle::PostProductionTrafficShift);
    play.configure(Config { strategy: Strategy::BlueGreen { bake: 60 }, pauses: vec![pause], ..Config::default() });
    play.deploy("bad", 8.0);
    play.minutes(40);
    assert_eq!(play.deployments(), ["SUCCESSFUL", "ROLLBACK_SUCCESSFUL"], "{:#?}", play.watches());
    assert!(matches!(play.watches()[0].back.as_ref().map(|b| &b.way), Some(Way::Continue { .. })));
}

#[test]
fn observe_and_suggest_call_nothing() {
    for (mode, status) in [(Mode::Observe, Status::Observed), (Mode::Suggest, Status::Suggested)] {
        let mut play = Play::with(&[("web", 2_000)], |fleet| in_mode(fleet, mode));
        play.deploy("bad", 8.0);
        play.minutes(20);
        assert_eq!(play.deployments(), ["SUCCESSFUL", "SUCCESSFUL"]);
        let entry = play.entries().into_iter().find(|e| e.watch.is_some()).unwrap();
        assert_eq!(entry.status, status);
        assert_eq!(play.told(Kind::Suggested).len(), usize::from(mode == Mode::Suggest), "{:?}", play.titles());
        play.minutes(60);
        assert_eq!(play.watches()[0].stage, Stage::Ended);
        assert_eq!(play.deployments(), ["SUCCESSFUL", "SUCCESSFUL"]);
    }
}
