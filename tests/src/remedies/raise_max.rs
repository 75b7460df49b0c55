//! A raised max is a lease: it ends when desired no longer needs it, never under what is desired.

use headroom_core::capacity::Change;
use headroom_core::entry::Status;
use headroom_core::fleet::Action;
use headroom_core::notice::Kind;
use headroom_pipeline::{Handled, sweep};

use super::crew::{fires, with};
use crate::fleets::web;
use crate::scene::told;

#[tokio::test]
async fn at_max_it_is_raised_and_goes_back_when_desired_has_stayed_under_it() {
    let (fleet, world) = with(Action::RaiseMax);
    world.service(&web(), |s| (s.desired, s.running) = (10, 10));
    assert!(matches!(fires(&fleet, &world, 0).await, Handled::Recorded(_, Status::Acted)));
    assert_eq!(world.mutations(), [Change::Max { from: 10, to: 14 }], "add_max 4");
    // Auto Scaling uses it; the alarm goes quiet because of it, and nothing is taken away.
    world.service(&web(), |s| (s.desired, s.running) = (13, 13));
    world.alarm("prod-eu-web-cpu-high", headroom_core::signal::AlarmState::Ok);
    for minute in 0..30 {
        world.advance(60);
        sweep(&world, &fleet, &format!("a{minute}")).await.unwrap();
    }
    assert_eq!(world.aws(&web()).max, 14, "13 are desired");
    world.service(&web(), |s| (s.desired, s.running) = (9, 9));
    for minute in 0..12 {
        world.advance(60);
        sweep(&world, &fleet, &format!("b{minute}")).await.unwrap();
    }
    assert_eq!((world.aws(&web()).max, world.aws(&web()).desired), (10, 9));
    assert_eq!((told(&world, Kind::Opened), told(&world, Kind::Closed)), (1, 1));
    assert!(world.state(&web()).service.kept.is_none(), "verified");
}

#[tokio::test]
async fn semantics_1_giving_back_a_raised_max_never_kills_running_tasks() {
    let (fleet, world) = with(Action::RaiseMax);
    world.service(&web(), |s| (s.desired, s.running) = (10, 10));
    fires(&fleet, &world, 0).await;
    world.service(&web(), |s| (s.desired, s.running) = (13, 13));
    // Hours pass, and the lease reaches its hard end at the peak.
    for minute in 0..300 {
        world.advance(60);
        sweep(&world, &fleet, &format!("{minute}")).await.unwrap();
        assert_eq!(world.aws(&web()).desired, 13, "minute {minute}");
    }
    assert_eq!(world.aws(&web()).max, 13, "max follows desired down, no further");
    assert_eq!(told(&world, Kind::HardEnd), 1);
}

#[tokio::test]
async fn below_max_and_at_the_ceiling_nothing_is_raised() {
    for (desired, max, ceiling, name) in [(8, 10, 15, "not-at-max"), (10, 10, 10, "no-room"), (15, 15, 15, "no-room")] {
        let (mut fleet, world) = with(Action::RaiseMax);
        fleet.services[0].capacity.ceiling = ceiling;
        world.service(&web(), |s| (s.desired, s.running, s.max) = (desired, desired, max));
        fires(&fleet, &world, 0).await;
        assert!(world.mutations().is_empty());
        let entry = world.entries().pop().expect("an entry");
        let text = format!("{:?}", entry.judgement.map(|j| j.decision));
        let refused = match name {
            "not-at-max" => "NotAtMax",
            _ => "NoRoom",
        };
        assert!(text.contains(refused), "{text}");
    }
}

#[tokio::test]
async fn while_the_alarm_fires_at_the_raised_max_it_grows_to_the_ceiling_and_no_further() {
    let (fleet, world) = with(Action::RaiseMax);
    world.service(&web(), |s| (s.desired, s.running) = (10, 10));
    fires(&fleet, &world, 0).await;
    for minute in 0..40 {
        world.advance(60);
        world.service(&web(), |s| (s.desired, s.running) = (s.max, s.max));
        world.metric(&web(), "CPUUtilization", 80.0, Some(14));
        sweep(&world, &fleet, &format!("{minute}")).await.unwrap();
    }
    assert_eq!(world.aws(&web()).max, 15, "the ceiling");
}
