//! `remedies`: what Headroom does when Application Auto Scaling alone is not enough.

use serde_json::{Value as Json, json};

use super::compiled::{Action, Metric, Mode};
use super::node::{Entry, Fields, Node, Place, Want};
use super::problem::Findings;
use super::rollback::{self, Rollback};
use super::schema::{self, Key};
use super::timing::{self, Timing};
use super::when::{self, WhenFile};
use super::{count, mode, name, words};

const EXAMPLE: &str = "cpu-high: { when: { metric: cpu, above: 85%, for: 2m }, do: scale-out, size: ratio }";
/// Twice the tasks of a usual service at rest: one wrong reading cannot fill the ceiling at once.
const ADD_MAX: u32 = 4;

/// The words that `do` takes.
fn actions() -> [(&'static str, Action); Action::ALL.len()] {
    Action::ALL.map(|action| (action.name(), action))
}

/// The one word that `size` takes.
const RATIO: &str = "ratio";
/// The one word that `give_back` takes.
const DESIRED: &str = "desired";
const OWN_KEYS: [Key; 8] = [
    Key("when", "What wakes the remedy.", when::schema),
    Key("do", "What it does.", || schema::words(&Action::ALL.map(Action::name))),
    Key("size", "ratio: ceil(n x metric / target); only for metrics that more tasks divide.", || {
        schema::words(&[RATIO])
    }),
    Key("add", "Tasks more than now.", count::tasks_some_schema),
    Key("add_max", "At most this many tasks above what is found, per grant: desired, for raise-max max.", || {
        schema::or(count::tasks_some_schema(), ADD_MAX.into())
    }),
    Key("wake", "Tasks to start when none runs; left out, a service that is switched off stays off.", || {
        count::tasks_some_schema()
    }),
    Key("give_back", "desired: lower the desired count step by step, where no scaling policy scales in.", || {
        schema::words(&[DESIRED])
    }),
    Key("mode", "A remedy may be more careful than its service, never bolder.", mode::schema),
];
const REQUIRED: [&str; 2] = ["when", "do"];

fn keys() -> Vec<Key> {
    OWN_KEYS.into_iter().chain(rollback::KEYS).chain(timing::KEYS).collect()
}

/// What [`Remedies::read`] takes.
pub(crate) fn schema() -> Json {
    let rule = |(word, action): (&str, Action)| schema::where_is("do", &[word], schema::without(&foreign(action)));
    let mut rules: Vec<Json> = actions().into_iter().map(rule).collect();
    rules.push(schema::where_is("do", &[Action::ScaleOut.name()], schema::one_of(&["size", "add"])));
    let divides = json!({ "properties": { "metric": { "enum": divided() } }, "required": ["metric"] });
    rules.push(schema::where_is("size", &[RATIO], json!({ "properties": { "when": divides } })));
    let remedy = schema::shown(schema::mapping(&keys(), &REQUIRED), EXAMPLE);
    schema::by_name(&schema::with(remedy, rules))
}

/// How a scale-out finds its size, before the target of a service is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SizeFile {
    /// From `scaling.<metric>` of the service.
    Ratio(Metric),
    Add(u32),
}

/// A remedy as the file has it.
#[derive(Debug, Clone)]
pub(crate) struct RemedyFile {
    pub(crate) name: String,
    /// Place of its name.
    pub(crate) place: Place,
    pub(crate) when: WhenFile,
    pub(crate) action: Action,
    /// Can only lower a service's mode.
    pub(crate) mode: Option<Mode>,
    pub(crate) size: Option<SizeFile>,
    pub(crate) add_max: u32,
    pub(crate) wake: Option<u32>,
    pub(crate) gives_back_desired: bool,
    pub(crate) timing: Timing,
    /// Present exactly for `rollback`.
    pub(crate) rollback: Option<Rollback>,
}

/// Remedies in the order of the file, and every name that stands there, readable or not.
#[derive(Debug, Default)]
pub(crate) struct Remedies {
    pub(crate) list: Vec<RemedyFile>,
    pub(crate) names: Vec<String>,
}

impl Remedies {
    pub(crate) fn read(node: &Node, f: &mut Findings) -> Option<Self> {
        let entries = node.entries(f, Want { expected: "a mapping of remedies by name", example: EXAMPLE })?;
        let names = entries.iter().map(|e| e.key.clone()).collect();
        let list = entries.iter().filter_map(|entry| RemedyFile::read(entry, f)).collect();
        Some(Self { list, names })
    }
}

impl RemedyFile {
    fn read(entry: &Entry, f: &mut Findings) -> Option<Self> {
        name::check_key(entry, f);
        if when::refuse_on(&entry.node, f) {
            return None;
        }
        let fields = entry.node.mapping(f, &keys(), EXAMPLE)?;
        let when = fields.require(f, "when", EXAMPLE, WhenFile::read);
        let action = fields.require(f, "do", EXAMPLE, |n, f| words::word(n, f, &actions(), "do: scale-out"));
        let mode = fields.read(f, "mode", mode::read);
        let timing = Timing::read(&fields, f);
        let add_max = fields.read(f, "add_max", count::tasks_some);
        let wake = fields.read(f, "wake", count::tasks_some);
        let desired = |n: &Node, f: &mut Findings| words::word(n, f, &[(DESIRED, ())], "give_back: desired");
        let gives_back_desired = fields.read(f, "give_back", desired).is_some();
        let rollback = Rollback::read(&fields, f);
        if let Some(action) = action {
            foreign_keys(action, &fields, f);
        }
        let size = match action {
            Some(Action::ScaleOut) => size(&fields, entry, when.as_ref(), f),
            Some(
                Action::SuspendScaleIn
                | Action::RaiseMax
                | Action::ForceNewDeployment
                | Action::StopTask
                | Action::Rollback
                | Action::NotifyOnly,
            )
            | None => None,
        };
        let added = if let Some(SizeFile::Add(tasks)) = size { tasks } else { 0 };
        if let (Some(most), Some(node)) = (add_max, fields.get("add_max"))
            && most < added
        {
            f.problem(&node.place, format!("add_max {most} under add {added}"), "add_max at least add", "add_max: 4");
        }
        let add_max = add_max.unwrap_or(ADD_MAX.max(added));
        let rollback = (action? == Action::Rollback).then_some(rollback);
        let (name, place) = (entry.key.clone(), entry.at.clone());
        let (when, action) = (when?, action?);
        Some(Self { name, place, when, action, mode, size, add_max, wake, gives_back_desired, timing, rollback })
    }
}

/// Keys that another action needs: written here, they would do nothing.
fn foreign(action: Action) -> Vec<&'static str> {
    let sizing = ["size", "add", "native_first", "wake", "give_back"];
    let most = ["add_max"];
    let leasing = ["lease", "release_delay", "hard_end"];
    let blaming = schema::names(&rollback::KEYS);
    match action {
        Action::ScaleOut => blaming,
        Action::RaiseMax => sizing.into_iter().chain(blaming).collect(),
        Action::SuspendScaleIn => sizing.into_iter().chain(most).chain(blaming).collect(),
        Action::Rollback => sizing.into_iter().chain(most).chain(leasing).collect(),
        Action::ForceNewDeployment | Action::StopTask | Action::NotifyOnly => {
            sizing.into_iter().chain(most).chain(leasing).chain(blaming).collect()
        }
    }
}

fn foreign_keys(action: Action, fields: &Fields<'_>, f: &mut Findings) {
    for entry in foreign(action).into_iter().filter_map(|key| fields.entry(key)) {
        let found = format!("`{}` beside `do: {}`", entry.key, action.name());
        f.problem(&entry.at, found, "keys that this action uses", EXAMPLE);
    }
}

fn size(fields: &Fields<'_>, entry: &Entry, when: Option<&WhenFile>, f: &mut Findings) -> Option<SizeFile> {
    let expected = "exactly one of `size: ratio` and `add: TASKS`";
    match (fields.get("size"), fields.get("add")) {
        (Some(_), Some(add)) => {
            f.problem(&add.place, "`size` and `add`", expected, "add: 1");
            None
        }
        (None, None) => {
            f.problem(&entry.at, "no size for `do: scale-out`", expected, "size: ratio");
            None
        }
        (None, Some(add)) => count::tasks_some(add, f).map(SizeFile::Add),
        (Some(size), None) => {
            words::word(size, f, &[(RATIO, ())], "size: ratio")?;
            ratio(size, when, f)
        }
    }
}

/// The metrics that more tasks divide.
fn divided() -> Vec<&'static str> {
    Metric::ALL.into_iter().filter(|m| m.proportional()).map(Metric::name).collect()
}

/// The metric whose ratio is taken; refused where more tasks do not divide it (SEMANTICS 23).
fn ratio(size: &Node, when: Option<&WhenFile>, f: &mut Findings) -> Option<SizeFile> {
    let found = match when? {
        WhenFile::Metric { metric, .. } if metric.proportional() => return Some(SizeFile::Ratio(*metric)),
        WhenFile::Metric { metric, .. } => format!("`size: ratio` on `{}`", metric.name()),
        WhenFile::Alarm(_) | WhenFile::Contributor(_) => {
            "`size: ratio` on an alarm whose metric the file does not name".to_owned()
        }
        WhenFile::Event(event) => format!("`size: ratio` on the event `{event}`"),
    };
    let expected = format!("`add`, or a metric that more tasks divide: {}", words::list(&divided()));
    f.problem(&size.place, found, &expected, "add: 1");
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::yaml;

    const CPU: &str = "when: { metric: cpu, above: 85%, for: 2m }";

    fn read(text: &str) -> Result<Vec<RemedyFile>, Vec<(String, String)>> {
        let mut f = Findings::new("f");
        let node = yaml::load(text, &mut f).expect("YAML");
        let remedies = Remedies::read(&node, &mut f).expect("mapping");
        let problems: Vec<_> = f.problems.into_iter().map(|p| (p.path, p.found)).collect();
        if problems.is_empty() { Ok(remedies.list) } else { Err(problems) }
    }

    #[test]
    fn ratio_is_for_metrics_that_tasks_divide() {
        for (metric, above, good) in [
            ("cpu", "85%", true),
            ("requests_per_target", "1200", true),
            ("memory", "90%", false),
            ("response_time_p95", "2s", false),
            ("error_rate", "1%", false),
        ] {
            let when = format!("when: {{ metric: {metric}, above: {above}, for: 2m }}");
            assert_eq!(read(&format!("{{ r: {{ {when}, do: scale-out, size: ratio }} }}")).is_ok(), good, "{metric}");
            assert!(read(&format!("{{ r: {{ {when}, do: scale-out, add: 1 }} }}")).is_ok(), "{metric}");
        }
        assert!(read("{ r: { when: { alarm: a }, do: scale-out, size: ratio } }").is_err());
    }

    #[test]
    fn a_scale_out_has_exactly_one_size() {
        for (keys, found) in [
            ("size: ratio, add: 1", "`size` and `add`"),
            ("lease: 30m", "no size for `do: scale-out`"),
            ("add: 0", "the number `0`"),
            ("size: double", "`double`"),
            ("add: 3, add_max: 2", "add_max 2 under add 3"),
        ] {
            let problems = read(&format!("{{ r: {{ {CPU}, do: scale-out, {keys} }} }}")).expect_err("refused");
            assert_eq!(problems.into_iter().map(|(_, found)| found).collect::<Vec<_>>(), [found], "{keys}");
        }
    }

    #[test]
    fn an_addition_larger_than_the_default_cap_is_not_cut() {
        for (keys, most) in [("add: 1", 4), ("add: 6", 6), ("add: 6, add_max: 9", 9), ("size: ratio", 4)] {
            let remedies = read(&format!("{{ r: {{ {CPU}, do: scale-out, {keys} }} }}")).expect("right");
            assert_eq!(remedies[0].add_max, most, "{keys}");
        }
    }

    #[test]
    fn keys_of_another_action_are_refused() {
        for (action, key) in [
            ("notify-only", "lease: 30m"),
            ("rollback", "add: 1"),
            ("raise-max", "size: ratio"),
            ("scale-out", "requests_min: 500"),
        ] {
            let size = if action == "scale-out" { "add: 1, " } else { "" };
            let problems = read(&format!("{{ r: {{ {CPU}, do: {action}, {size}{key} }} }}")).expect_err("refused");
            assert!(problems[0].1.contains(&format!("beside `do: {action}`")), "{problems:?}");
        }
    }

    #[test]
    fn on_is_refused_with_the_reason() {
        let problems =
            read("{ r: { on: { metric: cpu, above: 85%, for: 2m }, do: notify-only } }").expect_err("refused");
        assert_eq!(problems, [("r.on".to_owned(), "the key `on`".to_owned())]);
    }
}
