//! `reasonData`: the numbers behind a change, or anything at all when SetAlarmState wrote it (AWS_FACTS 3.2).

use serde_json::Value;

/// How many datapoints are kept: one of each minute of a day, which is as long as an alarm looks back (AWS_FACTS 3.1).
const DATAPOINTS_MAX: usize = 1_440;

/// A JSON text in every form; what is none says nothing.
pub(super) fn data(text: Option<&Value>) -> Option<Value> {
    serde_json::from_str(text?.as_str()?).ok()
}

/// The newest datapoints, oldest first; the list may hold nulls, and only numbers count.
pub(super) fn datapoints(data: Option<&Value>) -> Vec<f64> {
    let list = data.and_then(|d| d.get("recentDatapoints")).and_then(Value::as_array);
    let newest = |points: &'_ Vec<Value>| points.len().saturating_sub(DATAPOINTS_MAX);
    list.map(|points| points.iter().skip(newest(points)).filter_map(Value::as_f64).filter(|v| v.is_finite()).collect())
        .unwrap_or_default()
}

/// The threshold of an alarm that has one: a band has two lists instead.
pub(super) fn threshold(data: Option<&Value>) -> Option<f64> {
    data?.get("threshold")?.as_f64().filter(|t| t.is_finite())
}
