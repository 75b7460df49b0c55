//! The invocation of a Lambda lifecycle hook by ECS (Amazon ECS developer guide, "Lambda hooks for Amazon ECS
//! service deployments"): no EventBridge envelope, and ECS waits for the answer.
//!
//! There is no rollback stage: the traffic-shift hooks run again with the target's weight at 0, so weights are
//! read and never the stage's name alone.

use serde_json::{Map, Value};

use super::arn::Arn;
use super::decode::{By, Signal, Source};
use super::read::Reader;
use super::refused::NotASignal;
use super::service;
use crate::id::ServiceId;

const KIND: &str = "ECS hook call";
const DEPLOYMENT_ARN: &str = "an ARN of a service deployment";
const REVISION_ARN: &str = "an ARN of a service revision of the same service";
/// A deployment shifts between two revisions; more than this many weights are no traffic shift.
const WEIGHTS_MAX: usize = 16;

/// One file, one source.
pub(super) const HOOK_CALL: Source = Source {
    name: KIND,
    by: By::Keys(&["executionId", "lifecycleStage", "resourceArn"]),
    pattern: None,
    decode: |event| decode(event).map(|h| Signal::HookCall(Box::new(h))),
};

/// ECS asks a hook whether a deployment may go on.
#[derive(Debug, Clone, PartialEq)]
pub struct HookCall {
    /// The service.
    pub service: ServiceId,
    /// ARN of the service deployment.
    pub deployment: String,
    /// Identity of this execution of the hook; the same when ECS asks again.
    pub execution: String,
    /// For example `PRODUCTION_TRAFFIC_SHIFT`.
    pub stage: String,
    /// ARN of the revision that is being deployed, also during its rollback.
    pub target: String,
    /// Test traffic in percent by revision ARN, sorted; empty before traffic moves.
    pub test_weights: Vec<(String, f64)>,
    /// Production traffic likewise.
    pub production_weights: Vec<(String, f64)>,
}

impl HookCall {
    /// Whether traffic is being moved away from the target: the deployment is rolled back. `None` when the stage
    /// moves no traffic, or when the weights do not say.
    #[must_use]
    pub fn moves_away(&self) -> Option<bool> {
        let weights = match self.stage.as_str() {
            "TEST_TRAFFIC_SHIFT" => &self.test_weights,
            "PRODUCTION_TRAFFIC_SHIFT" => &self.production_weights,
            _ => return None,
        };
        weights.iter().find(|(revision, _)| *revision == self.target).map(|(_, weight)| *weight == 0.0)
    }
}

fn decode(event: &Value) -> Result<HookCall, NotASignal> {
    let read = Reader { kind: KIND, event };
    let arn = read.arn("resourceArn", DEPLOYMENT_ARN)?;
    let of_deployment = service::of_child(&arn, "service-deployment");
    let service = of_deployment.ok_or_else(|| read.refuse("resourceArn", DEPLOYMENT_ARN))?;
    let place = "executionDetails.targetServiceRevisionArn";
    let revision = read.arn(place, REVISION_ARN)?;
    if service::of_child(&revision, "service-revision").as_ref() != Some(&service) {
        return Err(read.refuse(place, REVISION_ARN));
    }
    let service_place = "executionDetails.serviceArn";
    let named = read.arn(service_place, "an ARN of an ECS service")?;
    let same = Arn { resource: &service.resource_id(), service: "ecs", ..arn };
    if named != same {
        return Err(read.refuse(service_place, "the service of resourceArn"));
    }
    Ok(HookCall {
        deployment: read.text("resourceArn")?.to_owned(),
        execution: read.text("executionId")?.to_owned(),
        stage: read.text("lifecycleStage")?.to_owned(),
        target: read.text(place)?.to_owned(),
        test_weights: weights(&read, "executionDetails.testTrafficWeights")?,
        production_weights: weights(&read, "executionDetails.productionTrafficWeights")?,
        service,
    })
}

/// Absent is empty, and a key that names no revision is none; a revision without a percentage is refused, for half
/// of the weights decide nothing.
fn weights(read: &Reader<'_>, place: &'static str) -> Result<Vec<(String, f64)>, NotASignal> {
    let refuse = || read.refuse(place, "at most 16 percentages by revision ARN");
    let nothing = Map::new();
    let map = match read.at(place) {
        None => &nothing,
        Some(value) => value.as_object().ok_or_else(refuse)?,
    };
    let percent = |value: &Value| value.as_f64().filter(|w| (0.0..=100.0).contains(w));
    let is_revision = |name: &str| Arn::read(name).is_some_and(|a| service::of_child(&a, "service-revision").is_some());
    let mut weights = Vec::new();
    for (revision, value) in map.iter().filter(|(name, _)| is_revision(name)) {
        weights.push((revision.clone(), percent(value).ok_or_else(refuse)?));
    }
    if weights.len() > WEIGHTS_MAX {
        return Err(refuse());
    }
    weights.sort_by(|a, b| a.0.cmp(&b.0));
    Ok(weights)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::signal::decode as decode_any;

    const GREEN: &str =
        "arn:aws:ecs:eu-west-1:222222222222:service-revision/prod-eu-cluster/prod-eu-web/9313423515462893900";
    const BLUE: &str =
        "arn:aws:ecs:eu-west-1:222222222222:service-revision/prod-eu-cluster/prod-eu-web/1920498462936580504";

    fn event(stage: &str, production: &Value) -> Value {
        json!({
            "executionId": "70073435-cb99-457f-b900-6ee1dcad05ec", "lifecycleStage": stage,
            "resourceArn": "arn:aws:ecs:eu-west-1:222222222222:service-deployment/prod-eu-cluster/prod-eu-web/EZe5RNVLH6PP",
            "executionDetails": {
                "serviceArn": "arn:aws:ecs:eu-west-1:222222222222:service/prod-eu-cluster/prod-eu-web",
                "targetServiceRevisionArn": GREEN, "testTrafficWeights": {}, "productionTrafficWeights": production
            }
        })
    }

    fn away(stage: &str, production: &Value) -> Option<bool> {
        match decode_any(&event(stage, production)) {
            Ok(Signal::HookCall(call)) => call.moves_away(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_rollback_is_told_by_the_weights_and_not_by_the_stage() {
        let shift = "PRODUCTION_TRAFFIC_SHIFT";
        assert_eq!(away(shift, &json!({ GREEN: 0, BLUE: 100 })), Some(true));
        assert_eq!(away(shift, &json!({ GREEN: 100, BLUE: 0 })), Some(false));
        assert_eq!(away(shift, &json!({ GREEN: 12.5, BLUE: 87.5 })), Some(false));
        assert_eq!(away(shift, &json!({})), None);
        assert_eq!(away(shift, &json!({ GREEN: 0, BLUE: 100, "other": {} })), Some(true));
        assert_eq!(away("PRE_PRODUCTION_TRAFFIC_SHIFT", &json!({ GREEN: 0, BLUE: 100 })), None);
    }

    #[test]
    fn weights_that_are_no_percentages_are_refused() {
        for odd in [json!([GREEN]), json!({ GREEN: "100" }), json!({ GREEN: 101 }), json!({ GREEN: -1 }), json!("x")] {
            assert!(decode_any(&event("PRODUCTION_TRAFFIC_SHIFT", &odd)).is_err(), "{odd}");
        }
        let many: Map<String, Value> = (0..17).map(|n| (format!("{BLUE}{n}"), json!(1))).collect();
        assert!(decode_any(&event("PRODUCTION_TRAFFIC_SHIFT", &Value::Object(many))).is_err());
    }

    #[test]
    fn a_revision_or_service_of_another_deployment_is_refused() {
        for (pointer, other) in [
            ("/executionDetails/serviceArn", "arn:aws:ecs:eu-west-1:222222222222:service/prod-eu-cluster/other"),
            ("/executionDetails/serviceArn", "arn:aws:ecs:eu-west-1:111111111111:service/prod-eu-cluster/prod-eu-web"),
            (
                "/executionDetails/targetServiceRevisionArn",
                "arn:aws:ecs:eu-west-1:222222222222:service-revision/prod-eu-cluster/other/9313",
            ),
            ("/resourceArn", "arn:aws:ecs:eu-west-1:222222222222:service/prod-eu-cluster/prod-eu-web"),
        ] {
            let mut two = event("PRE_SCALE_UP", &json!({}));
            *two.pointer_mut(pointer).unwrap() = json!(other);
            assert!(decode_any(&two).is_err(), "{pointer} {other}");
        }
    }
}
