//! ListMetrics, of what the world's services publish at their balancers.

use headroom_simulator::cloudwatch::{load_balancer_dimension, target_group_dimension};
use headroom_simulator::service::Service;

use super::common::validation;
use crate::failure::Failure;
use crate::operations::call::{Answer, Call};
use crate::operations::page::Paging;
use crate::value::{Map, Value};

const BALANCER: &str = "AWS/ApplicationELB";
const ECS: &str = "AWS/ECS";
/// Metrics of a target group; the balancer adds up the first three over its groups.
const OF_GROUP: [&str; 6] = [
    "RequestCount",
    "TargetResponseTime",
    "HTTPCode_Target_5XX_Count",
    "RequestCountPerTarget",
    "HealthyHostCount",
    "UnHealthyHostCount",
];
/// Of these the world tells the alternate target group apart.
const OF_ALTERNATE: [&str; 2] = ["RequestCount", "HTTPCode_Target_5XX_Count"];
const OF_SERVICE: [&str; 2] = ["CPUUtilization", "MemoryUtilization"];

/// CloudWatch answers with 500 a page, and takes no size.
const PAGING: Paging = Paging {
    size: "headroom has no such member",
    token: "NextToken",
    usual: 500,
    most: 500,
    bad_token: "InvalidParameterValueException",
    bad_size: "InvalidParameterValueException",
};

/// A metric: namespace, name, dimensions by name.
type Metric = (&'static str, &'static str, Vec<(&'static str, String)>);

/// ListMetrics. A metric of a person's own is read by GetMetricData and is not listed.
pub(super) fn list(call: &mut Call<'_>) -> Answer {
    let (namespace, name) = (call.input.text("Namespace")?, call.input.text("MetricName")?);
    let wanted: Vec<(String, Option<String>)> =
        call.input.maps("Dimensions")?.into_iter().map(filter).collect::<Result<_, _>>()?;
    let all: Vec<Metric> = call.world.read(|all| all.iter().filter(|s| call.is_here(s)).flat_map(metrics).collect());
    let fits = |(in_namespace, is, dimensions): &Metric| {
        let has = |(name, value): &(String, Option<String>)| {
            dimensions.iter().any(|(n, v)| n == name && value.as_ref().is_none_or(|value| v == value))
        };
        namespace.as_ref().is_none_or(|n| n == in_namespace)
            && name.as_ref().is_none_or(|n| n == is)
            && wanted.iter().all(has)
    };
    let mut found: Vec<Metric> = all.into_iter().filter(fits).collect();
    found.sort();
    found.dedup();
    let (page, next) = PAGING.page(call.input, found)?;
    let page = Value::list(page.into_iter().map(shown));
    Ok(Map::new().with("Metrics", page).with("NextToken", next).into())
}

/// DimensionFilter: a value may be left out.
fn filter(map: &Map) -> Result<(String, Option<String>), Failure> {
    let name = map.text("Name")?.ok_or_else(|| validation("The parameter Name is required."))?.into_owned();
    Ok((name, map.text("Value")?.map(|value| value.into_owned())))
}

fn metrics(service: &Service) -> Vec<Metric> {
    let balancer = ("LoadBalancer", load_balancer_dimension(&service.spec.id.cluster));
    let group = ("TargetGroup", target_group_dimension(&service.spec.target_group));
    let own = vec![("ClusterName", service.spec.id.cluster.clone()), ("ServiceName", service.spec.id.service.clone())];
    let alternate = service.deploys.alternate.as_deref().map(|name| ("TargetGroup", target_group_dimension(name)));
    let alternate = alternate
        .into_iter()
        .flat_map(|group| OF_ALTERNATE.map(|name| (BALANCER, name, vec![group.clone(), balancer.clone()])).into_iter());
    let alternate: Vec<Metric> = alternate.collect();
    let of_group = OF_GROUP.map(|name| (BALANCER, name, vec![group.clone(), balancer.clone()]));
    let of_service = OF_SERVICE.map(|name| (ECS, name, own.clone()));
    of_group
        .into_iter()
        .chain(alternate)
        .chain(of_service)
        .chain([(BALANCER, "HTTPCode_ELB_5XX_Count", vec![balancer.clone()])])
        .collect()
}

fn shown((namespace, name, dimensions): Metric) -> Map {
    let dimension = |(name, value): (&'static str, String)| Map::new().with("Name", name).with("Value", value);
    Map::new()
        .with("Namespace", namespace)
        .with("MetricName", name)
        .with("Dimensions", Value::list(dimensions.into_iter().map(dimension)))
}
