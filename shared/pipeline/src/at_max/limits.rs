//! What bounds a raise of one service.

use headroom_core::at_max::{CapacitySeen, Downstream, Limits};
use headroom_core::fleet::{Connections, Dependency, Service};
use headroom_core::id::ServiceId;
use headroom_core::seen::Reading;

use super::look::Scene;

/// Ceiling, quota, and the connections that its dependencies take.
pub(super) fn limits(scene: Scene<'_>, seen: &CapacitySeen) -> Limits {
    Limits {
        ceiling: scene.service.capacity.ceiling,
        vcpu: scene.service.task.map(|task| task.vcpu),
        quota: seen.quota.clone(),
        downstream: counted(scene)
            .map(|(dependency, connections)| downstream(scene, dependency, connections, seen))
            .collect(),
    }
}

/// The other services of the environment that share a dependency which counts connections.
pub(super) fn beside(scene: Scene<'_>) -> Vec<ServiceId> {
    let names: Vec<&str> = counted(scene).map(|(dependency, _)| dependency.name.as_str()).collect();
    others(scene)
        .filter(|s| s.depends_on.iter().any(|name| names.contains(&name.as_str())))
        .map(ServiceId::of)
        .collect()
}

fn counted<'f>(scene: Scene<'f>) -> impl Iterator<Item = (&'f Dependency, Connections)> {
    scene.fleet.dependencies_of(scene.service).filter_map(|dependency| Some((dependency, dependency.connections?)))
}

fn others<'f>(scene: Scene<'f>) -> impl Iterator<Item = &'f Service> {
    let own = scene.service;
    scene.fleet.services.iter().filter(move |s| s.environment == own.environment && s.name != own.name)
}

fn downstream(scene: Scene<'_>, dependency: &Dependency, connections: Connections, seen: &CapacitySeen) -> Downstream {
    let Connections { per_task, max } = connections;
    let mut used = 0_u32;
    let mut unread = None;
    for service in others(scene).filter(|s| s.depends_on.contains(&dependency.name)) {
        match seen.beside.get(&service.resource_id()).map(|tasks| (tasks.known(), tasks)) {
            Some((Some(tasks), _)) => used = used.saturating_add(tasks.saturating_mul(per_task)),
            Some((None, why)) => unread = Some(format!("{}: {}", service.label(), why.why())),
            None => unread = Some(format!("{}: not read", service.label())),
        }
    }
    let others = unread.map_or(Reading::Known(used), Reading::Unreadable);
    Downstream { name: dependency.name.clone(), per_task, max, others }
}
