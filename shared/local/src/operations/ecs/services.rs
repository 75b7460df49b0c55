//! Services.

use headroom_simulator::service::Service;

use super::common::{PAGING, cluster, cluster_arn, invalid, service_arn, short};
use crate::operations::call::{Answer, Call};
use crate::place::Place;
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
        return Err(invalid("Too many services."));
    }
    let (mut found, mut failures) = (Vec::new(), Vec::new());
    for name in &names {
        let index = call.service(&cluster, short(name));
        match index.and_then(|i| call.world.read(|all| all.get(i).map(shown))) {
            Some(service) => found.push(service),
            None => {
                let arn = call.place.arn("ecs", &format!("service/{cluster}/{}", short(name)));
                failures.push(Map::new().with("arn", arn).with("reason", "MISSING"));
            }
        }
    }
    Ok(Map::new().with("services", found).with("failures", failures).into())
}

/// ListServices.
pub(super) fn list(call: &mut Call<'_>) -> Answer {
    let cluster = cluster(call)?;
    let arns: Vec<String> = call.world.read(|all| {
        let here = all.iter().filter(|s| call.is_here(s) && s.spec.id.cluster == cluster);
        here.map(|s| service_arn(&s.spec.id)).collect()
    });
    let (page, next) = PAGING.page(call.input, arns)?;
    Ok(Map::new().with("serviceArns", page).with("nextToken", next).into())
}

fn shown(service: &Service) -> Value {
    let id = &service.spec.id;
    let tasks = &service.tasks;
    Map::new()
        .with("serviceArn", service_arn(id))
        .with("serviceName", id.service.as_str())
        .with("clusterArn", cluster_arn(&Place::of(id), &id.cluster))
        .with("status", "ACTIVE")
        .with("desiredCount", tasks.desired)
        .with("runningCount", tasks.running())
        .with("pendingCount", tasks.pending())
        .with("launchType", "FARGATE")
        .into()
}
