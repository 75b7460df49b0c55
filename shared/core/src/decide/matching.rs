//! Alarm to service to remedy (SEMANTICS E): tag, dimensions, target group, name; two matches are refused.

use crate::fleet::{Fleet, Metric, Remedy, Service, When};
use crate::signal::AlarmEvent;
use crate::signal::alarm::SCALING_PREFIX;

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

/// The identity of what asks for capacity: one per alarm and remedy.
#[must_use]
pub fn source_of(remedy: &str, alarm: &str) -> String {
    format!("{remedy}@{alarm}")
}

/// Finds the one service and remedy for an alarm.
///
/// # Errors
/// [`Unmatched`], with the line to add where there is one.
pub fn match_alarm<'a>(fleet: &'a Fleet, alarm: &AlarmEvent) -> Result<Match<'a>, Unmatched> {
    if alarm.name.starts_with(SCALING_PREFIX) {
        return Err(Unmatched::ScalingsOwn);
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

/// By the first way that names any service; within a way, two are refused.
fn service_of<'a>(home: &[&'a Service], alarm: &AlarmEvent) -> Result<&'a Service, Unmatched> {
    let dimension = |name| alarm.metric.as_ref().and_then(|m| m.dimension(name));
    let by_tag = |s: &Service| alarm.service_tag.as_deref().is_some_and(|t| t == s.service || t == s.label());
    let by_dimensions = |s: &Service| {
        dimension("ClusterName") == Some(s.cluster.as_str()) && dimension("ServiceName") == Some(s.service.as_str())
    };
    let by_target_group = |s: &Service| {
        let group =
            dimension("TargetGroup").and_then(|d| d.strip_prefix("targetgroup/")).and_then(|d| d.split('/').next());
        group.is_some() && group == s.target_group.as_deref()
    };
    let by_name = |s: &Service| s.remedies.iter().any(|r| names(s, r, &alarm.name));
    let ways: [&dyn Fn(&Service) -> bool; 4] = [&by_tag, &by_dimensions, &by_target_group, &by_name];
    for way in ways {
        let mut found = home.iter().filter(|s| way(s));
        match (found.next(), found.next()) {
            (Some(first), Some(second)) => {
                return Err(Unmatched::Ambiguous { first: first.label(), second: second.label() });
            }
            (Some(only), None) => return Ok(only),
            (None, _) => {}
        }
    }
    Err(Unmatched::NoService)
}

/// By the alarm's name first, since that is how people say which one they mean; then by the metric.
fn remedy_of<'a>(service: &'a Service, alarm: &AlarmEvent) -> Result<&'a Remedy, Unmatched> {
    let by_name = |r: &Remedy| names(service, r, &alarm.name);
    let by_metric = |r: &Remedy| match &r.when {
        When::Metric { metric, above, .. } => {
            watches(*metric, alarm) && alarm.threshold.is_none_or(|t| (t - above).abs() < f64::EPSILON)
        }
        When::Alarm { .. } | When::Event { .. } => false,
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

fn names(service: &Service, remedy: &Remedy, alarm: &str) -> bool {
    match &remedy.when {
        When::Metric { .. } => {
            alarm.strip_prefix(&service.service).and_then(|a| a.strip_prefix('-')) == Some(&remedy.name)
        }
        When::Alarm { alarm: named } => named.is(service, alarm),
        When::Event { .. } => false,
    }
}

fn watches(metric: Metric, alarm: &AlarmEvent) -> bool {
    let (Some((namespace, name, stat)), Some(watched)) = (metric.cloudwatch(), &alarm.metric) else { return false };
    watched.namespace == namespace && watched.name == name && watched.stat.as_deref().is_none_or(|s| s == stat)
}
