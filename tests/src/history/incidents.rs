//! Which entries belong together.

use headroom_core::entry::{Entry, Status};
use headroom_core::history::Incident;
use headroom_core::signal::AlarmState;
use headroom_pipeline::on_alarm;

use crate::fleets::{FIRES, alarm, at, cpu_alarm, web};
use crate::scene::{granted, minutes, night};
use crate::world::World;

fn ids(incident: &Incident<'_>) -> Vec<String> {
    incident.entries.iter().map(|e| e.decision.0.clone()).collect()
}

fn newest(world: &World) -> Entry {
    world.entries().into_iter().max_by_key(|e| e.at).unwrap()
}

#[tokio::test]
async fn the_same_alarm_after_the_lease_ended_is_another_incident() {
    let (fleet, world) = granted().await;
    let first = newest(&world);
    world.alarm("prod-eu-web-cpu-high", AlarmState::Ok);
    minutes(&world, &fleet, 60, Some(20.0)).await;
    assert!(world.state(&web()).service.kept.is_none(), "given back");
    world.alarm("prod-eu-web-cpu-high", AlarmState::Alarm);
    world.metric(&web(), "CPUUtilization", 95.0, Some(2));
    let now = headroom_pipeline::Clock::now(&world);
    on_alarm(&world, &fleet, &cpu_alarm(AlarmState::Alarm, now, 95.0), "again").await.unwrap();
    let all = world.entries();
    let (one, two) = (Incident::of(&first, &all), Incident::of(all.iter().max_by_key(|e| e.at).unwrap(), &all));
    assert!(one.ended.is_some() && two.ended.is_none());
    assert!(ids(&one).iter().all(|id| !ids(&two).contains(id)), "{:?} {:?}", ids(&one), ids(&two));
}

#[tokio::test]
async fn another_remedy_of_the_same_service_is_another_incident() {
    let (fleet, world) = granted().await;
    let first = newest(&world);
    world.advance(30);
    let slow = alarm("slow", AlarmState::Alarm, at(FIRES + 20), 3.0, 2.0);
    on_alarm(&world, &fleet, &slow, "slow").await.unwrap();
    let all = world.entries();
    assert_eq!(all.len(), 2);
    assert_eq!(ids(&Incident::of(&first, &all)), std::slice::from_ref(&first.decision.0));
}

#[tokio::test]
async fn a_deferred_case_and_its_later_judgement_are_one_incident() {
    let (fleet, world) = night();
    world.advance(400);
    on_alarm(&world, &fleet, &cpu_alarm(AlarmState::Alarm, at(FIRES), 95.0), "late").await.unwrap();
    let deferred = newest(&world);
    assert_eq!(deferred.status, Status::Deferred);
    minutes(&world, &fleet, 2, Some(95.0)).await;
    let all = world.entries();
    let later = all.iter().find(|e| e.key == deferred.key.later()).expect("judged");
    for entry in [&deferred, later] {
        let incident = Incident::of(entry, &all);
        assert_eq!(incident.first().map(|e| &e.key), Some(&deferred.key));
        assert!(ids(&incident).contains(&later.decision.0));
    }
}
