//! ECS Service Action (Amazon ECS developer guide, "Service action events").
//!
//! `eventName` decides, not `eventType`: a real placement failure came as `INFO`. Steady state repeats.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::decode::{By, Signal, Source};
use super::read::Envelope;
use super::refused::NotASignal;
use super::service;
use crate::id::ServiceId;

const SOURCE: &str = "aws.ecs";
const DETAIL_TYPE: &str = "ECS Service Action";

/// What is worth waking for: the service cannot start or place its tasks, or it can again.
const WAKING: [&str; 4] = [
    "SERVICE_STEADY_STATE",
    "SERVICE_TASK_START_IMPAIRED",
    "SERVICE_TASK_PLACEMENT_FAILURE",
    "SERVICE_TASK_CONFIGURATION_FAILURE",
];

/// One file, one source.
pub(super) const SERVICE_ACTION: Source = Source {
    name: "ECS service action",
    by: By::Envelope(SOURCE, &[DETAIL_TYPE]),
    pattern: Some(pattern),
    decode: |event| decode(event).map(|a| Signal::ServiceAction(Box::new(a))),
};

fn pattern() -> Value {
    json!({ "source": [SOURCE], "detail-type": [DETAIL_TYPE], "detail": { "eventName": WAKING } })
}

/// The service scheduler tells of a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceAction {
    /// The service.
    pub service: ServiceId,
    /// For example `SERVICE_TASK_PLACEMENT_FAILURE`; the list grows with ECS, so an unknown name is kept.
    pub name: String,
    /// For example `RESOURCE:CPU`, when the event says why.
    pub reason: Option<String>,
    /// When.
    pub at: Timestamp,
}

fn decode(event: &Value) -> Result<ServiceAction, NotASignal> {
    let envelope = Envelope::read(DETAIL_TYPE, event)?;
    let read = envelope.read;
    let name = read.text("detail.eventName")?;
    if !name.bytes().all(|b| b.is_ascii_uppercase() || b == b'_') {
        return Err(read.refuse("detail.eventName", "a name like SERVICE_STEADY_STATE"));
    }
    Ok(ServiceAction {
        service: service::at(&envelope, "resources[0]")?,
        name: name.to_owned(),
        reason: read.sentence("detail.reason"),
        at: read.time("detail.createdAt")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signal::decode as decode_any;

    fn event() -> Value {
        json!({
            "source": SOURCE, "detail-type": DETAIL_TYPE, "account": "222222222222", "region": "eu-west-1",
            "time": "2026-11-23T02:10:00Z",
            "resources": ["arn:aws:ecs:eu-west-1:222222222222:service/prod-eu-cluster/prod-eu-web"],
            "detail": { "eventType": "INFO", "eventName": "SERVICE_TASK_PLACEMENT_FAILURE",
                "clusterArn": "arn:aws:ecs:eu-west-1:222222222222:cluster/prod-eu-cluster",
                "reason": "RESOURCE:FARGATE", "createdAt": "2026-11-23T02:10:00.2Z" }
        })
    }

    #[test]
    fn the_name_decides_whatever_the_type_says() {
        let Ok(Signal::ServiceAction(action)) = decode_any(&event()) else { panic!("no action") };
        assert_eq!(action.name, "SERVICE_TASK_PLACEMENT_FAILURE");
        assert_eq!(action.reason.as_deref(), Some("RESOURCE:FARGATE"));
    }

    #[test]
    fn a_name_that_ecs_adds_one_day_is_kept_and_a_word_that_is_none_is_refused() {
        let mut new = event();
        new["detail"]["eventName"] = json!("SERVICE_SOMETHING_NEW");
        assert!(matches!(decode_any(&new), Ok(Signal::ServiceAction(a)) if a.name == "SERVICE_SOMETHING_NEW"));
        for odd in [json!("steady state"), json!(""), json!(7), json!(null)] {
            new["detail"]["eventName"] = odd;
            assert!(matches!(decode_any(&new), Err(NotASignal::Malformed { place: "detail.eventName", .. })));
        }
    }

    #[test]
    fn resources_that_are_no_list_name_no_service() {
        let mut odd = event();
        odd["resources"] = odd["resources"][0].clone();
        assert!(matches!(decode_any(&odd), Err(NotASignal::Malformed { place: "resources[0]", .. })));
    }
}
