//! `headroom baseline`: the fleet file's bounds in place of what was found, under guards and under kills.

use headroom_core::capacity::{Bounds, Remark};
use headroom_core::entry::Status;
use headroom_core::fleet::{Fleet, Mode};
use headroom_core::person::{Agreed, Claim, NotGranted, Rebased, Scope, Switch, Wish};
use headroom_core::signal::AlarmState;
use headroom_core::time::Seconds;
use headroom_pipeline::person::{Adopted, Yes, adopt, grant, rebase, switch};

use crate::fleets::web;
use crate::scene::{minutes, night};
use crate::world::{Fault, World};

/// More calls than the flow makes.
const CALLS_MAX: u32 = 60;

/// A quiet night whose fleet file says 3..12 over the 2..10 that are found.
fn changed() -> (Fleet, World) {
    let (mut fleet, world) = night();
    world.alarm("prod-eu-web-cpu-high", AlarmState::Ok);
    world.metric(&web(), "CPUUtilization", 20.0, Some(2));
    let capacity = &mut fleet.services[0].capacity;
    (capacity.min, capacity.max) = (3, 12);
    (fleet, world)
}

/// What a person is asked, as the command asks.
async fn asked(world: &World, fleet: &Fleet) -> Option<Agreed> {
    let would = rebase(world, fleet, &fleet.services[0]).await.unwrap().ok().flatten();
    would.as_ref().map(Rebased::agreed)
}

fn yes(owner: &str, to: Option<Agreed>) -> Yes<'_> {
    Yes { by: "ana", owner, to }
}

async fn adopted(world: &World, fleet: &Fleet, run: &str, at_once: bool) -> Result<Adopted, NotGranted> {
    let to = asked(world, fleet).await;
    adopt(world, fleet, &fleet.services[0], yes(run, to), at_once).await.unwrap()
}

fn bounds(world: &World) -> (u32, u32) {
    let aws = world.aws(&web());
    (aws.min, aws.max)
}

#[tokio::test]
async fn applied_it_is_written_and_verified_and_nothing_is_kept() {
    let (fleet, world) = changed();
    let would = rebase(&world, &fleet, &fleet.services[0]).await.unwrap().expect("may").expect("differs");
    let of = |min, max| Bounds { min, max, scale_in_suspended: false };
    assert_eq!((would.from, would.to, world.mutations().len()), (of(2, 10), of(3, 12), 0));
    let done = adopted(&world, &fleet, "ana/1", true).await.expect("done");
    assert_eq!((done.back, bounds(&world)), (true, (3, 12)));
    minutes(&world, &fleet, 2, Some(20.0)).await;
    assert!(world.state(&web()).service.kept.is_none(), "at rest");
    let entry = world.entries().into_iter().find(|e| Some(&e.decision) == done.decision.as_ref()).expect("journaled");
    assert_eq!((entry.status, entry.accepted.map(|yes| yes.by)), (Status::Acted, Some("ana".to_owned())));
    assert!(entry.remarks.contains(&Remark::Adopted { from: of(2, 10), to: of(3, 12) }));
    let again = adopted(&world, &fleet, "ana/2", true).await.expect("so already");
    assert_eq!((again, world.mutations().len()), (Adopted { decision: None, back: true }, 2));
}

#[tokio::test]
async fn adopted_under_a_lease_it_is_what_the_lease_goes_back_to() {
    let (fleet, world) = changed();
    let wish = Wish { claim: Claim::Floor(6), length: Seconds(3_600), by: "ana".into() };
    grant(&world, &fleet, &fleet.services[0], &wish, "ana/1").await.unwrap().expect("granted");
    let done = adopted(&world, &fleet, "ana/2", false).await.expect("done");
    assert_eq!((done.back, bounds(&world)), (false, (6, 10)), "the reconciler writes");
    minutes(&world, &fleet, 2, Some(20.0)).await;
    assert_eq!(bounds(&world), (6, 12), "the lease stays over it");
    minutes(&world, &fleet, 62, Some(20.0)).await;
    assert_eq!(bounds(&world), (3, 12));
    assert!(world.state(&web()).service.kept.is_none());
}

#[tokio::test]
async fn max_is_never_written_below_what_is_desired() {
    let (mut fleet, world) = changed();
    (fleet.services[0].capacity.min, fleet.services[0].capacity.max) = (2, 4);
    world.service(&web(), |s| (s.desired, s.running) = (7, 7));
    let done = adopted(&world, &fleet, "ana/1", true).await.expect("done");
    assert_eq!((done.back, bounds(&world), world.aws(&web()).desired), (false, (2, 7), 7));
    world.service(&web(), |s| (s.desired, s.running) = (3, 3));
    minutes(&world, &fleet, 3, Some(20.0)).await;
    assert_eq!(bounds(&world), (2, 4));
}

#[tokio::test]
async fn what_stands_against_it_is_told_and_nothing_is_done() {
    let (mut fleet, world) = changed();
    world.stop("prod-eu", true);
    assert!(adopted(&world, &fleet, "ana/1", true).await.unwrap_err().to_string().starts_with("stopped"));
    world.stop("prod-eu", false);
    world.service(&web(), |s| s.desired = 0);
    let held = adopted(&world, &fleet, "ana/1", true).await.unwrap_err().to_string();
    assert!(held.contains("outside"), "{held}");
    world.service(&web(), |s| s.desired = 2);
    fleet.limits.changes_per_hour_service = 0;
    assert!(adopted(&world, &fleet, "ana/1", true).await.unwrap_err().to_string().starts_with("limit-reached"));
    fleet.limits.changes_per_hour_service = 6;
    fleet.services[0].mode = Mode::Observe;
    assert_eq!(adopted(&world, &fleet, "ana/1", true).await.unwrap_err(), NotGranted::Observes);
    assert!(world.mutations().is_empty() && world.entries().is_empty());
}

async fn until_death<T>(world: &World, flow: impl Future<Output = T>) -> Option<T> {
    tokio::select! {
        biased;
        done = flow => Some(done),
        () = world.died() => None,
    }
}

#[tokio::test]
async fn killed_at_any_call_and_run_again_the_file_is_the_baseline_once() {
    let mut ways = 0;
    for fault in Fault::ALL {
        for call in 1..CALLS_MAX {
            let (fleet, world) = changed();
            let to = asked(&world, &fleet).await;
            world.fail_at(call, fault);
            let first = adopt(&world, &fleet, &fleet.services[0], yes("ana/1", to), true);
            let first = until_death(&world, first).await;
            if !world.heal() {
                assert!(matches!(first, Some(Ok(Ok(_)))));
                break;
            }
            ways += 1;
            world.advance(62);
            adopted(&world, &fleet, "ana/2", true).await.expect("done");
            minutes(&world, &fleet, 3, Some(20.0)).await;
            let what = format!("{fault:?} at call {call}");
            assert_eq!((bounds(&world), world.mutations().len()), ((3, 12), 2), "{what}: min once, max once");
            assert!(world.state(&web()).service.kept.is_none(), "{what}");
            assert!(world.with_status(Status::Planned).is_empty(), "{what}");
        }
    }
    assert!(ways >= 30, "{ways}");
}

#[tokio::test]
async fn a_max_under_the_floor_of_a_living_lease_is_refused() {
    let (mut fleet, world) = changed();
    let wish = Wish { claim: Claim::Floor(6), length: Seconds(3_600), by: "ana".into() };
    grant(&world, &fleet, &fleet.services[0], &wish, "ana/1").await.unwrap().expect("granted");
    let capacity = &mut fleet.services[0].capacity;
    (capacity.min, capacity.max) = (2, 5);
    let before = world.mutations().len();
    let refused = adopted(&world, &fleet, "ana/2", true).await.unwrap_err();
    assert_eq!(refused, NotGranted::UnderALease { floor: 6, max: 5 });
    assert_eq!((world.mutations().len(), bounds(&world)), (before, (6, 10)), "nothing was written");
}

#[tokio::test]
async fn a_yes_holds_for_what_was_asked_and_not_for_what_came_between() {
    let (mut fleet, world) = changed();
    let to = asked(&world, &fleet).await;
    assert!(to.is_some());
    // Somebody is granted a lease between question and answer.
    let wish = Wish { claim: Claim::Floor(6), length: Seconds(3_600), by: "ben".into() };
    grant(&world, &fleet, &fleet.services[0], &wish, "ben/1").await.unwrap().expect("granted");
    let before = (world.mutations().len(), world.entries().len());
    let moved = adopt(&world, &fleet, &fleet.services[0], yes("ana/1", to), true).await.unwrap().unwrap_err();
    assert!(matches!(moved, NotGranted::Moved { .. }), "{moved:?}");
    let told = moved.to_string();
    assert_eq!(told, "it changed since you were asked: baseline 2..10 -> 3..12, found 6..10 now; ask again");
    // Told that nothing would become of it, they said yes to nothing.
    let none = adopt(&world, &fleet, &fleet.services[0], yes("ana/2", None), true).await.unwrap().unwrap_err();
    assert!(matches!(none, NotGranted::Moved { .. }), "{none:?}");
    fleet.services[0].capacity.min = 4;
    let other = adopt(&world, &fleet, &fleet.services[0], yes("ana/3", to), true).await.unwrap().unwrap_err();
    assert!(matches!(other, NotGranted::Moved { .. }), "{other:?}");
    assert_eq!((world.mutations().len(), world.entries().len()), before, "nothing was done");
}

#[tokio::test]
async fn a_pause_holds_a_new_baseline_back_and_no_repair() {
    let (fleet, world) = changed();
    let scope = Scope { environment: "prod-eu".into(), service: None, remedy: None };
    let to = asked(&world, &fleet).await;
    switch(&world, &Switch::Pause { scope: scope.clone(), until: None }, "ben").await.unwrap();
    let refused = adopt(&world, &fleet, &fleet.services[0], yes("ana/1", to), true).await.unwrap().unwrap_err();
    assert!(refused.to_string().contains("paused"), "{refused}");
    assert!(world.mutations().is_empty() && world.entries().is_empty());
    switch(&world, &Switch::Resume { scope: scope.clone() }, "ben").await.unwrap();
    adopted(&world, &fleet, "ana/2", false).await.expect("done");
    switch(&world, &Switch::Pause { scope, until: None }, "ben").await.unwrap();
    let done = adopted(&world, &fleet, "ana/3", true).await.expect("what is adopted is written and verified");
    assert_eq!((done, bounds(&world)), (Adopted { decision: None, back: true }, (3, 12)));
}
