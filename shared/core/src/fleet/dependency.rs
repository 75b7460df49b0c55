//! `dependencies`: what services need and Headroom does not scale, such as a cache or a database.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::notice::Severity;
use crate::time::Seconds;

use super::compiled::{Fleet, Service};
use super::connections::{self, Connections};
use super::node::{Entry, Fields, Node, Want};
use super::problem::{Findings, NoteKind};
use super::schema::{self, Key};
use super::template::{Kind, Template, Values};
use super::threshold::{self, Threshold};
use super::{cloudwatch_metric, name, severity, when, words};

/// What does not happen yet.
const TODAY: &str = "it holds remedies and rollbacks back; nobody is told when it becomes high";
const EXAMPLE: &str = "redis: { alarm: redis-cpu, while_high: [no-scale-out] }";
const EXAMPLE_WHEN: &str = "when: { metric: AWS/ElastiCache:CPUUtilization, above: 75%, for: 10m }";
/// It is somebody else's to repair: told, but not at night unless the file says so.
const SEVERITY: Severity = Severity::Warn;
const KEYS: [Key; 6] = [
    Key("when", "A metric that says that it is high.", when_schema),
    Key("dimensions", "Which of the metrics with this name; values may have `{environment}` in them.", || {
        cloudwatch_metric::dimensions_schema()
    }),
    Key("alarm", "An alarm that exists already and says that it is high.", || Kind::Shared.schema()),
    Key("while_high", "What does not happen to the services that depend on it while it is high.", || {
        schema::list(&schema::words(&WhileHigh::ALL.map(WhileHigh::name)), 1)
    }),
    Key("severity", "How loud it is when it becomes high.", || schema::or(severity::schema(), "warn".into())),
    Key(
        "connections",
        "Connections that each task opens, and how many it takes from all of them.",
        connections::schema,
    ),
];
const WHEN_KEYS: [Key; 3] = [
    Key("metric", "Namespace and name of a CloudWatch metric, with `:` between them.", cloudwatch_metric::schema),
    Key("above", "Threshold in the metric's own unit.", threshold::schema),
    Key("for", "How long the metric is above its threshold, in whole minutes.", when::lasting_schema),
];

/// Something that services need, as one environment has it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dependency {
    /// Name of the environment.
    pub environment: String,
    /// Name in the fleet file, for example `redis`.
    pub name: String,
    /// Line in the fleet file, 1-based.
    pub line: u32,
    /// What says that it is high.
    pub watch: Watch,
    /// What does not happen to the services that depend on it while it is high; at least one.
    pub while_high: Vec<WhileHigh>,
    /// How loud it is when it becomes high.
    pub severity: Severity,
    /// Connections that it takes, when the file counts them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connections: Option<Connections>,
}

/// What says that a dependency is high.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Watch {
    /// The average of a metric above a threshold for a time.
    Metric {
        /// For example `AWS/ElastiCache`.
        namespace: String,
        /// For example `CPUUtilization`.
        metric: String,
        /// Which of the metrics with this name; none: the one that has no dimensions.
        dimensions: BTreeMap<String, String>,
        /// The threshold.
        above: Threshold,
        /// How long, in whole minutes.
        lasting: Seconds,
    },
    /// An alarm that exists already.
    Alarm {
        /// Its name.
        alarm: String,
    },
}

/// What does not happen while a dependency is high.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WhileHigh {
    /// Nothing adds tasks: more of them open more connections.
    NoScaleOut,
    /// No deployment is blamed, as errors have another cause.
    NoRollback,
}

impl WhileHigh {
    const ALL: [Self; 2] = [Self::NoScaleOut, Self::NoRollback];

    /// The word in the fleet file.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::NoScaleOut => "no-scale-out",
            Self::NoRollback => "no-rollback",
        }
    }
}

impl Fleet {
    /// What a service needs, in the order in which the file names it.
    pub fn dependencies_of<'f>(&'f self, service: &'f Service) -> impl Iterator<Item = &'f Dependency> {
        service.depends_on.iter().filter_map(|name| {
            self.dependencies.iter().find(|d| d.environment == service.environment && d.name == *name)
        })
    }

    /// The other services of its environment that a service needs, in the order in which the file names them.
    pub fn needed_by<'f>(&'f self, service: &'f Service) -> impl Iterator<Item = &'f Service> {
        let beside = move |other: &&Service| other.environment == service.environment && other.name != service.name;
        service.depends_on.iter().filter_map(move |name| self.services.iter().filter(beside).find(|s| s.name == *name))
    }

    /// The other services of its environment that need a service: they fail because it does.
    pub fn needing<'f>(&'f self, service: &'f Service) -> impl Iterator<Item = &'f Service> {
        let beside = move |other: &&Service| other.environment == service.environment && other.name != service.name;
        self.services.iter().filter(beside).filter(|other| other.depends_on.contains(&service.name))
    }
}

/// A dependency as the file has it, for every environment.
#[derive(Debug, Clone)]
pub(crate) struct DependencyFile {
    name: String,
    line: u32,
    watch: WatchFile,
    while_high: Vec<WhileHigh>,
    severity: Severity,
    connections: Option<Connections>,
}

/// What says that it is high, before templates are filled.
#[derive(Debug, Clone)]
enum WatchFile {
    Metric {
        namespace: String,
        metric: String,
        dimensions: BTreeMap<String, Template>,
        above: Threshold,
        lasting: Seconds,
    },
    Alarm(Template),
}

/// What [`read`] takes.
pub(crate) fn schema() -> Json {
    let [when, alarm, dimensions] = [KEYS[0].0, KEYS[2].0, KEYS[1].0];
    let rules = vec![schema::one_of(&[when, alarm]), schema::beside(alarm, schema::without(&[dimensions]))];
    schema::by_name(&schema::with(schema::shown(schema::mapping(&KEYS, &["while_high"]), EXAMPLE), rules))
}

fn when_schema() -> Json {
    let keys = schema::names(&WHEN_KEYS);
    schema::with(schema::shown(schema::mapping(&WHEN_KEYS, &keys), EXAMPLE_WHEN), threshold::rules())
}

/// Reads `dependencies`.
pub(crate) fn read(node: &Node, f: &mut Findings) -> Option<Vec<DependencyFile>> {
    f.note(NoteKind::NotYet, &node.place, TODAY);
    let entries = node.entries(f, Want { expected: "a mapping of dependencies by name", example: EXAMPLE })?;
    Some(entries.iter().filter_map(|entry| DependencyFile::read(entry, f)).collect())
}

impl DependencyFile {
    fn read(entry: &Entry, f: &mut Findings) -> Option<Self> {
        name::check_key(entry, f);
        if when::refuse_on(&entry.node, f) {
            return None;
        }
        let fields = entry.node.mapping(f, &KEYS, EXAMPLE)?;
        let watch = WatchFile::read(&fields, f);
        let while_high = fields.require(f, "while_high", EXAMPLE, while_high);
        let severity = fields.read(f, "severity", severity::read).unwrap_or(SEVERITY);
        let connections = fields.read(f, "connections", connections::read);
        let (name, line) = (entry.key.clone(), entry.at.line);
        Some(Self { name, line, watch: watch?, while_high: while_high?, severity, connections })
    }

    /// The dependency as one environment has it.
    pub(crate) fn resolve(&self, environment: &str) -> Dependency {
        Dependency {
            environment: environment.to_owned(),
            name: self.name.clone(),
            line: self.line,
            watch: self.watch.resolve(environment),
            while_high: self.while_high.clone(),
            severity: self.severity,
            connections: self.connections,
        }
    }
}

impl WatchFile {
    fn read(fields: &Fields<'_>, f: &mut Findings) -> Option<Self> {
        let expected = "exactly one of `when` and `alarm`";
        match (fields.get("when"), fields.entry("alarm")) {
            (Some(when), None) => metric(when, fields, f),
            (None, Some(alarm)) => {
                if let Some(dimensions) = fields.entry("dimensions") {
                    let found = "`dimensions` beside `alarm`";
                    f.problem(&dimensions.at, found, "`dimensions` beside `when` only", EXAMPLE);
                }
                Template::read(&alarm.node, f, Kind::Shared).map(Self::Alarm)
            }
            (Some(_), Some(alarm)) => {
                f.problem(&alarm.at, "`when` and `alarm`", expected, EXAMPLE);
                None
            }
            (None, None) => {
                f.problem(fields.place, "neither `when` nor `alarm`", expected, EXAMPLE);
                None
            }
        }
    }

    fn resolve(&self, environment: &str) -> Watch {
        let values = Values { environment, name: "", service: "" };
        match self {
            Self::Metric { namespace, metric, dimensions, above, lasting } => Watch::Metric {
                namespace: namespace.clone(),
                metric: metric.clone(),
                dimensions: dimensions.iter().map(|(name, value)| (name.clone(), value.fill(values))).collect(),
                above: *above,
                lasting: *lasting,
            },
            Self::Alarm(alarm) => Watch::Alarm { alarm: alarm.fill(values) },
        }
    }
}

/// `when: { metric, above, for }` and `dimensions`.
fn metric(when: &Node, outer: &Fields<'_>, f: &mut Findings) -> Option<WatchFile> {
    let dimensions = outer.read(f, "dimensions", cloudwatch_metric::dimensions).unwrap_or_default();
    let fields = when.mapping(f, &WHEN_KEYS, EXAMPLE_WHEN)?;
    let named =
        fields.require(f, "metric", EXAMPLE_WHEN, |n, f| n.text(f, cloudwatch_metric::WANT, cloudwatch_metric::parse));
    // Which unit is right, the name tells; without a name any threshold counts as right.
    let name = named.as_ref().map_or("", |(_, metric)| metric);
    let above = fields.require(f, "above", EXAMPLE_WHEN, |n, f| Threshold::read(name, n, f));
    let lasting = fields.require(f, "for", EXAMPLE_WHEN, when::lasting);
    let (namespace, metric) = named?;
    Some(WatchFile::Metric { namespace, metric, dimensions, above: above?, lasting: lasting? })
}

fn while_high(node: &Node, f: &mut Findings) -> Option<Vec<WhileHigh>> {
    const EXAMPLE: &str = "while_high: [no-scale-out, no-rollback]";
    let known = WhileHigh::ALL.map(|word| (word.name(), word));
    let names = known.map(|(name, _)| name);
    let expected = format!("a list with at least one of {}", words::list(&names));
    let items = node.items(f, Want { expected: &expected, example: EXAMPLE })?;
    if items.is_empty() {
        f.problem(&node.place, "an empty list", &expected, EXAMPLE);
        return None;
    }
    let mut all = Vec::new();
    for item in items {
        let word = words::word(item, f, &known, EXAMPLE)?;
        if all.contains(&word) {
            f.problem(&item.place, format!("`{}` a second time", word.name()), "each word once", EXAMPLE);
        } else {
            all.push(word);
        }
    }
    Some(all)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::threshold::Unit;
    use crate::fleet::yaml;

    const WHEN: &str = "when: { metric: AWS/ElastiCache:CPUUtilization, above: 75%, for: 10m }";
    const HIGH: &str = "while_high: [no-scale-out]";

    fn one(keys: &str) -> Result<Dependency, Vec<String>> {
        let mut f = Findings::new("f");
        let node = yaml::load(&format!("redis: {{ {keys} }}"), &mut f).expect("YAML");
        let mut all = read(&node, &mut f).expect("mapping");
        match all.pop() {
            Some(file) if f.problems.is_empty() => Ok(file.resolve("prod")),
            _ => Err(f.problems.into_iter().map(|p| p.found).collect()),
        }
    }

    #[test]
    fn a_metric_is_named_in_full_and_its_dimensions_are_filled() {
        let keys = format!("{WHEN}, {HIGH}, dimensions: {{ CacheClusterId: \"redis-{{environment}}-001\" }}");
        let redis = one(&keys).expect("right");
        let Watch::Metric { namespace, metric, dimensions, above, lasting } = redis.watch else { panic!("a metric") };
        assert_eq!((namespace.as_str(), metric.as_str()), ("AWS/ElastiCache", "CPUUtilization"));
        assert_eq!(dimensions.get("CacheClusterId").map(String::as_str), Some("redis-prod-001"));
        assert_eq!((above, lasting), (Threshold { value: 75.0, unit: Unit::Percent }, Seconds(600)));
        assert_eq!((redis.while_high, redis.severity), (vec![WhileHigh::NoScaleOut], Severity::Warn));
    }

    #[test]
    fn an_alarm_stands_for_a_metric() {
        let keys = "alarm: \"{environment}-redis-cpu\", while_high: [no-rollback, no-scale-out], severity: page";
        let redis = one(keys).expect("right");
        assert_eq!(redis.watch, Watch::Alarm { alarm: "prod-redis-cpu".into() });
        assert_eq!(redis.while_high, [WhileHigh::NoRollback, WhileHigh::NoScaleOut]);
        assert_eq!((redis.severity, redis.environment.as_str()), (Severity::Page, "prod"));
    }

    #[test]
    fn what_cannot_be_watched_is_refused() {
        let when = |metric: &str| format!("when: {{ metric: {metric}, above: 5, for: 1m }}, {HIGH}");
        for (keys, found) in [
            (format!("{WHEN}, alarm: a, {HIGH}"), "`when` and `alarm`"),
            (HIGH.to_owned(), "neither `when` nor `alarm`"),
            (format!("alarm: a, dimensions: {{ A: b }}, {HIGH}"), "`dimensions` beside `alarm`"),
            (format!("alarm: \"{{service}}-cpu\", {HIGH}"), "`{service}-cpu`"),
            (when("CPUUtilization"), "`CPUUtilization`"),
            (when("\":Curr\""), "`:Curr`"),
            (when("\"AWS/RDS:\""), "`AWS/RDS:`"),
            (when("\"AWS+RDS:Curr\""), "`AWS+RDS:Curr`"),
            (format!("{WHEN}, {HIGH}, dimensions: {{ Id: 7 }}"), "the number `7`"),
            (format!("{WHEN}, {HIGH}, dimensions: [a]"), "a list"),
            (format!("{WHEN}, while_high: [no-scaleout]"), "`no-scaleout`"),
            (format!("{WHEN}, while_high: []"), "an empty list"),
            (format!("{WHEN}, while_high: [no-rollback, no-rollback]"), "`no-rollback` a second time"),
            (format!("{WHEN}, while_high: no-rollback"), "`no-rollback`"),
            (WHEN.to_owned(), "no `while_high`"),
            (format!("{WHEN}, {HIGH}, severity: loud"), "`loud`"),
            (format!("{WHEN}, {HIGH}, on: x"), "the key `on`"),
        ] {
            assert_eq!(one(&keys), Err(vec![found.to_owned()]), "{keys}");
        }
        let bare = "when: { metric: AWS/ElastiCache:CPUUtilization, above: 75, for: 90s }";
        assert_eq!(one(&format!("{bare}, {HIGH}")), Err(vec!["the number `75`".to_owned(), "`90s`".to_owned()]));
        let lacking = format!("when: {{ metric: AWS/RDS:ReadLatency }}, {HIGH}");
        assert_eq!(one(&lacking), Err(vec!["no `above`".to_owned(), "no `for`".to_owned()]));
    }
}
