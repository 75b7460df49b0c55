//! Where a service belongs: the fleet's environment, or its account, region and cluster.

use std::collections::BTreeMap;

use headroom_core::fleet::{Fleet, Service};
use headroom_core::id::ServiceId;
use headroom_simulator::view::ServiceView;

/// A place with its services, by their index in the world.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    /// `prod-eu`, or the cluster.
    pub(super) name: String,
    /// `act`; empty without a fleet.
    pub(super) mode: String,
    /// Account.
    pub(super) account: String,
    /// Region.
    pub(super) region: String,
    /// Its services, in the fleet's order.
    pub(super) services: Vec<usize>,
}

/// The fleet's services by their identity.
pub(super) fn by_id(fleet: Option<&Fleet>) -> BTreeMap<ServiceId, &Service> {
    fleet.map(|f| f.services.iter().map(|s| (ServiceId::of(s), s)).collect()).unwrap_or_default()
}

/// What people call a service: `prod-eu/web`, or cluster and name.
pub(super) fn label(id: &ServiceId, known: &BTreeMap<ServiceId, &Service>) -> String {
    known.get(id).map_or_else(|| format!("{}/{}", id.cluster, id.service), |s| s.label())
}

/// Places in the order of the fleet file, then those that it does not know, in the order in which they came.
pub(super) fn places(fleet: Option<&Fleet>, services: &[ServiceView]) -> Vec<Place> {
    let known = by_id(fleet);
    let mut places: Vec<Place> = Vec::new();
    for environment in fleet.map(|f| f.environments.as_slice()).unwrap_or_default() {
        places.push(Place {
            name: environment.name.clone(),
            mode: environment.mode.to_string(),
            account: environment.account.clone(),
            region: environment.region.clone(),
            services: Vec::new(),
        });
    }
    let mut others: BTreeMap<(&str, &str, &str), usize> = BTreeMap::new();
    for (index, service) in services.iter().enumerate() {
        let id = &service.id;
        let at = match known.get(id).and_then(|s| places.iter().position(|p| p.name == s.environment)) {
            Some(at) => at,
            None => *others.entry((&id.account, &id.region, &id.cluster)).or_insert_with(|| {
                places.push(Place {
                    name: id.cluster.clone(),
                    mode: String::new(),
                    account: id.account.clone(),
                    region: id.region.clone(),
                    services: Vec::new(),
                });
                places.len() - 1
            }),
        };
        if let Some(place) = places.get_mut(at) {
            place.services.push(index);
        }
    }
    places.retain(|p| !p.services.is_empty());
    places
}
