//! ECS Deployment State Change (Amazon ECS developer guide, "Service deployment state change events").
//!
//! A wake-up and nothing more: its `ecs-svc/...` id joins to nothing in the API, and ECS's own rollback is a
//! second id inside the same service deployment (SEMANTICS 19). Who wakes describes the current service
//! deployment, whose ARN is the only identity of a deployment.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::decode::{By, Signal, Source};
use super::read::Envelope;
use super::refused::NotASignal;
use super::service;
use crate::id::ServiceId;

const SOURCE: &str = "aws.ecs";
const DETAIL_TYPE: &str = "ECS Deployment State Change";

/// One file, one source.
pub(super) const DEPLOYMENT: Source = Source {
    name: "ECS deployment",
    by: By::Envelope(SOURCE, &[DETAIL_TYPE]),
    pattern: Some(pattern),
    decode: |event| decode(event).map(|d| Signal::Deployment(Box::new(d))),
};

/// Every step of a deployment: the first begins the watch, the others end it.
pub fn pattern() -> Value {
    json!({
        "source": [SOURCE],
        "detail-type": [DETAIL_TYPE],
        "detail": { "eventName": Rollout::ALL.map(Rollout::event_name) }
    })
}

/// How far a deployment has come, as the event says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rollout {
    /// Begun; also the beginning of ECS's own rollback.
    InProgress,
    /// Completed.
    Completed,
    /// Failed; sent only where a circuit breaker or deployment alarms are configured.
    Failed,
}

impl Rollout {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::InProgress, Self::Completed, Self::Failed];

    /// `eventName` of the event.
    #[must_use]
    pub fn event_name(self) -> &'static str {
        match self {
            Self::InProgress => "SERVICE_DEPLOYMENT_IN_PROGRESS",
            Self::Completed => "SERVICE_DEPLOYMENT_COMPLETED",
            Self::Failed => "SERVICE_DEPLOYMENT_FAILED",
        }
    }
}

/// A deployment of a service moved on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeploymentEvent {
    /// The service.
    pub service: ServiceId,
    /// How far it has come.
    pub rollout: Rollout,
    /// `ecs-svc/...`, for the log: no key, no identity.
    pub wake_up: Option<String>,
    /// When.
    pub at: Timestamp,
    /// ECS's sentence; at its own rollback it names the deployment that failed.
    pub reason: Option<String>,
}

fn decode(event: &Value) -> Result<DeploymentEvent, NotASignal> {
    let envelope = Envelope::read(DETAIL_TYPE, event)?;
    let read = envelope.read;
    let name = read.text("detail.eventName")?;
    let rollout = Rollout::ALL.into_iter().find(|r| r.event_name() == name);
    let expected = "SERVICE_DEPLOYMENT_IN_PROGRESS, _COMPLETED or _FAILED";
    Ok(DeploymentEvent {
        service: service::at(&envelope, "resources[0]")?,
        rollout: rollout.ok_or_else(|| read.refuse("detail.eventName", expected))?,
        wake_up: read.id("detail.deploymentId"),
        at: read.time("detail.updatedAt")?,
        reason: read.sentence("detail.reason"),
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
            "detail": { "eventType": "INFO", "eventName": "SERVICE_DEPLOYMENT_IN_PROGRESS",
                "clusterArn": "arn:aws:ecs:eu-west-1:222222222222:cluster/prod-eu-cluster",
                "deploymentId": "ecs-svc/6101923847561203984", "updatedAt": "2026-11-23T02:10:00.714Z",
                "reason": "ECS deployment ecs-svc/6101923847561203984 in progress." }
        })
    }

    #[test]
    fn a_deployment_is_decoded_with_its_service() {
        let Ok(Signal::Deployment(deployment)) = decode_any(&event()) else { panic!("no deployment") };
        assert_eq!(deployment.service.resource_id(), "service/prod-eu-cluster/prod-eu-web");
        assert_eq!(deployment.rollout, Rollout::InProgress);
        assert_eq!(deployment.at.to_string(), "2026-11-23T02:10:00.714Z");
    }

    #[test]
    fn an_event_without_a_part_that_a_decision_needs_is_refused_by_name() {
        for (pointer, place) in [
            ("/detail/eventName", "detail.eventName"),
            ("/detail/updatedAt", "detail.updatedAt"),
            ("/resources", "resources[0]"),
            ("/account", "account"),
            ("/region", "region"),
            ("/detail", "detail"),
        ] {
            let mut broken = event();
            *broken.pointer_mut(pointer).unwrap() = json!("x");
            match decode_any(&broken) {
                Err(NotASignal::Malformed { place: named, .. }) => assert_eq!(named, place),
                other => panic!("{pointer}: {other:?}"),
            }
        }
    }

    #[test]
    fn the_same_detail_type_from_another_source_is_injected_by_hand() {
        let mut injected = event();
        injected["source"] = json!("test");
        assert!(matches!(decode_any(&injected), Err(NotASignal::Injected { expected: SOURCE, .. })));
    }
}
