//! Scenes of SEMANTICS 7 to 10 that need more than one deployment and one cause.

use std::collections::BTreeMap;

use headroom_core::fleet::{Dependency, Fleet, Threshold, Unit, Watch as Needs, WhileHigh};
use headroom_core::notice::{Kind, Severity};
use headroom_core::rollback::{By, End, Way};
use headroom_core::time::Seconds;
use headroom_simulator::cloudwatch::{
    GetMetricData, MetricDataQuery, MetricKey, MetricStat, Place, Queried, ScanBy, Statistic, load_balancer_dimension,
    target_group_dimension,
};
use headroom_simulator::deploy::{Breaker, Config, DeploymentAlarms, Release, digest_of};
use headroom_simulator::ecs::Update;
use headroom_simulator::tasks::Ending;

use super::play::{Play, id, service_in};

/// A rolling deployment of several minutes: a task at a time, then its alarms are watched.
fn slow() -> Config {
    let alarms = DeploymentAlarms { names: vec!["nobody-fires-this".into()], rollback: true };
    Config { alarms: Some(alarms), percent_max: 125, ..Config::default() }
}

fn held(play: &Play) -> String {
    play.watches().pop().and_then(|w| w.held).unwrap_or_default()
}

#[test]
fn semantics_9_of_two_deployments_that_overlap_neither_is_blamed() {
    let mut play = Play::new(2_000);
    // The first has served for minutes: its errors are older than the second, which inherits some of its tasks.
    play.configure(slow());
    play.deploy("first", 8.0);
    play.minutes(3);
    assert_eq!(play.deployments(), ["SUCCESSFUL", "IN_PROGRESS"], "the scene: they overlap");
    play.deploy("second", 8.0);
    play.minutes(40);
    assert_eq!(play.deployments(), ["SUCCESSFUL", "STOPPED", "SUCCESSFUL"], "{:#?}", play.watches());
    assert!(matches!(play.watches()[0].end, Some(End::Superseded { .. })), "{:#?}", play.watches());
    assert!(held(&play).contains("before the deployment"), "{}", held(&play));
    assert_eq!(play.told(Kind::Inconclusive).len(), 1, "{:?}", play.titles());

    // Nobody has seen the first serve: whichever of them fails, there was another one.
    let mut play = Play::new(2_000);
    play.configure(slow());
    play.deploy("first", 0.0);
    play.seconds(30);
    assert_eq!(play.deployments(), ["SUCCESSFUL", "IN_PROGRESS"], "the scene: they overlap");
    play.deploy("second", 8.0);
    play.minutes(40);
    assert_eq!(play.deployments(), ["SUCCESSFUL", "STOPPED", "SUCCESSFUL"], "{:#?}", play.watches());
    assert!(held(&play).contains("another deployment"), "{}", held(&play));
    assert_eq!(play.told(Kind::Inconclusive).len(), 1, "{:?}", play.titles());
}

/// A cache fails right after an innocent deployment: `known` says whether the fleet file names it.
fn with_a_cache_that_fails(known: bool) -> Play {
    let text = "service web
  ecs 222222222222 eu-west-1 prod-eu-cluster/prod-eu-web
  target_group prod-eu-web
  task 2 vcpu 4 GiB
  tasks 4
  starts 30s
  healthy 10s
  drain 20s
  bounds 2..10
  dependency redis cpu 20%
  dependency redis from 01:02 until 02:30 errors 9% cpu 95%
  load table
    00:00 2000/min 10ms
";
    let depends = |fleet: &mut Fleet| {
        fleet.dependencies = vec![Dependency {
            environment: "prod-eu".into(),
            name: "redis".into(),
            line: 1,
            watch: Needs::Metric {
                namespace: "AWS/ElastiCache".into(),
                metric: "CPUUtilization".into(),
                dimensions: BTreeMap::from([("CacheClusterId".to_owned(), "redis".to_owned())]),
                above: Threshold { value: 75.0, unit: Unit::Percent },
                lasting: Seconds(180),
            },
            while_high: vec![WhileHigh::NoRollback],
            severity: Severity::Page,
            connections: None,
        }];
        fleet.services.iter_mut().for_each(|s| s.depends_on = vec!["redis".into()]);
    };
    let mut play = Play::of(text, 60, |fleet| {
        if known {
            depends(fleet)
        }
    });
    play.deploy("innocent", 0.0);
    play.minutes(30);
    play
}

#[test]
fn semantics_9_a_dependency_at_fault_holds_the_rollback_of_an_innocent_deployment() {
    let unknown = with_a_cache_that_fails(false);
    assert_eq!(unknown.told(Kind::RollingBack).len(), 1, "the scene: its numbers condemn it");
    let known = with_a_cache_that_fails(true);
    assert_eq!(known.deployments(), ["SUCCESSFUL", "SUCCESSFUL"], "{:?}", known.titles());
    assert!(held(&known).starts_with("dependency-high"), "{}", held(&known));
    assert_eq!(known.told(Kind::NotRolledBack).len(), 1, "told once: {:?}", known.titles());
}

/// `web` is deployed with errors beside `web-ingestion`; a pair says which of them needs which.
fn beside_web_ingestion(needs: Option<(&str, &str)>, its_errors_percent: f64) -> Play {
    let mut play = Play::with(&[("web", 2_000), ("web-ingestion", 2_000)], |fleet| {
        for service in &mut fleet.services {
            let of_it = needs.iter().filter(|(needy, _)| *needy == service.name);
            service.depends_on = of_it.map(|(_, needed)| (*needed).to_owned()).collect();
        }
    });
    let other = Release { errors_percent: its_errors_percent, ..Release::sound(&digest_of("other")) };
    play.deploy_to("web-ingestion", "other", other);
    play.seconds(30);
    play.deploy("bad", 8.0);
    play.minutes(40);
    play
}

#[test]
fn semantics_9_a_service_that_it_needs_and_that_was_deployed_at_the_same_time_may_be_the_cause() {
    for unneeded in [None, Some(("web-ingestion", "web"))] {
        let play = beside_web_ingestion(unneeded, 0.0);
        assert_eq!(play.told(Kind::RollingBack).len(), 1, "the scene: its numbers condemn it: {:?}", play.titles());
    }
    let play = beside_web_ingestion(Some(("web", "web-ingestion")), 0.0);
    assert!(held(&play).contains("web-ingestion, on which this service depends, was deployed"), "{}", held(&play));
    assert_eq!(play.deployments(), ["SUCCESSFUL", "SUCCESSFUL"], "{:?}", play.titles());
    assert_eq!(play.told(Kind::Inconclusive).len(), 1, "{:?}", play.titles());
}

#[test]
fn semantics_9_a_service_that_needs_it_fails_because_it_does_and_is_no_shared_cause() {
    let play = beside_web_ingestion(None, 8.0);
    assert_eq!(play.told(Kind::RollingBack).len(), 0, "the scene: they share a cause: {:?}", play.titles());
    let play = beside_web_ingestion(Some(("web-ingestion", "web")), 8.0);
    let (back, end) = (play.watches().pop().and_then(|w| w.back), play.end());
    assert!(back.is_some() && matches!(end, Some(End::Recovered { .. })), "{:?}: {end:?}", play.titles());
    assert_eq!(play.told(Kind::RollingBack).len(), 1, "of web-ingestion nobody can say: {:?}", play.titles());
}

#[test]
fn semantics_9_a_forced_deployment_of_the_same_images_is_not_blamed_though_its_revision_is_a_new_one() {
    let mut play = Play::new(2_000);
    play.configure(slow());
    play.deploy("good", 0.0);
    play.minutes(75);
    play.world().update_service(0, Update { force: true, ..Update::default() }).unwrap();
    play.minutes(2);
    play.spoil(8.0);
    play.minutes(30);
    assert!(held(&play).contains("the revision that ran before"), "{}", held(&play));
    assert_eq!(play.told(Kind::RollingBack).len(), 0, "{:?}", play.titles());
}

#[test]
fn semantics_9_errors_of_a_service_behind_another_balancer_at_the_same_time_are_a_shared_cause() {
    let text = service_in("prod-eu-cluster", "web", 2_000) + &service_in("prod-eu-other", "web-iso", 2_000);
    for (together, rolled_back) in [(false, 1), (true, 0)] {
        let mut play = Play::of(&text, 60, |fleet| {
            fleet.services.iter_mut().filter(|s| s.name == "web-iso").for_each(|s| s.cluster = "prod-eu-other".into());
        });
        play.deploy("innocent", 8.0);
        play.minutes(1);
        if together {
            play.world().change(1, |service, _, _| {
                service.deploys.revisions.iter_mut().for_each(|r| r.release.errors_percent = 8.0);
            });
        }
        play.minutes(40);
        assert_eq!(play.told(Kind::RollingBack).len(), rolled_back, "{:?}, {}", play.titles(), held(&play));
    }
}

#[test]
fn semantics_30_deployments_of_a_needed_service_that_nobody_can_read_roll_nothing_back() {
    // The fleet file names a service that is not there.
    let mut play = Play::with(&[("web", 2_000)], |fleet| {
        fleet.services.iter_mut().filter(|s| s.name == "web").for_each(|s| s.depends_on = vec!["web-ingestion".into()]);
    });
    play.deploy("bad", 8.0);
    play.minutes(40);
    assert!(held(&play).contains("the deployments of the services that it needs"), "{}", held(&play));
    assert_eq!((play.deployments().len(), play.told(Kind::NotRolledBack).len()), (2, 1), "{:?}", play.titles());
}

#[test]
fn semantics_10_a_circuit_breaker_that_races_with_the_watch_is_one_rollback_whoever_is_first() {
    let config = Config { breaker: Some(Breaker { rollback: true }), ..slow() };
    // When the watch would act, without a breaker that trips.
    let mut alone = Play::new(2_000);
    alone.configure(config.clone());
    let begun = alone.world().seconds();
    alone.deploy("bad", 30.0);
    alone.minutes(40);
    let acts = alone.watches()[0].back.as_ref().unwrap().planned_at.as_second() - begun;
    let mut first = BTreeMap::new();
    for trips in (acts - 90..=acts + 30).step_by(15) {
        let mut play = Play::new(2_000);
        play.configure(config.clone());
        play.deploy("bad", 30.0);
        play.seconds(trips);
        // Tasks crash: of the new revision as many as trip it, where it still runs.
        play.world().kill_tasks(0, u32::MAX, &Ending::Exited).unwrap();
        play.minutes(60);
        assert_eq!(play.deployments(), ["SUCCESSFUL", "ROLLBACK_SUCCESSFUL"], "at {trips}: {:#?}", play.watches());
        let watch = play.watches().remove(0);
        assert!(matches!(watch.end, Some(End::Recovered { .. })), "at {trips}: {:?}", watch.end);
        assert_eq!(play.told(Kind::RollingBack).len(), 1, "at {trips}: {:?}", play.titles());
        *first.entry(watch.back.unwrap().by == By::Headroom).or_insert(0) += 1;
    }
    assert!(first.len() == 2, "each was first at least once: {first:?}");
}

/// The newest SUCCESSFUL deployment is the one in quarantine, for our way back from it never ended: ECS would return
/// to it.
#[test]
fn semantics_10_a_quarantined_last_success_is_passed_over_by_update_service_where_ecs_would_return_to_it() {
    let mut play = Play::with(&[("web", 2_000)], |fleet| {
        fleet.limits.rollbacks_per_day_service = 5;
        fleet.limits.rollbacks_per_day_environment = 5;
    });
    play.deploy("bad", 8.0);
    play.minutes(4);
    assert_eq!(play.deployments(), ["SUCCESSFUL", "SUCCESSFUL"]);
    // No task more fits into the account: the way back waits.
    play.world().set_quota(0, Some(8.0)).unwrap();
    play.minutes(10);
    assert_eq!(play.deployments(), ["SUCCESSFUL", "SUCCESSFUL", "IN_PROGRESS"], "{:#?}", play.watches());
    // Its errors end by themselves, and half an hour later somebody deploys over the way back.
    play.spoil(0.0);
    play.minutes(35);
    play.configure(slow());
    play.world().set_quota(0, None).unwrap();
    play.deploy("worse", 30.0);
    play.minutes(40);
    let watch = play.watches().pop().unwrap();
    let back = watch.back.clone().unwrap_or_else(|| panic!("{watch:#?}"));
    assert_eq!((back.by, back.way), (By::Headroom, Way::Update));
    assert!(back.task_definition.ends_with("prod-eu-web:1"), "{}", back.task_definition);
    // It was on its way still: ECS's own hand would have restored prod-eu-web:2.
    assert_eq!(play.deployments(), ["SUCCESSFUL", "SUCCESSFUL", "STOPPED", "STOPPED", "SUCCESSFUL"]);
    assert_eq!(play.runs(), "prod-eu-web:1");
    assert!(matches!(watch.end, Some(End::Recovered { .. })), "{:?}", watch.end);
}

/// Data points of a metric of the service's target group in the last hour.
fn points(play: &Play, name: &str) -> usize {
    let dimensions = vec![
        ("LoadBalancer".to_owned(), load_balancer_dimension("prod-eu-cluster")),
        ("TargetGroup".to_owned(), target_group_dimension("prod-eu-web")),
    ];
    let metric = MetricKey::with("AWS/ApplicationELB".to_owned(), name.to_owned(), dimensions);
    let queried = Queried::Stat(MetricStat { metric, statistic: Statistic::Sum, period: 60 });
    let now = play.world().seconds().div_euclid(60) * 60;
    let request = GetMetricData {
        queries: vec![MetricDataQuery { id: "m".to_owned(), queried, label: None, return_data: true }],
        start: now - 3_600,
        end: now,
        scan_by: ScanBy::TimestampAscending,
        max_datapoints: None,
        next_token: None,
    };
    let answer = play.world().get_metric_data(&Place::of(&id("web")), request).unwrap();
    answer.results[0].values.len()
}

#[test]
fn semantics_8_a_whole_baseline_hour_without_one_5xx_data_point_still_gives_pass_or_fail() {
    let hour = || {
        let play = Play::new(2_000);
        let (requests, errors) = (points(&play, "RequestCount"), points(&play, "HTTPCode_Target_5XX_Count"));
        assert!(requests >= 58, "{requests}");
        assert_eq!(errors, 0, "the scene: absent, and no zeros");
        play
    };
    let mut fails = hour();
    fails.deploy("bad", 8.0);
    fails.minutes(40);
    assert!(matches!(fails.end(), Some(End::Recovered { .. })), "{:#?}", fails.watches());
    let judged = fails.watches()[0].judged.clone().unwrap();
    assert_eq!((judged.before.errors, judged.before.minutes), (0, 30), "{judged:?}");

    let mut passes = hour();
    passes.deploy("good", 0.0);
    passes.minutes(70);
    assert_eq!(points(&passes, "HTTPCode_Target_5XX_Count"), 0, "and not one after");
    assert_eq!(passes.end(), Some(End::Passed), "{:#?}", passes.watches());
    assert!(passes.titles().is_empty(), "{:?}", passes.titles());
}
