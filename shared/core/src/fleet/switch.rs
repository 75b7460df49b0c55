//! `switches`: moving traffic from one service to another, and back, in one change each way.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use crate::time::Seconds;

use super::compiled::Service;
use super::duration::Range;
use super::environment::EnvironmentFile;
use super::node::{At, Entry, Node, Place, Want};
use super::problem::{Findings, NoteKind};
use super::ready::{self, Ready};
use super::refer::{self, Names};
use super::schema::{self, Key};
use super::traffic::{self, Listener, Traffic};
use super::{count, name, percent, when};

const EXAMPLE: &str = "to-scaled: { from: web-old, to: web, \
    traffic: { manual: the proxy, old: \"http://a.example.com\", new: \"http://b.example.com\" }, \
    ready: { resolves: b.example.com }, watch: { for: 30m, error_rate_max: 0.1% } }";
const SIDES_EXAMPLE: &str = "from: web-old, to: web";
const WATCH_EXAMPLE: &str = "watch: { for: 30m, healthy_targets_min: 2, error_rate_max: 0.1% }";
const TODAY: &str = "no traffic is switched";
/// A word of the command line.
const BACK: &str = "back";
const REQUIRED: [&str; 5] = ["from", "to", "traffic", "ready", "watch"];
const KEYS: [Key; 6] = [
    Key("from", "The service that has the traffic before.", refer::one_schema),
    Key("to", "The service that has it after.", refer::one_schema),
    Key("traffic", "What moves the traffic: exactly one of listener, route53, manual.", traffic::schema),
    Key("ready", "All of it, or traffic does not move.", ready::schema),
    Key("watch", "What is watched once it moved; if one fails, traffic goes back.", watch_schema),
    Key(
        "after_watch",
        "Desired count by service once watching ended well; the way back takes seconds only until then.",
        || schema::by_name(&count::tasks_schema()),
    ),
];

/// What [`read`] takes.
pub(crate) fn schema() -> Json {
    let switch = schema::shown(schema::mapping(&KEYS, &REQUIRED), EXAMPLE);
    schema::put(
        schema::by_name(&switch),
        "propertyNames",
        json!({ "allOf": [name::schema(), { "not": { "const": BACK } }] }),
    )
}
const WATCH_KEYS: [Key; 4] = [LASTING, CONDITIONS[0], CONDITIONS[1], CONDITIONS[2]];
const LASTING: Key = Key("for", "How long.", || WATCH.schema());
const CONDITIONS: [Key; 3] = [
    Key("healthy_targets_min", "Healthy targets of the new service.", count::tasks_some_schema),
    Key("response_time_avg_max", "Average response time, in s or ms.", when::response_time_schema),
    Key("error_rate_max", "Target 5xx over requests, in percent.", percent::schema),
];

fn watch_schema() -> Json {
    let watch = schema::shown(schema::mapping(&WATCH_KEYS, &[LASTING.0]), WATCH_EXAMPLE);
    schema::with(watch, vec![schema::some_of(&schema::names(&CONDITIONS))])
}
/// A fault shows within minutes under traffic; the old service costs money as long as it is watched beside the new one.
const WATCH: Range = Range { least: "1m", most: "1d", example: "30m" };
/// One switch between two services of the fleet.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Switch {
    /// Name in the fleet file; `headroom switch <name>`, and `headroom switch back <name>`.
    pub name: String,
    /// Line in the fleet file, 1-based.
    pub line: u32,
    /// The service that has the traffic before.
    pub from: String,
    /// The service that has it after.
    pub to: String,
    /// What moves it.
    pub traffic: Traffic,
    /// All of it, or traffic does not move.
    pub ready: Ready,
    /// What is watched once it moved; if one fails, traffic goes back.
    pub watch: SwitchWatch,
    /// Desired count by service once watching ended well. The way back takes seconds only until then.
    pub after_watch: BTreeMap<String, u32>,
}

/// What has to hold while the new service has the traffic; at least one condition is set.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SwitchWatch {
    /// How long.
    pub lasting: Seconds,
    /// Healthy targets of the new service.
    pub healthy_targets_min: Option<u32>,
    /// Average response time in seconds.
    pub response_time_avg_seconds_max: Option<f64>,
    /// Target 5xx over requests, percent.
    pub error_rate_percent_max: Option<f64>,
}

/// Reads the section.
pub(crate) fn read(node: &Node, services: Names<'_>, f: &mut Findings) -> Option<Vec<At<Switch>>> {
    f.note(NoteKind::NotYet, &node.place, TODAY);
    let entries = node.entries(f, Want { expected: "a mapping of switches by name", example: EXAMPLE })?;
    Some(entries.iter().filter_map(|entry| one(entry, services, f)).collect())
}

fn one(entry: &Entry, services: Names<'_>, f: &mut Findings) -> Option<At<Switch>> {
    name::check_key(entry, f);
    if entry.key == BACK {
        f.problem(
            &entry.at,
            "a switch called `back`",
            "another name: `headroom switch back NAME` is the way back",
            EXAMPLE,
        );
    }
    let fields = entry.node.mapping(f, &KEYS, EXAMPLE)?;
    let from = fields.require(f, "from", SIDES_EXAMPLE, |n, f| services.one(n, f));
    let to = fields.require(f, "to", SIDES_EXAMPLE, |n, f| services.one(n, f));
    if let (true, Some(same), Some(at)) = (from == to, &to, fields.get("to")) {
        f.problem(&at.place, format!("from `{same}` to itself"), "another service than `from`", SIDES_EXAMPLE);
    }
    let traffic = fields.require(f, "traffic", traffic::EXAMPLE, Traffic::read);
    let ready = fields.require(f, "ready", ready::EXAMPLE, Ready::read);
    let watch = fields.require(f, "watch", WATCH_EXAMPLE, SwitchWatch::read);
    let after_watch = fields.read(f, "after_watch", |n, f| after_watch(n, services, to.as_deref(), f));
    let switch = Switch {
        name: entry.key.clone(),
        line: entry.at.line,
        from: from?,
        to: to?,
        traffic: traffic?,
        ready: ready?,
        watch: watch?,
        after_watch: after_watch.unwrap_or_default(),
    };
    Some(At { value: switch, place: entry.at.clone() })
}

impl SwitchWatch {
    fn read(node: &Node, f: &mut Findings) -> Option<Self> {
        let fields = node.mapping(f, &WATCH_KEYS, WATCH_EXAMPLE)?;
        let lasting = fields.require(f, "for", WATCH_EXAMPLE, |n, f| WATCH.read(n, f));
        ready::some_of(&fields, &schema::names(&CONDITIONS), "a time in which nothing is watched", WATCH_EXAMPLE, f)?;
        let response_time = fields.read(f, "response_time_avg_max", |n, f| when::response_time(n, f, "2s"));
        let error_rate = fields.read(f, "error_rate_max", percent::read);
        Some(Self {
            lasting: lasting?,
            healthy_targets_min: fields.read(f, "healthy_targets_min", count::tasks_some),
            response_time_avg_seconds_max: response_time,
            error_rate_percent_max: error_rate,
        })
    }
}

/// Desired counts; the service that has the traffic is never set to 0.
fn after_watch(node: &Node, services: Names<'_>, to: Option<&str>, f: &mut Findings) -> Option<BTreeMap<String, u32>> {
    let example = "after_watch: { web-old: 0 }";
    let fields = node.fields(f, services.known, example)?;
    let mut counts = BTreeMap::new();
    for service in services.known {
        let Some(tasks) = fields.read(f, service, count::tasks) else { continue };
        if tasks == 0
            && to == Some(*service)
            && let Some(entry) = fields.entry(service)
        {
            f.problem(&entry.at, "0 tasks for the service that has the traffic", "the other service", example);
        }
        counts.insert((*service).to_owned(), tasks);
    }
    Some(counts)
}

/// Compares the switches with the services and environments that the file comes to.
pub(crate) fn check(switches: &[At<Switch>], services: &[Service], environments: &[EnvironmentFile], f: &mut Findings) {
    for At { value: switch, place } in switches {
        let listener = if let Traffic::Listener { arn } = &switch.traffic { Listener::parse(arn) } else { None };
        if let Some(at) = listener
            && !environments.iter().any(|e| e.account == at.account && e.region == at.region)
        {
            let found = format!("a listener in account {} and {}, where no environment is", at.account, at.region);
            f.problem(place, found, "the ARN of a listener in an environment of the file", traffic::EXAMPLE_LISTENER);
        }
        for service in services {
            let new = service.name == switch.to && (switch.asks_load_balancer() || listener.is_some());
            let old = service.name == switch.from && listener.is_some();
            if (new || old) && service.target_group.is_none() {
                let found = format!("no `target_group` for {}, which this switch needs", service.label());
                f.problem(
                    place,
                    found,
                    "the target group of the service: its health, its metrics",
                    "target_group: web",
                );
            }
            if service.name == switch.to {
                switch.fits(service, place, f);
            }
        }
    }
}

impl Switch {
    /// Whether it asks for what only a load balancer knows of the new service.
    fn asks_load_balancer(&self) -> bool {
        let SwitchWatch { healthy_targets_min, response_time_avg_seconds_max, error_rate_percent_max, .. } = self.watch;
        self.ready.healthy_targets_min.or(healthy_targets_min).is_some()
            || response_time_avg_seconds_max.or(error_rate_percent_max).is_some()
    }

    /// No condition asks for more tasks than the new service may have.
    fn fits(&self, to: &Service, place: &Place, f: &mut Findings) {
        let answered = self.ready.http.as_ref().map(|http| http.answered_by_min);
        for (key, least) in [
            ("ready.healthy_targets_min", self.ready.healthy_targets_min),
            ("ready.http.answered_by_min", answered),
            ("watch.healthy_targets_min", self.watch.healthy_targets_min),
        ] {
            if let Some(least) = least.filter(|least| *least > to.capacity.max) {
                let found = format!("{key} {least} over max {} of {}", to.capacity.max, to.label());
                f.problem(place, found, "at most as many as the service may have", ready::EXAMPLE);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::ready::HttpReady;
    use crate::fleet::{file, yaml};

    const SERVICES: Names<'_> = Names { what: "service", known: &["old", "new"] };
    const TRAFFIC: &str = "{ manual: the proxy, old: http://a, new: http://b }";
    const READY: &str = "{ healthy_targets_min: 2, resolves: new.example.com, http: { path: /health } }";
    const WATCH: &str = "{ for: 30m, healthy_targets_min: 2, response_time_avg_max: 2s, error_rate_max: 0.1% }";

    fn text(from: &str, to: &str, traffic: &str, ready: &str, watch: &str, after: &str) -> String {
        format!("{{ over: {{ from: {from}, to: {to}, traffic: {traffic}, ready: {ready}, watch: {watch}{after} }} }}")
    }

    fn read(text: &str) -> Result<Switch, Vec<(String, String)>> {
        let mut f = Findings::new("f");
        let node = yaml::load(text, &mut f).expect("YAML");
        let switches = super::read(&node, SERVICES, &mut f).unwrap_or_default();
        let problems: Vec<_> = f.problems.into_iter().map(|p| (p.path, p.found)).collect();
        switches.into_iter().next().filter(|_| problems.is_empty()).map(|at| at.value).ok_or(problems)
    }

    #[test]
    fn a_switch_has_its_conditions_with_their_units_resolved() {
        let switch = read(&text("old", "new", TRAFFIC, READY, WATCH, ", after_watch: { old: 0 }")).expect("right");
        assert_eq!((switch.name.as_str(), switch.from.as_str(), switch.to.as_str()), ("over", "old", "new"));
        let http = HttpReady { path: "/health".into(), status: 200, answered_by_min: 1 };
        let ready = Ready { healthy_targets_min: Some(2), resolves: Some("new.example.com".into()), http: Some(http) };
        assert_eq!(switch.ready, ready);
        let watch = SwitchWatch {
            lasting: Seconds(1_800),
            healthy_targets_min: Some(2),
            response_time_avg_seconds_max: Some(2.0),
            error_rate_percent_max: Some(0.1),
        };
        assert_eq!((switch.watch, switch.after_watch), (watch, BTreeMap::from([("old".to_owned(), 0)])));
    }

    #[test]
    fn what_cannot_be_switched_is_refused() {
        let whole = |found: &str| vec![("over".to_owned(), found.to_owned())];
        let at = |path: &str, found: &str| vec![(format!("over.{path}"), found.to_owned())];
        for (text, problems) in [
            (text("old", "old", TRAFFIC, READY, WATCH, ""), at("to", "from `old` to itself")),
            (text("old", "neu", TRAFFIC, READY, WATCH, ""), at("to", "unknown service `neu`, did you mean `new`?")),
            (text("old", "new", TRAFFIC, "{}", WATCH, ""), at("ready", "a switch that waits for nothing")),
            (text("old", "new", TRAFFIC, "{ http: { status: 200 } }", WATCH, ""), at("ready.http", "no `path`")),
            (text("old", "new", TRAFFIC, "{ http: { path: health } }", WATCH, ""), at("ready.http.path", "`health`")),
            (
                text("old", "new", TRAFFIC, "{ http: { path: /, status: 100 } }", WATCH, ""),
                at("ready.http.status", "the number `100`"),
            ),
            (text("old", "new", TRAFFIC, READY, "{ for: 30m }", ""), at("watch", "a time in which nothing is watched")),
            (text("old", "new", TRAFFIC, READY, "{ healthy_targets_min: 1 }", ""), at("watch", "no `for`")),
            (
                text("old", "new", TRAFFIC, READY, "{ for: 30m, error_rate_max: 0.1 }", ""),
                at("watch.error_rate_max", "the number `0.1`"),
            ),
            (
                text("old", "new", TRAFFIC, READY, "{ for: 30m, response_time_avg_max: 2 }", ""),
                at("watch.response_time_avg_max", "the number `2`"),
            ),
            (
                text("old", "new", TRAFFIC, READY, "{ for: 30, error_rate_max: 1% }", ""),
                at("watch.for", "the number `30`"),
            ),
            (
                text("old", "new", TRAFFIC, READY, WATCH, ", after_watch: { new: 0 }"),
                at("after_watch.new", "0 tasks for the service that has the traffic"),
            ),
            (
                text("old", "new", TRAFFIC, READY, WATCH, ", after_watch: { olt: 0 }"),
                at("after_watch.olt", "unknown key `olt`, did you mean `old`?"),
            ),
            (
                "{ over: { from: old, to: new, ready: { resolves: a.b }, watch: { for: 1m, error_rate_max: 1% } } }"
                    .into(),
                whole("no `traffic`"),
            ),
            (
                format!("{{ back: {{ from: old, to: new, traffic: {TRAFFIC}, ready: {READY}, watch: {WATCH} }} }}"),
                vec![("back".to_owned(), "a switch called `back`".to_owned())],
            ),
        ] {
            assert_eq!(read(&text), Err(problems), "{text}");
        }
    }

    /// A fleet of two services with this switch between them.
    fn found(target_groups: [&str; 2], switch: &str) -> Vec<String> {
        let [old, new] = target_groups;
        let text = format!(
            "version: 1\nfleet: shop\nenvironments: [{{ name: prod, account: \"222222222222\", region: eu-west-1 }}]\n\
             defaults: {{ cluster: c }}\n\
             services: {{ old: {{ capacity: {{ fixed: 1 }}{old} }}, new: {{ capacity: {{ min: 1, max: 3 }}{new} }} }}\n\
             switches: {switch}\n"
        );
        file::parse(&text, "f").err().unwrap_or_default().into_iter().map(|p| p.found).collect()
    }

    #[test]
    fn a_switch_fits_the_services_that_the_file_comes_to() {
        const NONE: [&str; 2] = ["", ""];
        const BOTH: [&str; 2] = [", target_group: a", ", target_group: b"];
        let arn = |account: &str| {
            let load_balancer = "listener/app/ai/50dc6c495c0c9188/f2f7dc8efc522ab2";
            format!("{{ listener: \"arn:aws:elasticloadbalancing:eu-west-1:{account}:{load_balancer}\" }}")
        };
        let listener = |account: &str| {
            text("old", "new", &arn(account), "{ resolves: a.b }", "{ for: 1m, error_rate_max: 1% }", "")
        };
        let manual = |ready: &str| text("old", "new", TRAFFIC, ready, WATCH, "");
        let none: Vec<String> = Vec::new();
        assert_eq!(found(BOTH, &listener("222222222222")), none);
        assert_eq!(found(["", BOTH[1]], &manual(READY)), none, "only the new service is asked for its health");
        for (groups, switch, expected) in [
            (
                BOTH,
                listener("333333333333"),
                "a listener in account 333333333333 and eu-west-1, where no environment is",
            ),
            (["", BOTH[1]], listener("222222222222"), "no `target_group` for prod/old, which this switch needs"),
            (NONE, manual(READY), "no `target_group` for prod/new, which this switch needs"),
            (BOTH, manual("{ healthy_targets_min: 4 }"), "ready.healthy_targets_min 4 over max 3 of prod/new"),
            (
                BOTH,
                manual("{ http: { path: /, answered_by_min: 9 } }"),
                "ready.http.answered_by_min 9 over max 3 of prod/new",
            ),
        ] {
            assert_eq!(found(groups, &switch), [expected], "{switch}");
        }
    }
}
