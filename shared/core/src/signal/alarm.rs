//! CloudWatch Alarm State Change, as EventBridge delivers it.
//!
//! Tolerant of what varies (unknown keys, absent reason data, times without a colon in the offset),
//! strict about what a decision needs (name, ARN, account, state, its time).

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::refused::{NotASignal, found};
use crate::time::parse_aws;

/// `source` of the envelope.
pub const SOURCE: &str = "aws.cloudwatch";
/// `detail-type` of the envelope.
pub const DETAIL_TYPE: &str = "CloudWatch Alarm State Change";
/// Alarms of Application Auto Scaling's own target tracking: never remediated (TRAPS 3).
pub const SCALING_PREFIX: &str = "TargetTracking-";

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

/// The three states of an alarm; an unknown word is refused, never guessed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum AlarmState {
    /// Over the threshold.
    Alarm,
    /// Not over it.
    Ok,
    /// Nobody knows.
    InsufficientData,
}

impl AlarmState {
    /// The word as CloudWatch writes it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Alarm => "ALARM",
            Self::Ok => "OK",
            Self::InsufficientData => "INSUFFICIENT_DATA",
        }
    }

    /// Reads CloudWatch's word.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Alarm, Self::Ok, Self::InsufficientData].into_iter().find(|s| s.name() == name)
    }
}

/// The metric that an alarm watches, when it watches exactly one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WatchedMetric {
    /// For example `AWS/ECS`.
    pub namespace: String,
    /// For example `CPUUtilization`.
    pub name: String,
    /// Statistic, `Average` or `p95`, when the event names one.
    pub stat: Option<String>,
    /// Period in seconds.
    pub period: Option<u32>,
    /// Dimensions, sorted by name.
    pub dimensions: Vec<(String, String)>,
}

impl WatchedMetric {
    /// The value of a dimension.
    #[must_use]
    pub fn dimension(&self, name: &str) -> Option<&str> {
        self.dimensions.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }
}

/// A mute rule that was in force when the event was sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mute {
    /// ARN of the mute rule.
    pub by: String,
    /// When its window ends; absent when the event does not say.
    pub until: Option<Timestamp>,
}

/// One change of an alarm.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AlarmEvent {
    /// ARN of the alarm.
    pub arn: String,
    /// Name of the alarm.
    pub name: String,
    /// Account of the envelope.
    pub account: String,
    /// Region of the envelope.
    pub region: String,
    /// The new state.
    pub state: AlarmState,
    /// The state before, when the event names it.
    pub previous: Option<AlarmState>,
    /// Who suppresses the actions now: `WaitPeriod`, `Alarm` or `ExtensionPeriod`.
    pub suppressed_by: Option<String>,
    /// Who suppressed them before.
    pub previously_suppressed_by: Option<String>,
    /// When the state changed; the case key counts in its milliseconds.
    pub at: Timestamp,
    /// CloudWatch's sentence.
    pub reason: Option<String>,
    /// The newest datapoints that led here, oldest first.
    pub datapoints: Vec<f64>,
    /// The alarm's threshold.
    pub threshold: Option<f64>,
    /// The metric, when it is one metric and no expression.
    pub metric: Option<WatchedMetric>,
    /// Value of the alarm tag `headroom:service`, when tags are sent.
    pub service_tag: Option<String>,
    /// The mute rule in force.
    pub mute: Option<Mute>,
}

impl AlarmEvent {
    /// Firing means ALARM with nothing suppressing its actions (SEMANTICS 11).
    #[must_use]
    pub fn firing(&self) -> bool {
        self.state == AlarmState::Alarm && self.suppressed_by.is_none()
    }

    /// Whether it was firing before.
    #[must_use]
    pub fn was_firing(&self) -> bool {
        self.previous == Some(AlarmState::Alarm) && self.previously_suppressed_by.is_none()
    }

    /// An edge is a change of *firing*; anything else is no reason to do something.
    #[must_use]
    pub fn is_edge(&self) -> bool {
        let suppressed_now = self.state == AlarmState::Alarm && !self.firing();
        self.firing() != self.was_firing() && !suppressed_now
    }
}

/// Decodes the event.
///
/// # Errors
/// [`NotASignal::Malformed`] names the first part that a decision needs and that is not there.
pub fn decode(event: &Value) -> Result<AlarmEvent, NotASignal> {
    let need =
        |value: Option<&Value>, place: &'static str| {
            value.and_then(Value::as_str).filter(|s| !s.is_empty()).map(str::to_owned).ok_or_else(|| {
                NotASignal::Malformed { kind: DETAIL_TYPE, place, found: found(value), expected: "a text" }
            })
        };
    let detail = event.get("detail");
    let state = detail.and_then(|d| d.get("state"));
    let previous = detail.and_then(|d| d.get("previousState"));
    let value = |of: Option<&Value>| of.and_then(|s| s.get("value")).and_then(Value::as_str).map(str::to_owned);
    let optional =
        |of: Option<&Value>, key: &str| of.and_then(|s| s.get(key)).and_then(Value::as_str).map(str::to_owned);

    let name = need(detail.and_then(|d| d.get("alarmName")), "detail.alarmName")?;
    let arn = need(event.get("resources").and_then(|r| r.get(0)), "resources[0]")?;
    let account = need(event.get("account"), "account")?;
    let region = need(event.get("region"), "region")?;
    let word = need(state.and_then(|s| s.get("value")), "detail.state.value")?;
    let malformed = |place, found: &str, expected| NotASignal::Malformed {
        kind: DETAIL_TYPE,
        place,
        found: found.chars().take(60).collect(),
        expected,
    };
    let state_value = AlarmState::from_name(&word)
        .ok_or_else(|| malformed("detail.state.value", &word, "ALARM, OK or INSUFFICIENT_DATA"))?;
    let stamp = need(state.and_then(|s| s.get("timestamp")), "detail.state.timestamp")?;
    let at = parse_aws(&stamp)
        .ok_or_else(|| malformed("detail.state.timestamp", &stamp, "a time like 2026-06-03T15:46:15.662+0000"))?;
    let data = reason_data(state);
    Ok(AlarmEvent {
        arn,
        name,
        account,
        region,
        state: state_value,
        previous: value(previous).as_deref().and_then(AlarmState::from_name),
        suppressed_by: optional(state, "actionsSuppressedBy"),
        previously_suppressed_by: optional(previous, "actionsSuppressedBy"),
        at,
        reason: optional(state, "reason"),
        datapoints: datapoints(data.as_ref()),
        threshold: data.as_ref().and_then(|d| d.get("threshold")).and_then(Value::as_f64),
        metric: metric(detail),
        service_tag: tag(detail),
        mute: mute(detail),
    })
}

/// `reasonData` is a JSON text, or any text at all when SetAlarmState wrote it: read leniently.
fn reason_data(state: Option<&Value>) -> Option<Value> {
    serde_json::from_str(state?.get("reasonData")?.as_str()?).ok()
}

/// `recentDatapoints` is newest first in some captures' samples and may hold nulls; only numbers count.
fn datapoints(data: Option<&Value>) -> Vec<f64> {
    let list = data.and_then(|d| d.get("recentDatapoints")).and_then(Value::as_array);
    list.map(|points| points.iter().filter_map(Value::as_f64).filter(|v| v.is_finite()).collect()).unwrap_or_default()
}

fn metric(detail: Option<&Value>) -> Option<WatchedMetric> {
    let metrics = detail?.get("configuration")?.get("metrics")?.as_array()?;
    let [only] = metrics.as_slice() else { return None };
    let stat = only.get("metricStat")?;
    let metric = stat.get("metric")?;
    let mut dimensions: Vec<(String, String)> = metric
        .get("dimensions")
        .and_then(Value::as_object)
        .map(|d| d.iter().filter_map(|(k, v)| Some((k.clone(), v.as_str()?.to_owned()))).collect())
        .unwrap_or_default();
    dimensions.sort();
    Some(WatchedMetric {
        namespace: metric.get("namespace")?.as_str()?.to_owned(),
        name: metric.get("name")?.as_str()?.to_owned(),
        stat: stat.get("stat").and_then(Value::as_str).map(str::to_owned),
        period: stat.get("period").and_then(Value::as_u64).and_then(|p| u32::try_from(p).ok()),
        dimensions,
    })
}

fn tag(detail: Option<&Value>) -> Option<String> {
    Some(detail?.get("alarmTags")?.get("headroom:service")?.as_str()?.to_owned())
}

fn mute(detail: Option<&Value>) -> Option<Mute> {
    let mute = detail?.get("muteDetail")?;
    Some(Mute {
        by: mute.get("mutedByArn").and_then(Value::as_str).unwrap_or("a mute rule").to_owned(),
        until: mute.get("muteWindowEnd").and_then(Value::as_str).and_then(parse_aws),
    })
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
    fn an_unknown_state_is_refused_instead_of_read_as_health() {
        let mut odd = event();
        odd["detail"]["state"]["value"] = json!("FINE");
        assert!(decode_any(&odd).is_err());
    }
}
