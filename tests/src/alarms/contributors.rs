//! A lease of a contributor follows that contributor: the alarm may stay in ALARM for the sake of others.

use headroom_core::entry::Status;
use headroom_core::fleet::Fleet;
use headroom_core::signal::AlarmState;
use headroom_core::time::{Seconds, after};
use headroom_pipeline::{Handled, on_alarm};

use super::fixtures::{alarm, fleet};
use crate::fleets::{FIRES, at, web};
use crate::scene::minutes;
use crate::world::World;

const PARENT: &str = "fleet-cpu";

fn burning() -> (Fleet, World) {
    let world = World::new(at(FIRES + 1), None).with_service(&web(), 2, 10);
    world.metric(&web(), "CPUUtilization", 95.0, Some(2));
    world.alarm(PARENT, AlarmState::Alarm);
    (fleet(), world)
}

#[tokio::test]
async fn its_capacity_goes_back_when_it_goes_quiet_though_the_alarm_burns_on() {
    let (fleet, world) = burning();
    let fired = alarm("alarm_contributor/service");
    let handled = on_alarm(&world, &fleet, &fired, "fired").await.unwrap();
    assert!(matches!(handled, Handled::Recorded(_, Status::Acted)), "{handled:?}");
    assert_eq!(world.aws(&web()).min, 3);
    minutes(&world, &fleet, 30, Some(50.0)).await;
    assert_eq!(world.aws(&web()).min, 3, "nobody said that it is over");
    let mut quiet = alarm("alarm_contributor/service_ok");
    quiet.at = after(fired.at, Seconds(1_900));
    let handled = on_alarm(&world, &fleet, &quiet, "quiet").await.unwrap();
    assert!(matches!(handled, Handled::Recorded(_, Status::Noted)), "{handled:?}");
    minutes(&world, &fleet, 15, Some(50.0)).await;
    assert_eq!(world.aws(&web()).min, 2, "other contributors keep the alarm in ALARM");
}

#[tokio::test]
async fn firing_again_keeps_what_it_has() {
    let (fleet, world) = burning();
    let mut fired = alarm("alarm_contributor/service");
    on_alarm(&world, &fleet, &fired, "fired").await.unwrap();
    let mut quiet = alarm("alarm_contributor/service_ok");
    quiet.at = after(fired.at, Seconds(60));
    on_alarm(&world, &fleet, &quiet, "quiet").await.unwrap();
    world.advance(90);
    fired.at = after(fired.at, Seconds(80));
    on_alarm(&world, &fleet, &fired, "again").await.unwrap();
    minutes(&world, &fleet, 30, Some(95.0)).await;
    assert!(world.aws(&web()).min >= 3, "min {}", world.aws(&web()).min);
}

#[tokio::test]
async fn contributors_of_one_service_have_leases_of_their_own() {
    let (fleet, world) = burning();
    let first = alarm("alarm_contributor/service");
    let mut second = first.clone();
    second.contributor.as_mut().unwrap().id = "another".into();
    on_alarm(&world, &fleet, &first, "first").await.unwrap();
    on_alarm(&world, &fleet, &second, "second").await.unwrap();
    let state = world.state(&web());
    let sources: Vec<&str> =
        state.service.newest.keys().chain(state.service.leases.keys()).map(String::as_str).collect();
    assert!(sources.contains(&"hot@fleet-cpu#6d442278dba546f6"), "{sources:?}");
    assert!(sources.len() <= 2 && world.entries().len() == 2, "{sources:?}");
}

#[tokio::test]
async fn a_muted_contributor_waits_for_the_end_of_the_mute() {
    let (fleet, world) = burning();
    let handled = on_alarm(&world, &fleet, &alarm("alarm_contributor/muted"), "muted").await.unwrap();
    assert!(matches!(handled, Handled::Recorded(_, Status::Deferred)), "{handled:?}");
    assert!(world.mutations().is_empty());
}
