//! What added tasks cost today: a counter of the fleet in one UTC day.
//!
//! One counter for all environments: it is one sum that people limit, and the limits of changes keep the transactions on
//! it few. A table is of one account and Region, and so is the sum.

use headroom_core::capacity::{Added, ServiceState, cost, of_usd, task_seconds};
use headroom_core::fleet::{Fleet, Service};
use jiff::Timestamp;

use crate::ports::{BudgetAdd, BudgetKey};
use crate::told::{DAY_SECONDS, window};

const COST: &str = "cost";

/// The day's counter, where the fleet file limits cost.
pub(crate) fn cost_of_day(fleet: &Fleet, now: Timestamp) -> Option<BudgetKey> {
    fleet.limits.added_cost_per_day_usd?;
    Some(BudgetKey { scope: fleet.fleet.clone(), what: COST.to_owned(), window: window(now, DAY_SECONDS) })
}

/// Whether a counter is one of cost.
pub(crate) fn is_cost(budget: &BudgetAdd) -> bool {
    budget.key.what == COST
}

/// Charges what the leases of a state commit from now on, and remembers in it what is paid for.
///
/// What grows stops at the limit. What only goes on is counted past it where `past` says so: tasks that carry load are
/// never taken away for money, their lease's hard end ends them.
pub(crate) fn charge(
    fleet: &Fleet,
    service: &Service,
    next: &mut ServiceState,
    now: Timestamp,
    past: bool,
) -> Option<BudgetAdd> {
    let (Some(key), Some(task)) = (cost_of_day(fleet, now), &service.task) else {
        next.paid = None;
        return None;
    };
    let added =
        next.kept.as_ref().and_then(|kept| Added::of(kept.base(), service.capacity.ceiling, next.leases.values(), now));
    let amount = cost(task, task_seconds(next.paid, added, now));
    next.paid = added;
    let limit = if past { u32::MAX } else { of_usd(fleet.limits.added_cost_per_day_usd?) };
    (amount > 0).then_some(BudgetAdd { key, amount, limit })
}
