//! Quotas, scalable targets and bounds.

use super::examine::Patient;
use super::finding::{Check, Finding};
use crate::seen::Reading;

/// Beyond it a scale-out of a few tasks may find nothing free.
const QUOTA_USED_PERCENT: f64 = 80.0;

pub(super) fn quotas(patient: &Patient<'_>) -> Vec<Finding> {
    let check = Check::Quotas;
    let quota = match check.read("Fargate vCPU", &patient.sight.quota) {
        Ok(quota) => quota,
        Err(unknown) => return vec![unknown],
    };
    let sized = patient.services().filter_map(|(s, _)| Some((s.task.as_ref()?.vcpu, f64::from(s.capacity.ceiling))));
    let ceilings: f64 = sized.map(|(vcpu, ceiling)| vcpu * ceiling).sum();
    let words = format!("Fargate vCPU: {:.0} of {:.0} used", quota.used, quota.limit);
    let raise = "ask for more in Service Quotas, \"Fargate On-Demand vCPU resource count\"";
    let mut wrong = Vec::new();
    if quota.used >= quota.limit * QUOTA_USED_PERCENT / 100.0 {
        wrong.push(check.warn(format!("{words}, over {QUOTA_USED_PERCENT:.0} %: {raise}")));
    }
    if ceilings > quota.limit {
        wrong.push(
            check.warn(format!("every ceiling of this environment at once needs {ceilings:.0} vCPU; {words}: {raise}")),
        );
    }
    check.of_many(wrong, words)
}

pub(super) fn targets(patient: &Patient<'_>) -> Vec<Finding> {
    let check = Check::Targets;
    let found = patient.services().filter_map(|(service, sight)| match &sight.target {
        _ if sight.tasks == Reading::Absent => Some(check.bad(format!(
            "{}: cluster {} has no service {}: its name in the fleet file is wrong, or it was deleted",
            service.label(),
            service.cluster,
            service.service
        ))),
        Reading::Known(_) => None,
        // min = max is how the fleet file says that nothing scales.
        Reading::Absent if service.capacity.min == service.capacity.max => None,
        Reading::Absent => Some(check.warn(format!(
            "{}: no scalable target; Auto Scaling never scales it, and leases set its desired count",
            service.label()
        ))),
        other @ (Reading::Unreadable(_) | Reading::Stale { .. }) => {
            Some(check.unknown(format!("{}: {}", service.label(), other.why())))
        }
    });
    check.of_many(found.collect(), format!("{}: each that scales has a scalable target", patient.count()))
}

pub(super) fn bounds(patient: &Patient<'_>) -> Vec<Finding> {
    let check = Check::Bounds;
    let found = patient.services().filter_map(|(service, sight)| {
        let label = service.label();
        let target = match &sight.target {
            Reading::Known(target) => target,
            Reading::Absent => return None,
            other @ (Reading::Unreadable(_) | Reading::Stale { .. }) => {
                return Some(check.unknown(format!("{label}: {}", other.why())));
            }
        };
        let state = match check.read(&label, &sight.state) {
            Ok(state) => state,
            Err(unknown) => return Some(unknown),
        };
        let file = (service.capacity.min, service.capacity.max);
        let (base, what) = match &state.kept {
            Some(kept) => ((kept.min.base, kept.max.base), "baseline"),
            None => ((target.min, target.max), "found"),
        };
        (base != file).then(|| {
            let (env, name) = (&service.environment, &service.name);
            check.warn(format!(
                "{label}: {what} {}..{}, the fleet file says {}..{}: headroom baseline show {env} {name}",
                base.0, base.1, file.0, file.1
            ))
        })
    });
    check.of_many(found.collect(), format!("{}: bounds at rest are those of the fleet file", patient.count()))
}
