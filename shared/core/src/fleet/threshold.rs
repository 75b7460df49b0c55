//! `above` of a metric that the fleet file names in full: a number with the unit that the metric has.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use super::node::{Node, Value, Want};
use super::problem::Findings;
use super::{count, percent, when};

const EXAMPLE: &str = "above: 1000";
/// Ends of metric names that CloudWatch publishes in percent, such as `CPUUtilization`.
const PERCENT: [&str; 3] = ["Utilization", "Percentage", "Percent"];
/// Ends of metric names that CloudWatch publishes in seconds, milliseconds or microseconds, such as `ReadLatency`.
const TIME: [&str; 3] = ["Latency", "Duration", "ResponseTime"];

/// In what a threshold is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// Of a hundred.
    Percent,
    /// Seconds; datapoints in milliseconds or microseconds are converted by whoever reads them.
    Seconds,
    /// As the metric counts.
    Number,
}

/// What a metric is compared with.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Threshold {
    /// Above 0, in `unit`.
    pub value: f64,
    /// Its unit.
    pub unit: Unit,
}

impl Threshold {
    /// Reads `75%`, `20ms` or `1000`; the metric's name may tell which of them it has to be.
    pub(crate) fn read(metric: &str, node: &Node, f: &mut Findings) -> Option<Self> {
        let ends = |words: [&str; 3]| words.iter().any(|word| metric.ends_with(word));
        let (unit, value) = if ends(PERCENT) {
            (Unit::Percent, percent::read(node, f)?)
        } else if ends(TIME) {
            (Unit::Seconds, when::response_time(node, f, "above: 2s")?)
        } else {
            any(node, f)?
        };
        Some(Self { value, unit })
    }
}

/// A threshold of a metric whose unit is not known here.
fn any(node: &Node, f: &mut Findings) -> Option<(Unit, f64)> {
    let expected = "a number above 0, with its unit where the metric has one: %, s or ms";
    let Value::Text(text) = &node.value else {
        return count::positive(node, f, expected, EXAMPLE).map(|value| (Unit::Number, value));
    };
    let percent = percent::parse(text).map(|value| (Unit::Percent, value));
    let read = percent.or_else(|| when::seconds(text).map(|value| (Unit::Seconds, value)));
    if read.is_none() {
        node.refuse(f, Want { expected, example: EXAMPLE });
    }
    read
}

/// What `above` takes, whatever the metric is called.
pub(crate) fn schema() -> Json {
    json!({ "anyOf": [percent::schema(), when::response_time_schema(), count::positive_schema(EXAMPLE)] })
}

/// What the name in `metric` tells of the unit of `above`.
pub(crate) fn rules() -> Vec<Json> {
    let ends = |words: [&str; 3], above: Json| {
        let metric = json!({ "type": "string", "pattern": format!("(?:{})$", words.join("|")) });
        json!({
            "if": { "properties": { "metric": metric }, "required": ["metric"] },
            "then": { "properties": { "above": above } },
        })
    };
    vec![ends(PERCENT, percent::schema()), ends(TIME, when::response_time_schema())]
}

/// As `headroom check` prints it.
impl fmt::Display for Threshold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.unit {
            Unit::Percent => write!(f, "{} %", self.value),
            Unit::Seconds => write!(f, "{} s", self.value),
            Unit::Number => write!(f, "{}", self.value),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::yaml;

    fn read(metric: &str, text: &str) -> Option<String> {
        let mut f = Findings::new("f");
        let node = yaml::load(text, &mut f).expect("YAML");
        let threshold = Threshold::read(metric, &node, &mut f);
        assert_eq!(f.problems.is_empty(), threshold.is_some(), "{metric} {text}");
        threshold.map(|threshold| threshold.to_string())
    }

    #[test]
    fn a_threshold_carries_the_unit_that_the_metric_has() {
        for (metric, text, printed) in [
            ("CPUUtilization", "75%", Some("75 %")),
            ("CPUUtilization", "75", None),
            ("CPUUtilization", "2s", None),
            ("DatabaseMemoryUsagePercentage", "0.8", None),
            ("ReadLatency", "20ms", Some("0.02 s")),
            ("ReadLatency", "0.02", None),
            ("CurrConnections", "1000", Some("1000")),
            ("PercentIOLimit", "90%", Some("90 %")),
            ("ReplicationLag", "30s", Some("30 s")),
            ("ReplicationLag", "30", Some("30")),
            ("CurrConnections", "0", None),
            ("CurrConnections", "many", None),
            ("CurrConnections", "[1]", None),
        ] {
            assert_eq!(read(metric, text).as_deref(), printed, "{metric} {text}");
        }
    }
}
