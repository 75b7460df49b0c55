//! Which services an alarm watches.

use std::collections::{BTreeMap, BTreeSet};

use super::found::{Found, FoundAlarm, FoundMetric, Watched};
use crate::signal::alarm::SCALING_PREFIX;

/// Composite alarms watch others in at most this many layers here; AWS has no such limit, and nobody reads more.
const LAYERS_MAX: usize = 10;

/// Names of services.
type Services<'f> = BTreeSet<&'f str>;

/// Every alarm that watches a service and belongs to people, by its name.
pub(super) fn watching(found: &Found) -> Vec<(&FoundAlarm, Services<'_>)> {
    let mut watched: BTreeMap<&str, Services<'_>> = BTreeMap::new();
    let places = Places::of(found);
    for alarm in &found.alarms {
        let services = match &alarm.watches {
            Watched::Metric { metric, .. } => places.of_metric(metric),
            Watched::Math { metrics } => metrics.iter().flat_map(|metric| places.of_metric(metric)).collect(),
            Watched::Composite { .. } => Services::new(),
        };
        watched.insert(&alarm.name, services);
    }
    let composites: Vec<(&str, Vec<&str>)> = found.alarms.iter().filter_map(children).collect();
    for _ in 0..LAYERS_MAX {
        for (name, children) in &composites {
            let services = children.iter().filter_map(|child| watched.get(child)).flatten().copied().collect();
            watched.insert(name, services);
        }
    }
    let mut alarms: Vec<(&FoundAlarm, Services<'_>)> = found
        .alarms
        .iter()
        .filter(|alarm| !alarm.scales && !alarm.name.starts_with(SCALING_PREFIX))
        .filter_map(|alarm| Some((alarm, watched.get(alarm.name.as_str())?.clone())))
        .filter(|(_, services)| !services.is_empty())
        .collect();
    alarms.sort_by(|(a, _), (b, _)| a.name.cmp(&b.name));
    alarms.dedup_by(|(a, _), (b, _)| a.name == b.name);
    alarms
}

/// Where metrics say which service they are of.
struct Places<'f> {
    cluster: &'f str,
    services: Services<'f>,
    groups: BTreeMap<&'f str, Services<'f>>,
}

impl<'f> Places<'f> {
    fn of(found: &'f Found) -> Self {
        let mut groups: BTreeMap<&str, Services<'f>> = BTreeMap::new();
        for service in &found.services {
            for group in &service.target_groups {
                groups.entry(&group.dimension).or_default().insert(&service.name);
            }
        }
        Self { cluster: &found.cluster, services: found.services.iter().map(|s| s.name.as_str()).collect(), groups }
    }

    fn of_metric(&self, metric: &FoundMetric) -> Services<'f> {
        let dimension = |name: &str| metric.dimensions.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str());
        if let Some(services) = dimension("TargetGroup").and_then(|group| self.groups.get(group)) {
            return services.clone();
        }
        let service = dimension("ServiceName").filter(|_| dimension("ClusterName") == Some(self.cluster));
        service.and_then(|name| self.services.get(name)).copied().into_iter().collect()
    }
}

/// A composite alarm and the alarms that its rule names.
fn children(alarm: &FoundAlarm) -> Option<(&str, Vec<&str>)> {
    match &alarm.watches {
        Watched::Composite { rule } => Some((&alarm.name, named(rule))),
        Watched::Metric { .. } | Watched::Math { .. } => None,
    }
}

/// The names in `ALARM(name)`, `OK("name")`, `INSUFFICIENT_DATA(arn)` of a rule.
fn named(rule: &str) -> Vec<&str> {
    let mut names = Vec::new();
    for function in ["ALARM(", "OK(", "INSUFFICIENT_DATA("] {
        for (at, _) in rule.match_indices(function) {
            let rest = rule[at + function.len()..].trim_start();
            let name = match rest.strip_prefix(['"', '\'']) {
                Some(quoted) => quoted.split(['"', '\'']).next(),
                None => rest.split(')').next(),
            };
            let name = name.unwrap_or_default().trim();
            names.push(name.rsplit_once(":alarm:").map_or(name, |(_, name)| name));
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::draft::{Comparison, Controller, FoundService, TargetGroup};

    fn service(name: &str, groups: &[&str]) -> FoundService {
        let group = |name: &&str| TargetGroup { name: (*name).to_owned(), dimension: format!("targetgroup/{name}/1") };
        FoundService {
            name: name.to_owned(),
            status: "ACTIVE".to_owned(),
            daemon: false,
            controller: Controller::Ecs,
            desired: 1,
            target_groups: groups.iter().map(group).collect(),
            target: None,
            policies: Vec::new(),
        }
    }

    fn metric(dimensions: &[(&str, &str)]) -> FoundMetric {
        let dimensions = dimensions.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
        FoundMetric { namespace: "n".to_owned(), name: "m".to_owned(), dimensions }
    }

    fn alarm(name: &str, watches: Watched) -> FoundAlarm {
        FoundAlarm { name: name.to_owned(), watches, scales: false }
    }

    fn of_metric(name: &str, dimensions: &[(&str, &str)]) -> FoundAlarm {
        let (comparison, threshold, datapoints) = (Comparison::Above, Some(1.0), (1, 1, 60));
        alarm(name, Watched::Metric { metric: metric(dimensions), comparison, threshold, datapoints })
    }

    fn composite(name: &str, rule: &str) -> FoundAlarm {
        alarm(name, Watched::Composite { rule: rule.to_owned() })
    }

    fn watched(alarms: Vec<FoundAlarm>) -> Vec<(String, Vec<String>)> {
        let services = vec![service("web", &["web-a", "both"]), service("api", &["both"])];
        let (account, region) = ("222222222222".to_owned(), "eu-west-1".to_owned());
        let found = Found { cluster: "c".to_owned(), account, region, services, alarms };
        let text = |names: Services<'_>| names.into_iter().map(str::to_owned).collect();
        watching(&found).into_iter().map(|(alarm, names)| (alarm.name.clone(), text(names))).collect()
    }

    fn told(name: &str, services: &[&str]) -> (String, Vec<String>) {
        (name.to_owned(), services.iter().map(|s| (*s).to_owned()).collect())
    }

    #[test]
    fn dimensions_say_which_service_a_metric_is_of() {
        let alarms = vec![
            of_metric("cpu", &[("ClusterName", "c"), ("ServiceName", "web")]),
            of_metric("elsewhere", &[("ClusterName", "d"), ("ServiceName", "web")]),
            of_metric("cluster", &[("ClusterName", "c")]),
            of_metric("slow", &[("TargetGroup", "targetgroup/web-a/1"), ("LoadBalancer", "app/x/1")]),
            of_metric("shared", &[("TargetGroup", "targetgroup/both/1")]),
            of_metric("foreign", &[("TargetGroup", "targetgroup/web-a/2")]),
        ];
        assert_eq!(watched(alarms), [told("cpu", &["web"]), told("shared", &["api", "web"]), told("slow", &["web"])]);
    }

    #[test]
    fn a_composite_alarm_watches_what_its_children_watch() {
        let alarms = vec![
            composite("outer", "OK(\"other\") OR NOT ALARM( 'inner' )"),
            composite("inner", "ALARM(cpu) AND INSUFFICIENT_DATA(\"arn:aws:cloudwatch:r:1:alarm:memory\")"),
            composite("nobody", "TRUE"),
            of_metric("cpu", &[("ClusterName", "c"), ("ServiceName", "web")]),
            of_metric("memory", &[("ClusterName", "c"), ("ServiceName", "api")]),
        ];
        let both = ["api", "web"];
        assert_eq!(
            watched(alarms),
            [told("cpu", &["web"]), told("inner", &both), told("memory", &["api"]), told("outer", &both)]
        );
    }

    #[test]
    fn alarms_of_policies_are_nobodys() {
        let dimensions = [("ClusterName", "c"), ("ServiceName", "web")];
        let steps = FoundAlarm { scales: true, ..of_metric("steps", &dimensions) };
        assert_eq!(watched(vec![of_metric("TargetTracking-service/c/web-AlarmHigh-1", &dimensions), steps]), []);
    }
}
