//! `headroom pause`, `resume`, `stop` and `ack`: what holds from the next plan on, by whom, and twice as once.

use headroom_core::entry::Status;
use headroom_core::notice::Kind;
use headroom_core::person::{Scope, Switch};
use headroom_core::time::{Seconds, after};
use headroom_pipeline::person::{Switched, ack, switch};
use headroom_pipeline::{Clock as _, Handled, Journal as _, Keys};

use crate::fleets::web;
use crate::remedies::crew::fires;
use crate::scene::{at_once, granted, minutes, night};
use crate::world::{Fault, World};

fn scope(service: Option<&str>) -> Scope {
    Scope { environment: "prod-eu".into(), service: service.map(str::to_owned), remedy: None }
}

#[tokio::test]
async fn semantics_12_a_pause_holds_new_grants_until_it_ends_and_gives_back_what_was_granted() {
    let (fleet, world) = night();
    let pause = Switch::Pause { scope: scope(Some("web")), until: Some(after(world.now(), Seconds(7_200))) };
    assert!(matches!(switch(&world, &pause, "ana").await.unwrap(), Switched::Done(_)));
    assert!(matches!(switch(&world, &pause, "ben").await.unwrap(), Switched::Already(c) if c.pauses[0].by == "ana"));
    assert!(matches!(fires(&fleet, &world, 0).await, Handled::Recorded(_, Status::Deferred)));
    let resume = Switch::Resume { scope: scope(Some("web")) };
    assert!(matches!(switch(&world, &resume, "ben").await.unwrap(), Switched::Done(_)));
    minutes(&world, &fleet, 6, Some(95.0)).await;
    assert_eq!(world.aws(&web()).min, 3, "the deferred alarm still burns");
    assert!(matches!(switch(&world, &pause, "ana").await.unwrap(), Switched::Done(_)));
    world.alarm("prod-eu-web-cpu-high", headroom_core::signal::AlarmState::Ok);
    minutes(&world, &fleet, 20, Some(20.0)).await;
    assert_eq!(world.aws(&web()).min, 2, "a pause keeps nothing from being given back");
}

#[tokio::test]
async fn semantics_12_a_stop_leaves_bounds_as_they_are_until_it_is_resumed() {
    let (fleet, world) = granted().await;
    let stop = Switch::Stop { environment: "prod-eu".into() };
    assert!(matches!(switch(&world, &stop, "ana").await.unwrap(), Switched::Done(_)));
    world.alarm("prod-eu-web-cpu-high", headroom_core::signal::AlarmState::Ok);
    minutes(&world, &fleet, 20, Some(20.0)).await;
    assert_eq!(world.aws(&web()).min, 3, "restores are mutations, too");
    assert!(matches!(switch(&world, &Switch::Resume { scope: scope(None) }, "ana").await.unwrap(), Switched::Done(_)));
    minutes(&world, &fleet, 20, Some(20.0)).await;
    assert_eq!(world.aws(&web()).min, 2);
}

#[tokio::test]
async fn people_who_switch_at_once_lose_nothing_of_each_other() {
    for seed in 0..40 {
        let world = World::new(crate::fleets::at(1), Some(seed));
        let services = ["a", "b", "c"];
        let all: Vec<Switch> = services.iter().map(|s| Switch::Pause { scope: scope(Some(s)), until: None }).collect();
        let done = at_once(all.iter().map(|what| switch(&world, what, "ana")).collect()).await;
        assert!(done.iter().all(Result::is_ok), "seed {seed}: {done:?}");
        let keys = Keys { environment: Some("prod-eu".into()), ..Keys::default() };
        let control = world.load(&keys).await.unwrap().control;
        assert_eq!((control.pauses.len(), control.switched.len()), (3, 3), "seed {seed}");
    }
}

#[tokio::test]
async fn a_switch_whose_answer_was_lost_is_so_already_the_second_time() {
    for call in 1..=2 {
        for fault in Fault::ALL {
            let world = World::new(crate::fleets::at(1), None);
            let stop = Switch::Stop { environment: "prod-eu".into() };
            world.fail_at(call, fault);
            tokio::select! {
                biased;
                first = switch(&world, &stop, "ana") => assert!(first.is_err(), "{call} {fault:?}"),
                () = world.died() => {}
            }
            assert!(world.heal());
            let again = switch(&world, &stop, "ana").await.unwrap();
            let control = match again {
                Switched::Done(control) | Switched::Already(control) => control,
            };
            assert!(control.stopped && control.switched.len() == 1, "{call} {fault:?}: {control:?}");
        }
    }
}

#[tokio::test]
async fn an_acknowledgement_names_every_kind_that_was_told_and_keeps_the_first_name() {
    let (fleet, world) = granted().await;
    minutes(&world, &fleet, 12, Some(95.0)).await;
    let entry = world.with_status(Status::Acted).into_iter().find(|e| e.remedy == "cpu-high").expect("the grant");
    let both = at_once(vec![ack(&world, &entry, "ana"), ack(&world, &entry, "ben")]).await;
    let first = both[0].as_ref().expect("acknowledged");
    let mut kinds: Vec<Kind> = first.iter().flat_map(|acked| acked.acks.iter().map(|a| a.kind)).collect();
    kinds.sort_by_key(|kind| kind.name());
    assert_eq!(kinds, [Kind::DidNotHelp, Kind::Opened], "{:?}", entry.told);
    let names = |acked: &[headroom_pipeline::person::Acked]| -> Vec<String> {
        acked.iter().flat_map(|acked| acked.acks.iter().map(|a| a.by.clone())).collect()
    };
    let again = ack(&world, &entry, "cy").await.unwrap();
    assert_eq!(names(&again), names(first), "the first name stays");
}
