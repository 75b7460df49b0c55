//! What every remedy that adds capacity shares: its lease.

use super::incident;
use super::load::{self, metric_of};
use crate::capacity::{Bounds, Grant, Lease, Overridden, repeated};
use crate::decide::{Context, Decision, Look, Plan, source_of};
use crate::fleet::{Metric, Sizing};
use crate::schedule::Proof;
use crate::seen::LoadQuestion;
use crate::time::{Seconds, after, elapsed};

/// A source that fires again this soon after its release keeps its next lease twice as long (SEMANTICS A).
const FIRES_AGAIN: Seconds = Seconds(3_600);

/// Grants a lease that claims what `claims` sets in it; a living one of the same source is renewed.
pub(super) fn plan(look: &Look<'_>, claims: impl FnOnce(Lease) -> Lease) -> Result<Plan, Decision> {
    let Context { remedy, state, now, service, .. } = *look.context;
    let target = look.target()?;
    let new = claims(empty(look.context));
    let lease = match state.service.leases.get(&new.source).filter(|l| l.live()) {
        Some(old) => repeated(old, new),
        None => new,
    };
    Ok(Plan::Lease(Box::new(Grant {
        lease,
        cooldown_until: after(now, remedy.cooldown),
        expected: Bounds::of(&target),
        base_min: state.service.kept.as_ref().map_or(target.min, |k| k.min.base),
        environment: service.environment.clone(),
        ceiling: service.capacity.ceiling,
    })))
}

/// A lease that claims nothing yet.
fn empty(context: &Context<'_>) -> Lease {
    let Context { remedy, event, key, state, now, .. } = *context;
    let source = source_of(&remedy.name, event);
    let old = state.service.leases.get(&source);
    let again = old.and_then(|l| l.ended).is_some_and(|(at, _)| elapsed(at, now) < FIRES_AGAIN);
    let patience = if again { 2 } else { 1 };
    let until = after(now, remedy.lease.times(patience));
    Lease {
        source,
        remedy: remedy.name.clone(),
        case: key.clone(),
        incident: incident::of(context),
        floor: None,
        raise: None,
        hold: false,
        gives_back_desired: remedy.gives_back_desired,
        floor_highest: 0,
        granted: now,
        renew_at: after(now, remedy.cooldown).min(until),
        until,
        hard_end: after(now, remedy.hard_end),
        as_of: event.at.min(now),
        low_since: None,
        low_datapoint: None,
        patience,
        metric: metric_of(remedy).unwrap_or(Metric::Cpu),
        sizing: remedy.sizing.unwrap_or(Sizing::Add { tasks: 1 }),
        load: load::question(context).unwrap_or(LoadQuestion::none()),
        alarm: event.name.clone(),
        overridden: Overridden::default(),
        put_back: false,
        told_long: false,
        contributor_fires: event.contributor.is_some().then_some(true),
        window: None,
        proof: Proof::default(),
        forecast: None,
        targets: None,
        operator: None,
        ended: None,
    }
}
