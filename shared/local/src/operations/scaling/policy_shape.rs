//! Policies as DescribeScalingPolicies shows them.

use headroom_simulator::cloudwatch::{AlarmFilter, Place};
use headroom_simulator::scaling::{
    Adjustment, Aggregation, PolicyAlarm, Step, StepPolicy, Tracked, Tracking, policy_arn,
};
use headroom_simulator::service::Service;

use super::common::{DIMENSION, NAMESPACE, PAGING, by_id, dimension, namespace};
use crate::operations::call::{Answer, Call};
use crate::value::{Map, Value};

/// DescribeScalingPolicies.
pub(super) fn describe(call: &mut Call<'_>) -> Answer {
    namespace(call.input)?;
    dimension(call.input)?;
    let names = call.input.texts("PolicyNames")?;
    let id = call.input.text("ResourceId")?;
    if let Some(id) = &id {
        by_id(call, id)?;
    }
    let found: Vec<Value> = call.world.read(|all| {
        let here = all.iter().filter(|s| call.is_here(s) && s.target.is_registered());
        let here = here.filter(|s| id.as_ref().is_none_or(|id| s.spec.id.resource_id() == *id));
        here.flat_map(|s| {
            let policies = &s.target.policies;
            let tracking = policies.tracking.iter().map(|p| (&p.name, tracking(call, s, p)));
            let steps = policies.step.iter().map(|p| (&p.name, step(call, s, p)));
            let wanted = |name: &String| names.is_empty() || names.contains(name);
            tracking.chain(steps).filter(|(name, _)| wanted(name)).map(|(_, p)| p.into()).collect::<Vec<Value>>()
        })
        .collect()
    });
    let (page, next) = PAGING.page(call.input, found)?;
    Ok(Map::new().with("ScalingPolicies", page).with("NextToken", next).into())
}

/// The alarms of a target-tracking policy.
pub(super) fn alarms_of(service: &Service, policy: &Tracking) -> Vec<Map> {
    policy.alarms().map(|alarm| named(service, alarm.name())).collect()
}

fn named(service: &Service, alarm: &str) -> Map {
    let arn = service.arn_of("cloudwatch", &format!("alarm:{alarm}"));
    Map::new().with("AlarmName", alarm).with("AlarmARN", arn)
}

fn base(call: &Call<'_>, service: &Service, name: &str, kind: &str) -> Map {
    Map::new()
        .with("PolicyARN", policy_arn(&service.spec.id, name))
        .with("PolicyName", name)
        .with("ServiceNamespace", NAMESPACE)
        .with("ResourceId", service.spec.id.resource_id())
        .with("ScalableDimension", DIMENSION)
        .with("PolicyType", kind)
        .with("CreationTime", call.time(call.started))
}

fn tracking(call: &Call<'_>, service: &Service, policy: &Tracking) -> Map {
    let predefined = policy.predefined().map(|kind| {
        // Which load balancer and target group the requests are counted of.
        let label = format!(
            "app/{}/0123456789abcdef/targetgroup/{}/0123456789abcdef",
            service.spec.id.cluster, service.spec.target_group
        );
        let label = (kind == "ALBRequestCountPerTarget").then_some(label);
        Map::new().with("PredefinedMetricType", kind).with("ResourceLabel", label)
    });
    let configuration = Map::new()
        .with("TargetValue", policy.target)
        .with("PredefinedMetricSpecification", predefined)
        .with("CustomizedMetricSpecification", customized(&policy.tracked))
        .with("ScaleOutCooldown", policy.cooldown.scale_out)
        .with("ScaleInCooldown", policy.cooldown.scale_in)
        .with("DisableScaleIn", !policy.scales_in());
    base(call, service, &policy.name, "TargetTrackingScaling")
        .with("TargetTrackingScalingPolicyConfiguration", configuration)
        .with("Alarms", alarms_of(service, policy))
}

fn customized(tracked: &Tracked) -> Option<Map> {
    let Tracked::Custom(key, statistic) = tracked else { return None };
    let pairs = key.dimensions().iter();
    let dimensions = pairs.map(|(name, value)| Map::new().with("Name", name.as_str()).with("Value", value.as_str()));
    Some(
        Map::new()
            .with("MetricName", key.name.as_str())
            .with("Namespace", key.namespace.as_str())
            .with("Dimensions", Value::list(dimensions))
            .with("Statistic", statistic.to_string()),
    )
}

fn step(call: &Call<'_>, service: &Service, policy: &StepPolicy) -> Map {
    let adjustment = match policy.adjustment {
        Adjustment::Change => "ChangeInCapacity",
        Adjustment::Percent => "PercentChangeInCapacity",
        Adjustment::Exact => "ExactCapacity",
    };
    let aggregation = match policy.aggregation {
        Aggregation::Average => "Average",
        Aggregation::Minimum => "Minimum",
        Aggregation::Maximum => "Maximum",
    };
    let one = |step: &Step| {
        Map::new()
            .with("MetricIntervalLowerBound", step.lower)
            .with("MetricIntervalUpperBound", step.upper)
            .with("ScalingAdjustment", i64::from(step.adjust))
    };
    let configuration = Map::new()
        .with("AdjustmentType", adjustment)
        .with("StepAdjustments", Value::list(policy.steps.iter().map(one)))
        .with("MinAdjustmentMagnitude", (policy.magnitude_min > 0).then_some(policy.magnitude_min))
        .with("Cooldown", policy.cooldown)
        .with("MetricAggregationType", aggregation);
    let own: Vec<Map> = policy.alarm.iter().map(PolicyAlarm::name).map(|name| named(service, name)).collect();
    let alarms = own.into_iter().chain(callers(call, service, &policy.name)).collect::<Vec<_>>();
    base(call, service, &policy.name, "StepScaling")
        .with("StepScalingPolicyConfiguration", configuration)
        .with("Alarms", alarms)
}

/// The alarms of CloudWatch that call a step policy.
fn callers(call: &Call<'_>, service: &Service, policy: &str) -> Vec<Map> {
    let arn = policy_arn(&service.spec.id, policy);
    let filter = AlarmFilter { action_prefix: Some(arn), ..AlarmFilter::metric_alarms() };
    let place = Place { account: call.place.account.clone(), region: call.place.region.clone() };
    let found = call.world.describe_alarms(&place, &filter).map(|described| described.alarms).unwrap_or_default();
    found.iter().map(|alarm| named(service, &alarm.name)).collect()
}
