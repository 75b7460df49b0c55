//! What a minute costs, and modes that record only.

use headroom_core::entry::Status;
use headroom_core::fleet::Mode;
use headroom_core::notice::Kind;

use super::morning::{fleet, in_mode, minute, office_hours, until, world};
use crate::fleets::web;
use crate::scene::told;

/// Calls through the ports of one minute.
async fn cost(world: &crate::world::World, fleet: &headroom_core::fleet::Fleet, time: &str) -> u32 {
    let before = world.calls();
    minute(world, fleet, time).await;
    world.calls() - before
}

#[tokio::test]
async fn a_minute_outside_every_window_costs_what_it_costs_without_schedules() {
    let world = world("03:00");
    let without = cost(&world, &fleet(&[]), "03:00").await;
    let with = cost(&world, &fleet(&[office_hours()]), "03:01").await;
    assert_eq!(with, without, "one query of what is due, and no read for the clock");
}

#[tokio::test]
async fn a_minute_with_its_floor_granted_reads_the_state_once() {
    let (fleet, world) = (fleet(&[office_hours()]), world("07:50"));
    minute(&world, &fleet, "07:50").await;
    minute(&world, &fleet, "07:51").await;
    // What is due, the state that is due, one look at AWS: as under any lease.
    assert_eq!(cost(&world, &fleet, "08:20").await, 3);
    assert_eq!(world.mutations().len(), 1);
}

#[tokio::test]
async fn where_nothing_is_granted_a_window_is_recorded_once_and_most_of_its_minutes_are_idle() {
    for mode in [Mode::Observe, Mode::Suggest] {
        let world = world("07:40");
        let fleet = in_mode(mode, fleet(&[office_hours()]));
        until(&world, &fleet, "08:10", |_| false).await;
        assert_eq!(world.mutations(), [], "{mode}");
        assert_eq!(world.with_status(Status::Observed).len(), 1, "{mode}");
        assert_eq!(told(&world, Kind::Suggested), usize::from(mode == Mode::Suggest));
        if let Some(proposal) = world.messages().iter().find(|m| m.kind == Kind::Suggested) {
            let text = proposal.text();
            assert!(text.contains("headroom lease grant prod-eu web --floor 6 --for "), "{text}");
        }
        minute(&world, &fleet, "11:50").await;
        let idle = cost(&world, &fleet, "03:00").await;
        let mut looked = 0;
        for n in 0..60 {
            looked += u32::from(cost(&world, &fleet, &format!("12:{n:02}")).await > idle);
        }
        assert_eq!(looked, 4, "{mode}: every fifteenth minute");
        assert_eq!(world.entries().len(), 1, "{mode}");
    }
}

#[tokio::test]
async fn a_window_that_nobody_looked_at_when_it_began_is_recorded_within_a_quarter_of_an_hour() {
    let (fleet, world) = (in_mode(Mode::Observe, fleet(&[office_hours()])), world("11:01"));
    let found = until(&world, &fleet, "11:20", |w| !w.entries().is_empty()).await;
    assert!(found.is_some());
    assert_eq!(world.aws(&web()).min, 2);
}
