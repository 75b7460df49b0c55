//! `scale-out`: a floor lease under min, sized by the metric (SEMANTICS 23).

use super::load::load;
use super::size::{Arithmetic, carried_by, ratio};
use super::{lease, money, vcpu};
use crate::capacity::Lease;
use crate::decide::{Decision, Look, Plan, Refusal, Verdict, refuse};
use crate::fleet::Sizing;

/// How many tasks, and how that was found.
#[derive(Debug, Clone, Copy)]
struct Size {
    /// Tasks that carry the load.
    need: u32,
    /// The lowest of max and ceiling.
    room: u32,
    /// The floor to grant: the need within `add_max` and room.
    floor: u32,
}

/// How the need was computed, for a ratio.
pub(crate) fn need(look: &Look<'_>) -> Option<Arithmetic> {
    let Some(Sizing::Ratio { target }) = look.context.remedy.sizing else { return None };
    let load = load(look).ok()?;
    match carried_by(&load, look.service().ok()?) {
        0 => None,
        carried => Some(ratio(carried, load.value, target)),
    }
}

fn size(look: &Look<'_>) -> Result<Size, Decision> {
    let (remedy, config) = (look.context.remedy, look.context.service);
    let (service, target) = (look.service()?, look.target()?);
    let desired = service.desired;
    let need = match remedy.sizing {
        Some(Sizing::Ratio { .. }) => {
            load(look)?;
            match (need(look), remedy.wake) {
                (Some(need), _) => need.tasks,
                (None, Some(wake)) if desired == 0 => wake,
                (None, _) => return Err(Decision::Refuse(Refusal::NothingRuns)),
            }
        }
        // Switched off, with a min of 0 (SEMANTICS 27): an alarm that fires for want of data starts nothing, unless
        // the remedy is there to wake the service.
        Some(Sizing::Add { .. }) if desired == 0 => remedy.wake.ok_or(Decision::Refuse(Refusal::NothingRuns))?,
        Some(Sizing::Add { tasks }) => desired.saturating_add(tasks),
        None => return Err(Decision::Refuse(Refusal::NoSize)),
    };
    let room = target.max.min(config.capacity.ceiling.max(target.min));
    let most = desired.saturating_add(remedy.add_max.max(remedy.wake.filter(|_| desired == 0).unwrap_or(0)));
    Ok(Size { need, room, floor: need.min(most).min(room) })
}

/// Whether the need is more than what is coming, and the bounds leave room for some of it (SEMANTICS C).
pub(crate) fn room(look: &Look<'_>) -> Verdict {
    let Size { need, room, floor } = size(look)?;
    let desired = look.service()?.desired;
    if need <= desired {
        return refuse(Refusal::AlreadyComing { need, desired });
    }
    if floor <= desired {
        return refuse(Refusal::NoRoom { need, room, desired, by: None });
    }
    Ok(format!("max {}, ceiling {}", look.target()?.max, look.context.service.capacity.ceiling))
}

pub(super) fn plan(look: &Look<'_>) -> Result<Plan, Decision> {
    let floor = vcpu::clipped(look, size(look)?.floor)?;
    money::largest(look, floor, |floor| {
        lease::plan(look, |lease| Lease { floor: Some(floor), floor_highest: floor, ..lease })
    })
}
