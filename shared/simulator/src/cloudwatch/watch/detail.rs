//! The events of alarms, as EventBridge gets them.
//!
//! CloudWatch User Guide, "Alarm events and EventBridge"; members as in public captures of 2026.

use headroom_core::signal::alarm::{DETAIL_TYPE, SOURCE};
use serde_json::{Map, Value, json};

use super::entry::{Entry, Kind};
use super::put::Watched;
use super::standing::{Standing, stamp};
use crate::cloudwatch::{MetricStat, Queried};
use crate::event::Event;

const CONFIGURATION_CHANGE: &str = "CloudWatch Alarm Configuration Change";

/// A change of the state, or of who suppresses the actions.
pub(super) fn state_change(entry: &Entry, before: &Standing, mute: Option<Value>, tags: bool) -> Event {
    let mut detail = Map::new();
    detail.insert("alarmName".to_owned(), json!(entry.name));
    detail.insert("state".to_owned(), state(&entry.standing));
    detail.insert("previousState".to_owned(), state(before));
    detail.insert("configuration".to_owned(), configuration(entry));
    if let Some(mute) = mute {
        detail.insert("muteDetail".to_owned(), mute);
    }
    if tags {
        let tags: Map<String, Value> = entry.tags.iter().map(|(k, v)| (k.clone(), json!(v))).collect();
        detail.insert("alarmTags".to_owned(), Value::Object(tags));
    }
    event(entry, DETAIL_TYPE, Value::Object(detail), entry.standing.updated)
}

/// `create`, `update` or `delete`.
pub(super) fn configuration_change(entry: &Entry, operation: &str, previous: Option<Value>, now: i64) -> Event {
    let mut state = json!({"value": entry.standing.value.name(), "timestamp": stamp(entry.standing.updated)});
    if let (Some(by), Some(state)) = (entry.standing.suppressed, state.as_object_mut()) {
        state.insert("actionsSuppressedBy".to_owned(), json!(by.name()));
    }
    let mut detail = json!({
        "alarmName": entry.name,
        "operation": operation,
        "state": state,
        "configuration": whole_configuration(entry),
    });
    if let (Some(previous), Some(detail)) = (previous, detail.as_object_mut()) {
        detail.insert("previousConfiguration".to_owned(), previous);
    }
    event(entry, CONFIGURATION_CHANGE, detail, now)
}

fn event(entry: &Entry, detail_type: &'static str, detail: Value, at: i64) -> Event {
    Event {
        at,
        number: 0,
        account: entry.place.account.clone(),
        region: entry.place.region.clone(),
        source: SOURCE,
        detail_type,
        resources: vec![entry.arn.clone()],
        detail,
    }
}

fn state(standing: &Standing) -> Value {
    let mut state = Map::new();
    state.insert("value".to_owned(), json!(standing.value.name()));
    state.insert("reason".to_owned(), json!(standing.reason));
    if let Some(data) = &standing.reason_data {
        state.insert("reasonData".to_owned(), json!(data));
    }
    state.insert("timestamp".to_owned(), json!(stamp(standing.updated)));
    if let Some(by) = standing.suppressed {
        state.insert("actionsSuppressedBy".to_owned(), json!(by.name()));
        state.insert("actionsSuppressedReason".to_owned(), json!(by.reason()));
    }
    Value::Object(state)
}

fn configuration(entry: &Entry) -> Value {
    let mut whole = Map::new();
    let description = match &entry.kind {
        Kind::Metric(alarm) => {
            whole.insert("metrics".to_owned(), metrics(entry, &alarm.put.watched));
            &alarm.put.description
        }
        Kind::Composite(alarm) => {
            whole.insert("alarmRule".to_owned(), json!(alarm.put.rule));
            if let Some(by) = &alarm.put.suppressor {
                whole.insert("actionsSuppressor".to_owned(), json!(by.alarm));
                whole.insert("actionsSuppressorWaitPeriod".to_owned(), json!(by.wait));
                whole.insert("actionsSuppressorExtensionPeriod".to_owned(), json!(by.extension));
            }
            &alarm.put.description
        }
    };
    if let Some(description) = description {
        whole.insert("description".to_owned(), json!(description));
    }
    Value::Object(whole)
}

pub(super) fn whole_configuration(entry: &Entry) -> Value {
    let mut whole = configuration(entry);
    let Some(map) = whole.as_object_mut() else { return whole };
    let mut set = |name: &str, value: Value| map.insert(name.to_owned(), value);
    if let Kind::Metric(alarm) = &entry.kind {
        let put = &alarm.put;
        set("evaluationPeriods", json!(put.evaluation_periods));
        set("threshold", json!(put.threshold));
        set("comparisonOperator", json!(put.comparison.name()));
        if let Some(m) = put.datapoints_to_alarm {
            set("datapointsToAlarm", json!(m));
        }
        if let Some(missing) = put.missing {
            set("treatMissingData", json!(missing.name()));
        }
    }
    let actions = entry.actions();
    set("alarmName", json!(entry.name));
    set("actionsEnabled", json!(actions.enabled));
    set("timestamp", json!(stamp(entry.configured)));
    set("okActions", json!(actions.ok));
    set("alarmActions", json!(actions.alarm));
    set("insufficientDataActions", json!(actions.insufficient_data));
    whole
}

fn metrics(entry: &Entry, watched: &Watched) -> Value {
    let of = |id: &str, stat: &MetricStat, returned: bool| {
        let dimensions: Map<String, Value> =
            stat.metric.dimensions().iter().map(|(n, v)| (n.clone(), json!(v))).collect();
        json!({
            "id": id,
            "metricStat": {
                "metric": {"namespace": stat.metric.namespace, "name": stat.metric.name, "dimensions": dimensions},
                "period": stat.period,
                "stat": stat.statistic.to_string(),
            },
            "returnData": returned,
        })
    };
    match watched {
        Watched::Metric(stat) => json!([of(&id_of(&entry.arn), stat, true)]),
        Watched::Math(queries) => {
            let each = queries.iter().map(|query| {
                let mut whole = match &query.queried {
                    Queried::Stat(stat) => of(&query.id, stat, query.return_data),
                    Queried::Expression(text) => {
                        json!({"id": query.id, "expression": text, "returnData": query.return_data})
                    }
                };
                if let (Some(label), Some(whole)) = (&query.label, whole.as_object_mut()) {
                    whole.insert("label".to_owned(), json!(label));
                }
                whole
            });
            Value::Array(each.collect())
        }
    }
}

/// CloudWatch gives the metric of an alarm an id of its own; here it is made from the alarm's ARN (FNV-1a).
fn id_of(arn: &str) -> String {
    let hash = |seed: u64| arn.bytes().fold(seed, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3));
    let (high, low) = (hash(0xcbf2_9ce4_8422_2325), hash(0x9e37_79b9_7f4a_7c15));
    let (a, b, c) = (high >> 32, high >> 16 & 0xffff, high & 0xffff);
    format!("{a:08x}-{b:04x}-{c:04x}-{:04x}-{:012x}", low >> 48, low & 0xffff_ffff_ffff)
}
