//! What services tell their tasks about starting and ending.

use std::collections::BTreeMap;

use aws_sdk_ecs::types::Service;
use headroom_core::doctor::TaskSight;
use headroom_core::fleet::draft::TargetGroup;
use headroom_core::seen::Reading;
use headroom_core::time::Seconds;

use super::dated::Dated;
use super::look::{DEFINITION, SERVICES};
use crate::inventory::Clients;
use crate::person::Failure;

/// DescribeServices takes no more.
const A_CALL: usize = 10;
/// `stopTimeout` of a container that names none (Amazon ECS API reference, ContainerDefinition).
const STOP_TIMEOUT: i32 = 30;

/// Services of one cluster, by name; what is not among them is not there.
pub(super) async fn services(
    clients: &Clients,
    cluster: &str,
    names: &[&str],
    dated: &Dated,
) -> Result<BTreeMap<String, Service>, Failure> {
    let mut found = BTreeMap::new();
    for batch in names.chunks(A_CALL) {
        let names = batch.iter().map(|name| (*name).to_owned()).collect();
        let call = clients.ecs.describe_services().cluster(cluster).set_services(Some(names));
        let answer = call.customize().interceptor(dated.clone()).send().await;
        let answer = answer.map_err(|error| clients.failed(SERVICES, &error))?;
        found
            .extend(answer.services.unwrap_or_default().into_iter().filter_map(|s| Some((s.service_name.clone()?, s))));
    }
    Ok(found)
}

/// The least `stopTimeout` of the containers of a task definition.
pub(super) async fn stop_timeout(clients: &Clients, definition: &str) -> Result<Seconds, Failure> {
    let answer = clients.ecs.describe_task_definition().task_definition(definition).send().await;
    let answer = answer.map_err(|error| clients.failed(DEFINITION, &error))?;
    let containers = answer.task_definition().map(|d| d.container_definitions()).unwrap_or_default();
    let least = containers.iter().map(|c| c.stop_timeout().unwrap_or(STOP_TIMEOUT)).min();
    let least = least.and_then(|seconds| u32::try_from(seconds).ok());
    least.map(Seconds).ok_or_else(|| Failure::unusable(DEFINITION, "a task definition without containers"))
}

/// What one service says.
pub(super) fn sight(service: &Service, stop_timeout: Reading<Seconds>) -> TaskSight {
    let groups = service.load_balancers().iter().filter_map(|b| TargetGroup::from_arn(b.target_group_arn()?));
    let grace = service.health_check_grace_period_seconds().and_then(|seconds| u32::try_from(seconds).ok());
    TaskSight {
        target_groups: groups.map(|group| group.name).collect(),
        grace: grace.map_or(Reading::Absent, |seconds| Reading::Known(Seconds(seconds))),
        stop_timeout,
    }
}
