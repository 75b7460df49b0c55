//! `scaling.predictive`: what Application Auto Scaling forecasts, beside what it tracks.

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::time::Seconds;

use super::compiled::Metric;
use super::count;
use super::duration::Range;
use super::node::Node;
use super::percent;
use super::problem::Findings;
use super::schema::{self, Key};
use super::words;

const EXAMPLE: &str = "predictive: { cpu: 60%, mode: forecast-only }";
const KEYS: [Key; 5] = [
    Key("cpu", "Average CPU that the forecast is to keep, from 50% to 90%.", percent::target_schema),
    Key("memory", "Average memory that the forecast is to keep, from 50% to 90%.", percent::target_schema),
    Key("requests_per_target", "Requests per target and minute that the forecast is to keep.", || {
        count::positive_schema("1000")
    }),
    Key("mode", "Whether it only forecasts, or scales out by the forecast, too.", || {
        schema::words(&MODES.map(|(word, _)| word))
    }),
    Key("ahead", "How long before its hour the forecast capacity is there.", || AHEAD.schema_or(AHEAD_USUAL)),
];
const MODES: [(&str, Forecast); 2] =
    [("forecast-only", Forecast::ForecastOnly), ("forecast-and-scale", Forecast::ForecastAndScale)];
/// SchedulingBufferTime is less than the hour of a forecast; 300 s is Application Auto Scaling's own default.
const AHEAD: Range = Range { least: "0s", most: "59m", example: "5m" };
const AHEAD_USUAL: Seconds = Seconds(300);

/// What the forecast does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Forecast {
    /// It is shown and changes nothing.
    ForecastOnly,
    /// It scales out ahead of each hour; it never scales in, and never passes max.
    ForecastAndScale,
}

/// A predictive scaling policy. Application Auto Scaling takes one metric for each; it needs a day of data, and two weeks to
/// be good.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Predictive {
    /// `cpu`, `memory` or `requests_per_target`.
    pub metric: Metric,
    /// Its target, in the metric's own unit.
    pub target: f64,
    /// What the forecast does.
    pub mode: Forecast,
    /// How long before its hour the capacity is there.
    pub ahead: Seconds,
}

/// The schema of it.
pub(crate) fn schema() -> Json {
    let rules = vec![schema::one_of(&["cpu", "memory", "requests_per_target"])];
    schema::with(schema::shown(schema::mapping(&KEYS, &[]), EXAMPLE), rules)
}

/// Reads it; exactly one metric has a target.
pub(crate) fn read(node: &Node, f: &mut Findings) -> Option<Predictive> {
    let fields = node.mapping(f, &KEYS, EXAMPLE)?;
    let before = f.problems.len();
    let requests = |node: &Node, f: &mut Findings| {
        count::positive(node, f, "requests per target and minute, a number without a unit", "1000")
    };
    let targets = [
        (Metric::Cpu, fields.read(f, "cpu", percent::target)),
        (Metric::Memory, fields.read(f, "memory", percent::target)),
        (Metric::RequestsPerTarget, fields.read(f, "requests_per_target", requests)),
    ];
    let mode = fields.read(f, "mode", |node, f| words::word(node, f, &MODES, "mode: forecast-only"));
    let ahead = fields.read(f, "ahead", |node, f| AHEAD.read(node, f));
    let mut named = targets.into_iter().filter_map(|(metric, target)| Some((metric, target?)));
    match (named.next(), named.next()) {
        (Some((metric, target)), None) => Some(Predictive {
            metric,
            target,
            mode: mode.unwrap_or(Forecast::ForecastOnly),
            ahead: ahead.unwrap_or(AHEAD_USUAL),
        }),
        _ => {
            // A target that is not right was told already.
            if f.problems.len() == before {
                f.problem(
                    &node.place,
                    node.describe(),
                    "the target of one metric: cpu, memory or requests_per_target",
                    EXAMPLE,
                );
            }
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::yaml;

    fn parsed(text: &str) -> Result<Option<Predictive>, Vec<String>> {
        let mut f = Findings::new("f");
        let node = yaml::load(text, &mut f).expect("YAML");
        let found = read(&node, &mut f);
        if f.problems.is_empty() { Ok(found) } else { Err(f.problems.into_iter().map(|p| p.path).collect()) }
    }

    #[test]
    fn one_metric_has_a_target_and_it_only_forecasts_until_somebody_says_more() {
        let only = Predictive { metric: Metric::Cpu, target: 60.0, mode: Forecast::ForecastOnly, ahead: Seconds(300) };
        assert_eq!(parsed("{ cpu: 60% }"), Ok(Some(only)));
        let scales = Predictive {
            metric: Metric::RequestsPerTarget,
            target: 800.0,
            mode: Forecast::ForecastAndScale,
            ahead: Seconds(600),
        };
        let text = "{ requests_per_target: 800, mode: forecast-and-scale, ahead: 10m }";
        assert_eq!(parsed(text), Ok(Some(scales)));
    }

    #[test]
    fn none_two_and_wrong_ones_are_refused_with_their_place() {
        for (text, places) in [
            ("{ mode: forecast-only }", vec![""]),
            ("{ cpu: 60%, memory: 60% }", vec![""]),
            ("{ cpu: 40% }", vec!["cpu"]),
            ("{ cpu: 60%, ahead: 60m }", vec!["ahead"]),
            ("{ cpu: 60%, mode: act }", vec!["mode"]),
        ] {
            let found = parsed(text);
            assert_eq!(found, Err(places.into_iter().map(str::to_owned).collect()), "{text}");
        }
    }
}
