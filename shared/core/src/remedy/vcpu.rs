//! How many tasks of a service the account's vCPU quota carries.

use crate::decide::{Decision, Look};

/// The highest number of tasks; `None` where the quota or the size of a task is not known.
pub(crate) fn most(look: &Look<'_>) -> Result<Option<u32>, Decision> {
    let (Some(task), Some(quota)) = (&look.context.service.task, look.seen()?.quota.known()) else { return Ok(None) };
    Ok(Some(quota.carries(look.service()?.running, task.vcpu)))
}

/// So many tasks, or as many as the quota carries. Where it carries none more, the guard before the plan has refused.
pub(super) fn clipped(look: &Look<'_>, tasks: u32) -> Result<u32, Decision> {
    let desired = look.service()?.desired;
    Ok(most(look)?.filter(|most| *most > desired).map_or(tasks, |most| tasks.min(most)))
}
