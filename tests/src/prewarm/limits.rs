//! What holds a floor back or cuts it: limits that are its own, and max.

use headroom_core::entry::Status;
use headroom_core::fleet::Fleet;
use headroom_core::notice::Kind;
use headroom_core::seen::PolicySeen;
use headroom_core::signal::AlarmState;
use headroom_pipeline::{Clock, on_alarm};
use serde_json::json;

use super::forecast::{knowing, requests, usual};
use super::morning::{fleet, healthy_targets, minute, minutes, monday, office_hours, proofs, until, with, world};
use crate::fleets::{cpu_alarm, web};
use crate::scene::told;
use crate::world::World;

/// So many changes an hour.
fn limited(mut fleet: Fleet, changes: u32) -> Fleet {
    fleet.limits.changes_per_hour_service = changes;
    fleet
}

async fn alarm(world: &World, fleet: &Fleet) -> Option<Status> {
    world.metric(&web(), "CPUUtilization", 95.0, Some(world.aws(&web()).running));
    world.alarm("prod-eu-web-cpu-high", AlarmState::Alarm);
    on_alarm(world, fleet, &cpu_alarm(AlarmState::Alarm, world.now(), 95.0), "alarm").await.unwrap();
    world.entries().into_iter().find(|entry| entry.event.is_some()).map(|entry| entry.status)
}

#[tokio::test]
async fn a_step_of_the_usual_load_spends_nothing_that_an_alarm_needs() {
    let (fleet, world) = (limited(fleet(&[usual(100)]), 1), knowing(requests()));
    until(&world, &fleet, "08:52", |_| false).await;
    assert_eq!(world.aws(&web()).min, 5, "stepped in this hour");
    assert_eq!(alarm(&world, &fleet).await, Some(Status::Acted));
    assert_eq!(world.aws(&web()).min, 7, "ceil(5 x 95 / 70)");
}

#[tokio::test]
async fn what_an_alarm_spent_holds_no_step_of_the_usual_load_back() {
    let (fleet, world) = (limited(fleet(&[usual(100)]), 1), knowing(requests()));
    until(&world, &fleet, "08:45", |_| false).await;
    assert_eq!(alarm(&world, &fleet).await, Some(Status::Acted));
    until(&world, &fleet, "08:52", |_| false).await;
    assert_eq!(world.state(&web()).service.leases["schedule/office-hours"].floor, Some(5));
    assert_eq!(told(&world, Kind::LimitReached), 0);
}

#[tokio::test]
async fn a_later_hour_over_max_is_told_at_the_grant_and_once() {
    let (fleet, world) = (fleet(&[usual(100)]), knowing(requests()));
    world.service(&web(), |s| s.max = 4);
    minute(&world, &fleet, "07:50").await;
    assert_eq!(world.aws(&web()).min, 3);
    let page = "prod-eu/web: office-hours asks for 5 tasks from 2026-11-23T08:00:00Z on, max leaves 4";
    let titles = |world: &World| proofs(world).into_iter().map(|n| n.title).collect::<Vec<_>>();
    assert_eq!(titles(&world), [page]);
    let text = proofs(&world)[0].text();
    assert!(text.contains("p95 of the last 4 Mondays 09:00-10:00 was 4,300 requests/min: 5 tasks"), "{text}");
    until(&world, &fleet, "09:10", |_| false).await;
    assert_eq!((world.aws(&web()).min, titles(&world).len()), (4, 1));
}

#[tokio::test]
async fn an_hour_that_max_cuts_only_since_the_grant_is_told_when_it_is_asked_for() {
    let (fleet, world) = (fleet(&[usual(100)]), knowing(requests()));
    until(&world, &fleet, "08:30", |_| false).await;
    world.service(&web(), |s| s.max = 4);
    until(&world, &fleet, "08:49", |_| false).await;
    assert_eq!(proofs(&world), []);
    until(&world, &fleet, "09:10", |_| false).await;
    let titles: Vec<String> = proofs(&world).into_iter().map(|n| n.title).collect();
    assert_eq!(titles, ["prod-eu/web: office-hours asks for 5 tasks, max leaves 4"]);
}

#[tokio::test]
async fn a_limit_that_is_spent_costs_no_look_and_no_weeks_of_metrics() {
    let cost = async |fleet: Fleet| {
        let (fleet, world) = (limited(fleet, 0), knowing(requests()));
        until(&world, &fleet, "07:55", |_| false).await;
        assert_eq!((world.mutations().len(), told(&world, Kind::LimitReached)), (0, 1));
        let before = world.calls();
        minute(&world, &fleet, "07:55").await;
        world.calls() - before
    };
    let (usual, fixed) = (cost(fleet(&[usual(100)])).await, cost(fleet(&[office_hours()])).await);
    assert_eq!((usual, fixed), (5, 5), "what is due, looks at no service, the state with its counter, what was told");
}

#[tokio::test]
async fn targets_of_a_group_that_is_not_the_services_own_prove_nothing() {
    let (fleet, world) = (fleet(&[office_hours()]), world("07:49"));
    world.service(&web(), |s| s.policies[0].label = Some("app/other/1/targetgroup/other/9".to_owned()));
    minutes(&world, &fleet, "08:20", |s, now| {
        s.running = s.desired;
        healthy_targets(s, 0, now);
    })
    .await;
    assert_eq!((world.aws(&web()).min, proofs(&world)), (6, Vec::new()));
}

#[tokio::test]
async fn beside_a_policy_on_memory_the_usual_load_asks_for_no_less_than_the_file() {
    let (fleet, world) = (fleet(&[with(usual(100), &[("floor", json!(4))])]), knowing(requests()));
    world.service(&web(), |s| {
        let memory = PolicySeen {
            name: "memory".into(),
            predictive: false,
            tracks: Some("ECSServiceAverageMemoryUtilization".into()),
            target: Some(80.0),
            scales_in: true,
            label: None,
        };
        s.policies.push(memory);
    });
    minute(&world, &fleet, "07:50").await;
    assert_eq!(world.aws(&web()).min, 4, "and not three");
    let text = world.messages()[0].text();
    assert!(text.contains("policy memory follows what no forecast is made of, and 3 are usual"), "{text}");
    world.set_now(monday("08:50"));
    minute(&world, &fleet, "08:50").await;
    assert_eq!(world.aws(&web()).min, 5, "more is asked for");
}
