//! What no single look decides: refusals that a flow of events comes to.

use std::fmt::Write;
use std::future::Future;
use std::pin::Pin;

use headroom_core::decide::{Decision, Judgement};
use headroom_core::entry::Entry;
use headroom_core::fleet::Action;
use headroom_core::signal::{AlarmEvent, AlarmState, Mute};
use headroom_pipeline::{on_alarm, sweep};

use super::scene::{name, text};
use crate::fleets::{FIRES, at, cpu_alarm, web};
use crate::golden;
use crate::releases::play::Play;
use crate::remedies::crew::{fires, with};
use crate::scene::{granted, minutes, night};
use crate::world::Fault;

type Flow = fn() -> Pin<Box<dyn Future<Output = Vec<Entry>>>>;

/// Each with the refusal that its newest matching entry holds.
pub(super) const FLOWS: [(&str, Flow); 9] = [
    ("nothing-to-release", || Box::pin(nothing_to_release())),
    ("overridden", || Box::pin(overridden())),
    ("deferred-too-long", || Box::pin(deferred_too_long())),
    ("left-the-fleet", || Box::pin(left_the_fleet())),
    ("conflict", || Box::pin(conflict())),
    ("outcome-unknown", || Box::pin(outcome_unknown())),
    ("decided-by-watch", || Box::pin(decided_by_watch())),
    ("no-deployment", || Box::pin(no_deployment())),
    ("no-size", || Box::pin(no_size())),
];

/// An alarm goes quiet that never fired here.
async fn nothing_to_release() -> Vec<Entry> {
    let (fleet, world) = night();
    on_alarm(&world, &fleet, &cpu_alarm(AlarmState::Ok, at(FIRES), 40.0), "quiet").await.unwrap();
    world.entries()
}

/// A person sets min during the lease; the alarm fires once more.
async fn overridden() -> Vec<Entry> {
    let (fleet, world) = granted().await;
    minutes(&world, &fleet, 2, Some(75.0)).await;
    world.service(&web(), |s| s.min = 1);
    minutes(&world, &fleet, 5, Some(75.0)).await;
    world.metric(&web(), "CPUUtilization", 99.0, Some(3));
    let again = cpu_alarm(AlarmState::Alarm, at(FIRES + 400), 99.0);
    world.advance(120);
    world.metric(&web(), "CPUUtilization", 99.0, Some(3));
    on_alarm(&world, &fleet, &again, "again").await.unwrap();
    world.entries()
}

/// Muted for longer than a week, and firing all the time.
async fn deferred_too_long() -> Vec<Entry> {
    let (fleet, world) = night();
    let event = AlarmEvent {
        mute: Some(Mute { by: "m".into(), until: Some(at(FIRES + 8 * 86_400)) }),
        ..cpu_alarm(AlarmState::Alarm, at(FIRES), 95.0)
    };
    on_alarm(&world, &fleet, &event, "first").await.unwrap();
    world.set_now(at(FIRES + 8 * 86_400 + 1));
    world.actions("prod-eu-web-cpu-high", false);
    world.metric(&web(), "CPUUtilization", 95.0, Some(2));
    sweep(&world, &fleet, "sweep").await.unwrap();
    world.entries()
}

/// The remedy is taken out of the fleet file while its case waits.
async fn left_the_fleet() -> Vec<Entry> {
    let (mut fleet, world) = night();
    world.stop("prod-eu", true);
    fires(&fleet, &world, 0).await;
    fleet.services[0].remedies = Vec::new().into();
    world.stop("prod-eu", false);
    world.advance(301);
    sweep(&world, &fleet, "sweep").await.unwrap();
    world.entries()
}

/// Somebody deploys between the look and the call.
async fn conflict() -> Vec<Entry> {
    let (fleet, world) = with(Action::ForceNewDeployment);
    world.deploy_at_look(&web());
    fires(&fleet, &world, 0).await;
    world.entries()
}

/// Neither send of a restart is answered, and neither took effect.
async fn outcome_unknown() -> Vec<Entry> {
    let (fleet, world) = with(Action::ForceNewDeployment);
    for call in [5, 8] {
        world.fail_at(call, Fault::Fails);
        if call == 5 {
            fires(&fleet, &world, 0).await;
        } else {
            sweep(&world, &fleet, "second").await.unwrap();
        }
        assert!(world.heal());
        world.advance(61);
    }
    sweep(&world, &fleet, "third").await.unwrap();
    world.entries()
}

/// A rollback is not decided on an alarm alone.
async fn decided_by_watch() -> Vec<Entry> {
    let (fleet, world) = with(Action::Rollback);
    fires(&fleet, &world, 0).await;
    world.entries()
}

/// Errors rise hours after the last deployment.
async fn no_deployment() -> Vec<Entry> {
    let mut play = Play::new(2_000);
    play.minutes(60);
    play.spoil(20.0);
    play.minutes(10);
    play.entries()
}

/// A scale-out that no fleet file can hold.
async fn no_size() -> Vec<Entry> {
    let (fleet, world) = with(Action::ScaleOut);
    fires(&fleet, &world, 0).await;
    minutes(&world, &fleet, 6, Some(95.0)).await;
    world.entries()
}

#[tokio::test]
async fn flows_come_to_the_refusals_that_no_single_look_gives() {
    let mut page = String::new();
    for (expected, flow) in FLOWS {
        let entries = flow().await;
        let judged = |wanted: &dyn Fn(&Judgement, Option<&str>) -> bool| {
            entries.iter().find(|e| e.judgement.as_ref().is_some_and(|j| wanted(j, e.failure.as_deref())))
        };
        let refused =
            |j: &Judgement, _: Option<&str>| matches!(j.decision, Decision::Refuse(_)) && name(&j.decision) == expected;
        let failed = |_: &Judgement, failure: Option<&str>| {
            expected == "outcome-unknown" && failure.is_some_and(|f| f.starts_with("unknown outcome"))
        };
        let entry = judged(&refused).or_else(|| judged(&failed));
        let entry = entry.unwrap_or_else(|| panic!("{expected}: {entries:?}"));
        let judgement = entry.judgement.as_ref().expect("judged");
        page.push_str(&text(expected, judgement));
        if let Some(failure) = &entry.failure {
            writeln!(page, "FAILED {failure}").unwrap();
        }
        page.push('\n');
    }
    golden::compare("scripts/decisions/flows.txt", &page);
}
