//! Alarms that exist in AWS and wake nothing.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::Serialize;

use crate::decide::{Unmatched, match_alarm};
use crate::fleet::Fleet;
use crate::fleet::draft::{FoundAlarm, FoundMetric, Watched};
use crate::signal::alarm::{Composite, WatchedMetric};
use crate::signal::{AlarmEvent, AlarmState};

/// An alarm that wakes nothing.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct AlarmWakesNothing {
    /// Its name.
    pub alarm: String,
    /// `no-service`, `no-remedy` or `ambiguous`.
    pub why: &'static str,
    /// The same in a sentence, with what to do.
    pub text: String,
}

/// The alarms of an account and region that wake no remedy of the fleet, by name. Alarms of scaling policies are
/// Auto Scaling's own and never listed. An alarm's tags are not known here: one that is tagged `headroom:service` and
/// nothing else is listed, too.
#[must_use]
pub fn wake_nothing(fleet: &Fleet, account: &str, region: &str, alarms: &[FoundAlarm]) -> Vec<AlarmWakesNothing> {
    let mut found: Vec<AlarmWakesNothing> = alarms
        .iter()
        .filter(|alarm| !alarm.scales)
        .filter_map(|alarm| {
            let why = match_alarm(fleet, &event(account, region, alarm)).err()?;
            let listed = !matches!(why, Unmatched::ScalingsOwn | Unmatched::Foreign { .. });
            listed.then(|| AlarmWakesNothing { alarm: alarm.name.clone(), why: why.name(), text: why.to_string() })
        })
        .collect();
    found.sort();
    found
}

/// The remedies that one of these alarms wakes: label of the service, name of the remedy.
#[must_use]
pub fn woken(fleet: &Fleet, account: &str, region: &str, alarms: &[FoundAlarm]) -> BTreeSet<(String, String)> {
    let matched = alarms.iter().filter(|alarm| !alarm.scales).filter_map(|alarm| {
        let event = event(account, region, alarm);
        let found = match_alarm(fleet, &event).ok()?;
        Some((found.service.label(), found.remedy.name.clone()))
    });
    matched.collect()
}

/// The alarm as its event would name it.
fn event(account: &str, region: &str, alarm: &FoundAlarm) -> AlarmEvent {
    let arn = format!("arn:aws:cloudwatch:{region}:{account}:alarm:{}", alarm.name);
    let (metric, members, composite, threshold) = match &alarm.watches {
        Watched::Metric { metric, threshold, .. } => (Some(watched(metric)), Vec::new(), None, *threshold),
        Watched::Math { metrics } => (None, metrics.iter().map(watched).collect(), None, None),
        Watched::Composite { rule } => (None, Vec::new(), Composite::of_rule(rule, &arn), None),
    };
    AlarmEvent {
        arn,
        doubt: None,
        name: alarm.name.clone(),
        account: account.to_owned(),
        region: region.to_owned(),
        state: AlarmState::Alarm,
        previous: None,
        suppressed_by: None,
        previously_suppressed_by: None,
        at: Timestamp::UNIX_EPOCH,
        message: None,
        again: None,
        reason: None,
        datapoints: Vec::new(),
        threshold,
        metric,
        members,
        composite,
        contributor: None,
        service_tag: None,
        mute: None,
        task: None,
    }
}

fn watched(metric: &FoundMetric) -> WatchedMetric {
    WatchedMetric {
        namespace: metric.namespace.clone(),
        name: metric.name.clone(),
        stat: None,
        period: None,
        dimensions: metric.dimensions.clone(),
        account: None,
    }
}
