//! Killed anywhere, at every call of the flow, and resumed by a second delivery or by the reconciler: the same
//! end, each change once, the baseline never lost.

use headroom_core::entry::Status;
use headroom_core::fleet::Fleet;
use headroom_core::signal::{AlarmEvent, AlarmState};
use headroom_pipeline::{on_alarm, sweep};

use crate::fleets::{FIRES, at, cpu_alarm, web};
use crate::scene;
use crate::world::{Fault, World};

/// More calls than any flow makes: a loop that does not end fails instead of hanging.
const CALLS_MAX: u32 = 60;

fn night() -> (Fleet, World, AlarmEvent) {
    let (fleet, world) = scene::night();
    (fleet, world, cpu_alarm(AlarmState::Alarm, at(FIRES), 95.0))
}

/// Runs a flow until it ends or dies.
async fn until_death<T>(world: &World, flow: impl Future<Output = T>) -> Option<T> {
    tokio::select! {
        biased;
        done = flow => Some(done),
        () = world.died() => None,
    }
}

/// A minute passes: metrics arrive, tasks start, the reconciler runs.
async fn minute(world: &World, fleet: &Fleet, cpu: f64, n: u32) {
    world.advance(61);
    world.service(&web(), |s| s.running = s.desired);
    world.metric(&web(), "CPUUtilization", cpu, Some(world.aws(&web()).running));
    sweep(world, fleet, &format!("sweep-{n}")).await.unwrap();
}

fn assert_raised_once(world: &World, what: &str) {
    let aws = world.aws(&web());
    assert_eq!((aws.min, aws.max), (3, 10), "{what}");
    assert_eq!(world.mutations().len(), 1, "{what}: {:?}", world.mutations());
    let state = world.state(&web()).service;
    assert_eq!(state.live().count(), 1, "{what}");
    assert_eq!(state.kept.map(|k| k.base().min), Some(2), "{what}: the baseline");
    assert!(world.with_status(Status::Planned).is_empty(), "{what}");
    let mut keys: Vec<String> = world.messages().iter().map(|m| m.dedup_key()).collect();
    assert!(!keys.is_empty(), "{what}: nobody was told");
    keys.dedup();
    assert_eq!(keys.len(), 1, "{what}: one notice, however often");
}

#[tokio::test]
async fn semantics_3_a_grant_that_dies_at_any_call_ends_the_same_by_a_second_delivery_or_by_the_reconciler() {
    let mut ways = 0;
    for by_delivery in [true, false] {
        for fault in Fault::ALL {
            for call in 1..CALLS_MAX {
                let (fleet, world, event) = night();
                world.fail_at(call, fault);
                let first = until_death(&world, on_alarm(&world, &fleet, &event, "first")).await;
                if !world.heal() {
                    assert!(matches!(first, Some(Ok(_))));
                    break;
                }
                assert!(call < CALLS_MAX - 1, "the flow does not end");
                ways += 1;
                let what = format!("{fault:?} at call {call}, delivered again: {by_delivery}");
                world.advance(62);
                let planned = !world.entries().is_empty();
                if by_delivery || !planned {
                    // Lambda delivers again whatever failed before the plan was written.
                    on_alarm(&world, &fleet, &event, "second").await.unwrap();
                }
                for n in 0..3 {
                    minute(&world, &fleet, 95.0, n).await;
                }
                assert_raised_once(&world, &what);
            }
        }
    }
    crate::golden::say(&format!("{ways} deaths of a grant"));
    assert!(ways >= 40, "{ways}");
}

#[tokio::test]
async fn a_restore_that_dies_at_any_call_is_finished_by_the_next_minutes() {
    let mut ways = 0;
    for fault in Fault::ALL {
        for call in 1..CALLS_MAX {
            let (fleet, world, event) = night();
            on_alarm(&world, &fleet, &event, "first").await.unwrap();
            minute(&world, &fleet, 63.3, 0).await;
            world.alarm("prod-eu-web-cpu-high", AlarmState::Ok);
            world.advance(300);
            minute(&world, &fleet, 30.0, 1).await;
            world.advance(300);
            world.metric(&web(), "CPUUtilization", 30.0, Some(3));
            world.fail_at(call, fault);
            let died = until_death(&world, sweep(&world, &fleet, "dies")).await;
            if !world.heal() {
                assert!(matches!(died, Some(Ok(_))));
                break;
            }
            assert!(call < CALLS_MAX - 1, "the sweep does not end");
            ways += 1;
            for n in 2..6 {
                minute(&world, &fleet, 30.0, n).await;
            }
            let what = format!("{fault:?} at call {call}");
            let aws = world.aws(&web());
            assert_eq!((aws.min, aws.max), (2, 10), "{what}");
            assert_eq!(world.mutations().len(), 2, "{what}: one raise, one return: {:?}", world.mutations());
            assert!(world.state(&web()).service.kept.is_none(), "{what}: restored and verified");
            assert!(world.with_status(Status::Planned).is_empty(), "{what}");
            let titles: std::collections::BTreeSet<_> = world.messages().into_iter().map(|m| m.title).collect();
            assert_eq!(titles.len(), 2, "{what}: {titles:?}");
        }
    }
    crate::golden::say(&format!("{ways} deaths of a restore"));
    assert!(ways >= 20, "{ways}");
}
