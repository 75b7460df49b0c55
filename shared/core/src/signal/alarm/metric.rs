//! What an alarm watches: one metric, or the metrics of an expression.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::signal::read::bounded;

/// CloudWatch allows ten metrics in an alarm on metric math (AWS_FACTS 3.1).
const METRICS_MAX: usize = 10;
/// A metric has at most 30 dimensions (CloudWatch API, `Metric`).
const DIMENSIONS_MAX: usize = 30;

/// A metric that an alarm watches.
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
    /// The account that it is of, when the event names one: an alarm can watch another account's metric.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
}

impl WatchedMetric {
    /// The value of a dimension.
    #[must_use]
    pub fn dimension(&self, name: &str) -> Option<&str> {
        self.dimensions.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }
}

/// What a list of metrics says.
#[derive(Debug, Default)]
pub(super) struct Watched {
    /// Present for a list of one metric and nothing else.
    pub(super) metric: Option<WatchedMetric>,
    /// The metrics of any other list.
    pub(super) members: Vec<WatchedMetric>,
}

/// Reads `configuration.metrics` of an event, or `Trigger.Metrics` of a notification, which spells its keys with
/// capitals. A list longer than CloudWatch allows says nothing.
pub(super) fn watched(list: Option<&Value>) -> Watched {
    let list = list.and_then(Value::as_array).filter(|list| list.len() <= METRICS_MAX);
    let list = list.map(Vec::as_slice).unwrap_or_default();
    let mut metrics: Vec<WatchedMetric> = list.iter().filter_map(entry).collect();
    if list.len() == 1 {
        Watched { metric: metrics.pop(), members: Vec::new() }
    } else {
        Watched { metric: None, members: metrics }
    }
}

/// One entry; `None` for an expression.
fn entry(entry: &Value) -> Option<WatchedMetric> {
    let stat = either(entry, "metricStat", "MetricStat")?;
    let metric = either(stat, "metric", "Metric")?;
    let name = metric.get("name").or_else(|| either(metric, "metricName", "MetricName"))?;
    Some(WatchedMetric {
        namespace: text(either(metric, "namespace", "Namespace"))?,
        name: text(Some(name))?,
        stat: text(either(stat, "stat", "Stat")),
        period: seconds(either(stat, "period", "Period")),
        dimensions: dimensions(either(metric, "dimensions", "Dimensions")),
        account: text(either(entry, "accountId", "AccountId")),
    })
}

/// The metric of a notification about an alarm on one metric, whose members stand in `Trigger` itself.
pub(super) fn of_trigger(trigger: &Value) -> Option<WatchedMetric> {
    Some(WatchedMetric {
        namespace: text(trigger.get("Namespace"))?,
        name: text(trigger.get("MetricName"))?,
        stat: text(trigger.get("ExtendedStatistic")).or_else(|| text(trigger.get("Statistic")).map(statistic)),
        period: seconds(trigger.get("Period")),
        dimensions: dimensions(trigger.get("Dimensions")),
        account: None,
    })
}

/// `AVERAGE`, as SNS writes what every other form calls `Average`.
fn statistic(word: String) -> String {
    let plain = |word: &str| word.replace('_', "").to_ascii_lowercase();
    let known = ["Average", "Sum", "Minimum", "Maximum", "SampleCount"];
    known.into_iter().find(|k| plain(k) == plain(&word)).map_or(word, str::to_owned)
}

/// An object in events, a list of `{name, value}` in notifications.
fn dimensions(value: Option<&Value>) -> Vec<(String, String)> {
    let pair = |d: &Value| Some((text(either(d, "name", "Name"))?, text(either(d, "value", "Value"))?));
    let mut dimensions: Vec<(String, String)> = match value {
        Some(Value::Object(map)) => {
            map.iter().filter_map(|(k, v)| Some((bounded(k), bounded(v.as_str()?)))).take(DIMENSIONS_MAX).collect()
        }
        Some(Value::Array(list)) => list.iter().filter_map(pair).take(DIMENSIONS_MAX).collect(),
        Some(Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_)) | None => Vec::new(),
    };
    dimensions.sort();
    dimensions
}

fn either<'v>(value: &'v Value, camel: &str, pascal: &str) -> Option<&'v Value> {
    value.get(camel).or_else(|| value.get(pascal))
}

fn text(value: Option<&Value>) -> Option<String> {
    value?.as_str().map(bounded)
}

fn seconds(value: Option<&Value>) -> Option<u32> {
    value?.as_u64().and_then(|p| u32::try_from(p).ok())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn camel(id: &str, service: &str) -> Value {
        json!({ "id": id, "returnData": false, "metricStat": { "period": 60, "stat": "Average", "metric": {
            "namespace": "AWS/ECS", "name": "CPUUtilization",
            "dimensions": { "ServiceName": service, "ClusterName": "c" } } } })
    }

    #[test]
    fn one_metric_is_the_metric_and_the_metrics_of_an_expression_are_members() {
        let one = watched(Some(&json!([camel("m1", "web")])));
        assert_eq!(one.metric.as_ref().and_then(|m| m.dimension("ServiceName")), Some("web"));
        assert!(one.members.is_empty());
        let math = json!([camel("m1", "web"), camel("m2", "api"), { "id": "e1", "expression": "m1/m2" }]);
        let math = watched(Some(&math));
        assert!(math.metric.is_none());
        assert_eq!(math.members.len(), 2);
        let query = json!([{ "id": "q", "expression": "SELECT AVG(CPUUtilization) FROM \"AWS/ECS\"", "period": 60 }]);
        let query = watched(Some(&query));
        assert!(query.metric.is_none() && query.members.is_empty());
    }

    #[test]
    fn the_capitals_of_a_notification_say_the_same() {
        let pascal = json!([{ "Id": "m1", "ReturnData": true, "MetricStat": { "Period": 60, "Stat": "Average",
            "Metric": { "Namespace": "AWS/ECS", "MetricName": "CPUUtilization", "Dimensions": [
                { "value": "web", "name": "ServiceName" }, { "value": "c", "name": "ClusterName" }] } } }]);
        assert_eq!(watched(Some(&pascal)).metric, watched(Some(&json!([camel("m1", "web")]))).metric);
        let trigger = json!({ "MetricName": "CPUUtilization", "Namespace": "AWS/ECS", "Statistic": "AVERAGE", "Period": 60,
            "Dimensions": [{ "value": "web", "name": "ServiceName" }, { "value": "c", "name": "ClusterName" }] });
        assert_eq!(of_trigger(&trigger), watched(Some(&pascal)).metric);
    }

    #[test]
    fn statistics_have_one_spelling() {
        for (word, stat) in [("SAMPLE_COUNT", "SampleCount"), ("SUM", "Sum"), ("Maximum", "Maximum"), ("odd", "odd")] {
            assert_eq!(statistic(word.to_owned()), stat);
        }
        let percentile = json!({ "MetricName": "m", "Namespace": "n", "Statistic": null, "ExtendedStatistic": "p95" });
        assert_eq!(of_trigger(&percentile).and_then(|m| m.stat).as_deref(), Some("p95"));
    }

    #[test]
    fn more_metrics_than_an_alarm_can_have_say_nothing() {
        let many: Vec<Value> = (0..=METRICS_MAX).map(|i| camel(&format!("m{i}"), "web")).collect();
        assert!(watched(Some(&json!(many))).members.is_empty());
    }
}
