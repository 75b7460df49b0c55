//! Scale-in is suspended by a lease, and resumed by itself.

use headroom_core::entry::Status;
use headroom_core::fleet::Action;
use headroom_core::notice::Kind;
use headroom_core::seen::Suspended;
use headroom_core::signal::AlarmState;
use headroom_pipeline::{Handled, sweep};

use super::crew::{fires, with};
use crate::fleets::web;
use crate::scene::told;

#[tokio::test]
async fn semantics_21_the_other_two_members_stay_as_a_person_set_them() {
    let (fleet, world) = with(Action::SuspendScaleIn);
    let persons = Suspended { scale_in: false, scale_out: true, scheduled: true };
    world.service(&web(), |s| s.suspended = persons);
    assert!(matches!(fires(&fleet, &world, 0).await, Handled::Recorded(_, Status::Acted)));
    assert_eq!(world.aws(&web()).suspended, Suspended { scale_in: true, ..persons });
    world.alarm("prod-eu-web-cpu-high", AlarmState::Ok);
    for minute in 0..15 {
        world.advance(60);
        sweep(&world, &fleet, &format!("{minute}")).await.unwrap();
    }
    assert_eq!(world.aws(&web()).suspended, persons, "resumed, the rest as found");
    assert_eq!((told(&world, Kind::Opened), told(&world, Kind::Closed)), (1, 1));
}

#[tokio::test]
async fn it_stays_while_the_alarm_fires_or_cannot_be_read() {
    let (fleet, world) = with(Action::SuspendScaleIn);
    fires(&fleet, &world, 0).await;
    for minute in 0..60 {
        if minute == 30 {
            world.forget_alarm("prod-eu-web-cpu-high");
        }
        world.advance(60);
        sweep(&world, &fleet, &format!("{minute}")).await.unwrap();
        assert!(world.aws(&web()).suspended.scale_in, "minute {minute}");
    }
}

#[tokio::test]
async fn semantics_21_what_a_person_suspended_is_not_ours_to_resume() {
    let (fleet, world) = with(Action::SuspendScaleIn);
    world.service(&web(), |s| s.suspended.scale_in = true);
    assert!(matches!(fires(&fleet, &world, 0).await, Handled::Recorded(_, Status::Refused)));
    assert!(world.mutations().is_empty());
    assert!(world.state(&web()).service.kept.is_none());
}
