//! CloudWatch Alarm Contributor State Change, as EventBridge delivers it: one time series of a multi-series alarm.
//!
//! It has an id and the attributes that the query groups by, and no previous state: it is sent when the series
//! changes. The alarm itself has an event of its own beside it (SEMANTICS 16).

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::body;
use super::event::{AlarmEvent, SCALING_PREFIX};
use super::state_change::{ENVELOPE, SOURCE};
use crate::signal::decode::{By, Signal, Source};
use crate::signal::read::{Reader, bounded};
use crate::signal::refused::NotASignal;

/// `detail-type` of the envelope.
pub const DETAIL_TYPE: &str = "CloudWatch Alarm Contributor State Change";
/// CloudWatch metrics have at most 30 dimensions, and a query groups by no more.
const ATTRIBUTES_MAX: usize = 30;

/// One file, one source.
pub(in crate::signal) const CONTRIBUTOR: Source = Source {
    name: "alarm contributor",
    by: By::Envelope(SOURCE, &[DETAIL_TYPE]),
    pattern: Some(pattern),
    decode: |event| decode(event).map(|alarm| Signal::Contributor(Box::new(alarm))),
};

/// The EventBridge pattern that selects what [`decode`] reads.
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

/// Decodes the event; its `contributor` is always there.
///
/// # Errors
/// [`NotASignal`] names the first part that a decision needs and that is not there, or that contradicts the
/// alarm's ARN.
pub fn decode(event: &Value) -> Result<AlarmEvent, NotASignal> {
    let alarm = body::decode(DETAIL_TYPE, event, &ENVELOPE)?;
    match alarm.contributor {
        Some(_) => Ok(alarm),
        None => Err(Reader { kind: DETAIL_TYPE, event }.refuse(ENVELOPE.contributor, "the id of a contributor")),
    }
}

/// Attributes as texts; more than a query can group by are left out.
pub(super) fn attributes(value: Option<&Value>) -> BTreeMap<String, String> {
    let map = value.and_then(Value::as_object);
    let text = |v: &Value| v.as_str().map(bounded);
    map.map(|m| m.iter().take(ATTRIBUTES_MAX).filter_map(|(k, v)| Some((bounded(k), text(v)?))).collect())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signal::{Signal, decode as decode_any};

    fn event(state: &str) -> Value {
        json!({
            "id": "1", "source": SOURCE, "detail-type": DETAIL_TYPE,
            "account": "222222222222", "region": "eu-west-1", "time": "2026-11-23T02:00:32Z",
            "resources": ["arn:aws:cloudwatch:eu-west-1:222222222222:alarm:fleet-cpu"],
            "detail": {
                "alarmName": "fleet-cpu",
                "alarmContributor": { "id": "6d44", "attributes": {
                    "ClusterName": "prod-eu-cluster", "ServiceName": "prod-eu-web", "Odd": 7 } },
                "state": { "value": state, "timestamp": "2026-11-23T02:00:31.250+0000" }
            }
        })
    }

    #[test]
    fn a_contributor_is_a_signal_of_its_own_with_its_attributes() {
        let Ok(Signal::Contributor(alarm)) = decode_any(&event("ALARM")) else {
            panic!("{:?}", decode_any(&event("ALARM")))
        };
        let contributor = alarm.contributor.clone().unwrap();
        assert_eq!(contributor.id, "6d44");
        assert_eq!(contributor.attributes.keys().collect::<Vec<_>>(), ["ClusterName", "ServiceName"]);
        assert!(alarm.firing() && alarm.is_edge());
    }

    #[test]
    fn its_end_is_an_edge_too_though_no_previous_state_is_named() {
        let alarm = decode(&event("OK")).unwrap();
        assert!(!alarm.firing() && alarm.is_edge() && alarm.previous.is_none());
    }

    #[test]
    fn without_its_contributor_it_is_none() {
        for odd in [json!(null), json!({}), json!({ "id": 7 })] {
            let mut event = event("ALARM");
            event["detail"]["alarmContributor"] = odd;
            assert!(decode(&event).is_err());
        }
    }
}
