//! Mode `observe`: the first of a remedy is told at once, a day of it in one message on the next.

use std::collections::BTreeSet;

use headroom_core::entry::Status;
use headroom_core::fleet::Mode;
use headroom_core::notice::{Kind, Notice};
use headroom_core::signal::AlarmState;
use headroom_pipeline::{Handled, on_alarm, sweep};

use super::crew::fires;
use crate::fleets::{FIRES, at, cpu_alarm};
use crate::scene::{night, told};
use crate::world::{Fault, World};

/// 09:05 UTC of the day after.
const NEXT_DAY: i64 = FIRES - FIRES % 86_400 + 86_400 + 9 * 3_600 + 5 * 60;
const HOUR: i64 = 3_600;

fn days(world: &World) -> Vec<Notice> {
    world.messages().into_iter().filter(|m| m.title.contains("would have acted")).collect()
}

#[tokio::test]
async fn the_first_is_told_at_once_and_the_day_once_on_the_next() {
    let (mut fleet, world) = night();
    fleet.services[0].remedies[0].mode = Mode::Observe;
    for n in 0..4 {
        let handled = fires(&fleet, &world, n * 60).await;
        world.advance(60);
        assert!(matches!(handled, Handled::Recorded(_, Status::Observed)), "{handled:?}");
    }
    assert_eq!(told(&world, Kind::WouldAct), 1, "no flood in observe");
    assert!(world.mutations().is_empty());
    for (second, told) in
        [(NEXT_DAY - HOUR, 0), (NEXT_DAY - 60, 0), (NEXT_DAY, 1), (NEXT_DAY + 60, 1), (NEXT_DAY + HOUR, 1)]
    {
        world.set_now(at(second));
        sweep(&world, &fleet, "s").await.unwrap();
        assert_eq!(days(&world).len(), told, "at {}", at(second));
    }
    assert_eq!(days(&world)[0].title, "prod-eu: would have acted 4 times on 2026-11-23");
    world.set_now(at(NEXT_DAY + 86_400));
    sweep(&world, &fleet, "s").await.unwrap();
    assert_eq!(days(&world).len(), 1, "nothing is no news");
    fires(&fleet, &world, NEXT_DAY + 86_400 - FIRES).await;
    assert_eq!(told(&world, Kind::WouldAct), 3, "another day's first");
}

#[tokio::test]
async fn a_reconciler_that_was_away_tells_the_day_later() {
    let (mut fleet, world) = night();
    fleet.services[0].remedies[0].mode = Mode::Observe;
    fires(&fleet, &world, 0).await;
    world.set_now(at(NEXT_DAY + 6 * HOUR));
    sweep(&world, &fleet, "s").await.unwrap();
    assert_eq!(days(&world)[0].title, "prod-eu: would have acted once on 2026-11-23");
}

#[tokio::test]
async fn a_crash_at_any_call_loses_neither_and_counts_each_once() {
    for fault in [Fault::Fails, Fault::EffectThenFails] {
        let mut reached = 0;
        for call in 1..60 {
            let (mut fleet, world) = night();
            fleet.services[0].remedies[0].mode = Mode::Observe;
            world.fail_at(call, fault);
            let event = cpu_alarm(AlarmState::Alarm, at(FIRES), 95.0);
            if on_alarm(&world, &fleet, &event, "first").await.is_err() {
                // Lambda delivers it again.
                on_alarm(&world, &fleet, &event, "again").await.unwrap();
            }
            world.advance(60);
            let _failed = sweep(&world, &fleet, "s").await;
            world.advance(60);
            let _failed = sweep(&world, &fleet, "s").await;
            for minute in 0..5 {
                world.set_now(at(NEXT_DAY + minute * 60));
                let _failed = sweep(&world, &fleet, "s").await;
            }
            let what = format!("{fault:?} at call {call}");
            let keys: BTreeSet<String> = world.messages().iter().map(Notice::dedup_key).collect();
            assert_eq!(keys.len(), 2, "{what}: {keys:?}");
            assert!(days(&world)[0].title.contains("acted once on"), "{what}: {}", days(&world)[0].title);
            if !world.heal() {
                break;
            }
            reached = call;
        }
        assert!(reached > 5, "{fault:?}: only {reached} calls");
    }
}
