//! `headroom apply`: a suggestion is decided again, and carried out only if it is still what was proposed.

use headroom_core::control::Pause;
use headroom_core::decide::Decision;
use headroom_core::entry::{Entry, Status};
use headroom_core::fleet::{Action, Fleet, Mode};
use headroom_core::id::CaseKey;
use headroom_core::notice::Kind;
use headroom_core::person::NotApplied;
use headroom_core::signal::AlarmState;
use headroom_pipeline::person::{Applied, apply, offer};
use headroom_pipeline::sweep;

use crate::fleets::web;
use crate::remedies::crew::{fires, with};
use crate::scene::{at_once, minutes, night, told};
use crate::world::{Fault, World};

/// More calls than any flow makes.
const CALLS_MAX: u32 = 60;

/// The night in mode `suggest`, with its suggestion open.
async fn suggested() -> (Fleet, World, Entry) {
    let (mut fleet, world) = night();
    fleet.services[0].remedies[0].mode = Mode::Suggest;
    fires(&fleet, &world, 0).await;
    world.advance(120);
    let entry = world.with_status(Status::Suggested).pop().expect("a suggestion");
    (fleet, world, entry)
}

async fn yes(world: &World, fleet: &Fleet, key: &CaseKey) -> Result<Applied, NotApplied> {
    apply(world, fleet, key, "ana", "ana/1").await.unwrap()
}

fn refused(outcome: Result<Applied, NotApplied>, world: &World) -> NotApplied {
    assert!(world.mutations().is_empty() && world.disruptions().is_empty(), "nothing was done");
    outcome.expect_err("refused")
}

#[tokio::test]
async fn a_yes_grants_what_was_proposed_under_the_same_decision_and_it_gives_itself_back() {
    let (fleet, world, suggestion) = suggested().await;
    let offered = offer(&world, &fleet, &suggestion.key, "ana").await.unwrap().expect("still so");
    let lease = offered.entry.judgement.and_then(|j| j.decision.grant().cloned()).map(|grant| grant.lease);
    assert_eq!(lease.and_then(|l| l.floor), Some(3));
    assert!(world.mutations().is_empty(), "an offer changes nothing");
    assert_eq!(yes(&world, &fleet, &suggestion.key).await, Ok(Applied::Now(Status::Acted)));
    assert_eq!(world.aws(&web()).min, 3);
    let entry = world.with_status(Status::Acted).pop().expect("the entry itself");
    assert_eq!((&entry.decision, entry.mode), (&suggestion.decision, Mode::Act));
    assert_eq!(entry.accepted.map(|yes| yes.by).as_deref(), Some("ana"));
    assert_eq!(told(&world, Kind::Opened), 1);
    assert!(world.state(&web()).service.cooldowns.contains_key("cpu-high"), "it rests like any action");
    world.alarm("prod-eu-web-cpu-high", AlarmState::Ok);
    minutes(&world, &fleet, 20, Some(20.0)).await;
    assert_eq!(world.aws(&web()).min, 2, "given back");
    assert!(world.state(&web()).service.kept.is_none());
}

#[tokio::test]
async fn twice_is_once_one_after_the_other_and_at_once() {
    let (fleet, world, suggestion) = suggested().await;
    assert_eq!(yes(&world, &fleet, &suggestion.key).await, Ok(Applied::Now(Status::Acted)));
    let again = apply(&world, &fleet, &suggestion.key, "ben", "ben/2").await.unwrap();
    assert!(matches!(&again, Ok(Applied::Before(yes, Status::Acted)) if yes.by == "ana"), "{again:?}");
    assert_eq!(world.mutations().len(), 1);
    for seed in 0..40 {
        let (mut fleet, plain) = night();
        fleet.services[0].remedies[0].mode = Mode::Suggest;
        let world = World::new(plain.aws(&web()).created_at, Some(seed)).with_service(&web(), 2, 10);
        world.set_now(crate::fleets::at(crate::fleets::FIRES + 1));
        world.metric(&web(), "CPUUtilization", 95.0, Some(2));
        world.alarm("prod-eu-web-cpu-high", AlarmState::Alarm);
        fires(&fleet, &world, 0).await;
        let key = world.with_status(Status::Suggested)[0].key.clone();
        let both =
            at_once(vec![apply(&world, &fleet, &key, "ana", "ana/1"), apply(&world, &fleet, &key, "ben", "ben/1")])
                .await;
        let now = both.iter().filter(|o| matches!(o, Ok(Ok(Applied::Now(_))))).count();
        assert_eq!((now, world.mutations().len()), (1, 1), "seed {seed}: {both:?}");
    }
}

#[tokio::test]
async fn what_is_no_open_suggestion_is_not_carried_out() {
    let (fleet, world, suggestion) = suggested().await;
    assert_eq!(refused(yes(&world, &fleet, &CaseKey("x".into())).await, &world), NotApplied::NotThere);
    let mut observing = fleet.clone();
    observing.services[0].remedies[0].mode = Mode::Observe;
    assert_eq!(refused(yes(&world, &observing, &suggestion.key).await, &world), NotApplied::Observes);
    let mut gone = fleet.clone();
    gone.services[0].remedies = Vec::new().into();
    assert_eq!(refused(yes(&world, &gone, &suggestion.key).await, &world), NotApplied::LeftTheFleet);
    world.advance(1_700);
    let late = refused(yes(&world, &fleet, &suggestion.key).await, &world);
    assert!(matches!(late, NotApplied::Expired { .. }), "before the reconciler closed it: {late}");
    sweep(&world, &fleet, "sweep").await.unwrap();
    let closed = refused(yes(&world, &fleet, &suggestion.key).await, &world);
    assert_eq!(closed, NotApplied::NotOpen { status: Status::Expired });
}

#[tokio::test]
async fn another_plan_than_the_proposed_one_is_refused_with_what_differs() {
    let (fleet, world, suggestion) = suggested().await;
    world.metric(&web(), "CPUUtilization", 130.0, Some(2));
    let more = refused(yes(&world, &fleet, &suggestion.key).await, &world).to_string();
    assert!(more.contains("\n  lease: proposed min 3, now min 4"), "{more}");
    world.metric(&web(), "CPUUtilization", 95.0, Some(2));
    world.service(&web(), |s| s.max = 12);
    let other = refused(yes(&world, &fleet, &suggestion.key).await, &world).to_string();
    assert!(other.contains("bounds found: proposed 2..10, now 2..12"), "{other}");
    assert_eq!(world.with_status(Status::Suggested).len(), 1, "it stays open");
}

#[tokio::test]
async fn a_yes_passes_no_guard() {
    let why = |refused: NotApplied| {
        let NotApplied::Stands(judgement) = refused else { panic!("{refused:?}") };
        match judgement.decision {
            Decision::Wait { why, .. } => why.name(),
            Decision::Refuse(why) => why.name(),
            Decision::Act(_) => "act",
        }
    };
    let (fleet, world, suggestion) = suggested().await;
    world.alarm("prod-eu-web-cpu-high", AlarmState::Ok);
    assert_eq!(why(refused(yes(&world, &fleet, &suggestion.key).await, &world)), "not-firing");
    world.alarm("prod-eu-web-cpu-high", AlarmState::Alarm);
    world.stop("prod-eu", true);
    assert_eq!(why(refused(yes(&world, &fleet, &suggestion.key).await, &world)), "stopped");
    world.stop("prod-eu", false);
    world.pause("prod-eu", vec![Pause { service: None, remedy: None, until: None, by: "ben".into() }]);
    assert_eq!(why(refused(yes(&world, &fleet, &suggestion.key).await, &world)), "paused");
    world.pause("prod-eu", Vec::new());
    world.service(&web(), |s| s.desired = 12);
    assert_eq!(why(refused(yes(&world, &fleet, &suggestion.key).await, &world)), "capacity-held-by-person");
    world.service(&web(), |s| s.desired = 2);
    world.pause_at_look("prod-eu", vec![Pause { service: None, remedy: None, until: None, by: "ben".into() }]);
    let late = refused(yes(&world, &fleet, &suggestion.key).await, &world);
    assert_eq!(why(late), "paused", "a pause between the look and the plan ends it, too");
}

#[tokio::test]
async fn a_yes_to_a_disruption_is_sent_once_and_only_to_what_was_proposed() {
    for deployed_meanwhile in [false, true] {
        let (mut fleet, world) = with(Action::ForceNewDeployment);
        fleet.services[0].remedies[0].mode = Mode::Suggest;
        fires(&fleet, &world, 0).await;
        let key = world.with_status(Status::Suggested)[0].key.clone();
        world.service(&web(), |s| s.deployed += u32::from(deployed_meanwhile));
        let outcome = yes(&world, &fleet, &key).await;
        if deployed_meanwhile {
            assert!(matches!(refused(outcome, &world), NotApplied::Differs(_)));
            continue;
        }
        assert_eq!(outcome, Ok(Applied::Now(Status::Acted)));
        assert!(matches!(yes(&world, &fleet, &key).await, Ok(Applied::Before(..))));
        minutes(&world, &fleet, 5, None).await;
        assert_eq!(world.disruptions().len(), 1);
    }
}

/// Runs a flow until it ends or dies.
async fn until_death<T>(world: &World, flow: impl Future<Output = T>) -> Option<T> {
    tokio::select! {
        biased;
        done = flow => Some(done),
        () = world.died() => None,
    }
}

#[tokio::test]
async fn killed_at_any_call_it_is_finished_by_the_same_again_or_by_the_reconciler() {
    let mut ways = 0;
    for by_person in [true, false] {
        for fault in Fault::ALL {
            for call in 1..CALLS_MAX {
                let (fleet, world, suggestion) = suggested().await;
                world.fail_at(call, fault);
                let first = until_death(&world, apply(&world, &fleet, &suggestion.key, "ana", "ana/1")).await;
                if !world.heal() {
                    assert!(matches!(first, Some(Ok(Ok(Applied::Now(_))))));
                    break;
                }
                assert!(call < CALLS_MAX - 1, "the flow does not end");
                ways += 1;
                let what = format!("{fault:?} at call {call}, again by a person: {by_person}");
                world.advance(62);
                let planned = world.with_status(Status::Suggested).is_empty();
                if by_person || !planned {
                    let again = apply(&world, &fleet, &suggestion.key, "ana", "ana/2").await.unwrap();
                    assert!(again.is_ok(), "{what}: {again:?}");
                }
                minutes(&world, &fleet, 3, Some(95.0)).await;
                let aws = world.aws(&web());
                assert_eq!((aws.min, aws.max, world.mutations().len()), (3, 10, 1), "{what}");
                assert_eq!(world.state(&web()).service.kept.map(|k| k.base().min), Some(2), "{what}: the baseline");
                assert!(world.with_status(Status::Planned).is_empty(), "{what}");
                assert!(told(&world, Kind::Opened) > 0, "{what}: nobody was told");
            }
        }
    }
    assert!(ways >= 40, "{ways}");
}
