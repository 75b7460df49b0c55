//! Application Auto Scaling Scaling Activity State Change (Application Auto Scaling user guide, "Monitor
//! Application Auto Scaling events using Amazon EventBridge").
//!
//! Best effort, and sent when max is reached, not while it stays there: never the only proof (TRAPS 4).

use jiff::Timestamp;
use serde_json::{Value, json};

use super::decode::{By, Signal, Source};
use super::read::Envelope;
use super::refused::NotASignal;
use super::service;
use crate::id::ServiceId;

const SOURCE: &str = "aws.application-autoscaling";
const DETAIL_TYPE: &str = "Application Auto Scaling Scaling Activity State Change";
/// Namespace and dimension of an ECS service's desired count.
const ECS: (&str, &str) = ("ecs", "ecs:service:DesiredCount");

/// One file, one source.
pub(super) const SCALING: Source = Source {
    name: "scaling activity",
    by: By::Envelope(SOURCE, &[DETAIL_TYPE]),
    pattern: Some(pattern),
    decode: |event| decode(event).map(|s| Signal::Scaling(Box::new(s))),
};

/// An ECS service that reached its max.
#[must_use]
pub fn pattern() -> Value {
    json!({
        "source": [SOURCE],
        "detail-type": [DETAIL_TYPE],
        "detail": { "serviceNamespace": [ECS.0], "scalableDimension": [ECS.1], "scaledToMax": [true] }
    })
}

/// A scalable target was scaled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScalingEvent {
    /// Account of the envelope.
    pub account: String,
    /// Region of the envelope.
    pub region: String,
    /// `resourceId`, for example `service/prod-eu-cluster/prod-eu-web`.
    pub resource: String,
    /// The ECS service; `None` for a table or another kind of target.
    pub service: Option<ServiceId>,
    /// True when the event says that max was reached.
    pub scaled_to_max: bool,
    /// `scale-out` or `scale-in`, when the event says so.
    pub direction: Option<String>,
    /// Desired capacity before, when the event says so.
    pub from: Option<u64>,
    /// Desired capacity after.
    pub to: Option<u64>,
    /// Max of the scalable target.
    pub max: Option<u64>,
    /// `statusCode`, for example `Successful`.
    pub status: String,
    /// When the activity began: with the resource, its identity.
    pub started: Timestamp,
    /// When it ended.
    pub ended: Option<Timestamp>,
}

fn decode(event: &Value) -> Result<ScalingEvent, NotASignal> {
    let envelope = Envelope::read(DETAIL_TYPE, event)?;
    let read = envelope.read;
    let resource = read.text("detail.resourceId")?;
    let kind = (read.text("detail.serviceNamespace")?, read.text("detail.scalableDimension")?);
    let scaled_to_max = match read.at("detail.scaledToMax") {
        None => false,
        Some(value) => value.as_bool().ok_or_else(|| read.refuse("detail.scaledToMax", "true or false"))?,
    };
    Ok(ScalingEvent {
        account: envelope.account.to_owned(),
        region: envelope.region.to_owned(),
        resource: resource.to_owned(),
        service: if kind == ECS { Some(service_of(&envelope, resource)?) } else { None },
        scaled_to_max,
        direction: read.id("detail.direction"),
        from: read.count("detail.oldDesiredCapacity"),
        to: read.count("detail.newDesiredCapacity"),
        max: read.count("detail.maxCapacity"),
        status: read.text("detail.statusCode")?.to_owned(),
        started: read.time("detail.startTime")?,
        ended: read.maybe_time("detail.endTime"),
    })
}

fn service_of(envelope: &Envelope<'_>, resource: &str) -> Result<ServiceId, NotASignal> {
    let refuse = || envelope.read.refuse("detail.resourceId", "service/<cluster>/<service>");
    let mut parts = resource.split('/');
    match (parts.next(), parts.next(), parts.next(), parts.next()) {
        (Some("service"), Some(cluster), Some(service), None) if !cluster.is_empty() && !service.is_empty() => {
            Ok(service::named(envelope, cluster, service))
        }
        _ => Err(refuse()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signal::decode as decode_any;

    fn event() -> Value {
        json!({
            "source": SOURCE, "detail-type": DETAIL_TYPE, "account": "222222222222", "region": "eu-west-1",
            "time": "2026-11-23T02:10:00Z", "resources": [],
            "detail": { "startTime": "2026-11-23T02:08:00Z", "endTime": "2026-11-23T02:10:00Z",
                "newDesiredCapacity": 10, "oldDesiredCapacity": 8, "minCapacity": 2, "maxCapacity": 10,
                "resourceId": "service/prod-eu-cluster/prod-eu-web", "scalableDimension": "ecs:service:DesiredCount",
                "serviceNamespace": "ecs", "statusCode": "Successful", "scaledToMax": true, "direction": "scale-out" }
        })
    }

    fn decoded(event: &Value) -> ScalingEvent {
        match decode_any(event) {
            Ok(Signal::Scaling(scaling)) => *scaling,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_service_at_its_max_is_decoded_with_its_numbers() {
        let scaling = decoded(&event());
        assert_eq!(scaling.service.unwrap().resource_id(), "service/prod-eu-cluster/prod-eu-web");
        assert!(scaling.scaled_to_max);
        assert_eq!((scaling.from, scaling.to, scaling.max), (Some(8), Some(10), Some(10)));
    }

    #[test]
    fn max_is_reached_only_when_the_event_says_so() {
        let mut silent = event();
        silent["detail"].as_object_mut().unwrap().remove("scaledToMax");
        assert!(!decoded(&silent).scaled_to_max);
        for odd in [json!("true"), json!(1), json!({})] {
            silent["detail"]["scaledToMax"] = odd;
            assert!(decode_any(&silent).is_err());
        }
    }

    #[test]
    fn a_table_is_a_scaling_activity_of_no_service() {
        let mut table = event();
        table["detail"]["serviceNamespace"] = json!("dynamodb");
        table["detail"]["scalableDimension"] = json!("dynamodb:table:WriteCapacityUnits");
        table["detail"]["resourceId"] = json!("table/my-table");
        assert_eq!(decoded(&table).service, None);
        for resource in ["table/my-table", "service/c", "service/c/s/x", "service//s"] {
            let mut odd = event();
            odd["detail"]["resourceId"] = json!(resource);
            assert!(decode_any(&odd).is_err(), "{resource} is no ecs service");
        }
    }
}
