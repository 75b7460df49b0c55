//! Alarm to service to remedy, for what is more than one metric (SEMANTICS E).

use std::collections::BTreeMap;

use headroom_core::decide::{Unmatched, match_alarm};
use headroom_core::signal::AlarmEvent;
use headroom_core::signal::alarm::{Composite, Contributor, WatchedMetric};

use super::fixtures::{alarm, fleet};

fn found(alarm: &AlarmEvent) -> Result<String, Unmatched> {
    match_alarm(&fleet(), alarm).map(|m| format!("{} {}", m.service.label(), m.remedy.name))
}

fn two(first: &str, second: &str) -> Result<String, Unmatched> {
    Err(Unmatched::Ambiguous { first: first.to_owned(), second: second.to_owned() })
}

fn no_remedy(service: &str) -> Result<String, Unmatched> {
    Err(Unmatched::NoRemedy { service: service.to_owned() })
}

#[test]
fn semantics_e_each_kind_of_alarm_finds_its_service_and_remedy() {
    for (name, expected) in [
        ("alarm/metric", Ok("prod-eu/web cpu-high".to_owned())),
        ("alarm/metric_math", Ok("prod-eu/web bad-deployment".to_owned())),
        ("alarm/anomaly_band", Ok("prod-eu/web unusual".to_owned())),
        ("alarm/composite", Ok("prod-eu/web trouble".to_owned())),
        ("alarm/tagged", Ok("prod-eu/web checkout".to_owned())),
        ("alarm_notification/percentile", Ok("prod-eu/web slow".to_owned())),
        ("alarm_contributor/service", Ok("prod-eu/web hot".to_owned())),
        ("alarm/metric_math_of_two_services", two("prod-eu/web", "prod-eu/web-iso")),
        ("alarm/composite_of_two_services", two("prod-eu/web", "prod-eu/web-iso")),
        // The alarm over all services is every service's, and so nobody's; its contributors are one's each.
        ("alarm/multi_series_parent", two("prod-eu/web", "prod-eu/web-iso")),
        ("alarm/composite_of_scalings_own", two("prod-eu/web", "prod-eu/web-iso")),
        ("alarm/metric_of_another_account", Err(Unmatched::NoService)),
        ("alarm_contributor/nobodys", Err(Unmatched::NoService)),
        ("alarm_contributor/target_group", no_remedy("prod-eu/web")),
    ] {
        assert_eq!(found(&alarm(name)), expected, "{name}");
    }
}

#[test]
fn a_tag_goes_before_dimensions_and_dimensions_before_names() {
    let tagged = AlarmEvent { service_tag: Some("prod-eu/web-iso".into()), ..alarm("alarm/metric") };
    assert_eq!(found(&tagged), Ok("prod-eu/web-iso cpu-high".into()), "by its metric: the name is another service's");
    let renamed = AlarmEvent { name: "prod-eu-web-iso-cpu-high".into(), ..alarm("alarm/metric") };
    assert_eq!(found(&renamed), Ok("prod-eu/web cpu-high".into()));
    let unknown = AlarmEvent { service_tag: Some("billing".into()), ..alarm("alarm/metric") };
    assert_eq!(found(&unknown), Ok("prod-eu/web cpu-high".into()), "a tag that names nobody says nothing");
}

#[test]
fn one_strange_member_makes_the_others_no_proof() {
    let math = alarm("alarm/metric_math");
    let strange = |change: &dyn Fn(&mut WatchedMetric)| {
        let mut other = math.clone();
        other.name = "errors of all".into();
        change(&mut other.members[1]);
        found(&other)
    };
    assert_eq!(strange(&|_| {}), no_remedy("prod-eu/web"));
    assert_eq!(
        strange(&|m| m.dimensions = vec![("TargetGroup".into(), "targetgroup/other/1".into())]),
        Err(Unmatched::NoService)
    );
    assert_eq!(strange(&|m| m.account = Some("999999999999".into())), Err(Unmatched::NoService));
    // A member of no service in particular, such as the whole balancer's requests, is no contradiction.
    assert_eq!(
        strange(&|m| m.dimensions = vec![("LoadBalancer".into(), "app/prod-eu/1".into())]),
        no_remedy("prod-eu/web")
    );
    assert_eq!(strange(&|m| m.account = Some("222222222222".into())), no_remedy("prod-eu/web"));
}

#[test]
fn a_band_on_the_remedys_metric_is_not_the_remedys_alarm() {
    let band = AlarmEvent { name: "unusual cpu".into(), ..alarm("alarm/anomaly_band") };
    assert_eq!(band.threshold, None);
    assert_eq!(found(&band), no_remedy("prod-eu/web"), "it fires below the band too");
}

#[test]
fn children_that_led_here_go_before_those_of_the_rule() {
    let composite = |triggering: &[&str], named: &[&str]| {
        let list = |names: &[&str]| names.iter().map(|n| (*n).to_owned()).collect();
        let composite = Some(Composite { triggering: list(triggering), named: list(named) });
        found(&AlarmEvent { composite, ..alarm("alarm/composite") })
    };
    let (web, iso) = ("prod-eu-web-cpu-high", "prod-eu-web-iso-cpu-high");
    assert_eq!(composite(&[web], &[web, iso]), Ok("prod-eu/web trouble".into()));
    assert_eq!(composite(&["prod-eu-deploying"], &[iso]), Ok("prod-eu/web-iso trouble".into()));
    assert_eq!(
        composite(&[], &[web, "prod-eu-web-slow"]),
        Ok("prod-eu/web trouble".into()),
        "two alarms of one service"
    );
    assert_eq!(composite(&[], &[web, iso]), two("prod-eu/web", "prod-eu/web-iso"));
}

#[test]
fn a_remedy_names_the_alarm_or_its_contributors_and_never_both() {
    let contributor = alarm("alarm_contributor/service");
    let parent = AlarmEvent { contributor: None, service_tag: Some("prod-eu/web".into()), ..contributor.clone() };
    assert_eq!(found(&contributor), Ok("prod-eu/web hot".into()));
    assert_eq!(found(&parent), Ok("prod-eu/web fleet-hot".into()));
    // A contributor of an alarm that a metric remedy's template names is none of that remedy.
    let named = AlarmEvent { name: "prod-eu-web-cpu-high".into(), ..contributor.clone() };
    assert_eq!(found(&named), no_remedy("prod-eu/web"));
    let half = BTreeMap::from([("ServiceName".to_owned(), "prod-eu-web".to_owned())]);
    let half = AlarmEvent { contributor: Some(Contributor { id: "1".into(), attributes: half }), ..contributor };
    assert_eq!(found(&half), two("prod-eu/web", "prod-eu/web-iso"), "a service name without its cluster is no proof");
}
