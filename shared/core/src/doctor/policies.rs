//! Scaling policies that fight each other, or the fleet file.

use super::examine::Patient;
use super::finding::{Check, Finding};
use crate::fleet::Service;
use crate::fleet::draft::{FoundPolicy, Policy};
use crate::seen::Reading;

const CPU: &str = "ECSServiceAverageCPUUtilization";
const MEMORY: &str = "ECSServiceAverageMemoryUtilization";
const REQUESTS: &str = "ALBRequestCountPerTarget";

pub(super) fn policies(patient: &Patient<'_>) -> Vec<Finding> {
    let check = Check::Policies;
    let mut found = Vec::new();
    for (service, sight) in patient.services() {
        match &sight.policies {
            Reading::Known(policies) => {
                let told = fights(policies).into_iter().chain(differs(service, policies));
                found.extend(told.map(|text| check.warn(format!("{}: {text}", service.label()))));
            }
            Reading::Absent => {}
            other @ (Reading::Unreadable(_) | Reading::Stale { .. }) => {
                found.push(check.unknown(format!("{}: {}", service.label(), other.why())));
            }
        }
    }
    check.of_many(found, format!("{}: no two policies fight, targets are those of the fleet file", patient.count()))
}

/// What a policy tracks, and its target.
fn tracked(policy: &FoundPolicy) -> Option<(&str, f64)> {
    match &policy.does {
        Policy::Tracks { metric, target, .. } | Policy::TracksCustom { metric, target } => Some((metric, *target)),
        Policy::Steps | Policy::Predicts | Policy::Other { .. } => None,
    }
}

fn fights(policies: &[FoundPolicy]) -> Vec<String> {
    let mut told = Vec::new();
    for (n, one) in policies.iter().enumerate() {
        let Some((metric, target)) = tracked(one) else { continue };
        for other in policies.iter().skip(n + 1) {
            if let Some((same, second)) = tracked(other).filter(|(same, _)| *same == metric) {
                let (a, b) = (&one.name, &other.name);
                told.push(format!(
                    "{a} and {b} both track {same}, at {target} and {second}: one adds what the other removes"
                ));
            }
        }
    }
    // "Conflicts between these policies may cause undesirable behavior" (Application Auto Scaling User Guide, target tracking).
    let steps = policies.iter().find(|p| p.does == Policy::Steps);
    let tracks = policies.iter().find(|p| tracked(p).is_some());
    if let (Some(steps), Some(tracks)) = (steps, tracks) {
        let (a, b) = (&steps.name, &tracks.name);
        told.push(format!(
            "step policy {a} beside target tracking {b}: a step may add tasks that tracking removes, and back"
        ));
    }
    told
}

fn differs(service: &Service, policies: &[FoundPolicy]) -> Vec<String> {
    let scaling = &service.scaling;
    let wanted = [(CPU, scaling.cpu), (MEMORY, scaling.memory), (REQUESTS, scaling.requests_per_target)];
    let wanted = wanted.into_iter().filter_map(|(metric, target)| Some((metric, target?)));
    wanted
        .filter_map(|(metric, target)| {
            let found = policies.iter().filter_map(tracked).find(|(tracked, _)| *tracked == metric);
            match found {
                None => Some(format!("the fleet file wants {metric} at {target}, and no policy tracks it")),
                Some((_, other)) if (other - target).abs() > f64::EPSILON => {
                    Some(format!("a policy tracks {metric} at {other}, the fleet file says {target}"))
                }
                Some(_) => None,
            }
        })
        .collect()
}
