//! Deployments in which something else happens.

use std::collections::BTreeSet;

use super::*;
use crate::ecs::Update;
use crate::ecs::tests::{SCENARIO, START, bad, blue_green, pushed, running, stage, status, world, world_of};
use crate::tasks::{Ending, Stage};
use crate::world::World;

const EXITED: Ending = Ending::Exited;

fn good() -> Release {
    Release::sound(&digest_of("good"))
}

/// Ends a task of a revision at once, one that is not healthy yet if there is one.
fn kill(world: &World, revision: usize) -> bool {
    let inner = &mut *world.inner.borrow_mut();
    let (service, account) = (&mut inner.services[0], &mut inner.accounts[0]);
    let of = service.tasks.list().iter().filter(|t| t.revision == revision);
    let alive = of.filter(|t| !matches!(t.stage, Stage::Pending | Stage::Draining(_)));
    let found = alive.min_by_key(|t| t.stage == Stage::Healthy).map(|t| t.id);
    found.is_some_and(|id| service.fail_task(id, EXITED, account))
}

#[test]
fn a_container_that_exits_late_serves_until_then() {
    let world = world();
    world.update_service(0, pushed(&world, bad(Begins::Exits(300)))).unwrap();
    world.advance(START + 45);
    assert_eq!(running(&world, 1), (4, 4), "healthy 10 s after it runs, whatever becomes of it");
    world.advance(START + 30 + 301);
    let failed = world.read(|s| s[0].tasks.stopped().filter(|n| n.task.ending == Some(EXITED)).count());
    assert_eq!(failed, 4);
}

#[test]
fn only_a_task_that_turns_healthy_resets_the_count_of_failures() {
    let world = world();
    let config = Config { percent_max: 125, breaker: Some(Breaker { rollback: true }), ..Config::default() };
    world.update_service(0, Update { config: Some(config), ..pushed(&world, good()) }).unwrap();
    world.advance(START + 45);
    assert_eq!(running(&world, 1), (1, 1), "one after the other");
    let mut second = 45;
    for _ in 0..3 {
        while running(&world, 1).0 < 2 {
            second += 1;
            assert!(second < 600);
            world.advance(START + second);
        }
        assert!(kill(&world, 1));
    }
    assert_eq!((status(&world), running(&world, 1).1), (Status::RollbackInProgress, 1));
}

#[test]
fn the_revision_to_return_to_is_known_however_many_deployments_failed_since() {
    let world = world();
    let update = pushed(&world, bad(Begins::Unhealthy));
    let mut newest = None;
    for n in 1..=300 {
        world.advance(START + n);
        newest = world.update_service(0, update.clone()).unwrap();
    }
    world.stop_deployment(0, newest.unwrap()).unwrap();
    world.advance(START + 900);
    assert_eq!((status(&world), running(&world, 0)), (Status::RollbackSuccessful, (4, 4)));
    assert!(world.read(|s| s[0].deploys.history.len()) <= 256);
}

#[test]
fn a_new_deployment_is_not_throttled_by_the_failed_starts_of_the_one_before() {
    let world = world();
    world.update_service(0, pushed(&world, bad(Begins::NotAtAll))).unwrap();
    world.advance(START + 3_000);
    world.update_service(0, pushed(&world, good())).unwrap();
    world.advance(START + 3_000 + 60);
    assert_eq!(running(&world, 2), (4, 4));
}

#[test]
fn a_rolling_deployment_replaces_what_ends_by_the_revision_that_it_had() {
    let world = world();
    world.update_service(0, pushed(&world, bad(Begins::Unhealthy))).unwrap();
    world.advance(START + 60);
    assert!(kill(&world, 0) && kill(&world, 0));
    world.advance(START + 110);
    assert_eq!(running(&world, 0), (4, 4), "the new revision never serves");
    assert!(world.read(|s| s[0].tasks.wanted(|_| true)) <= 8);
}

#[test]
fn a_scale_out_during_a_rolling_deployment_reaches_both_revisions() {
    let world = world();
    world.update_service(0, pushed(&world, bad(Begins::Unhealthy))).unwrap();
    world.advance(START + 60);
    world.update_service(0, Update { desired: Some(7), ..Update::default() }).unwrap();
    world.advance(START + 110);
    assert_eq!(running(&world, 0), (7, 7));
    assert_eq!(world.read(|s| s[0].tasks.wanted(|r| r == 1)), 7);
    world.update_service(0, Update { desired: Some(3), ..Update::default() }).unwrap();
    world.advance(START + 111);
    assert_eq!((running(&world, 0).1, world.read(|s| s[0].tasks.wanted(|r| r == 1))), (3, 3));
}

#[test]
fn a_rollback_starts_no_task_of_the_revision_that_it_leaves() {
    let world = world();
    let number = world.update_service(0, pushed(&world, good())).unwrap().unwrap();
    world.advance(START + 42);
    world.stop_deployment(0, number).unwrap();
    world.advance(START + 48);
    assert_eq!(status(&world), Status::RollbackInProgress);
    let newest =
        |world: &World| world.read(|s| s[0].tasks.list().iter().filter(|t| t.revision == 1).map(|t| t.id).max());
    let before = newest(&world);
    assert!(kill(&world, 1));
    world.advance(START + 49);
    assert!(newest(&world) <= before);
    world.advance(START + 200);
    assert_eq!((status(&world), running(&world, 0)), (Status::RollbackSuccessful, (4, 4)));
}

#[test]
fn blue_green_replaces_what_ends_and_scales_out_in_every_stage() {
    for (pause, production) in [(Lifecycle::PostTestTrafficShift, 0), (Lifecycle::BakeTime, 1)] {
        let (world, number) = blue_green(vec![Pause::at(pause)]);
        world.advance(START + 60);
        assert_eq!((stage(&world), running(&world, 0), running(&world, 1)), ((pause, production), (4, 4), (4, 4)));
        assert!(kill(&world, 0) && kill(&world, 1));
        world.advance(START + 120);
        assert_eq!((running(&world, 0), running(&world, 1)), ((4, 4), (4, 4)), "{pause:?}");
        world.update_service(0, Update { desired: Some(6), ..Update::default() }).unwrap();
        world.advance(START + 180);
        assert_eq!((running(&world, 0), running(&world, 1)), ((6, 6), (6, 6)), "{pause:?}");
        let hook = world.read(|s| s[0].deploys.active().unwrap().hook().unwrap());
        world.answer_hook(0, number, &hook, HookAction::Continue).unwrap();
        world.advance(START + 900);
        assert_eq!((status(&world), running(&world, 0), running(&world, 1)), (Status::Successful, (0, 0), (6, 6)));
    }
}

#[test]
fn a_stop_in_any_stage_of_blue_green_brings_everything_back() {
    for pause in Lifecycle::ALL {
        let (world, number) = blue_green(vec![Pause::at(pause)]);
        world.advance(START + 500);
        assert_eq!(stage(&world).0, pause);
        world.stop_deployment(0, number).unwrap();
        world.advance(START + 800);
        let last = world.read(|s| s[0].deploys.history.back().unwrap().clone());
        assert_eq!((last.status, last.paused, stage(&world).1), (Status::RollbackSuccessful, None, 0), "{pause:?}");
        assert_eq!((running(&world, 0), running(&world, 1)), ((4, 4), (0, 0)), "{pause:?}");
    }
}

#[test]
fn a_set_that_goes_is_not_filled_again_by_the_next_deployment() {
    let (world, _) = blue_green(Vec::new());
    world.advance(START + 345);
    assert_eq!((stage(&world), running(&world, 0)), ((Lifecycle::CleanUp, 1), (0, 0)));
    world.update_service(0, pushed(&world, good())).unwrap();
    world.advance(START + 400);
    assert_eq!((stage(&world), running(&world, 0)), ((Lifecycle::BakeTime, 2), (0, 0)));
    assert_eq!((running(&world, 1), running(&world, 2)), ((4, 4), (4, 4)));
}

#[test]
fn a_task_was_started_by_its_own_deployment_and_not_by_the_one_that_runs() {
    let world = world();
    world.update_service(0, pushed(&world, good())).unwrap();
    world.advance(START + 600);
    let events = world.take_events();
    let by = |status: &str| {
        let all = events.iter().filter(|e| e.detail["lastStatus"] == status);
        all.map(|e| (e.detail["startedBy"].to_string(), e.detail["version"].as_u64())).collect::<BTreeSet<_>>()
    };
    let (began, ended) = (by("RUNNING"), by("STOPPED"));
    assert_eq!((began.len(), ended.len()), (1, 1));
    assert_ne!(began.first().map(|b| &b.0), ended.first().map(|b| &b.0), "new tasks began, old ones ended");
    assert!(began.first().map(|b| b.1) < ended.first().map(|b| b.1), "version is the ordering key");
}

#[test]
fn a_hook_waits_no_longer_when_its_deployment_is_over() {
    let (world, number) = blue_green(vec![Pause::at(Lifecycle::BakeTime)]);
    world.advance(START + 120);
    let hook = world.read(|s| s[0].deploys.active().unwrap().hook().unwrap());
    world.update_service(0, pushed(&world, good())).unwrap();
    let first = world.read(|s| s[0].deploys.history[1].clone());
    assert_eq!((first.status, first.paused), (Status::Stopped, None));
    assert!(world.answer_hook(0, number, &hook, HookAction::Continue).is_err());
}

#[test]
fn a_service_of_no_or_one_task_is_deployed_rolling_and_blue_green() {
    for (desired, strategy) in [
        (0, Strategy::Rolling),
        (1, Strategy::Rolling),
        (0, Strategy::BlueGreen { bake: 60 }),
        (1, Strategy::BlueGreen { bake: 60 }),
    ] {
        let world = world();
        world.update_service(0, Update { desired: Some(desired), ..Update::default() }).unwrap();
        world.advance(START + 60);
        let config = Some(Config { strategy, ..Config::default() });
        world.update_service(0, Update { config, ..pushed(&world, good()) }).unwrap();
        world.advance(START + 400);
        let seen = (status(&world), running(&world, 0), running(&world, 1));
        assert_eq!(seen, (Status::Successful, (0, 0), (desired, desired)), "{desired} {strategy:?}");
    }
}

#[test]
fn a_deployment_without_quota_waits_and_ends_when_there_is_some() {
    let world = world_of(&SCENARIO.replace("start 2026", "quota 4 vcpu\nstart 2026"));
    world.update_service(0, pushed(&world, good())).unwrap();
    world.advance(START + 900);
    assert_eq!((status(&world), running(&world, 0), running(&world, 1)), (Status::InProgress, (4, 4), (0, 0)));
    world.set_quota(0, Some(5.0)).unwrap();
    world.advance(START + 1_800);
    assert_eq!((status(&world), running(&world, 0), running(&world, 1)), (Status::Successful, (0, 0), (4, 4)));
}

#[test]
fn a_count_or_percentage_of_any_size_neither_overflows_nor_fills_the_memory() {
    let world = world();
    let config = Some(Config { percent_max: u32::MAX, ..Config::default() });
    let update = Update { desired: Some(u32::MAX), config, ..pushed(&world, good()) };
    world.update_service(0, update).unwrap();
    world.advance(START + 1);
    assert_eq!(world.read(|s| s[0].tasks.list().len()), 5_000);
}
