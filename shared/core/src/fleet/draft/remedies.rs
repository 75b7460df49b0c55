//! Alarms that watch a service as remedies: one for each way of naming them.

use std::collections::{BTreeMap, BTreeSet};

use super::alarms;
use super::found::{Comparison, Found, FoundAlarm, Watched};
use super::keys::Keys;
use super::names::replaced;
use super::policies::rounded;
use super::quote;
use super::shape::{Entry, Shape};
use crate::fleet::template::{Kind, Template, Values};

/// What an alarm is about, in the order in which remedies are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum About {
    Cpu,
    Requests,
    Memory,
    ResponseTime,
    Errors,
    Other,
}

impl About {
    fn of(alarm: &FoundAlarm) -> Self {
        let Watched::Metric { metric, comparison: Comparison::Above, .. } = &alarm.watches else { return Self::Other };
        match metric.name.as_str() {
            "CPUUtilization" => Self::Cpu,
            "RequestCountPerTarget" | "RequestCount" => Self::Requests,
            "MemoryUtilization" => Self::Memory,
            "TargetResponseTime" => Self::ResponseTime,
            name if name.contains("5XX") => Self::Errors,
            _ => Self::Other,
        }
    }

    /// More tasks divide the load: the alarm's own sign that some are missing.
    fn scales_out(self) -> bool {
        match self {
            Self::Cpu | Self::Requests => true,
            Self::Memory | Self::ResponseTime | Self::Errors | Self::Other => false,
        }
    }

    /// A name where the alarms' own says nothing.
    fn name(self) -> &'static str {
        match self {
            Self::Cpu => "cpu-high",
            Self::Requests => "requests-high",
            Self::Memory => "memory-high",
            Self::ResponseTime => "slow",
            Self::Errors => "errors-high",
            Self::Other => "alarm",
        }
    }

    /// Why it does what it does.
    fn reason(self) -> &'static str {
        match self {
            Self::Cpu => {
                "- CPU: one task more. `when: { metric: cpu, above: 85%, for: 2m }`, `size: ratio` and a CPU target \
                 compute it instead."
            }
            Self::Requests => {
                "- requests: one task more. `when: { metric: requests_per_target, above: 1200, for: 2m }`, \
                 `size: ratio` and a target compute it instead."
            }
            Self::Memory => {
                "- memory: notify-only, as a leak grows on every task. If load fills it: scale-out, add: 1."
            }
            Self::ResponseTime => {
                "- response time: notify-only, as a slow database stays slow. If tasks are short: scale-out, add: 1."
            }
            Self::Errors => "- errors: notify-only, as more tasks make no fewer of them.",
            Self::Other => "- others: notify-only, as nothing says that more tasks would help.",
        }
    }
}

/// Alarms of several services that are named alike.
#[derive(Debug)]
struct Family<'f> {
    about: About,
    /// In the words of each alarm; more than one where they differ.
    conditions: BTreeSet<String>,
    services: BTreeSet<&'f str>,
}

/// The remedies of the draft.
#[derive(Debug, Default)]
pub(super) struct Remedies<'f> {
    list: Vec<(String, String, Family<'f>)>,
    /// Names by service.
    by_service: BTreeMap<&'f str, Vec<String>>,
    /// Alarms of people by service.
    pub(super) alarms: BTreeMap<&'f str, usize>,
    /// Alarms that became no remedy, and why.
    pub(super) left_out: Vec<(String, &'static str)>,
}

/// A service that remedies may be for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Candidate<'c> {
    pub(super) key: &'c str,
    /// It has a scalable target.
    pub(super) scales: bool,
}

impl<'f> Remedies<'f> {
    /// From the alarms of a cluster; `services` are those that the file has, by ECS name.
    pub(super) fn of(found: &'f Found, environment: &str, services: &BTreeMap<&str, Candidate<'_>>) -> Self {
        let mut remedies = Self::default();
        let mut families: BTreeMap<String, Family<'f>> = BTreeMap::new();
        for (alarm, watched) in alarms::watching(found) {
            for name in &watched {
                *remedies.alarms.entry(name).or_default() += 1;
            }
            let one = if watched.len() == 1 { watched.first().copied() } else { None };
            let Some(service) = one else {
                remedies.left_out.push((alarm.name.clone(), "watches several services"));
                continue;
            };
            let Some(candidate) = services.get(service) else { continue };
            let values = Values { environment, name: candidate.key, service };
            let Some(template) = template(&alarm.name, values, Kind::Alarm) else {
                remedies.left_out.push((alarm.name.clone(), "has characters that the file does not take"));
                continue;
            };
            let about = About::of(alarm);
            let family = families.entry(template).or_insert_with(|| Family {
                about,
                conditions: BTreeSet::new(),
                services: BTreeSet::new(),
            });
            if family.about != about {
                family.about = About::Other;
            }
            family.conditions.insert(condition(alarm));
            family.services.insert(service);
        }
        remedies.named(families, services);
        remedies
    }

    /// Names them in their order; a scale-out is for services with a scalable target.
    fn named(&mut self, families: BTreeMap<String, Family<'f>>, services: &BTreeMap<&str, Candidate<'_>>) {
        let mut sorted: Vec<(String, Family<'f>)> = families.into_iter().collect();
        sorted.sort_by(|(a, x), (b, y)| x.about.cmp(&y.about).then_with(|| a.cmp(b)));
        let mut keys = Keys::default();
        for (template, mut family) in sorted {
            let scalable: BTreeSet<&str> =
                family.services.iter().copied().filter(|s| services.get(s).is_some_and(|c| c.scales)).collect();
            if family.about.scales_out() {
                if scalable.is_empty() {
                    family.about = About::Other;
                } else {
                    family.services = scalable;
                }
            }
            let mut rest = template.clone();
            for placeholder in ["{service}", "{name}", "{environment}"] {
                rest = rest.replace(placeholder, "");
            }
            let says = rest.chars().any(|c| c.is_ascii_alphanumeric());
            let name = keys.near(if says { &rest } else { family.about.name() }, "alarm");
            for service in &family.services {
                self.by_service.entry(service).or_default().push(name.clone());
            }
            self.list.push((name, template, family));
        }
    }

    /// Names of all of them.
    pub(super) fn names(&self) -> Vec<String> {
        self.list.iter().map(|(name, ..)| name.clone()).collect()
    }

    /// Names of those that are for a service.
    pub(super) fn names_of(&self, service: &str) -> Vec<String> {
        self.by_service.get(service).cloned().unwrap_or_default()
    }

    /// The section, entry by entry.
    pub(super) fn entries(&self) -> Vec<Entry> {
        self.list.iter().map(|(name, template, family)| family.entry(name, template)).collect()
    }

    /// Why they do what they do, a line for each kind that there is.
    pub(super) fn reasons(&self) -> Vec<&'static str> {
        let kinds: BTreeSet<About> = self.list.iter().map(|(_, _, family)| family.about).collect();
        kinds.into_iter().map(About::reason).collect()
    }
}

impl Family<'_> {
    fn entry(&self, name: &str, template: &str) -> Entry {
        let word = |text: &str| Shape::Scalar(text.to_owned());
        let when = Shape::Map(vec![("alarm".to_owned(), word(&quote::quoted(template)))]);
        let mut members = vec![("when".to_owned(), when)];
        if self.about.scales_out() {
            members.push(("do".to_owned(), word("scale-out")));
            members.push(("add".to_owned(), word("1")));
        } else {
            members.push(("do".to_owned(), word("notify-only")));
        }
        let condition = match self.conditions.first() {
            Some(one) if self.conditions.len() == 1 => one.clone(),
            Some(_) | None => "thresholds differ".to_owned(),
        };
        let count = match self.services.len() {
            1 => "1 service".to_owned(),
            n => format!("{n} services"),
        };
        let entry = Entry::new(&quote::scalar(name), Shape::Map(members));
        entry.beside(&format!("{condition}; {count}")).beside(&condition)
    }
}

/// A name with its placeholders: `None` when the file takes no such name.
pub(super) fn template(text: &str, values: Values<'_>, kind: Kind) -> Option<String> {
    let exact = |template: &str| Template::from_text(template, kind).is_some_and(|t| t.fill(values) == text);
    let with_service = || replaced(text, values.service, "{service}");
    let with_name = || {
        let named = replaced(text, values.name, "{name}")?;
        Some(replaced(&named, values.environment, "{environment}").unwrap_or(named))
    };
    [with_service(), with_name(), Some(text.to_owned())].into_iter().flatten().find(|template| exact(template))
}

/// When an alarm fires, in a few words.
fn condition(alarm: &FoundAlarm) -> String {
    match &alarm.watches {
        Watched::Metric { metric, comparison, threshold, datapoints: (breaching, of, period) } => {
            let name = quote::comment(&metric.name);
            let against = match (comparison, threshold) {
                (Comparison::Above, Some(threshold)) => format!("{name} > {}", rounded(*threshold)),
                (Comparison::Below, Some(threshold)) => format!("{name} < {}", rounded(*threshold)),
                (Comparison::Above | Comparison::Below | Comparison::Other, _) => format!("{name} outside of a band"),
            };
            format!("{against}, {breaching} of {of} x {period}s")
        }
        Watched::Math { .. } => "an expression".to_owned(),
        Watched::Composite { .. } => "a composite alarm".to_owned(),
    }
}
