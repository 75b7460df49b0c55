//! `when`: what wakes a remedy. Not `on`, which is the value true to YAML 1.1 readers.

use serde_json::{Value as Json, json};

use crate::signal::SICK_TASK;
use crate::time::Seconds;

use super::compiled::Metric;
use super::duration::Range;
use super::node::{Fields, Node, Value, Want};
use super::problem::Findings;
use super::schema::{self, Key};
use super::template::{Kind, Template};
use super::{count, pattern, percent, words};

const EXAMPLE: &str = "when: { metric: cpu, above: 85%, for: 2m }";
/// CloudWatch evaluates whole minutes here, and at most one day of periods under an hour.
const FOR: Range = Range { least: "1m", most: "1d", example: "2m" };
/// A response time over an hour is a misplaced unit.
const SECONDS_MAX: u32 = 3_600;
const RESPONSE_TIME: &str = "a response time with its unit: s or ms";
/// Events that wake a remedy, other than an alarm's.
const EVENTS: [(&str, &str); 2] = [("at-max", "at-max"), (SICK_TASK, SICK_TASK)];

/// Exactly one of them wakes a remedy.
const SOURCES: [&str; 4] = ["metric", "alarm", "contributor_of", "event"];
/// What stands beside `metric`, and beside nothing else.
const OF_METRIC: [&str; 2] = ["above", "for"];
const KEYS: [Key; 6] = [
    Key("metric", "A metric; the alarm on it is called {service}-{remedy}.", || {
        schema::words(&Metric::ALL.map(Metric::name))
    }),
    Key("above", "Threshold in the metric's own unit.", || json!({})),
    Key("for", "How long the metric is above its threshold, in whole minutes.", lasting_schema),
    Key("alarm", "An alarm that exists already; `{service}` and the like are filled in.", || Kind::Alarm.schema()),
    Key("contributor_of", "A contributor of an alarm that exists already.", || Kind::Alarm.schema()),
    Key("event", "Another event.", || schema::words(&EVENTS.map(|(word, _)| word))),
];

/// What [`WhenFile::read`] takes.
pub(crate) fn schema() -> Json {
    let others = SOURCES.into_iter().filter(|source| *source != "metric");
    let mut rules = vec![schema::one_of(&SOURCES), schema::beside("metric", schema::all_of(&OF_METRIC))];
    rules.extend(others.map(|source| schema::beside(source, schema::without(&OF_METRIC))));
    rules.extend(Metric::ALL.map(|metric| {
        let above = json!({ "properties": { "above": threshold_schema(metric) } });
        schema::where_is("metric", &[metric.name()], above)
    }));
    schema::with(schema::shown(schema::mapping(&KEYS, &[]), EXAMPLE), rules)
}

/// `when` before templates are filled.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum WhenFile {
    Metric { metric: Metric, above: f64, lasting: Seconds },
    Alarm(Template),
    Contributor(Template),
    Event(&'static str),
}

impl WhenFile {
    pub(crate) fn read(node: &Node, f: &mut Findings) -> Option<Self> {
        let fields = node.mapping(f, &KEYS, EXAMPLE)?;
        let chosen: Vec<&str> = SOURCES.into_iter().filter(|key| fields.get(key).is_some()).collect();
        let expected = &format!("exactly one of {}", words::list(&SOURCES));
        match chosen.as_slice() {
            ["metric"] => metric(&fields, f),
            [one] => {
                for key in OF_METRIC {
                    if let Some(entry) = fields.entry(key) {
                        let found = format!("`{key}` beside `{one}`");
                        f.problem(&entry.at, found, "`above` and `for` beside `metric` only", EXAMPLE);
                    }
                }
                let mut named = |key| fields.read(f, key, |n, f| Template::read(n, f, Kind::Alarm));
                match *one {
                    "alarm" => named("alarm").map(Self::Alarm),
                    "contributor_of" => named("contributor_of").map(Self::Contributor),
                    _ => fields
                        .read(f, "event", |n, f| words::word(n, f, &EVENTS, "when: { event: at-max }"))
                        .map(Self::Event),
                }
            }
            [] => {
                f.problem(fields.place, "none of them", expected, EXAMPLE);
                None
            }
            several => {
                f.problem(fields.place, words::list(several), expected, EXAMPLE);
                None
            }
        }
    }
}

fn metric(fields: &Fields<'_>, f: &mut Findings) -> Option<WhenFile> {
    let known = Metric::ALL.map(|m| (m.name(), m));
    let metric = fields.read(f, "metric", |n, f| words::word(n, f, &known, EXAMPLE));
    let lasting = fields.require(f, "for", EXAMPLE, lasting);
    let above = fields.require(f, "above", EXAMPLE, |n, f| metric.and_then(|m| threshold(m, n, f)));
    Some(WhenFile::Metric { metric: metric?, above: above?, lasting: lasting? })
}

/// `for`: how long a metric is above its threshold.
pub(crate) fn lasting(node: &Node, f: &mut Findings) -> Option<Seconds> {
    let lasting = FOR.read(node, f)?;
    if lasting.0.is_multiple_of(60) {
        return Some(lasting);
    }
    node.refuse(f, Want { expected: "whole minutes, as the alarm's period is one minute", example: "for: 2m" });
    None
}

/// What [`lasting`] takes; that it is whole minutes a schema does not see.
pub(crate) fn lasting_schema() -> Json {
    FOR.schema()
}

/// A threshold in the metric's own unit.
fn threshold(metric: Metric, node: &Node, f: &mut Findings) -> Option<f64> {
    match metric {
        Metric::Cpu | Metric::Memory | Metric::ErrorRate => percent::read(node, f),
        Metric::RequestsPerTarget => {
            count::positive(node, f, "requests per target and minute, a number without a unit", "above: 1200")
        }
        Metric::ResponseTimeAvg | Metric::ResponseTimeP95 => response_time(node, f, "above: 2s"),
    }
}

/// What [`threshold`] takes.
fn threshold_schema(metric: Metric) -> Json {
    match metric {
        Metric::Cpu | Metric::Memory | Metric::ErrorRate => percent::schema(),
        Metric::RequestsPerTarget => count::positive_schema("above: 1200"),
        Metric::ResponseTimeAvg | Metric::ResponseTimeP95 => response_time_schema(),
    }
}

/// A response time in seconds.
pub(crate) fn response_time(node: &Node, f: &mut Findings, example: &str) -> Option<f64> {
    node.text(f, Want { expected: RESPONSE_TIME, example }, seconds)
}

/// What [`response_time`] takes.
pub(crate) fn response_time_schema() -> Json {
    let most = u64::from(SECONDS_MAX);
    let alternatives = [pattern::decimal(0, most, "s"), pattern::decimal(0, most * 1_000, "ms")];
    schema::text(Want { expected: RESPONSE_TIME, example: "2s" }, &pattern::full(&alternatives))
}

/// Reads `2s`, `1.5s` or `500ms` as seconds.
pub(crate) fn seconds(text: &str) -> Option<f64> {
    let value = match text.strip_suffix("ms") {
        Some(number) => percent::decimal(number)? / 1_000.0,
        None => percent::decimal(text.strip_suffix('s')?)?,
    };
    (value > 0.0 && value <= f64::from(SECONDS_MAX)).then_some(value)
}

/// Says why `on` is not a key, where somebody wrote it.
pub(crate) fn refuse_on(node: &Node, f: &mut Findings) -> bool {
    let Value::Map(entries) = &node.value else { return false };
    let Some(entry) = entries.iter().find(|e| e.key == "on") else { return false };
    f.problem(&entry.at, "the key `on`", "`when`: `on` is the value true to YAML 1.1 readers", EXAMPLE);
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::yaml;

    fn read(text: &str) -> Result<WhenFile, Vec<String>> {
        let mut f = Findings::new("f");
        let node = yaml::load(text, &mut f).expect("YAML");
        let when = WhenFile::read(&node, &mut f);
        when.filter(|_| f.problems.is_empty()).ok_or_else(|| f.problems.into_iter().map(|p| p.path).collect())
    }

    #[test]
    fn each_metric_has_its_own_unit() {
        for (name, above, value, wrong) in [
            ("cpu", "85%", 85.0, "85"),
            ("memory", "90%", 90.0, "0.9"),
            ("requests_per_target", "1200", 1_200.0, "1200%"),
            ("response_time_avg", "2s", 2.0, "2"),
            ("response_time_p95", "500ms", 0.5, "500"),
            ("error_rate", "0.1%", 0.1, "2s"),
        ] {
            let when = read(&format!("{{ metric: {name}, above: {above}, for: 2m }}"));
            assert!(
                matches!(when, Ok(WhenFile::Metric { metric, above, lasting: Seconds(120) })
                    if metric.name() == name && (above - value).abs() < 1e-9),
                "{name}: {when:?}"
            );
            assert_eq!(read(&format!("{{ metric: {name}, above: {wrong}, for: 2m }}")), Err(vec!["above".into()]));
        }
    }

    #[test]
    fn alarms_and_events_stand_alone() {
        assert!(matches!(read("{ alarm: \"{service}-cpu\" }"), Ok(WhenFile::Alarm(_))));
        assert!(matches!(read("{ contributor_of: fleet-cpu }"), Ok(WhenFile::Contributor(_))));
        assert_eq!(read("{ event: at-max }"), Ok(WhenFile::Event("at-max")));
        for (text, path) in [
            ("{}", ""),
            ("{ alarm: a, event: at-max }", ""),
            ("{ alarm: a, contributor_of: a }", ""),
            ("{ event: on-fire }", "event"),
            ("{ alarm: a, for: 2m }", "for"),
            ("{ metric: cpu, above: 85%, for: 90s }", "for"),
            ("{ metric: cpu, above: 85% }", ""),
            ("{ metric: disk, above: 85%, for: 2m }", "metric"),
        ] {
            assert_eq!(read(text), Err(vec![path.to_owned()]), "{text}");
        }
    }
}
