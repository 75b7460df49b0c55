//! CloudWatch Alarm State Change, as EventBridge delivers it: alarms on a metric, on metric math, on an anomaly
//! detection band, on many series, and composite ones.

use serde_json::{Value, json};

use super::body::{self, Shape};
use super::event::{AlarmEvent, SCALING_PREFIX};
use crate::signal::decode::{By, Signal, Source};
use crate::signal::refused::NotASignal;

/// `source` of the envelope.
pub const SOURCE: &str = "aws.cloudwatch";
/// `detail-type` of the envelope.
pub const DETAIL_TYPE: &str = "CloudWatch Alarm State Change";

/// One file, one source.
pub(in crate::signal) const STATE_CHANGE: Source = Source {
    name: "alarm",
    by: By::Envelope(SOURCE, &[DETAIL_TYPE]),
    pattern: Some(pattern),
    decode: |event| decode(event).map(|alarm| Signal::Alarm(Box::new(alarm))),
};

/// The envelope of EventBridge around an alarm's body.
pub(super) const ENVELOPE: Shape = Shape {
    body: "detail",
    arn: "resources[0]",
    account: "account",
    region: "region",
    name: "detail.alarmName",
    value: "detail.state.value",
    stamp: "detail.state.timestamp",
    contributor: "detail.alarmContributor.id",
    message: Some(("id", "time")),
};

/// The EventBridge pattern that selects what [`decode`] reads.
///
/// ALARM to ALARM passes: the release of a suppression is such a change (SEMANTICS 11). Scaling's own
/// alarms do not pass, and neither does INSUFFICIENT_DATA: missing data starts and ends nothing.
#[must_use]
pub fn pattern() -> Value {
    json!({
        "source": [SOURCE],
        "detail-type": [DETAIL_TYPE],
        "detail": {
            "alarmName": [{ "anything-but": { "prefix": SCALING_PREFIX } }],
            "state": { "value": ["ALARM", "OK"] }
        }
    })
}

/// Decodes the event.
///
/// # Errors
/// [`NotASignal`] names the first part that a decision needs and that is not there, or that contradicts the
/// alarm's ARN.
pub fn decode(event: &Value) -> Result<AlarmEvent, NotASignal> {
    // A contributor has an event of its own; a change of the alarm is never one.
    Ok(AlarmEvent { contributor: None, ..body::decode(DETAIL_TYPE, event, &ENVELOPE)? })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signal::{Signal, decode as decode_any};

    fn event() -> Value {
        json!({
            "version": "0", "id": "1", "source": SOURCE, "detail-type": DETAIL_TYPE,
            "account": "222222222222", "region": "eu-west-1", "time": "2026-11-23T02:00:32Z",
            "resources": ["arn:aws:cloudwatch:eu-west-1:222222222222:alarm:prod-eu-web-cpu-high"],
            "detail": {
                "alarmName": "prod-eu-web-cpu-high",
                "state": {
                    "value": "ALARM", "timestamp": "2026-11-23T02:00:31.250+0000", "reason": "Threshold Crossed",
                    "reasonData": "{\"recentDatapoints\":[95.0,null,96.5],\"threshold\":85.0}"
                },
                "previousState": { "value": "OK", "timestamp": "2026-11-23T01:00:31.250+0000" },
                "configuration": { "metrics": [{ "id": "m", "returnData": true, "metricStat": {
                    "period": 60, "stat": "Average", "metric": { "namespace": "AWS/ECS", "name": "CPUUtilization",
                    "dimensions": { "ServiceName": "prod-eu-web", "ClusterName": "prod-eu-cluster" } } } }] }
            }
        })
    }

    fn decoded(event: &Value) -> AlarmEvent {
        match decode_any(event) {
            Ok(Signal::Alarm(alarm)) => *alarm,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn an_alarm_is_decoded_with_its_numbers() {
        let alarm = decoded(&event());
        assert_eq!(alarm.datapoints, [95.0, 96.5]);
        assert_eq!(alarm.threshold, Some(85.0));
        assert_eq!(alarm.metric.as_ref().and_then(|m| m.dimension("ServiceName")), Some("prod-eu-web"));
        assert!(alarm.firing() && alarm.is_edge());
    }

    #[test]
    fn a_new_suppression_is_no_edge_and_its_release_is_one() {
        let mut suppressed = event();
        suppressed["detail"]["state"]["actionsSuppressedBy"] = json!("WaitPeriod");
        let alarm = decoded(&suppressed);
        assert!(!alarm.firing() && !alarm.is_edge());
        let mut release = event();
        release["detail"]["previousState"] = json!({ "value": "ALARM", "actionsSuppressedBy": "WaitPeriod" });
        let alarm = decoded(&release);
        assert!(alarm.firing() && alarm.is_edge());
        let mut silenced = event();
        silenced["detail"]["previousState"] = json!({ "value": "ALARM" });
        silenced["detail"]["state"]["actionsSuppressedBy"] = json!("Alarm");
        assert!(!decoded(&silenced).is_edge(), "a new suppression of a firing alarm");
        let mut again = event();
        again["detail"]["previousState"] = json!({ "value": "ALARM" });
        assert!(!decoded(&again).is_edge());
    }

    #[test]
    fn reason_data_that_is_any_text_leaves_the_numbers_unknown() {
        for text in ["", "not json", "[1,2]", "{\"recentDatapoints\":\"x\"}"] {
            let mut odd = event();
            odd["detail"]["state"]["reasonData"] = json!(text);
            assert_eq!(decoded(&odd).datapoints, Vec::<f64>::new(), "{text}");
        }
    }

    #[test]
    fn a_missing_part_that_a_decision_needs_is_named() {
        for (pointer, place) in [
            ("/detail/alarmName", "detail.alarmName"),
            ("/detail/state/value", "detail.state.value"),
            ("/detail/state/timestamp", "detail.state.timestamp"),
            ("/account", "account"),
            ("/region", "region"),
            ("/resources", "resources[0]"),
        ] {
            let mut broken = event();
            if let Some(value) = broken.pointer_mut(pointer) {
                *value = json!(7);
            }
            match decode_any(&broken) {
                Err(NotASignal::Malformed { place: named, .. }) => assert_eq!(named, place),
                other => panic!("{pointer}: {other:?}"),
            }
        }
    }

    #[test]
    fn an_unknown_state_is_refused_instead_of_read_as_health_or_as_an_alarm() {
        for word in ["FINE", "alarm", "ALARM ", "IN_ALARM", "ok", ""] {
            let mut odd = event();
            odd["detail"]["state"]["value"] = json!(word);
            assert!(decode_any(&odd).is_err(), "{word:?}");
        }
    }

    #[test]
    fn an_account_a_region_or_a_name_that_is_not_the_arns_leaves_the_alarm_in_doubt() {
        assert_eq!(decoded(&event()).doubt, None);
        for (member, other) in [("account", "333333333333"), ("region", "us-west-2")] {
            let mut two = event();
            two[member] = json!(other);
            let alarm = decoded(&two);
            assert!(alarm.doubt.as_deref().is_some_and(|doubt| doubt.contains(other)), "{member}: {:?}", alarm.doubt);
            assert_eq!((alarm.account.as_str(), alarm.region.as_str()), ("222222222222", "eu-west-1"), "the ARN's own");
        }
        let mut two = event();
        two["detail"]["alarmName"] = json!("prod-us-web-cpu-high");
        assert!(decoded(&two).doubt.is_some());
    }
}
