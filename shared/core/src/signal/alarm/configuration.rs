//! CloudWatch Alarm Configuration Change, as EventBridge delivers it: an alarm was made, changed or deleted.
//!
//! Never a transition, whatever state it names. It says why an alarm may have fallen silent: its actions were
//! switched off, its threshold moved, or it is gone.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::body::{alarm_arn, moment};
use super::event::SCALING_PREFIX;
use super::metric::watched;
use super::state_change::SOURCE;
use crate::signal::decode::{By, Signal, Source};
use crate::signal::read::Reader;
use crate::signal::refused::NotASignal;

/// `detail-type` of the envelope.
pub const DETAIL_TYPE: &str = "CloudWatch Alarm Configuration Change";
/// One file, one source.
pub(in crate::signal) const CONFIGURATION: Source = Source {
    name: "alarm configuration",
    by: By::Envelope(SOURCE, &[DETAIL_TYPE]),
    pattern: Some(pattern),
    decode: |event| decode(event).map(|change| Signal::AlarmConfiguration(Box::new(change))),
};
/// What is watched; compared by what it says, not by how.
const METRICS: &str = "metrics";
/// The other members whose change tells why an alarm fires otherwise, or is silent.
const MEMBERS: [&str; 14] = [
    "actionsEnabled",
    "actionsSuppressor",
    "actionsSuppressorExtensionPeriod",
    "actionsSuppressorWaitPeriod",
    "alarmActions",
    "alarmRule",
    "comparisonOperator",
    "datapointsToAlarm",
    "description",
    "evaluationPeriods",
    "insufficientDataActions",
    "okActions",
    "threshold",
    "treatMissingData",
];
/// Characters of a value in a sentence.
const VALUE_CHARS: usize = 60;

/// What was done to the alarm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Operation {
    /// It is new.
    Create,
    /// It was changed.
    Update,
    /// It is gone.
    Delete,
}

impl Operation {
    fn from_name(name: &str) -> Option<Self> {
        match name {
            "create" => Some(Self::Create),
            "update" => Some(Self::Update),
            "delete" => Some(Self::Delete),
            _ => None,
        }
    }
}

/// A member of the configuration that an update changed; `None` where it was or is absent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Changed {
    /// Its name, for example `actionsEnabled`.
    pub member: String,
    /// Before, as JSON, cut at 60 characters.
    pub from: Option<String>,
    /// Now, as JSON, cut at 60 characters.
    pub to: Option<String>,
}

/// A change of an alarm's configuration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConfigurationChange {
    /// ARN of the alarm.
    pub arn: String,
    /// Name of the alarm.
    pub name: String,
    /// Account of the alarm.
    pub account: String,
    /// Region of the alarm.
    pub region: String,
    /// What was done.
    pub operation: Operation,
    /// When: the configuration's own time, else the message's.
    pub at: Timestamp,
    /// Whether its actions run now, where the event says so.
    pub actions_enabled: Option<bool>,
    /// What an update changed, by name; empty for the other operations.
    pub changed: Vec<Changed>,
}

impl fmt::Display for ConfigurationChange {
    /// `deleted`, or `updated: actionsEnabled true to false`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.operation {
            Operation::Create => "created",
            Operation::Update => "updated",
            Operation::Delete => "deleted",
        })?;
        if self.operation == Operation::Create && self.actions_enabled == Some(false) {
            f.write_str(" with its actions switched off")?;
        }
        let value = |value: &Option<String>| value.clone().unwrap_or_else(|| "absent".to_owned());
        for (i, changed) in self.changed.iter().enumerate() {
            let comma = if i == 0 { ":" } else { "," };
            write!(f, "{comma} {} {} to {}", changed.member, value(&changed.from), value(&changed.to))?;
        }
        Ok(())
    }
}

/// The EventBridge pattern that selects what [`decode`] reads.
#[must_use]
pub fn pattern() -> Value {
    json!({
        "source": [SOURCE],
        "detail-type": [DETAIL_TYPE],
        "detail": { "alarmName": [{ "anything-but": { "prefix": SCALING_PREFIX } }] }
    })
}

/// Decodes the event. The region is the ARN's, since nothing is done about it that a wrong one could misplace.
///
/// # Errors
/// [`NotASignal`] names the first part that it needs and that is not there, or that contradicts the alarm's ARN.
pub fn decode(event: &Value) -> Result<ConfigurationChange, NotASignal> {
    let read = Reader { kind: DETAIL_TYPE, event };
    let (arn_text, arn) = alarm_arn(&read, "resources[0]")?;
    for (place, said) in [("account", arn.account), ("detail.alarmName", arn.name)] {
        read.agree(place, read.text(place)?, "resources[0]", said)?;
    }
    let operation = Operation::from_name(read.text("detail.operation")?)
        .ok_or_else(|| read.refuse("detail.operation", "create, update or delete"))?;
    let (when, _) = moment(&read, "detail.configuration.timestamp", Some(("id", "time")))?;
    let (now, before) = (read.at("detail.configuration"), read.at("detail.previousConfiguration"));
    Ok(ConfigurationChange {
        arn: arn_text.to_owned(),
        name: arn.name.to_owned(),
        account: arn.account.to_owned(),
        region: arn.region.to_owned(),
        operation,
        at: when,
        actions_enabled: now.and_then(|c| c.get("actionsEnabled")).and_then(Value::as_bool),
        changed: if operation == Operation::Update { changed(before, now) } else { Vec::new() },
    })
}

/// Members that differ, by name.
fn changed(before: Option<&Value>, now: Option<&Value>) -> Vec<Changed> {
    let of = |map: Option<&Value>, member: &str| {
        let value = map?.get(member).filter(|v| !v.is_null())?;
        Some(if member == METRICS { metrics(value) } else { scalar(value) })
    };
    let members = MEMBERS.iter().copied().chain([METRICS]);
    let changed = members.map(|member| (member, of(before, member), of(now, member))).filter(|(_, b, n)| b != n);
    changed.map(|(member, from, to)| Changed { member: member.to_owned(), from, to }).collect()
}

/// A value in a sentence; a number is the same however it was written.
fn scalar(value: &Value) -> String {
    let text = value.as_f64().map_or_else(|| value.to_string(), |number| number.to_string());
    text.chars().take(VALUE_CHARS).collect()
}

/// What is watched, without the ids that every update gives anew and without members that nobody reads.
fn metrics(list: &Value) -> String {
    let watched = watched(Some(list));
    let named = watched.metric.iter().chain(&watched.members).map(|m| {
        let stat = m.stat.as_deref().unwrap_or("?");
        let period = m.period.map_or_else(|| "?".to_owned(), |p| p.to_string());
        format!("{} {} {stat} {period} s", m.namespace, m.name)
    });
    let expressions = list.as_array().into_iter().flatten().filter_map(|entry| entry.get("expression")?.as_str());
    let said: Vec<String> = named.chain(expressions.map(str::to_owned)).collect();
    said.join(" and ").chars().take(VALUE_CHARS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signal::{Signal, decode as decode_any};

    fn event(operation: &str) -> Value {
        let configuration = |threshold: f64, id: &str, on: bool| {
            json!({ "alarmName": "web-cpu", "threshold": threshold, "actionsEnabled": on,
                    "timestamp": "2026-11-23T02:00:31.250+0000", "metrics": [{ "id": id, "returnData": true }] })
        };
        json!({
            "id": "1", "source": SOURCE, "detail-type": DETAIL_TYPE, "account": "222222222222",
            "region": "eu-west-1", "time": "2026-11-23T02:00:32Z",
            "resources": ["arn:aws:cloudwatch:eu-west-1:222222222222:alarm:web-cpu"],
            "detail": {
                "alarmName": "web-cpu", "operation": operation,
                "state": { "value": "ALARM", "timestamp": "2026-11-23T01:00:31.250+0000" },
                "configuration": configuration(80.0, "a", false),
                "previousConfiguration": configuration(70.0, "b", true)
            }
        })
    }

    #[test]
    fn an_update_says_what_changed_and_nothing_of_what_did_not() {
        let Ok(Signal::AlarmConfiguration(change)) = decode_any(&event("update")) else { panic!() };
        assert_eq!(change.to_string(), "updated: actionsEnabled true to false, threshold 70 to 80");
        assert_eq!(change.actions_enabled, Some(false));
    }

    #[test]
    fn a_deletion_in_alarm_is_no_transition() {
        let Ok(Signal::AlarmConfiguration(change)) = decode_any(&event("delete")) else { panic!() };
        assert_eq!((change.operation, change.to_string().as_str()), (Operation::Delete, "deleted"));
        assert_eq!(decode(&event("create")).unwrap().to_string(), "created with its actions switched off");
    }

    #[test]
    fn what_it_needs_is_named() {
        for (pointer, place) in [
            ("/resources", "resources[0]"),
            ("/account", "account"),
            ("/detail/alarmName", "detail.alarmName"),
            ("/detail/operation", "detail.operation"),
            ("/detail/configuration/timestamp", "detail.configuration.timestamp"),
        ] {
            let mut broken = event("update");
            *broken.pointer_mut(pointer).unwrap() = json!("other");
            match decode(&broken) {
                Err(NotASignal::Malformed { place: named, .. } | NotASignal::Contradiction { place: named, .. }) => {
                    assert_eq!(named, place);
                }
                other => panic!("{pointer}: {other:?}"),
            }
        }
    }
}
