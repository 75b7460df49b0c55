//! The hour's limits leave room (SEMANTICS 24): read here, so that a spent one costs no write; counted in the
//! transaction.

use crate::decide::{Look, Refusal, Verdict, refuse};

pub(super) fn check(look: &Look<'_>) -> Verdict {
    let context = look.context;
    let (limits, used) = (&context.fleet.limits, context.used);
    let (of_service, of_environment) = (limits.changes_per_hour_service, limits.changes_per_hour_environment);
    for (scope, used, limit) in
        [(context.service.label(), used.0, of_service), (context.service.environment.clone(), used.1, of_environment)]
    {
        if used >= limit {
            return refuse(Refusal::LimitReached { scope, used, limit });
        }
    }
    Ok(format!("service {} of {of_service}, environment {} of {of_environment} this hour", used.0, used.1))
}
