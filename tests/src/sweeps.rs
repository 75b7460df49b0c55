//! The reconciler's minute when more is due than it can do: what goes back goes first, and a pass ends in time.

use headroom_core::entry::{Entry, Status};
use headroom_core::fleet::{Fleet, Mode};
use headroom_core::id::{CaseKey, ServiceId};
use headroom_core::signal::AlarmState;
use headroom_core::time::{Seconds, elapsed};
use headroom_pipeline::{Clock, Expect, Journal, Write, Written, on_alarm, sweep};

use crate::fleets::{FIRES, at, cpu_alarm, langfuse_web, web};
use crate::world::World;

/// More than one pass can visit where a call takes ten milliseconds.
const DUE: usize = 3_000;
/// A function ends after 30 s; a pass begins nothing after 20.
const ENDS_WITHIN: Seconds = Seconds(25);

/// A minute in which the load is gone.
async fn quiet_minute(fleet: &Fleet, world: &World, minute: u32) {
    world.advance(60);
    world.service(&web(), |s| s.running = s.desired);
    world.metric(&web(), "CPUUtilization", 30.0, Some(world.aws(&web()).running));
    if minute > 0 {
        sweep(world, fleet, &format!("sweep-{minute}")).await.unwrap();
    }
}

/// The night after its alarm went quiet, one sweep before min goes back.
async fn about_to_give_back(seed: Option<u64>) -> (Fleet, World) {
    let fleet = langfuse_web();
    let after = |minutes: u32| {
        let fleet = fleet.clone();
        async move {
            let world = World::new(at(FIRES + 1), seed).with_service(&web(), 2, 10);
            world.metric(&web(), "CPUUtilization", 95.0, Some(2));
            world.alarm("prod-eu-web-cpu-high", AlarmState::Alarm);
            on_alarm(&world, &fleet, &cpu_alarm(AlarmState::Alarm, at(FIRES), 95.0), "first").await.unwrap();
            world.alarm("prod-eu-web-cpu-high", AlarmState::Ok);
            for minute in 1..=minutes {
                quiet_minute(&fleet, &world, minute).await;
            }
            world
        }
    };
    let mut minutes = 0;
    while after(minutes + 1).await.aws(&web()).min == 3 {
        minutes += 1;
        assert!(minutes < 60, "never given back");
    }
    let world = after(minutes).await;
    quiet_minute(&fleet, &world, 0).await;
    (fleet, world)
}

/// Proposals of twenty services that expired, the first the oldest; their keys in that order.
async fn expired_proposals(world: &World) -> Vec<CaseKey> {
    let mut keys = Vec::new();
    for n in 0..DUE {
        let id = ServiceId { service: format!("prod-eu-s{}", n % 20), ..web() };
        // The order of the keys is not that of the time.
        let key = CaseKey(format!("case-{:05}", (n * 7_919) % 100_003));
        let long_ago = at(FIRES - 10_000 + i64::try_from(n).unwrap());
        let mut entry = Entry::new(key.clone(), id, "prod-eu/s".into(), "cpu-high".into(), Mode::Suggest, long_ago);
        (entry.status, entry.due) = (Status::Suggested, Some(long_ago));
        let write = Write { entries: vec![(entry, Expect::Absent)], ..Write::default() };
        assert_eq!(world.write(&write).await.unwrap(), Written::Done);
        keys.push(key);
    }
    keys
}

#[tokio::test]
async fn with_thousands_of_cases_due_a_service_is_restored_first_and_the_pass_ends_in_time() {
    let (fleet, world) = about_to_give_back(None).await;
    let oldest_first = expired_proposals(&world).await;
    let before = world.mutations().len();
    world.takes(10);
    let begun = world.now();
    let swept = sweep(&world, &fleet, "first").await.unwrap();
    let took = elapsed(begun, world.now());
    assert_eq!(world.aws(&web()).min, 2, "given back");
    let restored = elapsed(begun, world.mutated_at()[before]);
    assert!(restored < Seconds(2), "AWS saw it after {restored}");
    assert!(took <= ENDS_WITHIN, "{took}");
    let (done, still) = (world.with_status(Status::Expired), world.with_status(Status::Suggested));
    assert!(done.len() > 500 && done.len() + still.len() == DUE, "{} done, {} left", done.len(), still.len());
    assert!(swept.left as usize >= still.len() && swept.failed == 0, "{swept:?}");
    let oldest: Vec<&CaseKey> = oldest_first.iter().take(500).collect();
    assert!(oldest.iter().all(|key| done.iter().any(|entry| entry.key == **key)), "the oldest first");

    let mut passes = 1;
    while !world.with_status(Status::Suggested).is_empty() {
        world.advance(60);
        let begun = world.now();
        sweep(&world, &fleet, &format!("pass-{passes}")).await.unwrap();
        assert!(elapsed(begun, world.now()) <= ENDS_WITHIN);
        passes += 1;
        assert!(passes < 10, "what was left stays due, and is done");
    }
    assert!(passes > 2, "{passes}");
}

#[tokio::test]
async fn cases_are_visited_some_at_a_time_and_those_of_one_service_one_after_another() {
    let (fleet, world) = about_to_give_back(Some(7)).await;
    let keys = expired_proposals(&world).await;
    let swept = sweep(&world, &fleet, "first").await.unwrap();
    assert_eq!((world.with_status(Status::Expired).len(), swept.left, swept.failed), (keys.len(), 0, 0), "{swept:?}");
    assert!((2..=8).contains(&world.at_once_max()), "{}", world.at_once_max());
}
