//! Counters, and what is told once an hour.

use headroom_core::capacity::Kept;
use headroom_core::fleet::{Fleet, Service};
use headroom_core::id::CaseKey;
use headroom_core::notice::{self, About, Notice};
use headroom_core::storm;
use jiff::Timestamp;

use crate::ports::{BudgetAdd, BudgetKey, Keys, PortError, Ports, Retry, Write, Written};

/// Budgets count in UTC hours.
const WINDOW_SECONDS: i64 = 3_600;

/// How often a stopped environment says what stays off its baseline (SEMANTICS 12).
const STOPPED_SECONDS: i64 = 900;

fn window(now: Timestamp, seconds: i64) -> i64 {
    now.as_second().div_euclid(seconds) * seconds
}

/// One change of a service, and of its environment.
pub(crate) fn one_change(fleet: &Fleet, service: &Service, now: Timestamp) -> Vec<BudgetAdd> {
    let limits = &fleet.limits;
    [
        (service.label(), limits.changes_per_hour_service),
        (service.environment.clone(), limits.changes_per_hour_environment),
    ]
    .map(|(scope, limit)| BudgetAdd {
        key: BudgetKey { scope, what: "changes".to_owned(), window: window(now, WINDOW_SECONDS) },
        limit,
    })
    .into()
}

/// Counters of one environment's cases in one minute: several, so that the alarms of a storm do not queue for one item.
const CASE_SHARDS: u64 = 4;

/// The counters that together hold the cases of an environment in this minute.
pub(crate) fn cases_of_minute(environment: &str, now: Timestamp) -> impl Iterator<Item = BudgetKey> {
    (0..CASE_SHARDS).map(move |shard| BudgetKey {
        scope: environment.to_owned(),
        what: format!("cases-{shard}"),
        window: window(now, storm::WINDOW_SECONDS),
    })
}

/// Counts one case, in the shard that its key names.
pub(crate) fn one_case(environment: &str, key: &CaseKey, now: Timestamp) -> Option<BudgetAdd> {
    let shard = key.0.bytes().fold(0_u64, |sum, byte| sum.wrapping_add(u64::from(byte))) % CASE_SHARDS;
    let key = cases_of_minute(environment, now).nth(usize::try_from(shard).ok()?)?;
    Some(BudgetAdd { key, limit: u32::MAX })
}

/// Says once an hour that an environment has a storm of alarms.
pub(crate) async fn tell_storm<P: Ports>(ports: &P, environment: &str, cases: u32, now: Timestamp) {
    let incident = storm::incident(environment, now);
    let decision = CaseKey(incident.clone()).decision();
    // As of the hour: told by several at once, it is the same notice.
    let hour = Timestamp::from_second(window(now, WINDOW_SECONDS)).unwrap_or(now);
    let about = About { incident: &incident, label: environment, decision: &decision, now: hour };
    tell_once(ports, &notice::storm(&about, cases), now).await;
}

/// A counter of one an hour.
pub(crate) fn once(scope: &str, what: &str, now: Timestamp) -> BudgetAdd {
    once_in(WINDOW_SECONDS, scope, what, now)
}

fn once_in(seconds: i64, scope: &str, what: &str, now: Timestamp) -> BudgetAdd {
    let key = BudgetKey { scope: scope.to_owned(), what: format!("told-{what}"), window: window(now, seconds) };
    BudgetAdd { key, limit: 1 }
}

/// Publishes a notice that belongs to no case, at most once an hour. Nothing depends on it: what it tells of
/// stays due, and is told again in the next hour.
pub(crate) async fn tell_once<P: Ports>(ports: &P, notice: &Notice, now: Timestamp) {
    tell_within(ports, notice, once(&notice.service, notice.kind.name(), now)).await;
}

/// Counted only once it is told: a failed publication is tried again in the next minute, at the price of a rare
/// second copy.
async fn tell_within<P: Ports>(ports: &P, notice: &Notice, counter: BudgetAdd) {
    let keys = Keys { budgets: vec![counter.key.clone()], ..Keys::default() };
    match ports.load(&keys).await {
        Ok(loaded) if loaded.used.iter().any(|used| *used >= counter.limit) => return,
        Ok(_) => {}
        Err(error) => tracing::warn!(%error, "cannot read what was told; telling it all the same"),
    }
    if let Err(error) = ports.publish(notice).await {
        let (decision, kind) = (&notice.decision.0, notice.kind.name());
        tracing::error!(%error, decision, kind, "not published; tried again");
        return;
    }
    let write = Write { budgets: vec![counter], ..Write::default() };
    match ports.write(&write).await {
        Ok(Written::Done | Written::Lost(_)) => {}
        Err(error) => tracing::warn!(%error, "told, and not counted"),
    }
}

/// Says what a stopped environment leaves off its baseline.
pub(crate) async fn tell_stopped<P: Ports>(ports: &P, label: &str, kept: &Kept, now: Timestamp) {
    let (base, newest) = (kept.base(), kept.newest());
    if base == newest {
        return;
    }
    let incident = format!("{label}/stopped");
    let decision = CaseKey(incident.clone()).decision();
    let about = About { incident: &incident, label, decision: &decision, now };
    let notice = notice::stopped(&about, base, newest);
    let counter = once_in(STOPPED_SECONDS, label, notice.kind.name(), now);
    tell_within(ports, &notice, counter).await;
}

/// Pages about a call that AWS refuses for good; other failures are tried again in silence.
pub(crate) async fn tell_denied<P: Ports>(ports: &P, label: &str, error: &PortError, now: Timestamp) {
    if error.retry != Retry::Never {
        return;
    }
    let incident = format!("headroom/self/denied/{label}");
    let decision = CaseKey(incident.clone()).decision();
    let about = About { incident: &incident, label, decision: &decision, now };
    tell_once(ports, &notice::denied(&about, &error.to_string()), now).await;
}
