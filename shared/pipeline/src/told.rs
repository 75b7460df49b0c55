//! Counters, and what is told once an hour.

use headroom_core::capacity::{Kept, Lease, ServiceState};
use headroom_core::fleet::{Fleet, Service};
use headroom_core::id::CaseKey;
use headroom_core::notice::{self, About, Notice};
use headroom_core::schedule::is_late;
use jiff::Timestamp;

use crate::ports::{BudgetAdd, BudgetKey, Keys, PortError, Ports, Retry, Write, Written};

/// Budgets count in UTC hours.
pub(crate) const WINDOW_SECONDS: i64 = 3_600;

/// How often a stopped environment says what stays off its baseline (SEMANTICS 12).
const STOPPED_SECONDS: i64 = 900;

pub(crate) fn window(now: Timestamp, seconds: i64) -> i64 {
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
        amount: 1,
        limit,
    })
    .into()
}

/// One floor of the clock for a service. It counts by itself: what people planned must not spend what alarms need, nor
/// the other way round, and how many there are in an environment the fleet file says.
pub(crate) fn one_grant(fleet: &Fleet, service: &Service, now: Timestamp) -> BudgetAdd {
    let key = BudgetKey { scope: service.label(), what: SCHEDULED.to_owned(), window: window(now, WINDOW_SECONDS) };
    BudgetAdd { key, amount: 1, limit: fleet.limits.changes_per_hour_service }
}

/// What the floors of the clock count under.
const SCHEDULED: &str = "scheduled";

/// Whether a limit is that of the clock's floors.
pub(crate) fn is_scheduled(budget: &BudgetAdd) -> bool {
    budget.key.what == SCHEDULED
}

/// Rollbacks, and what would have been done, count in UTC days.
pub(crate) const DAY_SECONDS: i64 = 86_400;

/// One rollback of a service, and of its environment.
pub(crate) fn one_rollback(fleet: &Fleet, service: &Service, now: Timestamp) -> Vec<BudgetAdd> {
    let limits = &fleet.limits;
    [
        (service.label(), limits.rollbacks_per_day_service),
        (service.environment.clone(), limits.rollbacks_per_day_environment),
    ]
    .map(|(scope, limit)| BudgetAdd {
        key: BudgetKey { scope, what: "rollbacks".to_owned(), window: window(now, DAY_SECONDS) },
        amount: 1,
        limit,
    })
    .into()
}

/// A counter of one an hour.
pub(crate) fn once(scope: &str, what: &str, now: Timestamp) -> BudgetAdd {
    once_in(WINDOW_SECONDS, scope, what, now)
}

/// A counter of one a UTC day.
pub(crate) fn once_a_day(scope: &str, what: &str, now: Timestamp) -> BudgetAdd {
    once_in(DAY_SECONDS, scope, what, now)
}

fn once_in(seconds: i64, scope: &str, what: &str, now: Timestamp) -> BudgetAdd {
    let key = BudgetKey { scope: scope.to_owned(), what: format!("told-{what}"), window: window(now, seconds) };
    BudgetAdd { key, amount: 1, limit: 1 }
}

/// Publishes a notice that belongs to no case, at most once an hour. Nothing depends on it: what it tells of
/// stays due, and is told again in the next hour.
pub(crate) async fn tell_once<P: Ports>(ports: &P, notice: &Notice, now: Timestamp) {
    tell_within(ports, notice, once(&notice.service, notice.kind.name(), now)).await;
}

/// Counted only once it is told: a failed publication is tried again in the next minute, at the price of a rare
/// second copy.
pub(crate) async fn tell_within<P: Ports>(ports: &P, notice: &Notice, counter: BudgetAdd) {
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

/// Says that nobody can tell whether the tasks of an open window are there: unknown is neither short nor whole.
pub(crate) async fn tell_unproved<P: Ports>(ports: &P, label: &str, state: &ServiceState, why: &str, now: Timestamp) {
    let open = state.live().find(|lease| lease.window.is_some_and(|window| window.is_open(now)));
    if let Some(notice) = open.and_then(|lease| notice::unproved(label, lease, why, now)) {
        tell_once(ports, &notice, now).await;
    }
}

/// Says that nobody can tell whether the targets of an open window are healthy. Not in its first minutes: a balancer's
/// metric comes two minutes late.
pub(crate) async fn tell_targets<P: Ports>(ports: &P, label: &str, state: &ServiceState, why: &str, now: Timestamp) {
    let late = |lease: &&Lease| lease.window.is_some_and(|window| window.is_open(now) && is_late(window, now));
    let open = state.live().filter(|lease| lease.targets.is_some()).find(late);
    if let Some(notice) = open.and_then(|lease| notice::targets_unknown(label, lease, why, now)) {
        tell_once(ports, &notice, now).await;
    }
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
