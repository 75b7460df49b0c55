//! Words that both forms of a report share.

use std::collections::BTreeMap;

use super::alarms::AlarmWakesNothing;
use super::at_max::AtMax;
use super::line::Did;
use super::quiet::Quiet;
use super::whole::{Report, Total};

/// As many names as a sentence carries.
const NAMES_MAX: usize = 5;

/// The counts of a line: did, would, waits, refused, failed, helped.
pub(super) fn counts(did: &Did) -> [String; 6] {
    let judged = did.helped + did.did_not_help;
    let helped = if judged == 0 { "-".to_owned() } else { format!("{} of {judged}", did.helped) };
    let of = |n: u32| n.to_string();
    [of(did.acted), of(did.would_act), of(did.waiting), of(did.refused), of(did.failed), helped]
}

/// Task-hours with their cost.
pub(super) fn hours(hours: f64, usd: Option<f64>) -> [String; 2] {
    if hours == 0.0 {
        return ["-".to_owned(), "-".to_owned()];
    }
    [format!("{hours:.1}"), usd.map_or_else(|| "unknown".to_owned(), |usd| format!("{usd:.2}"))]
}

/// What was added, in a sentence.
pub(super) fn added(report: &Report) -> String {
    let Total { task_hours, usd, would_task_hours, would_usd, without_price, .. } = &report.total;
    let mut text = format!(
        "{task_hours:.1} task-hours over the baseline, {usd:.2} USD; would have been {would_task_hours:.1} more, \
         {would_usd:.2} USD, with each case held for one lease ({})",
        report.prices
    );
    if !without_price.is_empty() {
        text.push_str(&format!("; without a price, for `task` is not in the fleet file: {}", names(without_price)));
    }
    text
}

/// `147 minutes: prod-eu/web 120 in 2 episodes, prod-eu/web-iso 27 in one`.
pub(super) fn at_max(found: &[AtMax]) -> String {
    if found.is_empty() {
        return "no service, as far as anybody looked".to_owned();
    }
    let one = |of: &AtMax| {
        let episodes = if of.episodes == 1 { "one episode".to_owned() } else { format!("{} episodes", of.episodes) };
        format!("{} {} in {episodes}", of.service, of.minutes)
    };
    let minutes: u64 = found.iter().map(|of| u64::from(of.minutes)).sum();
    let mut longest: Vec<&AtMax> = found.iter().collect();
    longest.sort_by(|a, b| b.minutes.cmp(&a.minutes).then(a.service.cmp(&b.service)));
    format!("{minutes} minutes: {}", names(&longest.into_iter().map(one).collect::<Vec<_>>()))
}

/// `cooldown 2, stale-event 1`.
pub(super) fn reasons(counts: &BTreeMap<String, u32>) -> String {
    let mut sorted: Vec<(&String, &u32)> = counts.iter().collect();
    sorted.sort_by(|a, b| b.1.cmp(a.1).then(a.0.cmp(b.0)));
    let parts: Vec<String> = sorted.into_iter().map(|(name, n)| format!("{name} {n}")).collect();
    if parts.is_empty() { "none".to_owned() } else { parts.join(", ") }
}

/// `cpu-high: 12 services`, or their names when they are few.
pub(super) fn quiet(quiet: &Quiet) -> String {
    format!("{}: {}", quiet.remedy, names(&quiet.services))
}

/// Alarms that wake nothing: those of a service each, the others counted.
pub(super) fn alarms(alarms: &[AlarmWakesNothing]) -> Vec<String> {
    let (strange, own): (Vec<_>, Vec<_>) = alarms.iter().partition(|alarm| alarm.why == "no-service");
    let mut lines: Vec<String> = own.iter().map(|alarm| format!("{}: {}", alarm.alarm, alarm.text)).collect();
    if !strange.is_empty() {
        let list: Vec<String> = strange.iter().map(|alarm| alarm.alarm.clone()).collect();
        lines.push(format!("{} of no service of the fleet: {}", list.len(), names(&list)));
    }
    if lines.is_empty() {
        lines.push("none: every alarm wakes a remedy".to_owned());
    }
    lines
}

fn names(list: &[String]) -> String {
    let more = list.len().saturating_sub(NAMES_MAX);
    let shown = list.iter().take(NAMES_MAX).cloned().collect::<Vec<_>>().join(", ");
    if more == 0 { shown } else { format!("{shown} and {more} more") }
}
