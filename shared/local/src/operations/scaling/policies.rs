//! Scaling policies.

use headroom_core::fleet::Metric;
use headroom_simulator::cloudwatch::{MetricKey, Statistic};
use headroom_simulator::scaling::{
    Adjustment, Aggregation, Cooldown, PutTracking, Step, StepPolicy, Tracked, policy_arn,
};

use super::common::{missing, of, refused, registered, validation};
use super::policy_shape::alarms_of;
use crate::failure::Failure;
use crate::operations::call::{Answer, Call};
use crate::value::Map;

/// ScaleOutCooldown and ScaleInCooldown of ECS, and Cooldown of a step policy, when nobody says (AWS_FACTS 2.3, 2.4).
const COOLDOWN: u32 = 300;

/// PutScalingPolicy: target tracking makes its own alarms, a step policy is called by those that name its ARN.
pub(super) fn put(call: &mut Call<'_>) -> Answer {
    let name = call.input.required("PolicyName", missing)?.into_owned();
    let index = registered(call)?.0;
    let kind = call.input.text("PolicyType")?.map_or_else(|| known_type(call, index, &name), |k| k.into_owned());
    let done = match kind.as_str() {
        "TargetTrackingScaling" => {
            let map = call.input.map("TargetTrackingScalingPolicyConfiguration")?;
            let put = tracking(name.clone(), map.ok_or_else(|| missing("TargetTrackingScalingPolicyConfiguration"))?)?;
            call.world.put_tracking(index, put)
        }
        "StepScaling" => {
            let map = call.input.map("StepScalingPolicyConfiguration")?;
            let put = step(name.clone(), map.ok_or_else(|| missing("StepScalingPolicyConfiguration"))?)?;
            call.world.put_step(index, put)
        }
        other => return Err(validation(format!("PolicyType {other} is not simulated."))),
    };
    done.unwrap_or(Ok(())).map_err(|e| refused(&e))?;
    let (arn, alarms) = call.world.read(|all| {
        let service = all.get(index);
        let tracking = service.and_then(|s| s.target.policies.tracking.iter().find(|p| p.name == name));
        let alarms = service.zip(tracking).map(|(s, p)| alarms_of(s, p)).unwrap_or_default();
        (service.map(|s| policy_arn(&s.spec.id, &name)), alarms)
    });
    Ok(Map::new().with("PolicyARN", arn).with("Alarms", alarms).into())
}

/// The type that the policy has, or StepScaling as AWS has it by default.
fn known_type(call: &Call<'_>, index: usize, name: &str) -> String {
    let tracks = call
        .world
        .read(|all| all.get(index).is_some_and(|s| s.target.policies.tracking.iter().any(|p| p.name == name)));
    if tracks { "TargetTrackingScaling".to_owned() } else { "StepScaling".to_owned() }
}

fn tracking(name: String, map: &Map) -> Result<PutTracking, Failure> {
    let predefined = map.map("PredefinedMetricSpecification")?;
    let customized = map.map("CustomizedMetricSpecification")?;
    let tracked = match (predefined, customized) {
        (Some(map), None) => match map.required("PredefinedMetricType", missing)?.as_ref() {
            "ECSServiceAverageCPUUtilization" => Tracked::Service(Metric::Cpu),
            "ECSServiceAverageMemoryUtilization" => Tracked::Service(Metric::Memory),
            "ALBRequestCountPerTarget" => Tracked::Service(Metric::RequestsPerTarget),
            other => return Err(validation(format!("Unsupported predefined metric type for ECS: {other}"))),
        },
        (None, Some(map)) => customized_metric(map)?,
        (None, None) | (Some(_), Some(_)) => {
            return Err(validation("Exactly one of PredefinedMetricSpecification and CustomizedMetricSpecification"));
        }
    };
    Ok(PutTracking {
        name,
        tracked,
        target: map.number("TargetValue")?.ok_or_else(|| missing("TargetValue"))?,
        cooldown: Cooldown {
            scale_out: map.count("ScaleOutCooldown")?.unwrap_or(COOLDOWN),
            scale_in: map.count("ScaleInCooldown")?.unwrap_or(COOLDOWN),
        },
        scale_in: map.flag("DisableScaleIn")? != Some(true),
    })
}

fn customized_metric(map: &Map) -> Result<Tracked, Failure> {
    if map.has("Metrics") {
        return Err(validation("Metrics of a CustomizedMetricSpecification are not simulated."));
    }
    let pair = |d: &Map| Ok((d.required("Name", missing)?.into_owned(), d.required("Value", missing)?.into_owned()));
    let dimensions = map.maps("Dimensions")?.into_iter().map(pair).collect::<Result<Vec<_>, Failure>>()?;
    let namespace = map.required("Namespace", missing)?.into_owned();
    let name = map.required("MetricName", missing)?.into_owned();
    let statistic = map.required("Statistic", missing)?;
    let statistic = Statistic::from_name(&statistic).filter(|s| !s.is_extended());
    let statistic =
        statistic.ok_or_else(|| validation("Statistic: expected Average, Minimum, Maximum, SampleCount or Sum"))?;
    Ok(Tracked::Custom(MetricKey::with(namespace, name, dimensions), statistic))
}

fn step(name: String, map: &Map) -> Result<StepPolicy, Failure> {
    let adjustment = match map.required("AdjustmentType", missing)?.as_ref() {
        "ChangeInCapacity" => Adjustment::Change,
        "PercentChangeInCapacity" => Adjustment::Percent,
        "ExactCapacity" => Adjustment::Exact,
        other => return Err(validation(format!("AdjustmentType {other}"))),
    };
    let aggregation = match map.text("MetricAggregationType")?.as_deref() {
        None | Some("Average") => Aggregation::Average,
        Some("Minimum") => Aggregation::Minimum,
        Some("Maximum") => Aggregation::Maximum,
        Some(other) => return Err(validation(format!("MetricAggregationType {other}"))),
    };
    let one = |step: &Map| {
        let adjust = step.integer("ScalingAdjustment")?.ok_or_else(|| missing("ScalingAdjustment"))?;
        Ok(Step {
            lower: step.number("MetricIntervalLowerBound")?,
            upper: step.number("MetricIntervalUpperBound")?,
            adjust: i32::try_from(adjust).map_err(|_| validation(format!("ScalingAdjustment {adjust}")))?,
        })
    };
    Ok(StepPolicy {
        name,
        adjustment,
        magnitude_min: map.count("MinAdjustmentMagnitude")?.unwrap_or(0),
        steps: map.maps("StepAdjustments")?.into_iter().map(one).collect::<Result<_, Failure>>()?,
        cooldown: map.count("Cooldown")?.unwrap_or(COOLDOWN),
        aggregation,
        ..StepPolicy::default()
    })
}

/// DeleteScalingPolicy.
pub(super) fn delete(call: &mut Call<'_>) -> Answer {
    let name = call.input.required("PolicyName", missing)?.into_owned();
    let (index, id) = registered(call)?;
    let done = call.world.delete_policy(index, &name);
    let words = format!("No scaling policy found for {}, policy name: {name}", of(&id));
    done.unwrap_or(Ok(())).map_err(|e| Failure { message: words, ..refused(&e) })?;
    Ok(Map::new().into())
}
