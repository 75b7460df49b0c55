//! Storms: many alarms of one environment in one minute are one incident in which nothing that runs is replaced.

use std::collections::BTreeSet;

use headroom_core::decide::Decision;
use headroom_core::entry::Status;
use headroom_core::fleet::{Action, Fleet};
use headroom_core::id::ServiceId;
use headroom_core::notice::Kind;
use headroom_core::signal::{AlarmEvent, AlarmState};
use headroom_core::storm::CASES_MAX;
use headroom_pipeline::{Handled, on_alarm, sweep};

use super::crew::with;
use crate::fleets::{FIRES, at, cpu_alarm};
use crate::scene::{at_once, told};
use crate::world::World;

/// So many services whose CPU is high and whose remedy replaces tasks, or for every second one adds them.
fn crowd(many: usize, every_second_adds: bool, seed: Option<u64>) -> (Fleet, World) {
    let (mut fleet, _) = with(Action::ForceNewDeployment);
    let one = fleet.services[0].clone();
    fleet.services = (0..many)
        .map(|n| {
            let mut service = one.clone();
            (service.name, service.service) = (format!("s{n}"), format!("prod-eu-s{n}"));
            if every_second_adds && n % 2 == 0 {
                service.remedies[0] = crate::fleets::langfuse_web().services[0].remedies[0].clone();
            }
            service
        })
        .collect();
    fleet.limits.changes_per_hour_environment = 100;
    let mut world = World::new(at(FIRES + 1), seed);
    for service in &fleet.services {
        let id = ServiceId::of(service);
        world = world.with_service(&id, 2, 10);
        world.metric(&id, "CPUUtilization", 95.0, Some(2));
        world.alarm(&format!("{}-cpu-high", service.service), AlarmState::Alarm);
    }
    (fleet, world)
}

/// The alarm of one of them.
fn alarm_of(service: &str) -> AlarmEvent {
    let event = cpu_alarm(AlarmState::Alarm, at(FIRES), 95.0);
    let name = format!("{service}-cpu-high");
    let mut event = AlarmEvent { arn: event.arn.replace("prod-eu-web-cpu-high", &name), name, ..event };
    if let Some(metric) = &mut event.metric {
        for (dimension, value) in &mut metric.dimensions {
            if dimension == "ServiceName" {
                service.clone_into(value);
            }
        }
    }
    event
}

/// A minute later: the metrics arrive, the reconciler runs.
async fn a_minute(fleet: &Fleet, world: &World, minute: u32) {
    world.advance(60);
    for service in &fleet.services {
        world.metric(&ServiceId::of(service), "CPUUtilization", 95.0, Some(2));
    }
    sweep(world, fleet, &format!("sweep-{minute}")).await.unwrap();
}

fn wait_of(world: &World, status: Status) -> Vec<String> {
    let waits = world.with_status(status).into_iter().filter_map(|e| match e.judgement?.decision {
        Decision::Wait { why, .. } => Some(why.name().to_owned()),
        Decision::Act(_) | Decision::Refuse(_) => None,
    });
    waits.collect()
}

#[tokio::test]
async fn a_storm_is_one_incident_in_which_capacity_is_added_and_nothing_replaced() {
    let (fleet, world) = crowd(16, true, None);
    for service in &fleet.services {
        on_alarm(&world, &fleet, &alarm_of(&service.service), &service.name).await.unwrap();
    }
    assert_eq!(world.mutations().len(), 8, "every second service got capacity, in the storm as before it");
    assert_eq!(world.disruptions().len(), 4, "nine cases were no storm yet: four of them replaced tasks");
    assert_eq!(told(&world, Kind::Storm), 1);
    let later: Vec<_> = world.messages().into_iter().filter(|m| m.incident.contains("/storm@")).collect();
    assert!(later.len() > 2, "the storm's cases are one thread: {later:?}");
}

#[tokio::test]
async fn handlers_that_run_at_once_count_each_other_before_they_replace_anything() {
    for seed in 0..50_u64 {
        let (fleet, world) = crowd(30, false, Some(seed));
        let events: Vec<AlarmEvent> = fleet.services.iter().map(|s| alarm_of(&s.service)).collect();
        let all = events.iter().map(|event| on_alarm(&world, &fleet, event, &event.name)).collect();
        let outcomes = at_once(all).await;
        let acted = outcomes.iter().filter(|o| matches!(o, Ok(Handled::Recorded(_, Status::Acted)))).count();
        let sent = world.disruptions().len();
        assert!(
            sent <= usize::try_from(CASES_MAX).unwrap() && acted == sent,
            "seed {seed}: {sent} of 30, {outcomes:?}"
        );
        assert_eq!(wait_of(&world, Status::Deferred).len(), 30 - sent, "seed {seed}: the others are held");
        let told = world.messages().into_iter().filter(|m| m.kind == Kind::Storm).map(|m| m.dedup_key());
        assert_eq!(told.collect::<BTreeSet<_>>().len(), 1, "seed {seed}: one notice, in copies that are known as such");
        let held = world.with_status(Status::Deferred);
        let rests = |id: &ServiceId| !world.state(id).service.cooldowns.is_empty();
        assert!(held.iter().all(|e| e.attempts == 0 && !rests(&e.service)), "seed {seed}: nothing was sent for these");
    }
}

#[tokio::test]
async fn what_a_storm_held_stays_held_as_long_as_its_alarm_fires() {
    let (fleet, world) = crowd(12, false, None);
    for service in &fleet.services {
        on_alarm(&world, &fleet, &alarm_of(&service.service), &service.name).await.unwrap();
    }
    let sent = world.disruptions().len();
    assert_eq!((sent, wait_of(&world, Status::Deferred)), (9, vec!["storm".to_owned(); 3]));
    for minute in 0..60 {
        a_minute(&fleet, &world, minute).await;
    }
    assert_eq!(world.disruptions().len(), sent, "an hour later their alarms still burn");
    assert_eq!(world.with_status(Status::Deferred).len(), 3);
    for service in &fleet.services {
        world.alarm(&format!("{}-cpu-high", service.service), AlarmState::Ok);
    }
    for minute in 60..70 {
        a_minute(&fleet, &world, minute).await;
    }
    assert_eq!(world.disruptions().len(), sent, "quiet by themselves");
    assert!(world.with_status(Status::Deferred).is_empty());
    assert_eq!(world.with_status(Status::Refused).len(), 3, "not firing any more");
}

#[tokio::test]
async fn a_second_send_is_not_made_in_a_storm() {
    let (fleet, world) = crowd(12, false, None);
    // Loaded, asked, planned, counted again; then the send is lost.
    world.fail_at(5, crate::world::Fault::Fails);
    let first = on_alarm(&world, &fleet, &alarm_of("prod-eu-s0"), "s0").await.unwrap();
    assert!(matches!(first, Handled::Recorded(_, Status::Planned)), "{first:?}");
    assert!(world.heal());
    for service in fleet.services.iter().skip(1) {
        on_alarm(&world, &fleet, &alarm_of(&service.service), &service.name).await.unwrap();
    }
    let sent = world.disruptions().len();
    world.advance(61);
    sweep(&world, &fleet, "sweep").await.unwrap();
    assert_eq!(world.disruptions().len(), sent);
    let failed = world.with_status(Status::Failed);
    assert!(failed[0].failure.as_ref().is_some_and(|f| f.contains("at once")), "{failed:?}");
}
