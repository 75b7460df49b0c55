//! `raise-max`: a lease that lifts max towards the ceiling, so that Application Auto Scaling may go on.

use super::{lease, money, vcpu};
use crate::capacity::Lease;
use crate::decide::{Decision, Look, Plan, Refusal, Verdict, refuse};
use crate::fleet::When;

/// Max as it would be: `add_max` tasks more, at most the ceiling; where max reached was the event, at most what it
/// proposes within quota and dependencies.
fn raised(look: &Look<'_>) -> Result<u32, Decision> {
    let max = look.target()?.max;
    let raised = max.saturating_add(look.context.remedy.add_max).min(look.context.service.capacity.ceiling);
    Ok(proposed(look).map_or(raised, |proposed| raised.min(proposed)))
}

/// The max that the event proposes.
fn proposed(look: &Look<'_>) -> Option<u32> {
    let newest = look.context.event.datapoints.last().filter(|_| by_event(look))?;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count of tasks, clamped before")]
    Some(newest.clamp(0.0, f64::from(u32::MAX)) as u32)
}

fn by_event(look: &Look<'_>) -> bool {
    matches!(look.context.remedy.when, When::Event { .. })
}

/// Max is what limits the service, and the ceiling leaves room.
pub(crate) fn room(look: &Look<'_>) -> Verdict {
    let (max, desired) = (look.target()?.max, look.service()?.desired);
    let ceiling = look.context.service.capacity.ceiling;
    if desired < max {
        return refuse(Refusal::NotAtMax { desired, max });
    }
    if raised(look)? <= max {
        return refuse(Refusal::NoRoom { need: desired.saturating_add(1), room: ceiling.max(max), desired });
    }
    Ok(format!("desired {desired} of max {max}, ceiling {ceiling}"))
}

pub(super) fn plan(look: &Look<'_>) -> Result<Plan, Decision> {
    let raise = vcpu::clipped(look, raised(look)?)?;
    money::largest(look, raise, |raise| lease::plan(look, |lease| Lease { raise: Some(raise), ..lease }))
}
