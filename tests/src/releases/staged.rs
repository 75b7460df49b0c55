//! Blue/green, linear and canary deployments behind two target groups: both revisions are counted apart, and what serves
//! is known by the weights of traffic.

use headroom_core::notice::Kind;
use headroom_core::rollback::{By, Comparison, End, Watch, Way};
use headroom_simulator::deploy::{Config, Lifecycle, Pause, Strategy};

use super::play::Play;

/// A tenth of the traffic for half an hour, then the rest.
const CANARY: Strategy = Strategy::Canary { share: 100, share_bake: 1_800, bake: 600 };
/// A fifth more every ten minutes.
const LINEAR: Strategy = Strategy::Linear { step: 200, step_bake: 600, bake: 600 };
const BLUE_GREEN: Strategy = Strategy::BlueGreen { bake: 1_800 };

/// `web` for an hour, behind the first of its two target groups.
fn play(strategy: Strategy, pauses: Vec<Pause>) -> Play {
    let text = "service web
  ecs 222222222222 eu-west-1 prod-eu-cluster/prod-eu-web
  target_group prod-eu-web or prod-eu-web-b
  task 2 vcpu 4 GiB
  tasks 4
  starts 30s
  healthy 10s
  drain 20s
  bounds 2..10
  load table
    00:00 3000/min 10ms
";
    let mut play = Play::of(text, 60, |_| {});
    play.configure(Config { strategy, pauses, ..Config::default() });
    play
}

/// Percent of production traffic that the newest deployment's revision gets.
fn weight(play: &Play) -> f64 {
    play.world().read(|all| {
        let target = all[0].deploys.history.back().unwrap().target;
        all[0].deploys.weight(target, target)
    })
}

fn stopped(play: &Play) -> Watch {
    assert_eq!(play.deployments(), ["SUCCESSFUL", "ROLLBACK_SUCCESSFUL"], "{:#?}", play.watches());
    assert_eq!((play.runs().as_str(), weight(play)), ("prod-eu-web:1", 0.0));
    assert!(matches!(play.end(), Some(End::Recovered { .. })), "{:#?}", play.watches());
    assert_eq!(play.told(Kind::RollingBack).len(), 1, "{:?}", play.titles());
    let watch = play.watches().remove(0);
    let balancer = watch.balancer.clone().unwrap();
    let old = balancer.old_target_group.unwrap();
    assert!(balancer.target_group.contains("/prod-eu-web-b/") && old.contains("/prod-eu-web/"), "{old}");
    watch
}

#[test]
fn a_canary_that_fails_is_stopped_by_the_numbers_of_its_tenth_while_nine_tenths_are_well() {
    let mut play = play(CANARY, Vec::new());
    play.deploy("bad", 30.0);
    play.minutes(4);
    assert_eq!(weight(&play), 10.0, "the scene");
    play.minutes(36);
    let watch = stopped(&play);
    assert_eq!(watch.back.map(|back| (back.by, back.way)), Some((By::Headroom, Way::Stop)));
    let judged = watch.judged.unwrap();
    assert_eq!(judged.comparison, Comparison::SideBySide);
    assert!(judged.after.rate > 0.25 && judged.before.rate < 0.001, "apart, not blended: {judged:?}");
    assert!(judged.after.requests < judged.before.requests / 5, "a tenth of the requests: {judged:?}");
}

#[test]
fn a_linear_deployment_that_fails_is_stopped_at_its_first_steps() {
    let mut play = play(LINEAR, Vec::new());
    play.deploy("bad", 8.0);
    play.minutes(40);
    let watch = stopped(&play);
    assert_eq!(watch.judged.map(|judged| judged.comparison), Some(Comparison::SideBySide));
    assert_eq!(watch.back.map(|back| back.way), Some(Way::Stop));
}

#[test]
fn blue_green_behind_two_target_groups_is_compared_with_the_other_group_before_all_traffic_moved() {
    let mut play = play(BLUE_GREEN, Vec::new());
    play.deploy("bad", 8.0);
    play.minutes(40);
    let judged = stopped(&play).judged.unwrap();
    assert_eq!(judged.comparison, Comparison::BeforeAfter);
    assert!(judged.before.requests > 80_000 && judged.before.errors == 0, "the old group's half hour: {judged:?}");
}

#[test]
fn a_pause_hook_of_a_canary_that_waits_is_answered_with_rollback() {
    let pauses = vec![Pause::at(Lifecycle::PostProductionTrafficShift)];
    let mut play = play(Strategy::Canary { share: 100, share_bake: 60, bake: 60 }, pauses);
    play.deploy("bad", 30.0);
    play.minutes(40);
    let watch = stopped(&play);
    assert!(matches!(watch.back.map(|back| back.way), Some(Way::Continue { .. })));
}

#[test]
fn healthy_ones_pass_at_every_share_and_the_next_goes_back_to_the_first_target_group() {
    for strategy in [CANARY, LINEAR, BLUE_GREEN] {
        let mut play = play(strategy, Vec::new());
        play.deploy("good", 0.2);
        play.minutes(70);
        assert_eq!(play.deployments(), ["SUCCESSFUL"; 2], "{strategy:?}");
        assert_eq!((weight(&play), play.end()), (100.0, Some(End::Passed)), "{strategy:?} {:#?}", play.watches());
        assert!(play.titles().is_empty(), "{:?}", play.titles());
        // The groups have changed places: what is new is behind the first one again, and is still told apart.
        play.deploy("bad", 30.0);
        play.minutes(50);
        assert_eq!(play.deployments(), ["SUCCESSFUL", "SUCCESSFUL", "ROLLBACK_SUCCESSFUL"], "{strategy:?}");
        assert!(matches!(play.end(), Some(End::Recovered { .. })), "{strategy:?} {:#?}", play.watches());
        let balancer = play.watches().pop().and_then(|watch| watch.balancer).unwrap();
        assert!(balancer.target_group.contains("/prod-eu-web/"), "{}", balancer.target_group);
    }
}

/// The deployment is far along, by its stage, and serves nobody, by its weight.
#[test]
fn errors_while_the_new_revision_has_no_weight_are_not_its_own_whatever_its_stage() {
    let mut play = play(BLUE_GREEN, vec![Pause::at(Lifecycle::PostTestTrafficShift)]);
    play.deploy("waits", 0.0);
    play.minutes(5);
    let stage = play.world().read(|all| all[0].deploys.history.back().unwrap().stage);
    assert_eq!((stage, weight(&play)), (Lifecycle::PostTestTrafficShift, 0.0), "the scene");
    // Both revisions would fail; only the old one has requests.
    play.spoil(8.0);
    play.minutes(30);
    assert_eq!(play.deployments(), ["SUCCESSFUL", "IN_PROGRESS"], "{:?}", play.titles());
    assert!(play.told(Kind::RollingBack).is_empty(), "{:?}", play.titles());
    assert_eq!(play.watches()[0].first_traffic, None);
}

/// ECS goes back by itself: the stages of the shift come again, with weight 0 (AWS_FACTS 1.4).
#[test]
fn a_rollback_of_ecs_that_shifts_traffic_back_is_followed_and_not_mistaken_for_a_shift() {
    let mut play = play(CANARY, Vec::new());
    play.deploy("bad", 30.0);
    play.minutes(3);
    let number = play.world().read(|all| all[0].deploys.history.back().unwrap().number);
    play.world().stop_deployment(0, number).unwrap();
    play.minutes(40);
    let watch = stopped(&play);
    assert_eq!(watch.back.map(|back| back.by), Some(By::Ecs));
}
