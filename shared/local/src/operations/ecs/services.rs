//! Services, looked at.

use super::common::{PAGING, absent, cluster, cluster_arn, invalid, is_deleted, short};
use super::shape;
use crate::operations::call::{Answer, Call};
use crate::value::{Map, Value};

/// DescribeServices takes no more (AWS_FACTS 1.1).
const A_CALL: usize = 10;

/// DescribeServices: unknown names are failures of a good answer (AWS_FACTS 1.1).
pub(super) fn describe(call: &mut Call<'_>) -> Answer {
    let cluster = cluster(call)?;
    let names = call.input.texts("services")?;
    if names.is_empty() {
        return Err(invalid("Services cannot be empty."));
    }
    if names.len() > A_CALL {
        return Err(invalid("Too many services: at most 10."));
    }
    let (mut found, mut failures) = (Vec::new(), Vec::new());
    for name in &names {
        let index = call.service(&cluster, short(name));
        match index.and_then(|i| call.world.read(|all| all.get(i).map(|s| shape::service(call, s)))) {
            Some(service) => found.push(service),
            None => failures.push(absent(call.place.arn("ecs", &format!("service/{cluster}/{}", short(name))))),
        }
    }
    Ok(Map::new().with("services", found).with("failures", failures).into())
}

/// ListServices.
pub(super) fn list(call: &mut Call<'_>) -> Answer {
    let cluster = cluster(call)?;
    let arns: Vec<String> = call.world.read(|all| {
        let here = all.iter().enumerate().filter(|(_, s)| call.is_here(s) && s.spec.id.cluster == cluster);
        here.filter(|(index, _)| !is_deleted(call, *index)).map(|(_, s)| s.arn()).collect()
    });
    let (page, next) = PAGING.page(call.input, arns)?;
    Ok(Map::new().with("serviceArns", page).with("nextToken", next).into())
}

/// DescribeClusters: there is a cluster where a service names one.
pub(super) fn clusters(call: &mut Call<'_>) -> Answer {
    let mut names = call.input.texts("clusters")?;
    if names.is_empty() {
        names.push("default".to_owned());
    }
    let (mut found, mut failures) = (Vec::new(), Vec::new());
    for name in names.iter().map(|name| short(name)) {
        match shown(call, name) {
            Some(cluster) => found.push(cluster),
            None => failures.push(absent(cluster_arn(call.place, name))),
        }
    }
    Ok(Map::new().with("clusters", found).with("failures", failures).into())
}

fn shown(call: &Call<'_>, name: &str) -> Option<Value> {
    let counted = call.world.read(|all| {
        let here = all.iter().enumerate().filter(|(_, s)| call.is_here(s) && s.spec.id.cluster == name);
        let counts = here.map(|(index, s)| {
            let starting = s.tasks.list().len() as u32 - s.tasks.running().min(s.tasks.list().len() as u32);
            (u32::from(!is_deleted(call, index)), s.tasks.running(), starting)
        });
        counts.reduce(|a, b| (a.0 + b.0, a.1 + b.1, a.2 + b.2))
    });
    let (services, running, pending) = counted?;
    let cluster = Map::new()
        .with("clusterArn", cluster_arn(call.place, name))
        .with("clusterName", name)
        .with("status", "ACTIVE")
        .with("registeredContainerInstancesCount", 0_u32)
        .with("runningTasksCount", running)
        .with("pendingTasksCount", pending)
        .with("activeServicesCount", services)
        .with("statistics", Vec::<Value>::new())
        .with("tags", Vec::<Value>::new())
        .with("settings", Vec::<Value>::new())
        .with("capacityProviders", vec!["FARGATE"])
        .with("defaultCapacityProviderStrategy", Vec::<Value>::new());
    Some(cluster.into())
}
