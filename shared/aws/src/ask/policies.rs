//! Scaling policies of one service.

use aws_sdk_applicationautoscaling::types::{
    AdjustmentType, PolicyType, ScalableDimension, ScalingPolicy, ServiceNamespace,
};
use headroom_core::seen::PolicySeen;
use headroom_pipeline::PortError;

use crate::aws::Aws;
use crate::error::{failed, unusable};

const PLACE: &str = "application-autoscaling DescribeScalingPolicies";
/// A target holds at most 50 policies, ten a page; twice as many pages, for a last one that is empty.
const PAGES: u32 = 10;

pub(super) async fn policies(aws: &Aws, resource_id: &str) -> Result<Vec<PolicySeen>, PortError> {
    let mut policies = Vec::new();
    let mut token = None;
    for _ in 0..PAGES {
        let page = aws
            .scaling()
            .describe_scaling_policies()
            .service_namespace(ServiceNamespace::Ecs)
            .scalable_dimension(ScalableDimension::EcsServiceDesiredCount)
            .resource_id(resource_id)
            .set_next_token(token)
            .send()
            .await
            .map_err(|error| failed(PLACE, &error))?;
        policies.extend(page.scaling_policies().iter().map(seen));
        token = page.next_token;
        if token.is_none() {
            return Ok(policies);
        }
    }
    Err(unusable(PLACE, format!("more than {PAGES} pages")))
}

/// What matters of a policy. A predictive policy never scales in.
fn seen(policy: &ScalingPolicy) -> PolicySeen {
    let tracking = policy.target_tracking_scaling_policy_configuration();
    let steps = policy.step_scaling_policy_configuration();
    let removes = steps.is_some_and(|steps| {
        let exact = steps.adjustment_type() == Some(&AdjustmentType::ExactCapacity);
        exact || steps.step_adjustments().iter().any(|step| step.scaling_adjustment() < 0)
    });
    PolicySeen {
        name: policy.policy_name().to_owned(),
        tracks: tracking
            .and_then(|t| t.predefined_metric_specification())
            .map(|metric| metric.predefined_metric_type().as_str().to_owned()),
        target: tracking.map(|t| t.target_value()),
        scales_in: removes || tracking.is_some_and(|t| t.disable_scale_in() != Some(true)),
        label: tracking
            .and_then(|t| t.predefined_metric_specification())
            .and_then(|metric| metric.resource_label())
            .map(str::to_owned),
        predictive: policy.policy_type() == &PolicyType::PredictiveScaling,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_applicationautoscaling::types::{
        MetricType, PolicyType, PredefinedMetricSpecification, StepAdjustment, StepScalingPolicyConfiguration,
        TargetTrackingScalingPolicyConfiguration,
    };
    use aws_smithy_types::DateTime;

    type Builder = aws_sdk_applicationautoscaling::types::builders::ScalingPolicyBuilder;

    fn policy(kind: PolicyType, configure: impl Fn(Builder) -> Builder) -> PolicySeen {
        let builder = ScalingPolicy::builder()
            .policy_arn("arn")
            .policy_name("p")
            .service_namespace(ServiceNamespace::Ecs)
            .resource_id("service/c/s")
            .scalable_dimension(ScalableDimension::EcsServiceDesiredCount)
            .policy_type(kind)
            .creation_time(DateTime::from_secs(0));
        seen(&configure(builder).build().unwrap())
    }

    fn tracking(disable_scale_in: Option<bool>) -> PolicySeen {
        let metric = PredefinedMetricSpecification::builder()
            .predefined_metric_type(MetricType::EcsServiceAverageCpuUtilization)
            .build()
            .unwrap();
        let configuration = TargetTrackingScalingPolicyConfiguration::builder()
            .target_value(70.0)
            .predefined_metric_specification(metric)
            .set_disable_scale_in(disable_scale_in)
            .build()
            .unwrap();
        policy(PolicyType::TargetTrackingScaling, |b| {
            b.target_tracking_scaling_policy_configuration(configuration.clone())
        })
    }

    fn steps(kind: AdjustmentType, by: i32) -> PolicySeen {
        let step = StepAdjustment::builder().scaling_adjustment(by).build().unwrap();
        let configuration =
            StepScalingPolicyConfiguration::builder().adjustment_type(kind).step_adjustments(step).build();
        policy(PolicyType::StepScaling, |b| b.step_scaling_policy_configuration(configuration.clone()))
    }

    #[test]
    fn a_target_tracking_policy_names_its_metric_and_scales_in_unless_told_not_to() {
        let seen = tracking(None);
        assert_eq!(seen.tracks.as_deref(), Some("ECSServiceAverageCPUUtilization"));
        assert_eq!(seen.target, Some(70.0));
        assert!(seen.scales_in && tracking(Some(false)).scales_in && !tracking(Some(true)).scales_in);
    }

    #[test]
    fn a_step_policy_scales_in_only_if_a_step_removes() {
        assert!(!steps(AdjustmentType::ChangeInCapacity, 2).scales_in);
        assert!(steps(AdjustmentType::ChangeInCapacity, -1).scales_in);
        assert!(steps(AdjustmentType::ExactCapacity, 2).scales_in);
    }

    #[test]
    fn a_predictive_policy_never_scales_in() {
        assert!(!policy(PolicyType::PredictiveScaling, |b| b).scales_in);
    }
}
