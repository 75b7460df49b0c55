//! Counts and times, held against the table and the calls of the world.

use headroom_core::entry::{Helped, Status};
use headroom_core::fleet::{Fleet, Mode};
use headroom_core::signal::AlarmState;
use headroom_core::telemetry::{Decided, News, Outcome};
use headroom_pipeline::{Watched, on_alarm, on_payload, sweep};
use jiff::Timestamp;
use serde_json::json;

use crate::alarms::fixtures;
use crate::fleets::{FIRES, at, cpu_alarm, web};
use crate::scene::night;
use crate::world::{Fault, World};

/// One event through the front door, watched.
async fn counted(world: &World, fleet: &Fleet, owner: &str) -> Vec<Decided> {
    let watched = Watched::new(world, fleet);
    let answers = on_payload(&watched, fleet, &fixtures::event("alarm/metric"), owner, Timestamp::MAX).await;
    watched.answered(&answers)
}

/// A minute of the reconciler, watched.
async fn swept(world: &World, fleet: &Fleet) -> (Vec<Decided>, u64) {
    let watched = Watched::new(world, fleet);
    let swept = sweep(&watched, fleet, "sweep").await.unwrap();
    (watched.journaled(), watched.reconciled(&swept).oldest_due_seconds)
}

fn outcomes(decided: &[Decided]) -> Vec<(&'static str, &'static str, Option<&'static str>)> {
    let word = |news| match news {
        News::Outcome(outcome) => Outcome::name(outcome),
        News::Effect(helped) => Helped::name(helped),
    };
    decided.iter().map(|d| (d.action, word(d.news), d.reason)).collect()
}

#[tokio::test]
async fn an_acted_case_is_counted_once_with_the_milliseconds_since_its_event() {
    let (fleet, world) = night();
    let decided = counted(&world, &fleet, "first").await;
    assert_eq!(outcomes(&decided), [("scale-out", "acted", None)]);
    // The event names 02:00:31.118, the world's clock stands at 02:00:32.
    assert_eq!(decided[0].applied_after_ms, Some(882));
    let entries = world.entries();
    let of = decided[0].of.clone().unwrap();
    assert_eq!(
        (of.decision, of.case, of.service.as_str(), of.remedy.as_str()),
        (entries[0].decision.clone(), entries[0].key.clone(), "prod-eu/web", "cpu-high")
    );
    let again = counted(&world, &fleet, "again").await;
    assert_eq!(outcomes(&again), [("scale-out", "duplicate", None)]);
    assert_eq!(again[0].of, decided[0].of);
}

#[tokio::test]
async fn what_is_not_done_is_counted_by_the_name_that_the_journal_holds() {
    for mode in [Mode::Observe, Mode::Suggest] {
        let (mut fleet, world) = night();
        let service = &mut fleet.services[0];
        service.remedies = service
            .remedies
            .iter()
            .cloned()
            .map(|mut r| {
                r.mode = mode;
                r
            })
            .collect::<Vec<_>>()
            .into();
        let wanted = if mode == Mode::Observe { "observed" } else { "suggested" };
        assert_eq!(outcomes(&counted(&world, &fleet, "o").await), [("scale-out", wanted, None)]);
    }
    let (fleet, world) = night();
    world.service(&web(), |s| s.desired = 4);
    assert_eq!(outcomes(&counted(&world, &fleet, "o").await), [("scale-out", "refused", Some("already-coming"))]);
    let (fleet, world) = night();
    world.stop("prod-eu", true);
    let deferred = counted(&world, &fleet, "o").await;
    assert_eq!(outcomes(&deferred), [("scale-out", "deferred", Some("stopped"))]);
    world.stop("prod-eu", false);
    world.advance(900);
    world.metric(&web(), "CPUUtilization", 95.0, Some(2));
    let (resumed, oldest) = swept(&world, &fleet).await;
    assert_eq!(
        outcomes(&resumed),
        [("scale-out", "acted", None)],
        "its later case; the first one is not counted again"
    );
    assert!((1..900).contains(&oldest), "{oldest} s due");
    assert_eq!(world.with_status(Status::Resumed).len(), 1);
}

#[tokio::test]
async fn an_event_that_wakes_nothing_is_counted_without_a_case() {
    let (fleet, world) = night();
    let watched = Watched::new(&world, &fleet);
    let mut unmatched = fixtures::event("alarm/metric");
    unmatched["detail"]["configuration"]["metrics"][0]["metricStat"]["metric"]["dimensions"] = json!({});
    unmatched["detail"]["alarmName"] = json!("x");
    unmatched["resources"][0] = json!("arn:aws:cloudwatch:eu-west-1:222222222222:alarm:x");
    for (payload, outcome, reason) in
        [(unmatched, "unmatched", "no-service"), (json!({ "no": "signal" }), "failed", "NotASignal")]
    {
        let answers = on_payload(&watched, &fleet, &payload, "o", Timestamp::MAX).await;
        let decided = watched.answered(&answers);
        assert_eq!(outcomes(&decided), [("none", outcome, Some(reason))], "{answers:?}");
        assert_eq!(decided[0].of, None);
    }
    assert!(world.entries().is_empty());
}

#[tokio::test]
async fn a_flow_that_fails_or_dies_anywhere_counts_no_outcome_twice() {
    for fault in Fault::ALL {
        for call in 1..30 {
            let (fleet, world) = night();
            world.fail_at(call, fault);
            let first = Watched::new(&world, &fleet);
            let event = cpu_alarm(AlarmState::Alarm, at(FIRES), 95.0);
            tokio::select! {
                biased;
                _ = on_alarm(&first, &fleet, &event, "first") => {}
                () = world.died() => {}
            }
            if !world.heal() {
                break;
            }
            world.advance(62);
            world.metric(&web(), "CPUUtilization", 95.0, Some(2));
            let second = Watched::new(&world, &fleet);
            on_alarm(&second, &fleet, &event, "second").await.unwrap();
            let (third, _) = swept(&world, &fleet).await;
            let all = first.journaled().into_iter().chain(second.journaled()).chain(third);
            let acted: Vec<Decided> =
                all.filter(|d| d.news == News::Outcome(Outcome::Acted) && d.action == "scale-out").collect();
            let what = format!("{fault:?} at call {call}: {acted:?}");
            let lost = matches!(fault, Fault::EffectThenFails | Fault::EffectThenDies);
            assert!(acted.len() == 1 || lost && acted.is_empty(), "{what}");
            let journaled = world.with_status(Status::Acted).iter().filter(|e| e.remedy == "cpu-high").count();
            assert_eq!(journaled, 1, "{what}");
            for applied in acted.iter().filter_map(|d| d.applied_after_ms) {
                assert!(applied == 1_000 || applied == 63_000, "{what}");
            }
        }
    }
}

#[tokio::test]
async fn the_reconciler_counts_its_own_entries_and_the_effect_of_an_action() {
    let (fleet, world) = night();
    counted(&world, &fleet, "first").await;
    world.alarm("prod-eu-web-cpu-high", AlarmState::Ok);
    let mut all = Vec::new();
    for _ in 0..60 {
        world.advance(60);
        world.service(&web(), |s| s.running = s.desired);
        world.metric(&web(), "CPUUtilization", 30.0, Some(world.aws(&web()).running));
        all.extend(swept(&world, &fleet).await.0);
    }
    let own = world.entries().iter().filter(|e| e.remedy == "reconcile" && e.status == Status::Acted).count();
    let words = outcomes(&all);
    assert_eq!(words.iter().filter(|w| **w == ("reconcile", "acted", None)).count(), own, "{words:?}");
    assert_eq!(words.iter().filter(|w| w.1 == "yes").count(), 1, "{words:?}");
    assert!(own > 0 && world.aws(&web()).min == 2, "the lease ended");
}
