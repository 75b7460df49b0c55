//! Names and members that all operations share.

use headroom_core::id::ServiceId;

use crate::failure::Failure;
use crate::operations::call::Call;
use crate::operations::page::Paging;
use crate::place::Place;

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

/// ARN of a cluster.
pub(super) fn cluster_arn(place: &Place, cluster: &str) -> String {
    place.arn("ecs", &format!("cluster/{cluster}"))
}

/// ARN of a service.
pub(super) fn service_arn(id: &ServiceId) -> String {
    Place::of(id).arn("ecs", &id.resource_id())
}
