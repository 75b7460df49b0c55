//! Capacity without a scalable target, and capacity that no scaling policy takes away (SEMANTICS 22, 23).

use headroom_core::capacity::Change;
use headroom_core::decide::Decision;
use headroom_core::entry::Status;
use headroom_core::fleet::{Fleet, Sizing};
use headroom_core::notice::Kind;
use headroom_core::signal::AlarmState;
use headroom_pipeline::{Handled, sweep};

use super::crew::fires;
use crate::fleets::web;
use crate::scene::{night, told};
use crate::world::World;

/// The night of a service without a scalable target.
fn untargeted() -> (Fleet, World) {
    let (fleet, world) = night();
    world.service(&web(), |s| (s.untargeted, s.policies) = (true, Vec::new()));
    (fleet, world)
}

async fn minutes(world: &World, fleet: &Fleet, from: u32, n: u32, cpu: f64) {
    for minute in from..from + n {
        world.advance(60);
        world.service(&web(), |s| s.running = s.desired);
        world.metric(&web(), "CPUUtilization", cpu, Some(world.aws(&web()).running));
        sweep(world, fleet, &format!("sweep-{minute}")).await.unwrap();
    }
}

fn refused(world: &World) -> String {
    match world.entries().pop().and_then(|e| e.judgement).map(|j| j.decision) {
        Some(Decision::Refuse(why)) => why.name().to_owned(),
        other => format!("{other:?}"),
    }
}

#[tokio::test]
async fn semantics_23_without_a_scalable_target_the_desired_count_is_leased_and_goes_back_in_steps() {
    let (mut fleet, world) = untargeted();
    fleet.services[0].remedies[0].sizing = Some(Sizing::Add { tasks: 4 });
    assert!(matches!(fires(&fleet, &world, 0).await, Handled::Recorded(_, Status::Acted)));
    assert_eq!(world.mutations(), [Change::Desired { from: 2, to: 6 }]);
    world.alarm("prod-eu-web-cpu-high", AlarmState::Ok);
    minutes(&world, &fleet, 0, 20, 30.0).await;
    assert_eq!(world.aws(&web()).desired, 2, "back");
    let steps: Vec<Change> = world.mutations().split_off(1);
    let each = |from, to| Change::Desired { from, to };
    assert_eq!(steps, [each(6, 5), each(5, 4), each(4, 3), each(3, 2)], "a quarter, at least one, per look");
    assert_eq!((told(&world, Kind::Opened), told(&world, Kind::Closed)), (1, 1));
    assert!(world.state(&web()).service.kept.is_none(), "verified");
}

#[tokio::test]
async fn semantics_23_a_desired_count_that_somebody_set_meanwhile_stays() {
    let (fleet, world) = untargeted();
    fires(&fleet, &world, 0).await;
    assert_eq!(world.aws(&web()).desired, 3);
    world.service(&web(), |s| s.desired = 7);
    world.alarm("prod-eu-web-cpu-high", AlarmState::Ok);
    minutes(&world, &fleet, 0, 25, 20.0).await;
    assert_eq!(world.aws(&web()).desired, 7, "only what is still ours is lowered");
    assert_eq!(world.mutations().len(), 1);
    assert_eq!(told(&world, Kind::Drift), 1);
}

#[tokio::test]
async fn semantics_23_a_target_that_appears_ends_the_lease_and_owns_the_count() {
    let (fleet, world) = untargeted();
    fires(&fleet, &world, 0).await;
    world.service(&web(), |s| (s.untargeted, s.min, s.max) = (false, 3, 10));
    minutes(&world, &fleet, 0, 3, 95.0).await;
    assert_eq!(world.mutations().len(), 1, "nothing is written over the new owner");
    assert!(world.state(&web()).service.live().next().is_none());
}

#[tokio::test]
async fn semantics_23_a_daemon_is_refused() {
    let (fleet, world) = untargeted();
    world.service(&web(), |s| s.daemon = true);
    fires(&fleet, &world, 0).await;
    assert_eq!(refused(&world), "daemon");
}

#[tokio::test]
async fn semantics_23_a_service_without_tasks_is_woken_only_by_a_remedy_that_says_so() {
    for (wake, desired) in [(None, 0), (Some(3), 3)] {
        let (mut fleet, world) = night();
        fleet.services[0].remedies[0].wake = wake;
        world.service(&web(), |s| (s.min, s.desired, s.running) = (0, 0, 0));
        fires(&fleet, &world, 0).await;
        assert_eq!(world.aws(&web()).desired, desired, "wake {wake:?}");
        if wake.is_none() {
            assert_eq!(refused(&world), "nothing-runs");
        }
    }
}

#[tokio::test]
async fn semantics_5_a_service_parked_under_its_min_is_not_woken() {
    let (mut fleet, world) = night();
    fleet.services[0].remedies[0].wake = Some(3);
    world.service(&web(), |s| (s.min, s.desired, s.running) = (1, 0, 0));
    fires(&fleet, &world, 0).await;
    assert!(world.mutations().is_empty(), "a person parked it");
}

#[tokio::test]
async fn a_hard_end_takes_no_running_task_away() {
    let (fleet, world) = untargeted();
    fires(&fleet, &world, 0).await;
    let leased = world.aws(&web()).desired;
    minutes(&world, &fleet, 0, 250, 95.0).await;
    assert_eq!(told(&world, Kind::HardEnd), 1);
    let end = world.messages().into_iter().find(|m| m.kind == Kind::HardEnd).unwrap();
    assert!(end.title.contains("desired count stays as it is"), "no min goes back: {}", end.title);
    assert!(world.aws(&web()).desired >= leased, "the alarm still burns: {}", world.aws(&web()).desired);
    assert!(world.state(&web()).service.kept.is_none(), "what is found is nobody's lease any more");
}

/// The night of a service that no policy scales in.
fn nothing_scales_in(gives_back: bool) -> (Fleet, World) {
    let (mut fleet, world) = night();
    fleet.services[0].remedies[0].gives_back_desired = gives_back;
    fleet.services[0].remedies[0].sizing = Some(Sizing::Add { tasks: 4 });
    world.service(&web(), |s| s.policies.clear());
    (fleet, world)
}

#[tokio::test]
async fn semantics_22_a_floor_that_nothing_would_take_away_is_refused_without_give_back() {
    let (fleet, world) = nothing_scales_in(false);
    fires(&fleet, &world, 0).await;
    assert_eq!(refused(&world), "nothing-scales-in");
}

#[tokio::test]
async fn semantics_22_with_give_back_the_count_that_we_caused_goes_back_after_the_bound() {
    let (fleet, world) = nothing_scales_in(true);
    fires(&fleet, &world, 0).await;
    assert_eq!(world.aws(&web()).desired, 6, "Auto Scaling started four");
    world.alarm("prod-eu-web-cpu-high", AlarmState::Ok);
    minutes(&world, &fleet, 0, 20, 20.0).await;
    let aws = world.aws(&web());
    assert_eq!((aws.min, aws.desired), (2, 2));
    assert!(world.state(&web()).service.kept.is_none(), "over");
}

#[tokio::test]
async fn semantics_22_a_lost_call_does_not_end_the_give_back() {
    let (fleet, world) = nothing_scales_in(true);
    fires(&fleet, &world, 0).await;
    world.alarm("prod-eu-web-cpu-high", AlarmState::Ok);
    for minute in 0..25 {
        // AWS refuses in between; the count stands where the last call that counted left it.
        world.deny((8..11).contains(&minute));
        world.advance(60);
        world.service(&web(), |s| s.running = s.desired);
        world.metric(&web(), "CPUUtilization", 20.0, Some(world.aws(&web()).running));
        let _refused_or_not = sweep(&world, &fleet, &format!("sweep-{minute}")).await;
    }
    let aws = world.aws(&web());
    assert_eq!((aws.min, aws.desired), (2, 2));
}

#[tokio::test]
async fn semantics_22_a_count_that_somebody_changed_is_no_longer_ours_to_lower() {
    let (fleet, world) = nothing_scales_in(true);
    fires(&fleet, &world, 0).await;
    world.alarm("prod-eu-web-cpu-high", AlarmState::Ok);
    minutes(&world, &fleet, 0, 4, 20.0).await;
    world.service(&web(), |s| s.desired = 8);
    minutes(&world, &fleet, 4, 20, 20.0).await;
    let aws = world.aws(&web());
    assert_eq!((aws.min, aws.desired), (2, 8), "the bound is back, the count is theirs");
    assert!(world.state(&web()).service.kept.is_none());
}
