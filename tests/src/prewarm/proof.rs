//! Whether the tasks are there: told when they are not, resolved by itself, and learned from.

use headroom_core::fleet::{Dependency, Environment, Fleet, Watch, WhileHigh};
use headroom_core::notice::{Kind, Severity};
use headroom_core::schedule::Stopped;
use headroom_core::seen::Reading;
use headroom_core::signal::AlarmState;
use headroom_core::time::Seconds;
use headroom_pipeline::{Clock, sweep};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::morning::{fleet, minutes, monday, office_hours, proofs, with, world};
use crate::fleets::web;
use crate::golden;
use crate::world::World;

/// Minutes until a time in which so many tasks run, however many are desired.
async fn with_running(world: &World, fleet: &Fleet, running: u32, end: &str) {
    minutes(world, fleet, end, |s, _| s.running = running.min(s.desired)).await;
}

#[tokio::test]
async fn short_for_three_looks_of_the_window_pages_once_and_resolves_by_itself() {
    let (fleet, world) = (fleet(&[office_hours()]), world("07:49"));
    with_running(&world, &fleet, 4, "08:02").await;
    assert_eq!(proofs(&world), [], "two looks may be chance, and before it opens they are on their way");
    with_running(&world, &fleet, 4, "08:20").await;
    let told = proofs(&world);
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!((told[0].kind, told[0].severity), (Kind::PrewarmLate, Severity::Page));
    assert_eq!(told[0].title, "prod-eu/web: office-hours began with 4 of 6 tasks running");
    let missing = "2 of 6, 2 min into the window; healthy targets: 4";
    assert!(told[0].lines.iter().any(|(label, line)| label == "Missing" && line == missing), "{told:?}");
    with_running(&world, &fleet, 6, "08:25").await;
    let told = proofs(&world);
    assert_eq!(
        told[1..].iter().map(|n| (n.kind, n.incident.as_str())).collect::<Vec<_>>(),
        [(Kind::PrewarmComplete, told[0].incident.as_str())]
    );
    with_running(&world, &fleet, 5, "08:40").await;
    assert_eq!(proofs(&world)[2].title, "prod-eu/web: office-hours is down to 5 of 6 running tasks");
}

#[tokio::test]
async fn a_page_says_why_tasks_stopped_and_only_a_page_asks() {
    let text = async |stopped: Reading<Vec<Stopped>>| {
        let (fleet, world) = (fleet(&[office_hours()]), world("07:49"));
        world.service(&web(), |s| s.stopped = stopped);
        let mut calls = Vec::new();
        for end in ["08:01", "08:02", "08:03", "08:04"] {
            let before = world.calls();
            with_running(&world, &fleet, 4, end).await;
            calls.push(world.calls() - before);
        }
        assert_eq!([calls[1], calls[3]], [4, 3], "what is due, the state, one look, and the second look's own count");
        let page = proofs(&world).remove(0);
        page.lines.into_iter().find(|(label, _)| *label == "Stopped").map(|(_, line)| line.to_string())
    };
    let task = |minute: &str, reason: &str| Stopped { at: Some(monday(minute)), reason: reason.to_owned() };
    let all = vec![
        task("07:55", "Task failed ELB health checks in (target-group prod-eu-web)"),
        task("07:53", "Task failed ELB health checks in (target-group prod-eu-web)"),
        task("07:01", "Essential container in task exited"),
    ];
    let said = "2 tasks: Task failed ELB health checks in (target-group prod-eu-web)";
    assert_eq!(text(Reading::Known(all)).await.as_deref(), Some(said));
    let denied = Reading::Unreadable("AccessDeniedException".to_owned());
    assert_eq!(text(denied).await.as_deref(), Some("reasons are unreadable: AccessDeniedException"));
    assert_eq!(text(Reading::Known(Vec::new())).await, None);
}

#[tokio::test]
async fn a_page_does_not_outlive_its_window() {
    let (fleet, world) = (fleet(&[office_hours()]), world("17:30"));
    with_running(&world, &fleet, 4, "18:05").await;
    let kinds: Vec<Kind> = proofs(&world).iter().map(|n| n.kind).collect();
    assert_eq!(kinds, [Kind::PrewarmLate, Kind::PrewarmComplete]);
    assert!(proofs(&world)[1].title.contains("closed before its tasks were there"));
}

#[tokio::test]
async fn a_page_is_resolved_at_the_end_of_a_window_that_changed_nothing() {
    let (fleet, world) = (fleet(&[office_hours()]), world("17:30"));
    world.service(&web(), |s| (s.min, s.desired) = (6, 6));
    with_running(&world, &fleet, 4, "18:05").await;
    assert_eq!(world.mutations(), [], "the baseline is the floor");
    let kinds: Vec<Kind> = proofs(&world).iter().map(|n| n.kind).collect();
    assert_eq!(kinds, [Kind::PrewarmLate, Kind::PrewarmComplete]);
}

#[tokio::test]
async fn a_floor_is_explained_by_its_decision() {
    let (fleet, world) = (fleet(&[office_hours()]), world("07:50"));
    with_running(&world, &fleet, 6, "07:52").await;
    let entry = world.entries().into_iter().find(|e| e.remedy == "schedule/office-hours").unwrap();
    golden::compare("prewarm/explained.txt", &headroom_core::explain::long(&entry));
}

#[tokio::test]
async fn a_floor_that_waits_in_its_window_is_told_and_resolved() {
    let (mut fleet, world) = (fleet(&[office_hours()]), world("07:49"));
    let watch = Watch::Alarm { alarm: "prod-eu-redis-cpu".into() };
    fleet.dependencies = vec![Dependency {
        environment: "prod-eu".into(),
        name: "redis".into(),
        line: 70,
        watch,
        while_high: vec![WhileHigh::NoScaleOut],
        severity: Severity::Warn,
        connections: None,
    }];
    fleet.services[0].depends_on = vec!["redis".into()];
    world.alarm("prod-eu-redis-cpu", AlarmState::Alarm);
    with_running(&world, &fleet, 2, "08:02").await;
    assert_eq!(
        (world.mutations(), proofs(&world)),
        (Vec::new(), Vec::new()),
        "a floor that waits before its window is in time"
    );
    with_running(&world, &fleet, 2, "08:30").await;
    let titles = |world: &World| proofs(world).into_iter().map(|n| n.title).collect::<Vec<_>>();
    assert_eq!(titles(&world), ["prod-eu/web: office-hours is open and its floor waits: dependency-high"]);
    world.alarm("prod-eu-redis-cpu", AlarmState::Ok);
    with_running(&world, &fleet, 6, "08:35").await;
    assert_eq!(titles(&world)[1..], ["prod-eu/web: office-hours is complete after 31 min, 6 of 6 tasks run"]);
    assert_eq!(proofs(&world)[0].incident, proofs(&world)[1].incident);
}

#[tokio::test]
async fn outside_production_nobody_is_woken() {
    let mut staging = fleet(&[with(office_hours(), &[("environments", json!(["staging"]))])]);
    staging.environments = vec![Environment { name: "staging".into(), ..staging.environments[0].clone() }];
    staging.services[0].environment = "staging".into();
    let world = world("07:50");
    with_running(&world, &staging, 4, "08:20").await;
    assert_eq!(proofs(&world).iter().map(|n| n.severity).collect::<Vec<_>>(), [Severity::Warn]);
}

#[tokio::test]
async fn a_floor_that_max_cuts_is_proved_by_what_max_leaves() {
    let (fleet, world) = (fleet(&[office_hours()]), world("07:50"));
    world.service(&web(), |s| s.max = 4);
    with_running(&world, &fleet, 4, "08:30").await;
    assert_eq!(proofs(&world).len(), 1, "the page at the grant, and none for what cannot come");
}

/// Days from that Monday on, in which a batch runs so many minutes after its grant; when each floor came.
async fn days(world: &World, fleet: &Fleet, days: i64, minutes: i64) -> Vec<Timestamp> {
    let mut grants = Vec::new();
    for day in 0..days {
        let at = |time: &str| monday(time) + SignedDuration::from_hours(24 * day);
        world.set_now(at("06:55"));
        let mut granted = None;
        while world.now() < at("08:30") {
            if granted.is_none() && world.aws(&web()).min == 6 {
                granted = Some(world.now());
                grants.push(world.now());
            }
            let there = granted.is_some_and(|since| world.now() >= since + SignedDuration::from_mins(minutes));
            world.service(&web(), |s| s.running = if there { s.desired } else { s.desired.min(2) });
            sweep(world, fleet, &format!("sweep-{}", world.now())).await.unwrap();
            assert!(granted.is_none() || world.aws(&web()).min == 6, "a floor that came stays: {}", world.now());
            world.advance(60);
        }
        for time in ["18:00", "18:01", "18:02"] {
            world.set_now(at(time));
            // Target tracking takes the tasks away again.
            world.service(&web(), |s| (s.desired, s.running) = (s.min, s.min));
            sweep(world, fleet, &format!("sweep-{}", world.now())).await.unwrap();
        }
        world.service(&web(), |s| (s.desired, s.running) = (2, 2));
    }
    grants
}

#[tokio::test]
async fn after_twenty_batches_the_lead_is_what_they_took() {
    let learned = with(office_hours(), &[("lead", json!({ "learned": { "fallback": 600 } }))]);
    let (fleet, world) = (fleet(&[learned]), world("06:55"));
    let grants = days(&world, &fleet, 5 * 7, 12).await;
    let ahead: Vec<Seconds> = grants
        .iter()
        .map(|at| {
            let midnight =
                Timestamp::from_second((at.as_second() + 3_600).div_euclid(86_400) * 86_400 - 3_600).unwrap();
            headroom_core::time::elapsed(*at, midnight + SignedDuration::from_hours(8))
        })
        .collect();
    assert_eq!(ahead.len(), 25);
    let first: Vec<u32> = ahead[..20].iter().map(|s| s.0 / 60).collect();
    assert!(first.iter().all(|minutes| (9..=10).contains(minutes)), "{first:?}");
    let last: Vec<u32> = ahead[20..].iter().map(|s| s.0 / 60).collect();
    assert!(last.iter().all(|minutes| (14..=16).contains(minutes)), "12 minutes and 2 of room: {last:?}");
    assert_eq!(world.state(&web()).service.batches["office-hours"].len(), 25);
}

#[tokio::test]
async fn a_lead_that_learned_to_be_shorter_takes_no_floor_away_that_has_come() {
    let learned = with(office_hours(), &[("lead", json!({ "learned": { "fallback": 600 } }))]);
    let (fleet, world) = (fleet(&[learned]), world("06:55"));
    let grants = days(&world, &fleet, 5 * 7, 1).await;
    let local = |at: &Timestamp| (*at + SignedDuration::from_hours(1)).strftime("%H:%M").to_string();
    assert_eq!((local(&grants[0]), grants.len()), ("07:51".to_owned(), 25));
    assert!(grants.last().is_some_and(|at| local(at).as_str() > "07:55"), "learned: {:?}", grants.last().map(local));
}
