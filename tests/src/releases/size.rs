//! The size at which the good revision returns (SEMANTICS 18).

use headroom_core::fleet::Mode;
use headroom_core::notice::Kind;
use headroom_core::rollback::{End, Stage};
use headroom_simulator::deploy::{Release, digest_of};

use super::play::{Play, in_mode};

/// Six tasks at two thirds of their CPU, and a policy that keeps it there. `policy` is a line of its own.
pub(crate) fn busy(policy: &str) -> String {
    format!(
        "service web
  ecs 222222222222 eu-west-1 prod-eu-cluster/prod-eu-web
  target_group prod-eu-web
  task 2 vcpu 4 GiB
  tasks 6
  starts 30s
  healthy 10s
  drain 20s
  bounds 2..10
{policy}  load table
    00:00 2000/min 240ms
"
    )
}

pub(crate) const TRACKED: &str = "  track cpu 70% out 60s in 60s\n";

/// Fails early and so works little: CPU falls, and scale-in runs while nobody may roll back.
fn shrunk(play: &mut Play) {
    play.world().stop("prod-eu", true);
    let bad = Release { errors_percent: 30.0, work_factor: 0.1, ..Release::sound(&digest_of("bad")) };
    play.deploy_release("bad", bad);
    play.minutes(30);
    let (min, desired) = play.size();
    assert_eq!(min, 2);
    assert!(desired <= 3, "the scene: scale-in ran, {desired}");
    play.world().stop("prod-eu", false);
}

#[test]
fn semantics_18_the_good_revision_returns_at_the_size_of_before_and_the_floor_ends_by_itself() {
    let mut play = Play::of(&busy(TRACKED), 60, |_| {});
    shrunk(&mut play);
    play.minutes(3);
    let watch = play.watches().pop().unwrap();
    assert_eq!((watch.stage, watch.floor), (Stage::Following, Some(6)), "{watch:#?}");
    assert_eq!(play.size(), (6, 6), "at once, not when CPU says so");
    assert!(play.told(Kind::RollingBack)[0].lines.iter().any(|(name, text)| name == "Size" && text.contains("min 6")));
    play.minutes(60);
    assert!(matches!(play.end(), Some(End::Recovered { .. })), "{:?}", play.end());
    assert_eq!(play.runs(), "prod-eu-web:1");
    assert_eq!(play.size(), (2, 6), "min is back, and the policy keeps what the load needs");
    let closed = play.told(Kind::Closed);
    assert_eq!(closed.len(), 1, "{:?}", play.titles());
    assert!(closed[0].title.starts_with("prod-eu/web: back to min 2"), "{}", closed[0].title);
    assert_eq!(closed[0].incident, play.told(Kind::RollingBack)[0].incident);
}

#[test]
fn the_floor_stays_within_the_ceiling_of_the_fleet_file() {
    let mut play = Play::of(&busy(TRACKED), 60, |fleet| {
        fleet.services.iter_mut().for_each(|s| (s.capacity.max, s.capacity.ceiling) = (5, 5));
    });
    shrunk(&mut play);
    play.minutes(3);
    assert_eq!((play.watches()[0].floor, play.size().0), (Some(5), 5));
}

#[test]
fn without_a_policy_that_scales_in_no_floor_is_taken() {
    let mut play = Play::of(&busy(""), 60, |_| {});
    play.deploy("bad", 30.0);
    play.minutes(20);
    let watch = play.watches().pop().unwrap();
    assert!(watch.back.is_some(), "{watch:#?}");
    assert_eq!((watch.floor, play.size().0), (None, 2), "nothing would take the tasks away again");
}

#[test]
fn without_a_scalable_target_the_rollback_needs_no_floor() {
    let mut play = Play::of(&busy(TRACKED), 60, |_| {});
    play.world().deregister(0).unwrap().unwrap();
    play.deploy("bad", 30.0);
    play.minutes(40);
    assert!(matches!(play.end(), Some(End::Recovered { .. })), "{:?}", play.end());
    assert_eq!(play.watches()[0].floor, None);
    assert!(play.told(Kind::Closed).is_empty(), "{:?}", play.titles());
}

#[test]
fn observe_and_suggest_take_no_floor() {
    for mode in [Mode::Observe, Mode::Suggest] {
        let mut play = Play::of(&busy(TRACKED), 60, |fleet| in_mode(fleet, mode));
        shrunk(&mut play);
        play.minutes(40);
        assert_eq!((play.watches()[0].floor, play.size().0), (None, 2), "{mode}");
    }
}
