//! Alarm to service to remedy (SEMANTICS E): tag, dimensions, children, name; two matches are refused.

use crate::fleet::{Fleet, Metric, Remedy, Service, When};
use crate::id::ServiceId;
use crate::signal::alarm::SCALING_PREFIX;
use crate::signal::{AlarmEvent, SICK_TASK, SickTask};

/// The service and remedy that an alarm wakes.
#[derive(Debug, Clone, Copy)]
pub struct Match<'a> {
    /// The service.
    pub service: &'a Service,
    /// The remedy.
    pub remedy: &'a Remedy,
}

/// Why an alarm wakes nothing. Counted, listed, never guessed around.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unmatched {
    /// An alarm of Application Auto Scaling itself.
    #[error("an alarm of a scaling policy: never remediated")]
    ScalingsOwn,
    /// Another account or region than the fleet's.
    #[error("account {account}, region {region}: no environment of this fleet")]
    Foreign {
        /// Of the event.
        account: String,
        /// Of the event.
        region: String,
    },
    /// An event that leaves in doubt whose it is: it contradicts itself, or it names no ARN.
    #[error("doubtful: {why}")]
    Doubtful {
        /// What is doubtful.
        why: String,
    },
    /// No service.
    #[error("no service: tag the alarm headroom:service, or name it <service>-<remedy>")]
    NoService,
    /// No remedy of the service.
    #[error("{service}: no remedy watches this alarm")]
    NoRemedy {
        /// The service's label.
        service: String,
    },
    /// More than one.
    #[error("two matches: {first} and {second}; name the alarm in one remedy's `when`")]
    Ambiguous {
        /// One.
        first: String,
        /// The other.
        second: String,
    },
}

impl Unmatched {
    /// The name that people search for.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::ScalingsOwn => "scalings-own",
            Self::Foreign { .. } => "foreign",
            Self::Doubtful { .. } => "doubtful",
            Self::NoService => "no-service",
            Self::NoRemedy { .. } => "no-remedy",
            Self::Ambiguous { .. } => "ambiguous",
        }
    }
}

/// The identity of what asks for capacity: one per alarm and remedy, and per contributor of a multi-series alarm.
#[must_use]
pub fn source_of(remedy: &str, alarm: &AlarmEvent) -> String {
    let name = &alarm.name;
    match &alarm.contributor {
        None => format!("{remedy}@{name}"),
        Some(contributor) => format!("{remedy}@{name}#{}", contributor.id),
    }
}

/// Finds the one service and remedy for an alarm.
///
/// # Errors
/// [`Unmatched`], with the line to add where there is one.
pub fn match_alarm<'a>(fleet: &'a Fleet, alarm: &AlarmEvent) -> Result<Match<'a>, Unmatched> {
    if alarm.name.starts_with(SCALING_PREFIX) {
        return Err(Unmatched::ScalingsOwn);
    }
    if let Some(why) = alarm.doubt.clone() {
        return Err(Unmatched::Doubtful { why });
    }
    if let Some(task) = &alarm.task {
        return of_task(fleet, task);
    }
    let home: Vec<&Service> =
        fleet.services.iter().filter(|s| s.account == alarm.account && s.region == alarm.region).collect();
    if home.is_empty() {
        return Err(Unmatched::Foreign { account: alarm.account.clone(), region: alarm.region.clone() });
    }
    let service = service_of(&home, alarm)?;
    let remedy = remedy_of(service, alarm)?;
    Ok(Match { service, remedy })
}

/// A sick task names its service itself; it wakes the remedy that waits for one.
fn of_task<'a>(fleet: &'a Fleet, task: &SickTask) -> Result<Match<'a>, Unmatched> {
    let service = fleet.services.iter().find(|s| ServiceId::of(s) == task.service).ok_or(Unmatched::NoService)?;
    let waits = |r: &&Remedy| matches!(&r.when, When::Event { event } if event == SICK_TASK);
    let mut found = service.remedies.iter().filter(waits);
    match (found.next(), found.next()) {
        (Some(remedy), None) => Ok(Match { service, remedy }),
        (Some(first), Some(second)) => {
            Err(Unmatched::Ambiguous { first: first.name.clone(), second: second.name.clone() })
        }
        (None, _) => Err(Unmatched::NoRemedy { service: service.label() }),
    }
}

/// A way from an alarm to the services that it names, each once.
type Way = for<'a> fn(&[&'a Service], &AlarmEvent) -> Vec<&'a Service>;

/// By the first way that names any service; within a way, two are refused.
fn service_of<'a>(home: &[&'a Service], alarm: &AlarmEvent) -> Result<&'a Service, Unmatched> {
    const WAYS: [Way; 4] = [by_tag, by_dimensions, by_children, by_name];
    for way in WAYS {
        match way(home, alarm).as_slice() {
            [] => {}
            [only] => return Ok(only),
            [first, second, ..] => {
                return Err(Unmatched::Ambiguous { first: first.label(), second: second.label() });
            }
        }
    }
    Err(Unmatched::NoService)
}

fn by_tag<'a>(home: &[&'a Service], alarm: &AlarmEvent) -> Vec<&'a Service> {
    let Some(tag) = alarm.service_tag.as_deref() else { return Vec::new() };
    home.iter().copied().filter(|s| tag == s.service || tag == s.label()).collect()
}

/// What a set of dimensions names.
enum Named<'a> {
    /// Nothing that runs as a service.
    Nothing,
    /// A service or target group that the fleet does not have.
    Strange,
    /// These.
    Services(Vec<&'a Service>),
}

/// By the contributor's attributes, or by the dimensions of every metric that is watched: all that name a service
/// must name the same one, and a strange one among them makes the rest no proof.
fn by_dimensions<'a>(home: &[&'a Service], alarm: &AlarmEvent) -> Vec<&'a Service> {
    let mut found = Vec::new();
    let mut add = |named: Named<'a>| match named {
        Named::Nothing => true,
        Named::Strange => false,
        Named::Services(services) => {
            services.into_iter().for_each(|s| once(&mut found, s));
            true
        }
    };
    let known = match &alarm.contributor {
        Some(contributor) => add(named_by(home, |name| contributor.attributes.get(name).map(String::as_str))),
        None => alarm.metric.iter().chain(&alarm.members).all(|metric| {
            let own = metric.account.as_ref().is_none_or(|account| *account == alarm.account);
            let here: &[&'a Service] = if own { home } else { &[] };
            add(named_by(here, |name| metric.dimension(name)))
        }),
    };
    if known { found } else { Vec::new() }
}

/// ClusterName with ServiceName, else TargetGroup.
fn named_by<'a, 'd>(home: &[&'a Service], dimension: impl Fn(&str) -> Option<&'d str>) -> Named<'a> {
    let group = |d: &'d str| d.strip_prefix("targetgroup/").and_then(|d| d.split('/').next());
    let services: Vec<&Service> = match (dimension("ClusterName"), dimension("ServiceName"), dimension("TargetGroup")) {
        (Some(cluster), Some(service), _) => {
            home.iter().copied().filter(|s| s.cluster == cluster && s.service == service).collect()
        }
        (_, _, Some(target)) => home
            .iter()
            .copied()
            .filter(|s| s.target_group.is_some() && s.target_group.as_deref() == group(target))
            .collect(),
        (_, _, None) => return Named::Nothing,
    };
    if services.is_empty() { Named::Strange } else { Named::Services(services) }
}

/// By the children of a composite alarm: those that led here, else those that its rule names. Scaling's own
/// alarms speak for nobody.
fn by_children<'a>(home: &[&'a Service], alarm: &AlarmEvent) -> Vec<&'a Service> {
    let Some(composite) = &alarm.composite else { return Vec::new() };
    let mut found = Vec::new();
    for children in [&composite.triggering, &composite.named] {
        for child in children.iter().filter(|child| !child.starts_with(SCALING_PREFIX)) {
            let tells = |s: &&&'a Service| s.remedies.iter().any(|r| names(s, r, child));
            home.iter().filter(tells).for_each(|s| once(&mut found, s));
        }
        if !found.is_empty() {
            break;
        }
    }
    found
}

fn by_name<'a>(home: &[&'a Service], alarm: &AlarmEvent) -> Vec<&'a Service> {
    home.iter().copied().filter(|s| s.remedies.iter().any(|r| wakes(s, r, alarm))).collect()
}

fn once<'a>(found: &mut Vec<&'a Service>, service: &'a Service) {
    if !found.iter().any(|f| std::ptr::eq(*f, service)) {
        found.push(service);
    }
}

/// By the alarm's name first, since that is how people say which one they mean; then by the metric.
fn remedy_of<'a>(service: &'a Service, alarm: &AlarmEvent) -> Result<&'a Remedy, Unmatched> {
    let by_name = |r: &Remedy| wakes(service, r, alarm);
    let by_metric = |r: &Remedy| match &r.when {
        When::Metric { metric, above, .. } => {
            watches(*metric, alarm) && alarm.threshold.is_none_or(|t| (t - above).abs() < f64::EPSILON)
        }
        When::Alarm { .. } | When::Contributor { .. } | When::Event { .. } => false,
    };
    let ways: [&dyn Fn(&Remedy) -> bool; 2] = [&by_name, &by_metric];
    for way in ways {
        let mut found = service.remedies.iter().filter(|r| way(r));
        match (found.next(), found.next()) {
            (Some(first), Some(second)) => {
                return Err(Unmatched::Ambiguous { first: first.name.clone(), second: second.name.clone() });
            }
            (Some(only), None) => return Ok(only),
            (None, _) => {}
        }
    }
    Err(Unmatched::NoRemedy { service: service.label() })
}

/// Whether a remedy names this alarm: a multi-series alarm itself, or its contributors, never both.
fn wakes(service: &Service, remedy: &Remedy, alarm: &AlarmEvent) -> bool {
    match (&remedy.when, &alarm.contributor) {
        (When::Contributor { alarm: named }, Some(_)) => named.is(service, &alarm.name),
        (When::Contributor { .. }, None) | (_, Some(_)) => false,
        (_, None) => names(service, remedy, &alarm.name),
    }
}

/// Whether a name is that of the remedy's alarm.
fn names(service: &Service, remedy: &Remedy, alarm: &str) -> bool {
    match &remedy.when {
        When::Metric { .. } => {
            alarm.strip_prefix(&service.service).and_then(|a| a.strip_prefix('-')) == Some(&remedy.name)
        }
        When::Alarm { alarm: named } => named.is(service, alarm),
        When::Contributor { .. } | When::Event { .. } => false,
    }
}

/// One metric and no expression: a band on the same metric fires for other reasons.
fn watches(metric: Metric, alarm: &AlarmEvent) -> bool {
    let (Some((namespace, name, stat)), Some(watched)) = (metric.cloudwatch(), &alarm.metric) else { return false };
    let alone = alarm.contributor.is_none();
    alone && watched.namespace == namespace && watched.name == name && watched.stat.as_deref().is_none_or(|s| s == stat)
}
