//! The incident that the notices of a case belong to: service, source and first firing time (SEMANTICS 28). In a storm
//! it is the storm's, so that people have one thread and not fifty.

use crate::decide::Context;
use crate::storm;

pub(super) fn of(context: &Context<'_>) -> String {
    let Context { service, remedy, event, cases, came: (came, beside), now, .. } = *context;
    if beside > storm::CASES_MAX {
        return storm::incident(&service.environment, came);
    }
    if cases > storm::CASES_MAX {
        return storm::incident(&service.environment, now);
    }
    format!("{}/{}/{}@{:.0}", service.label(), remedy.name, event.name, event.at)
}
