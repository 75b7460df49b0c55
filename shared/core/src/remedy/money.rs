//! What a grant commits of today's money.

use crate::capacity::{Added, Bounds, Grant, cost, of_usd, task_seconds, to_usd, with};
use crate::decide::{Decision, Look, Plan};
use crate::price;

/// A grant against the day's limit, in units of [`crate::capacity::cost`].
#[derive(Debug, Clone, Copy)]
pub(crate) struct Committed {
    /// What it adds to the day.
    pub(crate) amount: u32,
    /// What the day holds.
    pub(crate) spent: u32,
    /// The limit.
    pub(crate) limit: u32,
    /// USD for an hour of all that leases of the service add.
    pub(crate) usd_hour: f64,
}

impl Committed {
    /// Of a grant; `None` where no cost is limited, or the file names no task size.
    pub(crate) fn of(look: &Look<'_>, grant: &Grant) -> Result<Option<Self>, Decision> {
        let context = look.context;
        let (Some(usd), Some(task)) = (context.fleet.limits.added_cost_per_day_usd, &context.service.task) else {
            return Ok(None);
        };
        let (state, now) = (&context.state.service, context.now);
        let base = state.kept.as_ref().map_or(Bounds::of(&look.target()?), |kept| kept.base());
        let added = Added::of(base, grant.ceiling, with(&state.leases, &grant.lease), now);
        Ok(Some(Self {
            amount: cost(task, task_seconds(state.paid, added, now)),
            spent: context.spent,
            limit: of_usd(usd),
            usd_hour: price::task_hour(task) * added.map_or(0.0, |added| f64::from(added.tasks)),
        }))
    }

    /// Whether the limit allows it.
    pub(crate) fn fits(self) -> bool {
        self.spent.saturating_add(self.amount) <= self.limit
    }

    /// USD of the day so far, and of the limit.
    pub(crate) fn today(self) -> (f64, f64) {
        (to_usd(self.spent), to_usd(self.limit))
    }
}

/// The plan for as many tasks as today's money allows, `most` at most. Where it allows none, the guard before the plan
/// has refused.
pub(super) fn largest(
    look: &Look<'_>,
    most: u32,
    plan: impl Fn(u32) -> Result<Plan, Decision>,
) -> Result<Plan, Decision> {
    let whole = plan(most)?;
    if fits(look, &whole)? {
        return Ok(whole);
    }
    for fewer in (look.service()?.desired.saturating_add(1)..most).rev() {
        let plan = plan(fewer)?;
        if fits(look, &plan)? {
            return Ok(plan);
        }
    }
    Ok(whole)
}

fn fits(look: &Look<'_>, plan: &Plan) -> Result<bool, Decision> {
    let Some(grant) = plan.grant() else { return Ok(true) };
    Ok(Committed::of(look, grant)?.is_none_or(Committed::fits))
}
