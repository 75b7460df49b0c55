//! What bounds a raise of one service.

use futures_util::future::try_join_all;
use headroom_core::at_max::{
    CapacityQuestion, CapacitySeen, Downstream, Episode, Found, Limits, Proposed, Topic, found, propose,
};
use headroom_core::fleet::{Connections, Dependency, Fleet, Service};
use headroom_core::id::ServiceId;
use headroom_core::seen::Reading;

use super::look::Scene;
use super::ports::Capacities;
use crate::ports::{Clock, Journal, Keys, PortError};

/// What can be proposed by this look; `None` where nobody knows what is asked for.
pub(super) fn proposed(scene: Scene<'_>, seen: &CapacitySeen, found: &Found) -> Option<Proposed> {
    Some(propose(found.max, found.running, found.asks()?, &limits(scene, seen)))
}

/// The same, read anew for a person's yes; `None` where it cannot be read.
///
/// # Errors
/// A port failed.
pub(crate) async fn proposed_anew<P: Clock + Journal + Capacities>(
    ports: &P,
    fleet: &Fleet,
    service: &Service,
    id: &ServiceId,
) -> Result<Option<Proposed>, PortError> {
    let scene = Scene { fleet, service, id };
    let seen = ports.capacity(&question(scene, false)).await?.counted();
    let seen = with_granted(ports, scene, seen).await?;
    let open = open(ports, id).await?;
    Ok(found(&seen, open.as_deref(), ports.now()).and_then(|found| proposed(scene, &seen, &found)))
}

/// The counts of the services beside it as leases already allow them: what was granted to one is not proposed to another
/// while its tasks are on their way.
pub(super) async fn with_granted<P: Journal>(
    ports: &P,
    scene: Scene<'_>,
    mut seen: CapacitySeen,
) -> Result<CapacitySeen, PortError> {
    let beside = beside(scene);
    let keys: Vec<Keys> = beside.iter().map(|id| Keys { service: Some(id.clone()), ..Keys::default() }).collect();
    let read = try_join_all(keys.iter().map(|keys| ports.load(keys))).await?;
    for (id, loaded) in beside.iter().zip(read) {
        let leases = loaded.state.service.leases;
        let granted =
            leases.values().filter(|lease| lease.live()).filter_map(|lease| lease.raise.max(lease.floor)).max();
        if let (Some(granted), Some(Reading::Known(tasks))) = (granted, seen.beside.get_mut(&id.resource_id())) {
            *tasks = granted.max(*tasks);
        }
    }
    Ok(seen)
}

/// The episode at max that is open, with what its looks remember.
async fn open<P: Journal>(ports: &P, id: &ServiceId) -> Result<Option<Box<Episode>>, PortError> {
    let state = ports.load(&Keys { service: Some(id.clone()), ..Keys::default() }).await?.state;
    let Some(key) = state.service.episodes.get(&Topic::AtMax) else { return Ok(None) };
    let loaded = ports.load(&Keys { case: Some(key.clone()), ..Keys::default() }).await?;
    Ok(loaded.entry.and_then(|(entry, _)| entry.episode))
}

/// What must be seen of a service closely.
pub(super) fn question(scene: Scene<'_>, fortnight: bool) -> CapacityQuestion {
    CapacityQuestion {
        service: scene.id.clone(),
        target_group: scene.service.target_group.clone(),
        fortnight,
        beside: beside(scene),
    }
}

/// Ceiling, the remedy's `add_max`, quota, and the connections that its dependencies take.
fn limits(scene: Scene<'_>, seen: &CapacitySeen) -> Limits {
    Limits {
        ceiling: scene.service.capacity.ceiling,
        add_max: scene.remedy().map(|remedy| remedy.add_max),
        vcpu: scene.service.task.map(|task| task.vcpu),
        quota: seen.quota.clone(),
        downstream: counted(scene)
            .map(|(dependency, connections)| downstream(scene, dependency, connections, seen))
            .collect(),
    }
}

/// The other services of the environment that share a dependency which counts connections.
fn beside(scene: Scene<'_>) -> Vec<ServiceId> {
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
