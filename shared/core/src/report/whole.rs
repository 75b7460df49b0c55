//! The whole of it, from entries.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::Serialize;

use super::alarms::AlarmWakesNothing;
use super::at_max::{AtMax, at_max};
use super::claim::{Claim, claims, hours};
use super::line::{Did, Line};
use super::quiet::Quiet;
use crate::decide::Decision;
use crate::entry::{Entry, RECONCILE, Status};
use crate::history::{Line as Listed, Outcome};
use crate::notice::Severity;
use crate::price;

/// What was done, or would have been, between two times.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    /// From.
    pub since: Timestamp,
    /// To.
    pub until: Timestamp,
    /// Journal entries read.
    pub entries: usize,
    /// Whether there are older entries than were read: the counts are then too low.
    pub older: bool,
    /// By service and remedy, in the order of their names.
    pub lines: Vec<Line>,
    /// All lines together. Where leases of one service overlap, the larger counts.
    pub total: Total,
    /// Refusals by reason, as docs/refusals.md names them; those of deployments that were not taken back, as
    /// docs/rollback.md names them, with `not rolled back: ` before them.
    pub refusals: BTreeMap<String, u32>,
    /// Waits by reason.
    pub waits: BTreeMap<String, u32>,
    /// Services that were at their max, and for how long.
    pub at_max: Vec<AtMax>,
    /// Where the prices come from.
    pub prices: &'static str,
    /// Remedies of the fleet file that nothing woke; absent when no fleet file was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quiet: Option<Vec<Quiet>>,
    /// Alarms that wake nothing; absent when they were not read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alarms: Option<Vec<AlarmWakesNothing>>,
}

/// All lines together.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Total {
    /// What came of all cases.
    #[serde(flatten)]
    pub did: Did,
    /// Task-hours over the baseline that leases held.
    pub task_hours: f64,
    /// What they cost at list prices, in USD, of the services whose task size is known.
    pub usd: f64,
    /// Task-hours of what would have been done.
    pub would_task_hours: f64,
    /// What that would have cost, in USD, of the services whose task size is known.
    pub would_usd: f64,
    /// Services whose task size is not known, so that their cost is in no sum.
    pub without_price: Vec<String>,
    /// Notices that woke people.
    pub pages: u32,
}

/// Reports on entries between two times; those of other times are passed over, but leases are known from them.
#[must_use]
pub fn report(entries: &[Entry], older: bool, since: Timestamp, until: Timestamp) -> Report {
    let mut sorted: Vec<&Entry> = entries.iter().filter(|e| e.at >= since && e.at <= until).collect();
    sorted.sort_by(|a, b| (a.at, &a.key).cmp(&(b.at, &b.key)));
    let cases: Vec<(&Entry, Outcome)> =
        sorted.iter().filter(|e| is_case(e)).map(|e| (*e, Listed::of(e).outcome)).collect();
    let claims = claims(&sorted, until);
    let prices = prices(&sorted);
    let mut lines: BTreeMap<(&str, &str), Line> = BTreeMap::new();
    for (entry, outcome) in &cases {
        let line = lines.entry((&entry.label, &entry.remedy)).or_insert_with(|| empty(entry));
        line.mode = entry.mode;
        line.did.count(entry, *outcome);
        line.pages += pages(entry);
    }
    let mut lines: Vec<Line> = lines.into_values().collect();
    for line in &mut lines {
        let own = |granted: bool| {
            hours(
                claims.iter().filter(|c| c.service == line.service && c.remedy == line.remedy && c.granted == granted),
            )
        };
        (line.task_hours, line.would_task_hours) = (own(true), own(false));
        let price = prices.get(line.service.as_str());
        line.usd = price.map(|p| p * line.task_hours);
        line.would_usd = price.map(|p| p * line.would_task_hours);
    }
    let total = total(&lines, &claims, &prices, &sorted);
    Report {
        since,
        until,
        entries: sorted.len(),
        older,
        lines,
        total,
        refusals: refusals(&cases),
        waits: reasons(&cases, |decision| match decision {
            Decision::Wait { why, .. } => Some(why.name()),
            Decision::Refuse(_) | Decision::Act(_) => None,
        }),
        at_max: at_max(&sorted, since, until),
        prices: if sorted.iter().any(|e| e.rule.as_ref().is_some_and(|rule| rule.own_prices)) {
            price::OWN
        } else {
            price::SOURCE
        },
        quiet: None,
        alarms: None,
    }
}

/// The case of an event or of a watched deployment; not the reconciler's, no episode, not one that was judged again.
fn is_case(entry: &Entry) -> bool {
    entry.remedy != RECONCILE && entry.episode.is_none() && !matches!(entry.status, Status::Resumed | Status::Noted)
}

fn empty(entry: &Entry) -> Line {
    Line {
        service: entry.label.clone(),
        remedy: entry.remedy.clone(),
        mode: entry.mode,
        did: Did::default(),
        task_hours: 0.0,
        usd: None,
        would_task_hours: 0.0,
        would_usd: None,
        pages: 0,
    }
}

/// Notices of an entry that woke people, or will when the outbox is published.
fn pages(entry: &Entry) -> u32 {
    let told = entry.told.iter().map(|told| told.severity);
    let waiting = entry.outbox.iter().map(|notice| notice.severity);
    u32::try_from(told.chain(waiting).filter(|s| *s == Severity::Page).count()).unwrap_or(u32::MAX)
}

/// USD for an hour of one task of a service, as its newest entry says.
fn prices<'a>(entries: &[&'a Entry]) -> BTreeMap<&'a str, f64> {
    entries.iter().filter_map(|e| Some((e.label.as_str(), e.rule.as_ref()?.usd_task_hour?))).collect()
}

fn total(lines: &[Line], claims: &[Claim], prices: &BTreeMap<&str, f64>, entries: &[&Entry]) -> Total {
    let services: BTreeSet<&str> = claims.iter().map(|c| c.service.as_str()).collect();
    let of =
        |service: &str, granted: bool| hours(claims.iter().filter(|c| c.service == service && c.granted == granted));
    let hours = |granted| services.iter().map(|s| of(s, granted)).sum::<f64>();
    let usd = |granted| services.iter().filter_map(|s| Some(prices.get(s)? * of(s, granted))).sum::<f64>();
    Total {
        did: lines.iter().fold(Did::default(), |sum, line| sum.and(line.did)),
        task_hours: hours(true),
        usd: usd(true),
        would_task_hours: hours(false),
        would_usd: usd(false),
        without_price: services.iter().filter(|s| !prices.contains_key(*s)).map(|s| (*s).to_owned()).collect(),
        // The reconciler pages, too: a lease at its hard end, bounds that stay off.
        pages: entries.iter().map(|e| pages(e)).sum(),
    }
}

/// A watch is refused by the reasons that people were told of, each once, however often it was looked at.
fn refusals(cases: &[(&Entry, Outcome)]) -> BTreeMap<String, u32> {
    let mut counts = reasons(cases, |decision| match decision {
        Decision::Refuse(why) => Some(why.name()),
        Decision::Wait { .. } | Decision::Act(_) => None,
    });
    let watches = cases.iter().filter_map(|(entry, _)| entry.watch.as_ref());
    for why in watches.flat_map(|watch| &watch.told) {
        *counts.entry(format!("not rolled back: {why}")).or_default() += 1;
    }
    counts
}

fn reasons(cases: &[(&Entry, Outcome)], name: impl Fn(&Decision) -> Option<&'static str>) -> BTreeMap<String, u32> {
    let mut counts: BTreeMap<String, u32> = BTreeMap::new();
    for (entry, _) in cases {
        if let Some(name) = entry.judgement.as_ref().and_then(|judgement| name(&judgement.decision)) {
            *counts.entry(name.to_owned()).or_default() += 1;
        }
    }
    counts
}
