//! Names and members that all operations share.

use headroom_simulator::deploy::Config;
use headroom_simulator::ecs::EcsError;
use headroom_simulator::service::Service;

use crate::failure::Failure;
use crate::operations::call::Call;
use crate::operations::page::Paging;
use crate::place::Place;
use crate::value::Map;

/// A cluster that nobody names.
const DEFAULT_CLUSTER: &str = "default";

/// Pages of the service's lists.
pub(super) const PAGING: Paging = Paging {
    size: "maxResults",
    token: "nextToken",
    usual: 10,
    most: 100,
    bad_token: "InvalidParameterException",
    bad_size: "InvalidParameterException",
};

/// InvalidParameterException.
pub(super) fn invalid(message: impl Into<String>) -> Failure {
    Failure::sender("InvalidParameterException", message)
}

/// A missing member.
pub(super) fn missing(name: &str) -> Failure {
    invalid(format!("{name} cannot be empty."))
}

/// What the world refused.
pub(super) fn refused(error: &EcsError) -> Failure {
    Failure::sender(error.code(), error.to_string())
}

/// The name behind an ARN or a name: what follows its last slash.
pub(super) fn short(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or(name)
}

/// The cluster that a request names.
pub(super) fn cluster(call: &Call<'_>) -> Result<String, Failure> {
    let name = call.input.text("cluster")?;
    let name = name.as_deref().map_or(DEFAULT_CLUSTER, short).to_owned();
    let there = call.world.read(|all| all.iter().any(|s| call.is_here(s) && s.spec.id.cluster == name));
    if there { Ok(name) } else { Err(Failure::sender("ClusterNotFoundException", "Cluster not found.")) }
}

/// The service that a request names, with its cluster; a deleted one is not found.
pub(super) fn service(call: &Call<'_>) -> Result<usize, Failure> {
    let cluster = cluster(call)?;
    let name = call.input.required("service", missing)?.into_owned();
    let index = call.service(&cluster, short(&name)).filter(|index| !is_deleted(call, *index));
    index.ok_or_else(|| Failure::sender("ServiceNotFoundException", "Service not found."))
}

/// Whether a service was deleted.
pub(super) fn is_deleted(call: &Call<'_>, index: usize) -> bool {
    call.world.read(|all| all.get(index).is_some_and(|s| call.store.deleted.contains(&s.spec.id)))
}

/// ARN of a cluster.
pub(super) fn cluster_arn(place: &Place, cluster: &str) -> String {
    place.arn("ecs", &format!("cluster/{cluster}"))
}

/// What a list of names could not find, as a good answer says it.
pub(super) fn absent(arn: String) -> Map {
    Map::new().with("arn", arn).with("reason", "MISSING")
}

/// The one container of a service's tasks.
pub(super) fn container(service: &Service) -> &str {
    &service.spec.id.service
}

/// The name of a cluster that need not be there yet.
pub(super) fn cluster_name(call: &Call<'_>) -> Result<String, Failure> {
    let name = call.input.text("cluster")?;
    Ok(name.as_deref().map_or(DEFAULT_CLUSTER, short).to_owned())
}

/// A service's deployment configuration.
pub(super) fn config_of(call: &Call<'_>, index: usize) -> Config {
    call.world.read(|all| all.get(index).map(|s| s.deploys.config.clone())).unwrap_or_default()
}
