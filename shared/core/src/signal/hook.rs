//! ECS Hook State Change (Amazon ECS developer guide, "Service deployment hook state change events"): a
//! lifecycle hook of a deployment changed its status. The direct invocation of a Lambda hook is another source.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::decode::{By, Signal, Source};
use super::read::Envelope;
use super::refused::NotASignal;
use super::service;
use crate::id::ServiceId;

const SOURCE: &str = "aws.ecs";
const DETAIL_TYPE: &str = "ECS Hook State Change";
const DEPLOYMENT_ARN: &str = "an ARN of a service deployment";

/// One file, one source.
pub(super) const HOOK: Source = Source {
    name: "ECS hook",
    by: By::Envelope(SOURCE, &[DETAIL_TYPE]),
    pattern: Some(pattern),
    decode: |event| decode(event).map(|h| Signal::Hook(Box::new(h))),
};

/// Hooks that wait for somebody or that ended badly; one that runs or succeeded needs nobody.
pub fn pattern() -> Value {
    let waking = [HookStatus::AwaitingAction, HookStatus::Failed, HookStatus::TimedOut];
    json!({
        "source": [SOURCE],
        "detail-type": [DETAIL_TYPE],
        "detail": { "eventName": waking.map(HookStatus::event_name) }
    })
}

/// Status of a lifecycle hook.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HookStatus {
    /// It runs.
    InProgress,
    /// A pause hook waits for `ContinueServiceDeployment`.
    AwaitingAction,
    /// It let the deployment go on.
    Succeeded,
    /// It failed, or somebody answered with a rollback.
    Failed,
    /// Nobody answered in time.
    TimedOut,
}

impl HookStatus {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::InProgress, Self::AwaitingAction, Self::Succeeded, Self::Failed, Self::TimedOut];

    /// `eventName` of the event.
    #[must_use]
    pub fn event_name(self) -> &'static str {
        match self {
            Self::InProgress => "HOOK_IN_PROGRESS",
            Self::AwaitingAction => "HOOK_AWAITING_ACTION",
            Self::Succeeded => "HOOK_SUCCEEDED",
            Self::Failed => "HOOK_FAILED",
            Self::TimedOut => "HOOK_TIMED_OUT",
        }
    }
}

/// A lifecycle hook changed its status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HookEvent {
    /// The service.
    pub service: ServiceId,
    /// ARN of the service deployment: the only identity of a deployment (SEMANTICS 19).
    pub deployment: String,
    /// `hookId`, which `ContinueServiceDeployment` takes.
    pub hook: String,
    /// `PAUSE` or `AWS_LAMBDA`, when the event says so.
    pub hook_type: Option<String>,
    /// Its status.
    pub status: HookStatus,
    /// For example `POST_TEST_TRAFFIC_SHIFT`.
    pub stage: String,
    /// When ECS takes the hook's time-out action.
    pub expires_at: Option<Timestamp>,
    /// When the status changed.
    pub at: Timestamp,
}

fn decode(event: &Value) -> Result<HookEvent, NotASignal> {
    let envelope = Envelope::read(DETAIL_TYPE, event)?;
    let read = envelope.read;
    let name = read.text("detail.eventName")?;
    let status = HookStatus::ALL.into_iter().find(|s| s.event_name() == name);
    let place = "detail.serviceDeploymentArn";
    let arn = envelope.arn(place, DEPLOYMENT_ARN)?;
    let of_deployment =
        service::of_child(&arn, "service-deployment").ok_or_else(|| read.refuse(place, DEPLOYMENT_ARN))?;
    let service = service::at(&envelope, "detail.serviceArn")?;
    read.agree(place, &of_deployment.resource_id(), "detail.serviceArn", &service.resource_id())?;
    Ok(HookEvent {
        service,
        deployment: read.text(place)?.to_owned(),
        hook: read.text("detail.hookId")?.to_owned(),
        hook_type: read.id("detail.hookType"),
        status: status.ok_or_else(|| read.refuse("detail.eventName", "one of the HOOK_ names"))?,
        stage: read.text("detail.lifecycleStage")?.to_owned(),
        expires_at: read.maybe_time("detail.expiresAt"),
        at: read.time("detail.updatedAt")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signal::decode as decode_any;

    fn event() -> Value {
        let deployment =
            "arn:aws:ecs:eu-west-1:222222222222:service-deployment/prod-eu-cluster/prod-eu-web/0EYSiB0qap8xf0N76FsbE";
        json!({
            "source": SOURCE, "detail-type": DETAIL_TYPE, "account": "222222222222", "region": "eu-west-1",
            "time": "2026-11-23T02:10:00Z", "resources": [deployment],
            "detail": { "eventType": "INFO", "eventName": "HOOK_AWAITING_ACTION", "hookId": "ecs-pause-e7tK9G",
                "hookType": "PAUSE", "expiresAt": "2026-11-23T02:20:00Z", "lifecycleStage": "POST_TEST_TRAFFIC_SHIFT",
                "clusterArn": "arn:aws:ecs:eu-west-1:222222222222:cluster/prod-eu-cluster",
                "serviceArn": "arn:aws:ecs:eu-west-1:222222222222:service/prod-eu-cluster/prod-eu-web",
                "serviceDeploymentArn": deployment, "updatedAt": "2026-11-23T02:10:00.618059641Z" }
        })
    }

    #[test]
    fn a_waiting_pause_hook_is_decoded_with_what_an_answer_needs() {
        let Ok(Signal::Hook(hook)) = decode_any(&event()) else { panic!("no hook") };
        assert_eq!((hook.status, hook.hook.as_str()), (HookStatus::AwaitingAction, "ecs-pause-e7tK9G"));
        assert_eq!(hook.service.resource_id(), "service/prod-eu-cluster/prod-eu-web");
        assert_eq!(hook.expires_at.map(|t| t.to_string()).as_deref(), Some("2026-11-23T02:20:00Z"));
    }

    #[test]
    fn every_status_has_its_name_and_another_is_refused() {
        for status in HookStatus::ALL {
            let mut named = event();
            named["detail"]["eventName"] = json!(status.event_name());
            assert!(matches!(decode_any(&named), Ok(Signal::Hook(hook)) if hook.status == status));
        }
        let mut odd = event();
        odd["detail"]["eventName"] = json!("HOOK_FINE");
        assert!(matches!(decode_any(&odd), Err(NotASignal::Malformed { place: "detail.eventName", .. })));
    }

    #[test]
    fn a_deployment_of_another_service_contradicts() {
        let mut two = event();
        two["detail"]["serviceArn"] = json!("arn:aws:ecs:eu-west-1:222222222222:service/prod-eu-cluster/other");
        assert!(matches!(decode_any(&two), Err(NotASignal::Contradiction { .. })));
    }
}
