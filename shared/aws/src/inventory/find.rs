//! Everything about one cluster, with independent calls side by side.

use futures_util::future::try_join4;
use headroom_core::fleet::draft::{Found, FoundService};

use super::clients::Clients;
use super::place::Place;
use super::progress::Progress;
use super::{alarms, policies, services, targets};
use crate::person::{Failure, runtime};

/// Calls of one kind at a time: within what AWS gives an account, and its other users (AWS_FACTS 1.1).
pub(super) const CALLS_AT_ONCE: usize = 4;

/// Reads services, scalable targets, scaling policies and alarms; changes nothing. Blocks until it is done.
///
/// # Errors
/// Why not, in a sentence for a person.
pub fn find(place: &Place, tell: &dyn Fn(Progress)) -> Result<Found, Failure> {
    runtime()?.block_on(found(place, tell))
}

async fn found(place: &Place, tell: &dyn Fn(Progress)) -> Result<Found, Failure> {
    let clients = Clients::connect(place).await?;
    let listed = services::list(&clients, &place.cluster).await?;
    let Some(account) = listed.first().map(|service| service.account.clone()) else {
        return Err(Failure::NoService { cluster: place.cluster.clone(), region: clients.region });
    };
    let resources: Vec<String> = listed.iter().map(|s| resource_id(&place.cluster, &s.name)).collect();
    let (services, targets, mut policies, alarms) = try_join4(
        services::describe(&clients, &place.cluster, &listed, tell),
        targets::targets(&clients, &resources),
        policies::policies(&clients, &place.cluster, tell),
        alarms::alarms(&clients, tell),
    )
    .await?;
    let scaled = services.into_iter().map(|service| {
        let resource = resource_id(&place.cluster, &service.name);
        let target = targets.get(&resource).copied();
        FoundService { target, policies: policies.remove(&resource).unwrap_or_default(), ..service }
    });
    Ok(Found {
        cluster: place.cluster.clone(),
        account,
        region: clients.region.clone(),
        services: scaled.collect(),
        alarms,
    })
}

fn resource_id(cluster: &str, service: &str) -> String {
    format!("service/{cluster}/{service}")
}
