//! Alarms that wake nothing, as CloudWatch lists them.

use headroom_core::fleet::draft::{Comparison, FoundAlarm, FoundMetric, Watched};
use headroom_core::report::wake_nothing;

use crate::fleets::langfuse_web;

const ACCOUNT: &str = "222222222222";
const REGION: &str = "eu-west-1";

fn metric(namespace: &str, name: &str, service: &str) -> FoundMetric {
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    FoundMetric {
        namespace: namespace.into(),
        name: name.into(),
        dimensions: vec![pair("ClusterName", "prod-eu-cluster"), pair("ServiceName", service)],
    }
}

fn on(name: &str, metric: FoundMetric, threshold: f64) -> FoundAlarm {
    let datapoints = (2, 2, 60);
    let watches = Watched::Metric { metric, comparison: Comparison::Above, threshold: Some(threshold), datapoints };
    FoundAlarm { name: name.into(), watches, scales: false }
}

#[test]
fn only_alarms_that_wake_nothing_are_listed_and_why() {
    let cpu = || metric("AWS/ECS", "CPUUtilization", "prod-eu-web");
    let memory = metric("AWS/ECS", "MemoryUtilization", "prod-eu-web");
    let elsewhere = metric("AWS/ECS", "CPUUtilization", "another");
    let composite = |name: &str, rule: &str| FoundAlarm {
        name: name.into(),
        watches: Watched::Composite { rule: rule.into() },
        scales: false,
    };
    let alarms = [
        on("prod-eu-web-cpu-high", cpu(), 85.0),
        on("named otherwise, the same metric and threshold", cpu(), 85.0),
        on("TargetTracking-service/prod-eu-cluster/prod-eu-web-AlarmHigh-1", cpu(), 70.0),
        FoundAlarm { scales: true, ..on("steps", cpu(), 60.0) },
        on("memory", memory, 90.0),
        on("of another service", elsewhere, 85.0),
        composite("all of them", "ALARM(\"prod-eu-web-cpu-high\") OR ALARM(x)"),
        composite("strangers", "ALARM(x)"),
    ];
    let found = wake_nothing(&langfuse_web(), ACCOUNT, REGION, &alarms);
    let found: Vec<(&str, &str)> = found.iter().map(|a| (a.alarm.as_str(), a.why)).collect();
    let expected = [
        ("all of them", "no-remedy"),
        ("memory", "no-remedy"),
        ("of another service", "no-service"),
        ("strangers", "no-service"),
    ];
    assert_eq!(found, expected);
    assert!(wake_nothing(&langfuse_web(), "999999999999", REGION, &alarms).is_empty(), "no environment there");
}
