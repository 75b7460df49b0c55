//! Application Auto Scaling: bounds, policies, scheduled actions, activities.

use aws_sdk_applicationautoscaling::types::{
    MetricType, PolicyType, PredefinedMetricSpecification, ScalableDimension, ScalableTargetAction, ServiceNamespace,
    SuspendedState, TargetTrackingScalingPolicyConfiguration,
};
use aws_smithy_types::DateTime;
use serde_json::json;

use crate::talk::{Failed, Talk, none};

const ID: &str = "service/shop/web";
const DIMENSION: ScalableDimension = ScalableDimension::EcsServiceDesiredCount;
const ECS: ServiceNamespace = ServiceNamespace::Ecs;
/// 2026-11-24T00:00:00Z.
const TUESDAY: i64 = 1_795_478_400;

pub(crate) async fn run(talk: &Talk) -> Result<(), Failed> {
    bounds(talk).await?;
    policy(talk).await?;
    schedule(talk).await?;
    let call = talk.scaling.describe_scaling_activities().service_namespace(ECS).resource_id(ID);
    talk.tell("DescribeScalingActivities", call.include_not_scaled_activities(true).send().await, none)?;
    Ok(())
}

async fn bounds(talk: &Talk) -> Result<(), Failed> {
    let register =
        || talk.scaling.register_scalable_target().service_namespace(ECS).resource_id(ID).scalable_dimension(DIMENSION);
    talk.tell("RegisterScalableTarget", register().min_capacity(3).send().await, none)?;
    let suspended = SuspendedState::builder().dynamic_scaling_in_suspended(true).build();
    talk.tell("RegisterScalableTarget", register().suspended_state(suspended).send().await, none)?;
    talk.tell("RegisterScalableTarget", register().min_capacity(9).max_capacity(5).send().await, none)?;
    let answer = talk.scaling.describe_scalable_targets().service_namespace(ECS).resource_ids(ID).send().await;
    talk.tell("DescribeScalableTargets", answer, |o| {
        let target = o.scalable_targets().first();
        let suspended = target.and_then(|t| t.suspended_state()?.dynamic_scaling_in_suspended());
        json!({
            "ScalableTargets.0.MinCapacity": target.map(|t| t.min_capacity()),
            "ScalableTargets.0.MaxCapacity": target.map(|t| t.max_capacity()),
            "ScalableTargets.0.SuspendedState.DynamicScalingInSuspended": suspended,
        })
    })?;
    Ok(())
}

async fn policy(talk: &Talk) -> Result<(), Failed> {
    let metric = MetricType::EcsServiceAverageMemoryUtilization;
    let metric = PredefinedMetricSpecification::builder().predefined_metric_type(metric).build()?;
    let tracking = TargetTrackingScalingPolicyConfiguration::builder()
        .target_value(60.0)
        .predefined_metric_specification(metric)
        .scale_out_cooldown(60)
        .scale_in_cooldown(300)
        .build()?;
    let call = talk.scaling.put_scaling_policy().policy_name("memory").service_namespace(ECS).resource_id(ID);
    let call = call.scalable_dimension(DIMENSION).policy_type(PolicyType::TargetTrackingScaling);
    let answer = call.target_tracking_scaling_policy_configuration(tracking).send().await;
    talk.tell("PutScalingPolicy", answer, none)?;

    let call = talk.scaling.describe_scaling_policies().service_namespace(ECS).resource_id(ID);
    talk.tell("DescribeScalingPolicies", call.policy_names("memory").send().await, |o| {
        let policy = o.scaling_policies().first();
        let target = policy.and_then(|p| p.target_tracking_scaling_policy_configuration()).map(|c| c.target_value());
        json!({ "ScalingPolicies.0.TargetTrackingScalingPolicyConfiguration.TargetValue": target })
    })?;
    for _ in 0..2 {
        let call = talk.scaling.delete_scaling_policy().policy_name("memory").service_namespace(ECS).resource_id(ID);
        talk.tell("DeleteScalingPolicy", call.scalable_dimension(DIMENSION).send().await, none)?;
    }
    Ok(())
}

async fn schedule(talk: &Talk) -> Result<(), Failed> {
    let call = talk.scaling.put_scheduled_action().service_namespace(ECS).scheduled_action_name("morning");
    let call = call.resource_id(ID).scalable_dimension(DIMENSION).schedule("cron(0 8 ? * MON-FRI *)");
    let call = call.timezone("Europe/Berlin").start_time(DateTime::from_secs(TUESDAY));
    let action = ScalableTargetAction::builder().min_capacity(4).build();
    talk.tell("PutScheduledAction", call.scalable_target_action(action).send().await, none)?;

    let answer = talk.scaling.describe_scheduled_actions().service_namespace(ECS).resource_id(ID).send().await;
    talk.tell("DescribeScheduledActions", answer, |o| {
        let action = o.scheduled_actions().first();
        json!({
            "ScheduledActions.0.Timezone": action.and_then(|a| a.timezone()),
            "ScheduledActions.0.ScalableTargetAction.MinCapacity":
                action.and_then(|a| a.scalable_target_action()?.min_capacity()),
        })
    })?;
    let call = talk.scaling.delete_scheduled_action().service_namespace(ECS).scheduled_action_name("morning");
    talk.tell("DeleteScheduledAction", call.resource_id(ID).scalable_dimension(DIMENSION).send().await, none)?;
    Ok(())
}
