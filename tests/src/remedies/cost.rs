//! What added tasks cost in a day through the flow: charged with the plan, with each renewal and growth, never past the
//! limit by anything that is added (SEMANTICS 24).

use headroom_core::fleet::Fleet;
use headroom_core::id::ServiceId;
use headroom_core::notice::Kind;
use headroom_core::signal::AlarmState;
use headroom_pipeline::{BudgetKey, Journal, Keys, on_alarm, sweep};

use crate::fleets::{FIRES, alarm, at, cpu_alarm, web};
use crate::scene::{at_once, granted, minutes, night, told};
use crate::world::World;

/// Half an hour of one task of 2 vCPU and 4 GiB, in ten-thousandths of a US dollar: 0.0494 USD.
const HALF_HOUR: u32 = 494;
/// Five minutes of it.
const RENEWAL: u32 = 83;

fn limited(mut fleet: Fleet, usd: f64) -> Fleet {
    fleet.limits.added_cost_per_day_usd = Some(usd);
    fleet
}

/// What the day that holds a second has been charged.
async fn charged(world: &World, second: i64) -> u32 {
    let window = second.div_euclid(86_400) * 86_400;
    let key = BudgetKey { scope: "langfuse".into(), what: "cost".into(), window };
    let keys = Keys { budgets: vec![key], ..Keys::default() };
    world.load(&keys).await.unwrap().used[0]
}

#[tokio::test]
async fn a_grant_is_charged_once_however_often_its_event_comes() {
    let (fleet, world) = night();
    let fleet = limited(fleet, 50.0);
    let event = cpu_alarm(AlarmState::Alarm, at(FIRES), 95.0);
    for n in 0..4 {
        on_alarm(&world, &fleet, &event, &n.to_string()).await.unwrap();
        assert_eq!(charged(&world, FIRES).await, HALF_HOUR);
    }
}

#[tokio::test]
async fn a_lease_that_is_renewed_all_day_costs_all_day_and_each_day_its_own() {
    let (fleet, world) = night();
    let mut fleet = limited(fleet, 50.0);
    fleet.services[0].remedies[0].hard_end = headroom_core::time::Seconds(2 * 86_400);
    on_alarm(&world, &fleet, &cpu_alarm(AlarmState::Alarm, at(FIRES), 95.0), "a").await.unwrap();
    // 66 % on three tasks: three are needed, for as long as it lasts.
    minutes(&world, &fleet, 60, Some(66.0)).await;
    let hour = charged(&world, FIRES).await;
    assert!((HALF_HOUR + 11 * RENEWAL..=HALF_HOUR + 12 * RENEWAL).contains(&hour), "{hour}");
    minutes(&world, &fleet, 24 * 60, Some(66.0)).await;
    let (first, second) = (charged(&world, FIRES).await, charged(&world, FIRES + 86_400).await);
    // 22 hours of the first day and 3 of the second, each renewal rounded up.
    assert!((2 * HALF_HOUR * 22..2 * HALF_HOUR * 23).contains(&first), "{first}");
    assert!((2 * HALF_HOUR * 3 - RENEWAL..2 * HALF_HOUR * 4).contains(&second), "{second}");
}

#[tokio::test]
async fn a_limit_that_allows_some_of_the_need_clips_it_and_one_that_allows_none_refuses_and_pages() {
    for (usd, min) in [(1.0, 6), (0.11, 4), (0.04, 2)] {
        let (fleet, world) = night();
        let fleet = limited(fleet, usd);
        world.metric(&web(), "CPUUtilization", 210.0, Some(2));
        on_alarm(&world, &fleet, &cpu_alarm(AlarmState::Alarm, at(FIRES), 210.0), "a").await.unwrap();
        assert_eq!(world.aws(&web()).min, min, "{usd} USD");
        assert_eq!(charged(&world, FIRES).await, ((min - 2) * 4_937).div_ceil(10), "{usd} USD");
        assert_eq!(told(&world, Kind::LimitReached), usize::from(min == 2), "{usd} USD");
    }
}

#[tokio::test]
async fn at_the_limit_a_lease_goes_on_under_load_does_not_grow_and_people_are_paged() {
    let (fleet, world) = night();
    let fleet = limited(fleet, 0.055);
    on_alarm(&world, &fleet, &cpu_alarm(AlarmState::Alarm, at(FIRES), 95.0), "a").await.unwrap();
    assert_eq!(world.aws(&web()).min, 3);
    // The load asks for five.
    minutes(&world, &fleet, 40, Some(110.0)).await;
    assert_eq!(world.aws(&web()).min, 3, "nothing is taken away, nothing added");
    assert!(charged(&world, FIRES).await > 550, "what goes on is counted past the limit");
    assert!((1..=2).contains(&told(&world, Kind::LimitReached)), "once an hour");
}

#[tokio::test]
async fn a_lease_of_an_earlier_release_or_of_a_file_without_a_limit_is_charged_from_now_on() {
    let (fleet, world) = granted().await;
    minutes(&world, &fleet, 20, Some(66.0)).await;
    assert_eq!(charged(&world, FIRES).await, 0);
    assert!(world.state(&web()).service.paid.is_none());
    let fleet = limited(fleet, 50.0);
    minutes(&world, &fleet, 6, Some(66.0)).await;
    assert!((HALF_HOUR - RENEWAL..=HALF_HOUR + 2 * RENEWAL).contains(&charged(&world, FIRES).await));
}

#[tokio::test]
async fn killed_at_any_call_and_delivered_again_a_grant_is_charged_once() {
    for call in 1..12 {
        for fault in crate::world::Fault::ALL {
            let (fleet, world) = night();
            let fleet = limited(fleet, 50.0);
            world.fail_at(call, fault);
            let event = cpu_alarm(AlarmState::Alarm, at(FIRES), 95.0);
            for n in 0..3 {
                let owner = n.to_string();
                tokio::select! {
                    _outcome = on_alarm(&world, &fleet, &event, &owner) => {}
                    () = world.died() => {}
                }
                world.heal();
                world.advance(61);
                sweep(&world, &fleet, &format!("sweep-{n}")).await.unwrap();
            }
            assert_eq!(charged(&world, FIRES).await, HALF_HOUR, "call {call} {fault:?}");
        }
    }
}

#[tokio::test]
async fn a_thousand_at_once_never_commit_more_than_the_limit() {
    let id = |n: usize| ServiceId { service: format!("prod-eu-web-{n}"), ..web() };
    for seed in 1..4 {
        let (fleet, _) = night();
        let mut fleet = limited(fleet, 20.0);
        fleet.limits.changes_per_hour_environment = 10_000;
        let one = fleet.services[0].clone();
        fleet.services = (0..1_000)
            .map(|n| {
                let mut service = one.clone();
                (service.name, service.service) = (format!("web-{n}"), id(n).service);
                service
            })
            .collect();
        let mut world = World::new(at(FIRES + 1), Some(seed));
        for n in 0..1_000 {
            world = world.with_service(&id(n), 2, 10);
            world.metric(&id(n), "CPUUtilization", 95.0, Some(2));
        }
        let events: Vec<_> = (0..1_000)
            .map(|n| {
                let mut event = alarm("cpu-high", AlarmState::Alarm, at(FIRES), 95.0, 85.0);
                event.name = format!("prod-eu-web-{n}-cpu-high");
                if let Some(metric) = &mut event.metric {
                    metric.dimensions =
                        vec![("ClusterName".into(), web().cluster), ("ServiceName".into(), id(n).service)];
                }
                world.alarm(&event.name, AlarmState::Alarm);
                event
            })
            .collect();
        // Whoever loses too often is delivered again, as Lambda does it.
        for _ in 0..3 {
            let flows = events.iter().enumerate().map(async |(n, e)| {
                let owner = format!("{}-{n}", e.name);
                let _contended = on_alarm(&world, &fleet, e, &owner).await;
            });
            at_once(flows.collect()).await;
        }
        let granted = (0..1_000).filter(|n| world.aws(&id(*n)).min > 2).count();
        let charged = charged(&world, FIRES).await;
        assert!(charged <= 200_000, "seed {seed}: {charged}");
        assert_eq!(charged, u32::try_from(granted).unwrap() * HALF_HOUR, "seed {seed}: what is charged was granted");
        assert_eq!(granted, 200_000 / HALF_HOUR as usize, "seed {seed}: all of the limit is of use");
    }
}
