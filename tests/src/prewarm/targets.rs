//! Healthy targets: a task that runs and gets no requests is no capacity.

use headroom_core::fleet::Fleet;
use headroom_core::notice::{Kind, Severity};
use jiff::SignedDuration;

use super::morning::{fleet, healthy_targets, minutes, office_hours, proofs, world};
use crate::fleets::web;
use crate::world::World;

/// What the balancer says in a minute.
#[derive(Debug, Clone, Copy)]
enum Says {
    /// So many healthy targets, one minute ago.
    Targets(u32),
    /// Nothing for ten minutes.
    Nothing,
}

/// Minutes until a time in which all tasks run, as many as are desired.
async fn until(world: &World, fleet: &Fleet, says: Says, end: &str) {
    minutes(world, fleet, end, |s, now| {
        s.running = s.desired;
        match says {
            Says::Targets(targets) => healthy_targets(s, targets, now - SignedDuration::from_mins(1)),
            Says::Nothing => healthy_targets(s, 0, now - SignedDuration::from_mins(10)),
        }
    })
    .await;
}

#[tokio::test]
async fn tasks_that_run_and_fail_their_health_checks_page_and_resolve_by_themselves() {
    let (fleet, world) = (fleet(&[office_hours()]), world("07:49"));
    until(&world, &fleet, Says::Targets(4), "08:03").await;
    assert_eq!(proofs(&world), [], "the minutes before the window say nothing of it, and two looks may be chance");
    until(&world, &fleet, Says::Targets(4), "08:20").await;
    let told = proofs(&world);
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!((told[0].kind, told[0].severity), (Kind::PrewarmLate, Severity::Page));
    assert_eq!(told[0].title, "prod-eu/web: office-hours began with 4 of 6 targets healthy");
    let missing = ("Missing".to_owned(), "2 of 6, 3 min into the window; 6 tasks run".to_owned());
    assert!(told[0].lines.iter().any(|(label, line)| (label.to_string(), line.to_string()) == missing), "{told:?}");
    until(&world, &fleet, Says::Targets(6), "08:22").await;
    assert_eq!(proofs(&world)[1].kind, Kind::PrewarmComplete);
    until(&world, &fleet, Says::Targets(5), "08:30").await;
    assert_eq!(proofs(&world)[2].title, "prod-eu/web: office-hours is down to 5 of 6 healthy targets");
}

#[tokio::test]
async fn what_the_balancer_does_not_say_is_told_once_and_neither_pages_nor_ends_a_page() {
    let (fleet, world) = (fleet(&[office_hours()]), world("07:49"));
    until(&world, &fleet, Says::Nothing, "08:30").await;
    let told = proofs(&world);
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(told[0].severity, Severity::Warn);
    assert_eq!(told[0].title, "prod-eu/web: unknown whether the 6 targets of office-hours are healthy");
    until(&world, &fleet, Says::Targets(4), "08:40").await;
    assert_eq!(proofs(&world)[1].severity, Severity::Page);
    until(&world, &fleet, Says::Nothing, "08:55").await;
    assert_eq!(proofs(&world).iter().filter(|n| n.kind == Kind::PrewarmComplete).count(), 0, "six run, and who knows");
    until(&world, &fleet, Says::Targets(6), "08:57").await;
    assert_eq!(proofs(&world).last().map(|n| n.kind), Some(Kind::PrewarmComplete));
}

#[tokio::test]
async fn from_a_batch_whose_targets_nobody_saw_no_lead_is_learned() {
    let (fleet, world) = (fleet(&[office_hours()]), world("07:49"));
    until(&world, &fleet, Says::Nothing, "18:05").await;
    assert_eq!(world.state(&web()).service.batches.get("office-hours"), None);
    assert_eq!(world.aws(&web()).min, 2);
}

#[tokio::test]
async fn counting_targets_costs_no_look_of_its_own() {
    let (fleet, world) = (fleet(&[office_hours()]), world("07:49"));
    until(&world, &fleet, Says::Targets(6), "08:20").await;
    let before = world.calls();
    until(&world, &fleet, Says::Targets(6), "08:21").await;
    assert_eq!(world.calls() - before, 3, "what is due, the state, one look: targets are read in it");
}
