//! While what a service needs is high, nothing adds tasks to it, and no lease grows (TRAPS 18).

use std::collections::BTreeMap;

use headroom_core::entry::Status;
use headroom_core::fleet::{Dependency, Fleet, Threshold, Unit, Watch, WhileHigh};
use headroom_core::notice::Severity;
use headroom_core::signal::AlarmState;
use headroom_core::time::Seconds;
use headroom_pipeline::{Handled, sweep};

use super::crew::fires;
use crate::fleets::web;
use crate::scene::night;
use crate::world::World;

const ALARM: &str = "prod-eu-redis-cpu";

fn depends(fleet: &mut Fleet, watch: Watch, while_high: WhileHigh) {
    fleet.dependencies = vec![Dependency {
        environment: "prod-eu".into(),
        name: "redis".into(),
        line: 70,
        watch,
        while_high: vec![while_high],
        severity: Severity::Warn,
        connections: None,
    }];
    fleet.services[0].depends_on = vec!["redis".into()];
}

fn by_alarm() -> Watch {
    Watch::Alarm { alarm: ALARM.into() }
}

fn by_metric() -> Watch {
    Watch::Metric {
        namespace: "AWS/ElastiCache".into(),
        metric: "EngineCPUUtilization".into(),
        dimensions: BTreeMap::from([("CacheClusterId".into(), "redis-001".into())]),
        above: Threshold { value: 75.0, unit: Unit::Percent },
        lasting: Seconds(600),
    }
}

async fn minutes(world: &World, fleet: &Fleet, n: u32, cpu: f64) {
    for minute in 0..n {
        world.advance(60);
        world.service(&web(), |s| s.running = s.desired);
        world.metric(&web(), "CPUUtilization", cpu, Some(world.aws(&web()).running));
        sweep(world, fleet, &format!("sweep-{minute}")).await.unwrap();
    }
}

#[tokio::test]
async fn while_its_cache_is_high_a_service_gets_no_tasks_and_gets_them_when_it_is_not() {
    let (mut fleet, world) = night();
    depends(&mut fleet, by_alarm(), WhileHigh::NoScaleOut);
    world.alarm(ALARM, AlarmState::Alarm);
    assert!(matches!(fires(&fleet, &world, 0).await, Handled::Recorded(_, Status::Deferred)));
    minutes(&world, &fleet, 5, 95.0).await;
    assert!(world.mutations().is_empty());
    world.alarm(ALARM, AlarmState::Ok);
    minutes(&world, &fleet, 2, 95.0).await;
    assert_eq!(world.mutations().len(), 1);
}

#[tokio::test]
async fn a_metric_of_the_dependency_says_the_same() {
    for (value, acted) in [(80.0, false), (75.0, true), (20.0, true)] {
        let (mut fleet, world) = night();
        depends(&mut fleet, by_metric(), WhileHigh::NoScaleOut);
        world.metric(&web(), "EngineCPUUtilization", value, None);
        fires(&fleet, &world, 0).await;
        assert_eq!(world.mutations().len(), usize::from(acted), "{value}");
    }
}

#[tokio::test]
async fn a_dependency_that_cannot_be_read_is_not_high() {
    for watch in [by_alarm(), by_metric()] {
        let (mut fleet, world) = night();
        depends(&mut fleet, watch, WhileHigh::NoScaleOut);
        assert!(matches!(fires(&fleet, &world, 0).await, Handled::Recorded(_, Status::Acted)));
    }
}

#[tokio::test]
async fn one_that_only_excuses_deployments_holds_nothing_back() {
    let (mut fleet, world) = night();
    depends(&mut fleet, by_alarm(), WhileHigh::NoRollback);
    world.alarm(ALARM, AlarmState::Alarm);
    assert!(matches!(fires(&fleet, &world, 0).await, Handled::Recorded(_, Status::Acted)));
}

#[tokio::test]
async fn a_lease_does_not_grow_while_the_cache_is_high() {
    for (state, grown) in [(AlarmState::Alarm, false), (AlarmState::Ok, true)] {
        let (mut fleet, world) = night();
        depends(&mut fleet, by_alarm(), WhileHigh::NoScaleOut);
        fires(&fleet, &world, 0).await;
        world.alarm(ALARM, state);
        minutes(&world, &fleet, 12, 99.0).await;
        assert_eq!(world.aws(&web()).min > 3, grown, "{state:?}");
        assert!(world.aws(&web()).min >= 3, "what is there stays");
    }
}
