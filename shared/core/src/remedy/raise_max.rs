//! `raise-max`: a lease that lifts max towards the ceiling, so that Application Auto Scaling may go on.

use super::{lease, money, vcpu};
use crate::at_max::{Bound, Proposed};
use crate::capacity::Lease;
use crate::decide::{Decision, Look, Plan, Refusal, Verdict, refuse, unseen};
use crate::fleet::When;

/// Max as it would be: `add_max` tasks more, at most the ceiling. Where max reached was the event, what was found and
/// proposed within everything that bounds it.
fn raised(look: &Look<'_>) -> Result<u32, Decision> {
    if by_event(look) {
        return Ok(proposed(look)?.to);
    }
    let max = look.target()?.max;
    Ok(max.saturating_add(look.context.remedy.add_max).min(look.context.service.capacity.ceiling))
}

/// What was found at max. A case that is judged where nobody reads that is not decided on an old number.
fn proposed<'a>(look: &Look<'a>) -> Result<&'a Proposed, Decision> {
    look.seen()?.at_max.as_deref().ok_or_else(|| unseen("what its policies ask for", "not read"))
}

fn by_event(look: &Look<'_>) -> bool {
    matches!(look.context.remedy.when, When::Event { .. })
}

/// Max is what limits the service, more is asked for, and what bounds it leaves room.
pub(crate) fn room(look: &Look<'_>) -> Verdict {
    let (max, desired) = (look.target()?.max, look.service()?.desired);
    let ceiling = look.context.service.capacity.ceiling;
    if desired < max {
        return refuse(Refusal::NotAtMax { desired, max });
    }
    if by_event(look) {
        return room_asked_for(look, proposed(look)?, max, desired);
    }
    if raised(look)? <= max {
        let (need, room) = (desired.saturating_add(1), ceiling.max(max));
        return refuse(Refusal::NoRoom { need, room, desired, by: None });
    }
    Ok(format!("desired {desired} of max {max}, ceiling {ceiling}"))
}

fn room_asked_for(look: &Look<'_>, proposed: &Proposed, max: u32, desired: u32) -> Verdict {
    let Proposed { need, to, .. } = *proposed;
    if need <= max {
        return refuse(Refusal::AlreadyComing { need, desired });
    }
    let of_quota = |bound: &&Bound| matches!(bound, Bound::Quota { .. });
    let only_quota = proposed.in_the_way().all(|bound| of_quota(&bound));
    // A spent quota is the next guard's to refuse, in its own words.
    if to <= max && !(only_quota && vcpu::most(look)?.is_some_and(|most| most <= desired)) {
        let by: Vec<String> = proposed.in_the_way().map(Bound::to_string).collect();
        return refuse(Refusal::NoRoom { need, room: to.max(max), desired, by: Some(by.join(" and ")) });
    }
    Ok(format!("desired {desired} of max {max}, {need} asked for, room for {to}"))
}

pub(super) fn plan(look: &Look<'_>) -> Result<Plan, Decision> {
    let raise = vcpu::clipped(look, raised(look)?)?;
    money::largest(look, raise, |raise| lease::plan(look, |lease| Lease { raise: Some(raise), ..lease }))
}
