//! The account's Fargate quota carries what the remedy adds.
//!
//! A quota that cannot be read refuses nothing, and says so: a task that finds no place waits in ECS and harms nobody,
//! while capacity that is refused for want of a metric leaves a burning service alone.

use crate::decide::{Look, Refusal, Verdict, refuse};
use crate::remedy::vcpu;

pub(super) fn check(look: &Look<'_>) -> Verdict {
    let Some(task) = &look.context.service.task else {
        return Ok("not looked at: the fleet file names no task size".to_owned());
    };
    let seen = look.seen()?;
    let Some(quota) = seen.quota.known() else {
        return Ok(format!("unknown, so it stops nothing: vCPU quota {}", seen.quota.why()));
    };
    let (used, limit, vcpu) = (quota.used, quota.limit, task.vcpu);
    match vcpu::most(look)? {
        Some(most) if most <= look.service()?.desired => refuse(Refusal::VcpuQuota { used, limit, vcpu }),
        Some(_) | None => Ok(format!("{} vCPU free in the quota: {} tasks of {vcpu}", quota.free(), quota.fits(vcpu))),
    }
}
