use super::*;
use crate::cloudwatch::{Alarm, Compare};
use crate::deploy::{Begins, Breaker, DeploymentAlarms, Lifecycle, Pause, Status, Strategy, digest_of};
use crate::event::Event;
use headroom_core::fleet::Metric;

pub(crate) const START: i64 = 1_795_392_000;

pub(crate) const SCENARIO: &str = "\
scenario deployments
start 2026-11-23T00:00:00Z
service web
  ecs 222222222222 eu-west-1 prod/web
  task 1 vcpu 2 GiB
  tasks 4
  starts 30s
  healthy 10s
  drain 20s
  bounds 2..10
  load table
    00:00 1200/min 10ms
";

pub(crate) fn world_of(text: &str) -> World {
    let scenario = crate::scenario::read(text, &|path| Err(path.to_owned())).unwrap();
    let world = scenario.build().unwrap().world;
    world.listen();
    world
}

pub(crate) fn world() -> World {
    world_of(SCENARIO)
}

/// An image behind the tag `web:next`, in a task definition.
pub(crate) fn pushed(world: &World, release: Release) -> Update {
    world.push_image("web:next", release);
    let name = world.register_task_definition("web", "web:next").unwrap();
    Update { task_definition: Some(name), ..Update::default() }
}

pub(crate) fn bad(begins: Begins) -> Release {
    Release { begins, ..Release::sound(&digest_of("bad")) }
}

pub(crate) fn status(world: &World) -> Status {
    world.read(|s| s[0].deploys.history.back().unwrap().status)
}

/// Tasks of each revision that run, and those that are healthy.
pub(crate) fn running(world: &World, revision: usize) -> (u32, u32) {
    world.read(|s| {
        let tasks = &s[0].tasks;
        let of = |stage: fn(Stage) -> bool| tasks.count(|t| t.revision == revision && stage(t.stage));
        (of(|s| matches!(s, Stage::Running(_) | Stage::Healthy)), of(|s| s == Stage::Healthy))
    })
}

fn named<'e>(events: &'e [Event], name: &str) -> Vec<&'e Event> {
    events.iter().filter(|e| e.detail["eventName"] == name).collect()
}

#[test]
fn a_rolling_deployment_keeps_minimum_healthy_and_maximum_percent_and_completes() {
    let world = world();
    let update = Update {
        config: Some(Config { healthy_percent_min: 75, percent_max: 150, ..Config::default() }),
        ..pushed(&world, Release::sound(&digest_of("good")))
    };
    let number = world.update_service(0, update).unwrap().unwrap();
    for second in 1..=600 {
        world.advance(START + second);
        let (healthy, there) = world.read(|s| (s[0].tasks.healthy(), s[0].tasks.wanted(|_| true)));
        assert!(healthy >= 3 && there <= 6, "at {second}: {healthy} healthy of {there}");
    }
    assert_eq!((status(&world), running(&world, 0), running(&world, 1)), (Status::Successful, (0, 0), (4, 4)));
    let events = world.take_events();
    assert_eq!(named(&events, "SERVICE_DEPLOYMENT_IN_PROGRESS").len(), 1);
    assert_eq!(named(&events, "SERVICE_DEPLOYMENT_COMPLETED").len(), 1);
    assert_eq!(named(&events, "SERVICE_STEADY_STATE").len(), 1);
    let arn = world.read(|s| s[0].deployment_arn(number));
    assert!(arn.starts_with("arn:aws:ecs:eu-west-1:222222222222:service-deployment/prod/web/"), "{arn}");
    // Each new task was pending and running, each old one deactivating and stopped.
    let tasks = |status| events.iter().filter(|e| e.detail["lastStatus"] == status).count();
    assert_eq!(["PENDING", "RUNNING", "DEACTIVATING", "STOPPED"].map(tasks), [4, 4, 4, 4]);
}

#[test]
fn desired_count_or_deployment_configuration_alone_begin_no_deployment() {
    let world = world();
    let update = Update { desired: Some(6), config: Some(Config::default()), ..Update::default() };
    assert_eq!(world.update_service(0, update), Ok(None));
    world.advance(START + 120);
    assert_eq!((running(&world, 0), status(&world)), ((6, 6), Status::Successful));
}

#[test]
fn the_circuit_breaker_counts_three_failed_tasks_and_rolls_back_to_the_last_successful_revision() {
    for begins in [Begins::NotAtAll, Begins::Exits(5), Begins::Unhealthy] {
        let world = world();
        let breaker = Some(Breaker { rollback: true });
        let config = Some(Config { breaker, ..Config::default() });
        world.update_service(0, Update { config, ..pushed(&world, bad(begins)) }).unwrap();
        world.advance(START + 1_800);
        let last = world.read(|s| s[0].deploys.history.back().unwrap().clone());
        assert_eq!((last.status, running(&world, 0)), (Status::RollbackSuccessful, (4, 4)), "{begins:?}");
        let rollback = last.rollback.unwrap();
        assert_eq!(rollback.to, 0);
        assert!(rollback.reason.contains("circuit breaker"), "{}", rollback.reason);
        let events = world.take_events();
        let names: Vec<&str> = events
            .iter()
            .filter(|e| e.detail_type == "ECS Deployment State Change")
            .map(|e| e.detail["eventName"].as_str().unwrap())
            .collect();
        assert_eq!(
            names,
            [
                "SERVICE_DEPLOYMENT_IN_PROGRESS",
                "SERVICE_DEPLOYMENT_FAILED",
                "SERVICE_DEPLOYMENT_IN_PROGRESS",
                "SERVICE_DEPLOYMENT_COMPLETED"
            ]
        );
        let failed = named(&events, "SERVICE_DEPLOYMENT_FAILED")[0];
        let second = named(&events, "SERVICE_DEPLOYMENT_IN_PROGRESS")[1];
        let id = failed.detail["deploymentId"].as_str().unwrap();
        assert!(second.detail["reason"].as_str().unwrap().contains(id), "the rollback names what failed");
        assert_ne!(second.detail["deploymentId"], id, "and is a deployment of its own");
    }
}

#[test]
fn without_rollback_a_tripped_breaker_stalls_and_the_old_tasks_stay() {
    let world = world();
    let config = Some(Config { breaker: Some(Breaker { rollback: false }), ..Config::default() });
    world.update_service(0, Update { config, ..pushed(&world, bad(Begins::NotAtAll)) }).unwrap();
    world.advance(START + 3_600);
    assert_eq!((status(&world), running(&world, 0), running(&world, 1)), (Status::Stopped, (4, 4), (0, 0)));
}

#[test]
fn without_a_breaker_failing_tasks_are_restarted_ever_more_slowly_and_the_deployment_never_ends() {
    let world = world();
    world.update_service(0, pushed(&world, bad(Begins::NotAtAll))).unwrap();
    world.advance(START + 3_600);
    let events = world.take_events();
    let stops = events.iter().filter(|e| e.detail["stopCode"] == "TaskFailedToStart").count();
    assert_eq!((status(&world), running(&world, 0)), (Status::InProgress, (4, 4)));
    assert!((4..60).contains(&stops), "{stops} starts in an hour");
    assert_eq!(named(&events, "SERVICE_TASK_START_IMPAIRED").len(), 1);
}

fn alarming(threshold: f64) -> (World, Update) {
    let world = world();
    world.add_alarm(0, Alarm::all_of("web-cpu".into(), Metric::Cpu, Compare::Above, threshold, 1)).unwrap();
    let alarms = Some(DeploymentAlarms { names: vec!["web-cpu".into()], rollback: true });
    let config = Some(Config { alarms, ..Config::default() });
    // Five tasks' worth of work a request: CPU goes from 5 % to 25 %.
    let heavy = Release { work_factor: 5.0, ..Release::sound(&digest_of("heavy")) };
    let update = Update { config, ..pushed(&world, heavy) };
    world.advance(START + 300);
    (world, update)
}

#[test]
fn a_deployment_alarm_rolls_back() {
    let (world, update) = alarming(15.0);
    world.update_service(0, update).unwrap();
    world.advance(START + 1_800);
    let last = world.read(|s| s[0].deploys.history.back().unwrap().clone());
    assert_eq!((last.status, last.triggered), (Status::RollbackSuccessful, vec!["web-cpu".to_owned()]));
    assert_eq!(running(&world, 0), (4, 4));
}

#[test]
fn an_alarm_that_is_in_alarm_when_a_deployment_begins_is_ignored_for_all_of_it() {
    let (world, update) = alarming(1.0);
    world.update_service(0, update).unwrap();
    world.advance(START + 1_800);
    assert_eq!((status(&world), running(&world, 1)), (Status::Successful, (4, 4)));
}

#[test]
fn stop_service_deployment_rolls_back_also_where_no_rollback_is_configured() {
    let world = world();
    let number = world.update_service(0, pushed(&world, Release::sound(&digest_of("slow")))).unwrap().unwrap();
    world.advance(START + 35);
    assert_eq!(world.stop_deployment(0, number), Ok(()));
    assert_eq!(status(&world), Status::RollbackRequested, "success means requested");
    assert_eq!(world.stop_deployment(0, number), Ok(()), "accepted again");
    world.advance(START + 45);
    assert_eq!(status(&world), Status::RollbackInProgress);
    world.advance(START + 600);
    assert_eq!((status(&world), running(&world, 0)), (Status::RollbackSuccessful, (4, 4)));
    let refused = world.stop_deployment(0, number).unwrap_err();
    assert_eq!(refused.code(), "ConflictException");
    assert_eq!(world.stop_deployment(0, 7).unwrap_err().code(), "ServiceDeploymentNotFoundException");
}

#[test]
fn a_new_deployment_stops_the_one_that_runs() {
    let world = world();
    world.update_service(0, pushed(&world, bad(Begins::Unhealthy))).unwrap();
    world.advance(START + 60);
    world.update_service(0, pushed(&world, Release::sound(&digest_of("good")))).unwrap();
    world.advance(START + 900);
    let statuses: Vec<Status> = world.read(|s| s[0].deploys.history.iter().map(|d| d.status).collect());
    assert_eq!(statuses, [Status::Successful, Status::Stopped, Status::Successful]);
    assert_eq!((running(&world, 1), running(&world, 2)), ((0, 0), (4, 4)));
}

#[test]
fn an_old_task_definition_gets_the_image_that_its_tag_names_now() {
    let world = world();
    let digest = |world: &World| world.read(|s| s[0].deploys.revisions.last().unwrap().release.digest.clone());
    let first = pushed(&world, Release::sound(&digest_of("good")));
    world.update_service(0, first.clone()).unwrap();
    assert_eq!(digest(&world), digest_of("good"));
    world.push_image("web:next", bad(Begins::Well));
    world.update_service(0, first).unwrap();
    assert_eq!(digest(&world), digest_of("bad"));
}

#[test]
fn the_same_task_definition_and_image_deployed_again_is_the_same_service_revision() {
    let world = world();
    world.update_service(0, Update { force: true, ..Update::default() }).unwrap();
    world.advance(START + 600);
    let numbers: Vec<u64> = world.read(|s| s[0].deploys.revisions.iter().map(|r| r.number).collect());
    assert_eq!((numbers[0] == numbers[1], running(&world, 1)), (true, (4, 4)), "all tasks are new");
}

#[test]
fn an_error_share_is_a_property_of_the_revision_and_ends_with_it() {
    let world = world();
    let errors = |world: &World, at: i64| {
        world.advance(START + at);
        world
            .read(|s| s[0].metrics.newest(Metric::ErrorRate, START + at, crate::cloudwatch::Delays::default()))
            .map_or(0.0, |(_, value, _)| value)
    };
    assert_eq!(errors(&world, 300), 0.0);
    let faulty = Release { errors_percent: 4.0, ..Release::sound(&digest_of("faulty")) };
    let update = pushed(&world, faulty);
    world.update_service(0, update).unwrap();
    assert!((errors(&world, 900) - 4.0).abs() < 0.2, "{}", errors(&world, 900));
    world.push_image("web:next", Release::sound(&digest_of("good")));
    world.update_service(0, Update { force: true, ..Update::default() }).unwrap();
    assert_eq!(errors(&world, 1_800), 0.0);
}

pub(crate) fn blue_green(pauses: Vec<Pause>) -> (World, u64) {
    let world = world();
    let strategy = Strategy::BlueGreen { bake: 300 };
    let config = Some(Config { strategy, pauses, ..Config::default() });
    let update = Update { config, ..pushed(&world, Release::sound(&digest_of("green"))) };
    let number = world.update_service(0, update).unwrap().unwrap();
    (world, number)
}

pub(crate) fn stage(world: &World) -> (Lifecycle, usize) {
    world.read(|s| (s[0].deploys.history.back().unwrap().stage, s[0].deploys.production))
}

#[test]
fn blue_green_runs_both_sets_shifts_traffic_at_once_bakes_and_cleans_up() {
    let (world, _) = blue_green(Vec::new());
    world.advance(START + 35);
    assert_eq!((running(&world, 0), running(&world, 1), stage(&world)), ((4, 4), (4, 0), (Lifecycle::ScaleUp, 0)));
    world.advance(START + 45);
    assert_eq!((running(&world, 0), running(&world, 1)), ((4, 4), (4, 4)));
    assert_eq!(stage(&world), (Lifecycle::BakeTime, 1), "production is on the new set, the old one stays");
    world.advance(START + 400);
    assert_eq!((status(&world), running(&world, 0), running(&world, 1)), (Status::Successful, (0, 0), (4, 4)));
}

#[test]
fn a_pause_hook_holds_until_it_is_answered_and_a_rollback_brings_traffic_back_at_once() {
    let (world, number) = blue_green(vec![Pause::at(Lifecycle::PostTestTrafficShift), Pause::at(Lifecycle::BakeTime)]);
    world.advance(START + 3_000);
    assert_eq!(stage(&world), (Lifecycle::PostTestTrafficShift, 0));
    let events = world.take_events();
    let waits = named(&events, "HOOK_AWAITING_ACTION");
    let hook = waits[0].detail["hookId"].as_str().unwrap();
    assert_eq!((waits.len(), waits[0].detail_type), (1, "ECS Hook State Change"));
    assert_eq!(
        world.answer_hook(0, number, "other", HookAction::Continue).unwrap_err().code(),
        "InvalidParameterException"
    );
    world.answer_hook(0, number, hook, HookAction::Continue).unwrap();
    assert_eq!(stage(&world), (Lifecycle::BakeTime, 1));
    let second = world.take_events();
    let hook = named(&second, "HOOK_AWAITING_ACTION")[0].detail["hookId"].as_str().unwrap();
    world.answer_hook(0, number, hook, HookAction::Rollback).unwrap();
    world.advance(START + 3_001);
    assert_eq!((stage(&world).1, running(&world, 0)), (0, (4, 4)), "the old set was still there");
    world.advance(START + 3_100);
    assert_eq!((status(&world), running(&world, 1)), (Status::RollbackSuccessful, (0, 0)));
}

#[test]
fn a_pause_hook_that_nobody_answers_rolls_back_after_its_timeout() {
    let pause = Pause { timeout_minutes: 10, ..Pause::at(Lifecycle::PreScaleUp) };
    let (world, _) = blue_green(vec![pause]);
    world.advance(START + 599);
    assert_eq!(status(&world), Status::InProgress);
    world.advance(START + 700);
    assert_eq!((status(&world), running(&world, 0)), (Status::RollbackSuccessful, (4, 4)));
}

#[test]
fn a_task_that_runs_out_of_memory_exits_with_1_and_says_so_in_its_container() {
    let world = world();
    let leaky = Release { leak_mib_per_minute: 100.0, ..Release::sound(&digest_of("leaky")) };
    world.update_service(0, pushed(&world, leaky)).unwrap();
    world.advance(START + 1_800);
    let events = world.take_events();
    let out = events.iter().find(|e| e.detail["containers"][0]["reason"].is_string()).unwrap();
    let container = &out.detail["containers"][0];
    assert_eq!(
        (&container["exitCode"], &out.detail["stoppedReason"]),
        (&1.into(), &"Essential container in task exited".into())
    );
    assert!(container["reason"].as_str().unwrap().starts_with("OutOfMemoryError"));
    assert_eq!(out.detail["group"], "service:web");
    assert!(running(&world, 1).0 >= 3, "each is replaced");
}

#[test]
fn a_stopped_task_drains_and_is_replaced() {
    let world = world();
    let id = world.read(|s| s[0].tasks.list()[0].id);
    world.stop_task(0, id, "sick").unwrap();
    assert_eq!(running(&world, 0), (3, 3));
    world.advance(START + 60);
    assert_eq!(running(&world, 0), (4, 4));
    let events = world.take_events();
    let stopped = events.iter().find(|e| e.detail["lastStatus"] == "STOPPED").unwrap();
    assert_eq!(
        (&stopped.detail["stopCode"], &stopped.detail["stoppedReason"]),
        (&"UserInitiated".into(), &"sick".into())
    );
    assert!(world.stop_task(0, 999, "").is_err());
}

#[test]
fn what_the_quota_has_no_room_for_is_a_placement_failure_said_once() {
    let world = world_of(&SCENARIO.replace("start 2026", "quota 5 vcpu\nstart 2026"));
    world.update_service(0, Update { desired: Some(8), ..Update::default() }).unwrap();
    world.advance(START + 600);
    assert_eq!(running(&world, 0), (5, 5));
    let events = world.take_events();
    assert_eq!(named(&events, "SERVICE_TASK_PLACEMENT_FAILURE").len(), 1);
    world.set_quota(0, None).unwrap();
    world.advance(START + 800);
    assert_eq!(running(&world, 0), (8, 8));
}

#[test]
fn the_same_calls_at_the_same_seconds_give_the_same_events() {
    let play = || {
        let world = world();
        world.update_service(0, pushed(&world, bad(Begins::Exits(7)))).unwrap();
        world.advance(START + 1_000);
        world.take_events().iter().map(Event::json).collect::<Vec<_>>()
    };
    assert_eq!(play(), play());
}
