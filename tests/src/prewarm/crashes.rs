//! A reconciler that dies at any call of the grant.

use headroom_core::entry::Status;
use headroom_pipeline::sweep;

use super::morning::{fleet, minute, monday, office_hours, until, world};
use crate::fleets::web;
use crate::world::Fault;

#[tokio::test]
async fn a_grant_that_dies_at_any_call_ends_the_same_and_gives_back_the_true_baseline() {
    let fleet = fleet(&[office_hours()]);
    let calls = {
        let world = world("07:50");
        let before = world.calls();
        minute(&world, &fleet, "07:50").await;
        world.calls() - before
    };
    let mut deaths = 0;
    for call in 1..=calls {
        for fault in Fault::ALL {
            let world = world("07:50");
            world.fail_at(call, fault);
            tokio::select! {
                biased;
                () = world.died() => {}
                _failed_or_done = sweep(&world, &fleet, "first") => {}
            }
            world.heal();
            deaths += 1;
            world.advance(60);
            until(&world, &fleet, "07:56", |_| false).await;
            let said = format!("{fault:?} at call {call}");
            assert_eq!(world.aws(&web()).min, 6, "{said}");
            assert_eq!(world.state(&web()).service.live().count(), 1, "{said}");
            let acted = world.with_status(Status::Acted);
            assert_eq!(acted.iter().filter(|e| e.remedy == "schedule/office-hours").count(), 1, "{said}");
            assert!(world.messages().iter().any(|m| m.title.contains("2 -> 6")), "{said}");
            world.set_now(monday("18:00"));
            until(&world, &fleet, "18:05", |_| false).await;
            assert_eq!(world.aws(&web()).min, 2, "{said}");
        }
    }
    assert!(deaths >= 20, "{deaths}");
}

#[tokio::test]
async fn two_reconcilers_in_the_same_minute_grant_once() {
    let fleet = fleet(&[office_hours()]);
    for seed in 0..40 {
        let world = crate::world::World::new(monday("07:50"), Some(seed)).with_service(&web(), 2, 10);
        let flows = ["one", "two"].map(|owner| sweep(&world, &fleet, owner));
        for swept in crate::scene::at_once(flows.into()).await {
            let _one_of_two_may_lose = swept;
        }
        until(&world, &fleet, "07:53", |_| false).await;
        assert_eq!(world.aws(&web()).min, 6, "seed {seed}");
        assert_eq!(world.mutations().len(), 1, "seed {seed}: {:?}", world.mutations());
    }
}
