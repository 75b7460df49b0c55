//! Deployments that are not taken back, each for its reason.

use headroom_core::fleet::{Dependency, Watch as Needs, WhileHigh};
use headroom_core::notice::{Kind, Severity};
use headroom_core::report::report;
use headroom_core::rollback::{By, End, Stage};
use headroom_simulator::deploy::{Begins, Breaker, Config, Release, digest_of};
use headroom_simulator::ecs::Update;
use jiff::Timestamp;

use super::play::{Play, id};

fn held(play: &Play) -> String {
    play.watches().pop().and_then(|w| w.held).unwrap_or_default()
}

fn released(name: &str, errors_percent: f64) -> Release {
    Release { errors_percent, ..Release::sound(&digest_of(name)) }
}

/// The tag that ran before is moved to the bad release that replaces it.
fn moved_back() -> Play {
    let mut play = Play::new(2_000);
    play.deploy("two", 0.0);
    play.minutes(40);
    play.deploy("bad", 8.0);
    play.world().push_image("prod-eu-web:two", released("bad", 8.0));
    play.minutes(20);
    play
}

#[test]
fn semantics_7_a_moved_tag_is_never_deployed_again() {
    let mut play = Play::new(2_000);
    // The first task definition names a tag; the bad release moved it.
    play.world().push_image("prod-eu-web:1", released("bad", 8.0));
    play.world().update_service(0, Update { force: true, ..Update::default() }).unwrap();
    let task_definition = play.world().register_task_definition("prod-eu-web", "prod-eu-web:1").unwrap();
    play.seconds(1);
    play.world().update_service(0, Update { task_definition: Some(task_definition), ..Update::default() }).unwrap();
    play.minutes(20);
    assert_eq!(play.told(Kind::RollingBack).len(), 0, "{:?}", play.titles());
    assert!(!held(&play).is_empty(), "two deployments within a minute: either may be the cause");

    let play = moved_back();
    assert_eq!(play.deployments().len(), 3, "nothing was deployed: {:?}", play.titles());
    assert!(held(&play).starts_with("tag-moved"), "{}", held(&play));
    assert_eq!(play.told(Kind::NotRolledBack).len(), 1, "told once: {:?}", play.titles());
}

#[test]
fn the_report_counts_what_was_not_taken_back_by_its_reason_however_often_it_was_looked_at() {
    let play = moved_back();
    let looked = play.watches().pop().map_or(0, |watch| watch.looks);
    assert!(looked > 5, "the scene: {looked} looks");
    let counted = report(&play.entries(), false, Timestamp::MIN, Timestamp::MAX);
    assert_eq!(counted.refusals.get("not rolled back: tag-moved"), Some(&1), "{:?}", counted.refusals);
}

#[test]
fn semantics_9_two_deployments_within_minutes_blame_neither() {
    let mut play = Play::new(2_000);
    play.deploy("first", 8.0);
    play.minutes(2);
    play.deploy("second", 8.0);
    play.minutes(30);
    let watches = play.watches();
    assert!(matches!(watches[0].end, Some(End::Superseded { .. })), "{watches:#?}");
    assert!(!held(&play).is_empty());
    assert_eq!((play.deployments().len(), play.told(Kind::Inconclusive).len()), (3, 1), "{:?}", play.titles());
}

#[test]
fn semantics_9_an_alarm_that_fired_before_the_deployment_does_not_blame_it() {
    let mut play = Play::new(2_000);
    play.deploy("bad", 3.0);
    // Nobody rolls back the first: it is a person's turn.
    play.world().stop("prod-eu", true);
    play.minutes(70);
    play.world().stop("prod-eu", false);
    play.deploy("hotfix-that-is-none", 9.0);
    play.minutes(30);
    assert_eq!(play.deployments().len(), 3, "{:?}", play.titles());
    let why = held(&play);
    assert!(why.contains("before the deployment"), "{why}");
}

#[test]
fn semantics_9_errors_that_were_high_before_blame_no_deployment_though_no_alarm_tells_of_them() {
    let mut play = Play::new(2_000);
    let place = headroom_simulator::cloudwatch::Place::of(&id("web"));
    let filter = headroom_simulator::cloudwatch::AlarmFilter { metric: true, ..Default::default() };
    let names: Vec<String> =
        play.world().describe_alarms(&place, &filter).unwrap().alarms.into_iter().map(|a| a.name).collect();
    play.world().delete_alarms(&place, &names).unwrap();
    // The release that runs begins to fail; what is deployed over it fails more.
    play.spoil(3.0);
    play.minutes(40);
    play.deploy("worse", 20.0);
    play.minutes(20);
    assert_eq!(play.deployments().len(), 2, "{:?}", play.titles());
    assert!(held(&play).contains("before"), "{}", held(&play));
    assert_eq!(play.told(Kind::Inconclusive).len(), 1, "{:?}", play.titles());
}

#[test]
fn semantics_9_errors_of_a_sibling_at_the_same_time_are_a_shared_cause() {
    let mut play = Play::with(&[("web", 2_000), ("web-iso", 2_000)], |_| {});
    play.deploy("innocent", 8.0);
    play.deploy_to("web-iso", "as-well", released("as-well", 8.0));
    play.minutes(20);
    let why = held(&play);
    assert!(why.contains("same time"), "{why}");
    assert_eq!(play.deployments().len(), 2);
}

#[test]
fn semantics_10_a_circuit_breaker_that_goes_back_is_only_followed() {
    let mut play = Play::new(2_000);
    play.configure(Config { breaker: Some(Breaker { rollback: true }), ..Config::default() });
    play.deploy_release("exits", Release { begins: Begins::Exits(5), ..Release::sound(&digest_of("exits")) });
    play.minutes(60);
    assert_eq!(play.deployments(), ["SUCCESSFUL", "ROLLBACK_SUCCESSFUL"], "{:#?}", play.watches());
    let watches = play.watches();
    assert_eq!(watches[0].back.as_ref().map(|b| b.by), Some(By::Ecs));
    assert!(matches!(play.end(), Some(End::Recovered { .. })), "{:?}", play.end());
    assert!(play.titles()[0].contains("ECS is rolling back"), "{:?}", play.titles());
}

#[test]
fn semantics_10_a_person_who_deploys_during_the_rollback_is_stood_back_for() {
    let mut play = Play::new(2_000);
    play.deploy("bad", 8.0);
    while play.deployments().len() < 3 {
        play.seconds(20);
        assert!(play.world().seconds() < 1_795_392_000 + 3 * 3_600, "{:#?}", play.watches());
    }
    play.deploy("hotfix", 0.0);
    play.minutes(70);
    let watches = play.watches();
    assert!(matches!(watches[0].end, Some(End::StoodBack { .. })), "{:?}", watches[0].end);
    assert_eq!(play.runs(), "prod-eu-web:3", "the hotfix stands");
    assert_eq!(play.deployments().len(), 4, "{:?}", play.titles());
}

#[test]
fn semantics_10_a_quarantined_revision_is_no_target_and_deploying_it_again_is_announced() {
    let mut play = Play::with(&[("web", 2_000)], |fleet| {
        fleet.limits.rollbacks_per_day_service = 5;
        fleet.limits.rollbacks_per_day_environment = 5;
    });
    play.deploy("bad", 8.0);
    play.minutes(60);
    assert_eq!(play.runs(), "prod-eu-web:1");
    // Again, by its task definition: announced, watched, and taken back to the good one.
    let again = Update { task_definition: Some("prod-eu-web:2".into()), ..Update::default() };
    play.world().update_service(0, again).unwrap();
    play.minutes(2);
    assert_eq!((play.runs().as_str(), play.deployments().len()), ("prod-eu-web:2", 4), "never blocked");
    play.minutes(58);
    assert_eq!(play.told(Kind::Quarantined).len(), 1, "{:?}", play.titles());
    assert_eq!(play.runs(), "prod-eu-web:1", "{:?}", play.titles());
    // While the newest SUCCESSFUL deployment is a quarantined one, ECS would return to it: updated instead.
    let states = play.world().states().unwrap();
    let quarantined = &states.iter().find(|(service, _)| *service == id("web")).unwrap().1.quarantined;
    assert!(quarantined.iter().any(|q| q.task_definition.ends_with("prod-eu-web:2")), "{quarantined:?}");
}

#[test]
fn semantics_8_total_failure_without_a_request_count_is_judged_by_the_balancers_own_errors() {
    let mut play = Play::new(2_000);
    // Every task runs, and crashes a moment after it is in service: nothing answers.
    play.configure(Config { healthy_percent_min: 0, percent_max: 100, ..Config::default() });
    play.deploy_release("crashes", Release { begins: Begins::Exits(4), ..Release::sound(&digest_of("crashes")) });
    play.minutes(45);
    assert_eq!(play.runs(), "prod-eu-web:1", "{:#?}", play.watches());
    assert!(matches!(play.end(), Some(End::Recovered { .. })), "{:?}", play.end());
}

#[test]
fn a_dependency_that_is_high_holds_the_rollback() {
    let mut play = Play::with(&[("web", 2_000)], |fleet| {
        // An alarm that fires with the errors stands for one on a cache.
        fleet.dependencies = vec![Dependency {
            environment: "prod-eu".into(),
            name: "redis".into(),
            line: 1,
            watch: Needs::Alarm { alarm: "prod-eu-web-bad-deployment".into() },
            while_high: vec![WhileHigh::NoRollback],
            severity: Severity::Page,
            connections: None,
        }];
        fleet.services.iter_mut().for_each(|s| s.depends_on = vec!["redis".into()]);
    });
    play.deploy("bad", 8.0);
    play.minutes(20);
    let why = held(&play);
    assert!(why.starts_with("dependency-high"), "{why}");
}

#[test]
fn limits_pauses_and_a_stop_hold_it_and_are_told_once_each() {
    let mut play = Play::new(2_000);
    play.world().stop("prod-eu", true);
    play.deploy("bad", 8.0);
    play.minutes(30);
    assert_eq!(play.deployments().len(), 2);
    assert_eq!(play.told(Kind::NotRolledBack).len(), 1, "{:?}", play.titles());
    // Level, not edge: once it is resumed within the window, the same watch acts.
    play.world().stop("prod-eu", false);
    play.minutes(20);
    assert_eq!(play.deployments().len(), 3, "{:?}", play.titles());
    assert_eq!(play.runs(), "prod-eu-web:1");
    // A second bad one on the same day: the limit of one is spent.
    play.minutes(30);
    play.deploy("bad-too", 8.0);
    play.minutes(30);
    assert!(held(&play).starts_with("limit"), "{}", held(&play));
    assert_eq!(play.watches().pop().map(|w| w.stage), Some(Stage::Watching));
}

#[test]
fn too_few_requests_ask_people_and_say_how_many_are_needed() {
    let mut play = Play::new(8);
    play.deploy("bad", 60.0);
    play.minutes(40);
    assert_eq!(play.deployments().len(), 2);
    let told = play.told(Kind::Inconclusive);
    assert_eq!(told.len(), 1, "{:?} {}", play.titles(), held(&play));
}
