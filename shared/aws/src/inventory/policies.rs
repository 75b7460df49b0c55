//! Scaling policies of the account's ECS services, those of one cluster kept.

use std::collections::BTreeMap;

use aws_sdk_applicationautoscaling::types::{
    PolicyType, ScalableDimension, ScalingPolicy, ServiceNamespace, TargetTrackingScalingPolicyConfiguration,
};
use headroom_core::fleet::draft::{FoundPolicy, Policy};

use super::clients::Clients;
use super::progress::{Counted, Progress};
use crate::person::Failure;

const CALL: &str = "application-autoscaling:DescribeScalingPolicies";
/// Ten policies a page, and three for each of 3,000 targets, the quota of a region, with as much again.
const PAGES: u32 = 2_000;

/// Policies by resource id.
pub(crate) type Policies = BTreeMap<String, Vec<FoundPolicy>>;

/// Asked for by namespace: one call answers for every service of a small account, where each service would need its own.
pub(crate) async fn policies(clients: &Clients, cluster: &str, tell: &dyn Fn(Progress)) -> Result<Policies, Failure> {
    let counted = Counted::new("scaling policies", None, tell);
    let here = format!("service/{cluster}/");
    let mut policies = Policies::new();
    let mut token = None;
    for _ in 0..PAGES {
        let page = clients
            .scaling
            .describe_scaling_policies()
            .service_namespace(ServiceNamespace::Ecs)
            .set_next_token(token)
            .send()
            .await
            .map_err(|error| clients.failed(CALL, &error))?;
        counted.add(page.scaling_policies().len());
        let ours = page.scaling_policies().iter().filter(|policy| {
            policy.resource_id().starts_with(&here)
                && policy.scalable_dimension() == &ScalableDimension::EcsServiceDesiredCount
        });
        for policy in ours {
            policies.entry(policy.resource_id().to_owned()).or_default().push(found(policy));
        }
        token = page.next_token;
        if token.is_none() {
            return Ok(policies);
        }
    }
    Err(Failure::unusable(CALL, format!("more than {PAGES} pages")))
}

fn found(policy: &ScalingPolicy) -> FoundPolicy {
    let does = match (policy.policy_type(), policy.target_tracking_scaling_policy_configuration()) {
        (_, Some(tracking)) => tracks(tracking),
        (PolicyType::StepScaling, None) => Policy::Steps,
        (PolicyType::PredictiveScaling, None) => Policy::Predicts,
        (other, None) => Policy::Other { kind: other.as_str().to_owned() },
    };
    FoundPolicy { name: policy.policy_name().to_owned(), does }
}

fn tracks(tracking: &TargetTrackingScalingPolicyConfiguration) -> Policy {
    let target = tracking.target_value();
    if let Some(predefined) = tracking.predefined_metric_specification() {
        let seconds = |cooldown: Option<i32>| cooldown.and_then(|n| u32::try_from(n).ok());
        return Policy::Tracks {
            metric: predefined.predefined_metric_type().as_str().to_owned(),
            target,
            scale_out: seconds(tracking.scale_out_cooldown()),
            scale_in: seconds(tracking.scale_in_cooldown()),
            scales_in: tracking.disable_scale_in() != Some(true),
        };
    }
    let custom = tracking.customized_metric_specification();
    let metric = custom.and_then(|custom| custom.metric_name()).unwrap_or("an expression").to_owned();
    Policy::TracksCustom { metric, target }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_applicationautoscaling::types::builders::TargetTrackingScalingPolicyConfigurationBuilder;
    use aws_sdk_applicationautoscaling::types::{
        CustomizedMetricSpecification, MetricType, PredefinedMetricSpecification,
    };
    use aws_smithy_types::DateTime;

    fn policy(kind: PolicyType, tracking: Option<TargetTrackingScalingPolicyConfigurationBuilder>) -> Policy {
        let policy = ScalingPolicy::builder()
            .policy_arn("arn")
            .policy_name("p")
            .service_namespace(ServiceNamespace::Ecs)
            .resource_id("service/c/s")
            .scalable_dimension(ScalableDimension::EcsServiceDesiredCount)
            .policy_type(kind)
            .creation_time(DateTime::from_secs(0))
            .set_target_tracking_scaling_policy_configuration(tracking.map(|t| t.target_value(70.0).build().unwrap()));
        found(&policy.build().unwrap()).does
    }

    #[test]
    fn a_tracking_policy_keeps_metric_target_and_cooldowns() {
        let cpu = PredefinedMetricSpecification::builder()
            .predefined_metric_type(MetricType::EcsServiceAverageCpuUtilization)
            .build()
            .unwrap();
        let tracking = TargetTrackingScalingPolicyConfiguration::builder()
            .predefined_metric_specification(cpu)
            .scale_out_cooldown(60)
            .disable_scale_in(true);
        let expected = Policy::Tracks {
            metric: "ECSServiceAverageCPUUtilization".to_owned(),
            target: 70.0,
            scale_out: Some(60),
            scale_in: None,
            scales_in: false,
        };
        assert_eq!(policy(PolicyType::TargetTrackingScaling, Some(tracking)), expected);
    }

    #[test]
    fn other_policies_keep_what_they_are() {
        let backlog = CustomizedMetricSpecification::builder().metric_name("Backlog").build();
        let named = TargetTrackingScalingPolicyConfiguration::builder().customized_metric_specification(backlog);
        let custom = |metric: &str| Policy::TracksCustom { metric: metric.to_owned(), target: 70.0 };
        assert_eq!(policy(PolicyType::TargetTrackingScaling, Some(named)), custom("Backlog"));
        let math = CustomizedMetricSpecification::builder().build();
        let math = TargetTrackingScalingPolicyConfiguration::builder().customized_metric_specification(math);
        assert_eq!(policy(PolicyType::TargetTrackingScaling, Some(math)), custom("an expression"));
        assert_eq!(policy(PolicyType::StepScaling, None), Policy::Steps);
        assert_eq!(policy(PolicyType::PredictiveScaling, None), Policy::Predicts);
        assert_eq!(policy(PolicyType::from("New"), None), Policy::Other { kind: "New".to_owned() });
    }
}
