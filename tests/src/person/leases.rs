//! `headroom lease` and `headroom undo`: an operator's lease is a lease like any other, and a person ends any before
//! its time.

use std::collections::BTreeSet;

use headroom_core::control::Pause;
use headroom_core::entry::Status;
use headroom_core::fleet::{Fleet, Mode};
use headroom_core::notice::Kind;
use headroom_core::person::{Claim, NotGranted, Wish};
use headroom_core::signal::AlarmState;
use headroom_core::time::Seconds;
use headroom_pipeline::person::{Granted, Released, grant, look, release};

use crate::fleets::web;
use crate::scene::{granted, minutes, night, told};
use crate::world::{Fault, World};

/// More calls than any flow makes.
const CALLS_MAX: u32 = 60;

/// The night, with nothing burning.
fn quiet() -> (Fleet, World) {
    let (fleet, world) = night();
    world.alarm("prod-eu-web-cpu-high", AlarmState::Ok);
    world.metric(&web(), "CPUUtilization", 20.0, Some(2));
    (fleet, world)
}

fn wish(claim: Claim, hours: u32) -> Wish {
    Wish { claim, length: Seconds(hours * 3_600), by: "ana".into() }
}

async fn asked(world: &World, fleet: &Fleet, wish: &Wish, run: &str) -> Result<Granted, NotGranted> {
    grant(world, fleet, &fleet.services[0], wish, run).await.unwrap()
}

async fn ended(world: &World, fleet: &Fleet, sources: &[&str], run: &str) -> Result<Released, NotGranted> {
    let sources: BTreeSet<String> = sources.iter().map(|s| (*s).to_owned()).collect();
    release(world, fleet, &web(), &sources, "ben", run).await.unwrap()
}

#[tokio::test]
async fn a_floor_is_held_for_its_time_and_goes_back_by_itself() {
    let (fleet, world) = quiet();
    let would = look(&world, &fleet, &fleet.services[0], &wish(Claim::Floor(6), 2)).await.unwrap().expect("may");
    assert!(would.usd_hour.is_some_and(|usd| usd > 0.0) && world.mutations().is_empty());
    let done = asked(&world, &fleet, &wish(Claim::Floor(6), 2), "ana/1").await.expect("granted");
    assert_eq!((done.status, world.aws(&web()).min), (Status::Acted, 6));
    minutes(&world, &fleet, 118, Some(20.0)).await;
    assert_eq!(world.aws(&web()).min, 6, "the load does not end it");
    minutes(&world, &fleet, 5, Some(20.0)).await;
    assert_eq!(world.aws(&web()).min, 2);
    assert!(world.state(&web()).service.kept.is_none());
    assert_eq!((told(&world, Kind::Opened), told(&world, Kind::Closed), told(&world, Kind::HardEnd)), (1, 1, 0));
    let titles: Vec<String> = world.messages().into_iter().map(|m| m.title).collect();
    assert!(titles[0].ends_with("minimum 2 -> 6 by ana"), "{titles:?}");
    assert!(titles[1].contains("back to min 2 after") && titles[1].ends_with("(was 6 for ana)"), "{titles:?}");
    let entry = world.entries().into_iter().find(|e| e.remedy == "operator").expect("journaled");
    assert_eq!(entry.accepted.map(|yes| yes.by).as_deref(), Some("ana"));
}

#[tokio::test]
async fn the_same_wish_again_renews_and_never_stacks() {
    let (fleet, world) = quiet();
    asked(&world, &fleet, &wish(Claim::Floor(6), 1), "ana/1").await.expect("granted");
    minutes(&world, &fleet, 30, Some(20.0)).await;
    asked(&world, &fleet, &wish(Claim::Floor(4), 1), "ana/2").await.expect("renewed");
    assert_eq!((world.aws(&web()).min, world.state(&web()).service.live().count()), (4, 1), "the newest word counts");
    minutes(&world, &fleet, 58, Some(20.0)).await;
    assert_eq!(world.aws(&web()).min, 4, "from the renewal on");
    minutes(&world, &fleet, 4, Some(20.0)).await;
    assert_eq!(world.aws(&web()).min, 2);
}

#[tokio::test]
async fn max_and_hold_are_leases_too() {
    let (fleet, world) = quiet();
    asked(&world, &fleet, &wish(Claim::Max(12), 1), "ana/1").await.expect("granted");
    asked(&world, &fleet, &wish(Claim::Hold, 1), "ana/2").await.expect("granted");
    let aws = world.aws(&web());
    assert_eq!((aws.min, aws.max, aws.suspended.scale_in), (2, 12, true));
    minutes(&world, &fleet, 63, Some(20.0)).await;
    let aws = world.aws(&web());
    assert_eq!((aws.min, aws.max, aws.suspended.scale_in), (2, 10, false));
}

#[tokio::test]
async fn what_stands_against_it_is_told_and_nothing_is_done() {
    let (fleet, world) = quiet();
    let refused = async |fleet: &Fleet, claim| {
        let why = asked(&world, fleet, &wish(claim, 1), "ana/1").await.expect_err("refused").to_string();
        assert!(world.mutations().is_empty() && world.state(&web()).service.live().count() == 0, "{why}");
        why
    };
    assert!(refused(&fleet, Claim::Floor(16)).await.contains("16 is over the ceiling 15"));
    assert!(refused(&fleet, Claim::Max(16)).await.contains("16 is over the ceiling 15"));
    assert!(refused(&fleet, Claim::Floor(12)).await.contains("12 is over max 10: ask for --max 12 first"));
    let mut observing = fleet.clone();
    observing.services[0].mode = Mode::Observe;
    assert!(refused(&observing, Claim::Floor(6)).await.contains("mode observe"));
    world.service(&web(), |s| s.policies.clear());
    assert!(refused(&fleet, Claim::Floor(6)).await.contains("nothing-scales-in"));
    world.service(&web(), |s| s.untargeted = true);
    assert!(refused(&fleet, Claim::Hold).await.contains("no-scalable-target"));
    let (fleet, world) = quiet();
    let refused = async |what: &str| {
        let why = asked(&world, &fleet, &wish(Claim::Floor(6), 1), "ana/1").await.expect_err(what).to_string();
        assert!(why.contains(what) && world.mutations().is_empty(), "{why}");
    };
    world.stop("prod-eu", true);
    refused("stopped").await;
    world.stop("prod-eu", false);
    let pause = vec![Pause { service: Some("web".into()), remedy: None, until: None, by: "ben".into() }];
    world.pause("prod-eu", pause.clone());
    refused("paused: by ben").await;
    world.pause("prod-eu", Vec::new());
    world.pause_at_look("prod-eu", pause);
    refused("paused: by ben").await;
    world.pause("prod-eu", Vec::new());
    world.service(&web(), |s| s.desired = 20);
    refused("capacity-held-by-person").await;
}

#[tokio::test]
async fn the_hours_limits_count_it_like_any_change() {
    let (fleet, world) = quiet();
    for n in 0..6 {
        asked(&world, &fleet, &wish(Claim::Floor(3 + n), 1), &format!("ana/{n}")).await.expect("granted");
    }
    let why = asked(&world, &fleet, &wish(Claim::Floor(9), 1), "ana/7").await.expect_err("spent").to_string();
    assert!(why.contains("limit reached: prod-eu/web used 6 of 6"), "{why}");
}

#[tokio::test]
async fn a_person_ends_any_lease_and_the_others_stand() {
    let (fleet, world) = granted().await;
    asked(&world, &fleet, &wish(Claim::Floor(6), 2), "ana/1").await.expect("granted");
    let done = ended(&world, &fleet, &["operator-floor@ana"], "ben/1").await.expect("ended");
    assert!(done.back && done.decision.is_some());
    assert_eq!(world.aws(&web()).min, 3, "the alarm's lease lives on");
    let alarm = "cpu-high@prod-eu-web-cpu-high";
    let done = ended(&world, &fleet, &[alarm], "ben/2").await.expect("ended");
    assert_eq!((done.ended, done.back, world.aws(&web()).min), (vec![alarm.to_owned()], true, 2));
    assert!(world.state(&web()).service.kept.is_none(), "verified");
    let again = ended(&world, &fleet, &[alarm], "ben/3").await.expect("nothing left");
    assert_eq!((again.decision, again.ended.len(), again.back), (None, 0, true));
    assert_eq!(told(&world, Kind::Closed), 2);
    assert!(world.entries().iter().any(|e| e.accepted.as_ref().is_some_and(|yes| yes.by == "ben")));
}

#[tokio::test]
async fn a_stopped_environment_gives_nothing_back_by_hand_either() {
    let (fleet, world) = granted().await;
    world.stop("prod-eu", true);
    let why = ended(&world, &fleet, &["cpu-high@prod-eu-web-cpu-high"], "ben/1").await.expect_err("stopped");
    assert_eq!(why.to_string(), "stopped: no mutating call in this environment until it is resumed");
    assert_eq!((world.aws(&web()).min, world.state(&web()).service.live().count()), (3, 1));
}

async fn until_death<T>(world: &World, flow: impl Future<Output = T>) -> Option<T> {
    tokio::select! {
        biased;
        done = flow => Some(done),
        () = world.died() => None,
    }
}

#[tokio::test]
async fn killed_at_any_call_of_a_grant_and_run_again_it_is_one_lease_over_the_same_baseline() {
    let mut ways = 0;
    for again in [true, false] {
        for fault in Fault::ALL {
            for call in 1..CALLS_MAX {
                let (fleet, world) = quiet();
                let wish = wish(Claim::Floor(6), 2);
                world.fail_at(call, fault);
                let first = until_death(&world, grant(&world, &fleet, &fleet.services[0], &wish, "ana/1")).await;
                if !world.heal() {
                    assert!(matches!(first, Some(Ok(Ok(_)))));
                    break;
                }
                ways += 1;
                let what = format!("{fault:?} at call {call}, again: {again}");
                world.advance(62);
                if again || world.entries().is_empty() {
                    asked(&world, &fleet, &wish, "ana/2").await.expect("granted");
                }
                minutes(&world, &fleet, 3, Some(20.0)).await;
                assert_eq!((world.aws(&web()).min, world.mutations().len()), (6, 1), "{what}");
                let state = world.state(&web()).service;
                assert_eq!((state.live().count(), state.kept.map(|k| k.base().min)), (1, Some(2)), "{what}");
                assert!(world.with_status(Status::Planned).is_empty(), "{what}");
            }
        }
    }
    assert!(ways >= 40, "{ways}");
}

#[tokio::test]
async fn killed_at_any_call_of_a_release_the_next_minutes_finish_it() {
    let mut ways = 0;
    for fault in Fault::ALL {
        for call in 1..CALLS_MAX {
            let (fleet, world) = granted().await;
            let sources = BTreeSet::from(["cpu-high@prod-eu-web-cpu-high".to_owned()]);
            world.fail_at(call, fault);
            let first = until_death(&world, release(&world, &fleet, &web(), &sources, "ben", "ben/1")).await;
            if !world.heal() {
                assert!(matches!(first, Some(Ok(Ok(_)))));
                break;
            }
            ways += 1;
            world.advance(62);
            if world.state(&web()).service.live().count() > 0 {
                release(&world, &fleet, &web(), &sources, "ben", "ben/2").await.unwrap().expect("ended");
            }
            minutes(&world, &fleet, 4, Some(20.0)).await;
            let what = format!("{fault:?} at call {call}");
            assert_eq!((world.aws(&web()).min, world.mutations().len()), (2, 2), "{what}: one raise, one return");
            assert!(world.state(&web()).service.kept.is_none(), "{what}");
            assert!(world.with_status(Status::Planned).is_empty(), "{what}");
        }
    }
    assert!(ways >= 30, "{ways}");
}
