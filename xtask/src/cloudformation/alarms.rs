//! Alarms on Headroom itself, told to the notices topic.

use serde_json::{Map, Value, json};

use super::stores;
use super::template::logical;
use crate::manifest::{Alarm, Manifest};

pub(super) fn add(resources: &mut Map<String, Value>, manifest: &Manifest) {
    for each in &manifest.alarms {
        let id = logical(each.name.trim_start_matches("headroom-")) + "Alarm";
        resources.insert(id, alarm(each));
    }
}

fn alarm(alarm: &Alarm) -> Value {
    let dimension = |(name, value): (&&str, &String)| json!({ "Name": name, "Value": value });
    json!({
        "Type": "AWS::CloudWatch::Alarm",
        "Properties": {
            "AlarmName": alarm.name,
            "AlarmDescription": alarm.description,
            "Namespace": alarm.namespace,
            "MetricName": alarm.metric,
            "Dimensions": alarm.dimensions.iter().map(dimension).collect::<Vec<_>>(),
            "Statistic": alarm.statistic,
            "Period": alarm.period_seconds,
            "EvaluationPeriods": alarm.periods,
            "ComparisonOperator": alarm.comparison,
            "Threshold": alarm.threshold,
            "TreatMissingData": alarm.missing_data,
            "AlarmActions": [{ "Ref": stores::TOPIC }],
            // What it opened is closed by the same way.
            "OKActions": [{ "Ref": stores::TOPIC }],
            "InsufficientDataActions": [{ "Ref": stores::TOPIC }],
        },
    })
}
