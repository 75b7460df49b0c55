//! The same event many times, one after the other and at once: one lease, one change, one message.

use headroom_core::entry::Status;
use headroom_core::signal::AlarmState;
use headroom_pipeline::{Handled, on_alarm, sweep};

use crate::fleets::{FIRES, alarm, at, cpu_alarm, langfuse_web, web};
use crate::scene::at_once;
use crate::world::World;

fn world(seed: u64) -> World {
    let world = World::new(at(FIRES + 1), Some(seed)).with_service(&web(), 2, 10);
    world.metric(&web(), "CPUUtilization", 95.0, Some(2));
    world.alarm("prod-eu-web-cpu-high", AlarmState::Alarm);
    world.alarm("prod-eu-web-slow", AlarmState::Alarm);
    world
}

#[tokio::test]
async fn two_to_fifty_deliveries_at_once_make_one_lease_one_change_and_one_message() {
    let fleet = langfuse_web();
    for seed in 0..100_u64 {
        let world = world(seed);
        let deliveries = 2 + usize::try_from(seed % 49).unwrap();
        let event = cpu_alarm(AlarmState::Alarm, at(FIRES), 95.0);
        let owners: Vec<String> = (0..deliveries).map(|n| format!("owner-{n}")).collect();
        let outcomes = at_once(owners.iter().map(|owner| on_alarm(&world, &fleet, &event, owner)).collect()).await;
        let acted = outcomes.iter().filter(|o| matches!(o, Ok(Handled::Recorded(_, Status::Acted)))).count();
        let duplicates = outcomes.iter().filter(|o| matches!(o, Ok(Handled::Duplicate(..)))).count();
        assert_eq!((acted, duplicates), (1, deliveries - 1), "seed {seed}: {outcomes:?}");
        assert_eq!(world.mutations().len(), 1, "seed {seed}");
        assert_eq!(world.messages().len(), 1, "seed {seed}");
        assert_eq!(world.state(&web()).service.live().count(), 1, "seed {seed}");
        assert_eq!((world.aws(&web()).min, world.aws(&web()).max), (3, 10), "seed {seed}");
        assert_eq!(world.entries().len(), 1, "seed {seed}");
    }
}

#[tokio::test]
async fn semantics_6_two_alarms_and_a_reconciler_at_once_end_where_the_set_of_leases_says() {
    let fleet = langfuse_web();
    for seed in 0..100_u64 {
        let world = world(seed);
        let cpu = cpu_alarm(AlarmState::Alarm, at(FIRES), 95.0);
        let slow = alarm("slow", AlarmState::Alarm, at(FIRES), 3.0, 2.0);
        let handlers: Vec<std::pin::Pin<Box<dyn Future<Output = bool> + '_>>> = vec![
            Box::pin(async { on_alarm(&world, &fleet, &cpu, "a").await.is_ok() }),
            Box::pin(async { on_alarm(&world, &fleet, &slow, "b").await.is_ok() }),
            Box::pin(async { sweep(&world, &fleet, "c").await.is_ok() }),
        ];
        assert!(at_once(handlers).await.into_iter().all(|ok| ok), "seed {seed}");
        for minute in 0..3 {
            world.advance(61);
            world.metric(&web(), "CPUUtilization", 95.0, Some(2));
            sweep(&world, &fleet, &format!("sweep-{minute}")).await.unwrap();
        }
        let state = world.state(&web()).service;
        let floor = state.live().filter_map(|l| l.floor).max().unwrap_or(0);
        assert_eq!(world.aws(&web()).min, floor.max(2), "seed {seed}: {state:?}");
        assert_eq!(state.kept.as_ref().map(|k| k.base().min), Some(2), "seed {seed}: baseline");
        assert!(world.with_status(Status::Planned).is_empty(), "seed {seed}");
    }
}

#[tokio::test]
async fn one_after_the_other_each_repeat_is_a_duplicate_and_costs_one_look_at_the_table() {
    let (fleet, world) = (langfuse_web(), World::new(at(FIRES + 1), None).with_service(&web(), 2, 10));
    world.metric(&web(), "CPUUtilization", 95.0, Some(2));
    let event = cpu_alarm(AlarmState::Alarm, at(FIRES), 95.0);
    let first = on_alarm(&world, &fleet, &event, "0").await.unwrap();
    assert!(matches!(first, Handled::Recorded(_, Status::Acted)), "{first:?}");
    for n in 1..6 {
        let before = world.calls();
        let again = on_alarm(&world, &fleet, &event, &n.to_string()).await.unwrap();
        assert!(matches!(again, Handled::Duplicate(_, Status::Acted)), "{again:?}");
        assert_eq!(world.calls() - before, 1);
    }
    assert_eq!((world.mutations().len(), world.messages().len()), (1, 1));
}
