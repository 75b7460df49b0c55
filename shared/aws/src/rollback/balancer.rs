//! The balancer before a service, found by the metrics that it publishes: no permission on it is needed.

use std::collections::BTreeSet;

use aws_sdk_cloudwatch::types::{Dimension, DimensionFilter, RecentlyActive};
use headroom_core::rollback::Balancer;
use headroom_core::seen::Reading;
use headroom_pipeline::PortError;

use crate::aws::Aws;
use crate::error::failed;

const PLACE: &str = "cloudwatch ListMetrics";
pub(super) const NAMESPACE: &str = "AWS/ApplicationELB";
const REQUESTS: &str = "RequestCount";
const LOAD_BALANCER: &str = "LoadBalancer";
const TARGET_GROUP: &str = "TargetGroup";

/// `targetgroup/name/id` of a target group's ARN: the dimension's value.
pub(super) fn dimension(arn: &str) -> Option<String> {
    arn.rsplit(':').next().filter(|last| last.starts_with("targetgroup/")).map(str::to_owned)
}

/// The balancer that published requests of this target group in the last two weeks.
pub(super) async fn find(
    aws: &Aws,
    target_group: &str,
    old_target_group: Option<String>,
) -> Result<Reading<Balancer>, PortError> {
    let mut found = pairs(aws, TARGET_GROUP, target_group).await?;
    // A group that has just begun to serve is listed later than the one that it takes the traffic from.
    if let (true, Some(old)) = (found.is_empty(), &old_target_group) {
        found = pairs(aws, TARGET_GROUP, old).await?;
    }
    let Some((load_balancer, _)) = found.into_iter().next() else { return Ok(Reading::Absent) };
    let beside = pairs(aws, LOAD_BALANCER, &load_balancer).await?;
    let own = |group: &String| group == target_group || Some(group) == old_target_group.as_ref();
    Ok(Reading::Known(Balancer {
        load_balancer,
        alone: beside.iter().all(|(_, group)| own(group)),
        target_group: target_group.to_owned(),
        old_target_group,
    }))
}

/// Every target group that the balancer published requests of, and those of these names behind whichever balancer; each
/// after its balancer. A name that publishes nothing serves nobody.
pub(super) async fn beside(
    aws: &Aws,
    load_balancer: &str,
    names: &[String],
) -> Result<BTreeSet<(String, String)>, PortError> {
    let mut found = pairs(aws, LOAD_BALANCER, load_balancer).await?;
    let named = |(_, group): &(String, String)| group.split('/').nth(1).is_some_and(|n| names.iter().any(|m| m == n));
    if found.iter().filter(|pair| named(pair)).count() < names.len() {
        // A filter takes a whole dimension, with an ID that only the balancer's own API knows: all are listed instead.
        let call = aws.cloudwatch().list_metrics().namespace(NAMESPACE).metric_name(REQUESTS);
        let mut pages = call.recently_active(RecentlyActive::Pt3H).into_paginator().send();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| failed(PLACE, &error))?;
            found.extend(page.metrics().iter().filter_map(|metric| pair(metric.dimensions())).filter(named));
        }
    }
    Ok(found)
}

/// Balancer and target group of each metric that has exactly these two dimensions.
async fn pairs(aws: &Aws, name: &str, value: &str) -> Result<BTreeSet<(String, String)>, PortError> {
    let filter = DimensionFilter::builder().name(name).value(value).build();
    let call = aws.cloudwatch().list_metrics().namespace(NAMESPACE).metric_name(REQUESTS).dimensions(filter);
    let answer = call.send().await.map_err(|error| failed(PLACE, &error))?;
    Ok(answer.metrics().iter().filter_map(|metric| pair(metric.dimensions())).collect())
}

fn pair(dimensions: &[Dimension]) -> Option<(String, String)> {
    let of = |name: &str| dimensions.iter().find(|d| d.name() == Some(name)).and_then(|d| d.value());
    let pair = (of(LOAD_BALANCER)?.to_owned(), of(TARGET_GROUP)?.to_owned());
    (dimensions.len() == 2).then_some(pair)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_metrics_of_both_dimensions_and_no_third_name_a_pair() {
        let of = |pairs: &[(&str, &str)]| {
            let all: Vec<Dimension> =
                pairs.iter().map(|(name, value)| Dimension::builder().name(*name).value(*value).build()).collect();
            pair(&all)
        };
        let (balancer, group) = (("LoadBalancer", "app/a/1"), ("TargetGroup", "targetgroup/web/1"));
        assert_eq!(of(&[group, balancer]), Some(("app/a/1".to_owned(), "targetgroup/web/1".to_owned())));
        assert_eq!(of(&[balancer, group, ("AvailabilityZone", "eu-west-1a")]), None);
        assert_eq!(of(&[balancer]), None);
    }

    #[test]
    fn the_dimension_is_the_end_of_the_arn() {
        let arn = "arn:aws:elasticloadbalancing:eu-west-1:222222222222:targetgroup/prod-eu-web/0123456789abcdef";
        assert_eq!(dimension(arn).as_deref(), Some("targetgroup/prod-eu-web/0123456789abcdef"));
        assert_eq!(dimension("prod-eu-web"), None);
    }
}
