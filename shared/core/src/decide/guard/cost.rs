//! The day's limit of cost leaves room for what the remedy adds (SEMANTICS 24): read here, so that a spent one costs no
//! write; counted in the transaction.

use crate::capacity::to_usd;
use crate::decide::{Look, Refusal, Verdict, refuse};
use crate::remedy::{self, money::Committed};

pub(super) fn check(look: &Look<'_>) -> Verdict {
    let context = look.context;
    if context.fleet.limits.added_cost_per_day_usd.is_none() {
        return Ok("no limit of cost".to_owned());
    }
    if context.service.task.is_none() {
        return Ok("not counted: the fleet file names no task size".to_owned());
    }
    let plan = remedy::plan(look)?;
    let Some(committed) = plan.grant().map(|grant| Committed::of(look, grant)).transpose()?.flatten() else {
        return Ok("adds nothing".to_owned());
    };
    let (spent, limit) = committed.today();
    if committed.fits() {
        Ok(format!("{:.2} USD/h, today {spent:.2} of {limit:.2} USD", committed.usd_hour))
    } else {
        refuse(Refusal::CostLimit { usd: to_usd(committed.amount), spent, limit })
    }
}
