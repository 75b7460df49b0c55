//! Services, changed.

use headroom_core::id::ServiceId;
use headroom_simulator::deploy::Config;
use headroom_simulator::ecs::Update;
use headroom_simulator::outside::NewService;

use super::common::{cluster_name, config_of, invalid, missing, refused, service, short};
use super::{config, shape};
use crate::failure::Failure;
use crate::operations::call::{Answer, Call};
use crate::value::{Map, Value};

/// UpdateService: the desired count or the deployment configuration alone begin no deployment; the task definition
/// and `forceNewDeployment` do (AWS_FACTS 1.1).
pub(super) fn update(call: &mut Call<'_>) -> Answer {
    let index = service(call)?;
    let before = config_of(call, index);
    let update = Update {
        desired: call.input.count("desiredCount")?,
        task_definition: call.input.text("taskDefinition")?.map(|name| short(&name).to_owned()),
        force: call.input.flag("forceNewDeployment")?.unwrap_or(false),
        config: call.input.map("deploymentConfiguration")?.map(|map| config::read(map, &before)).transpose()?,
    };
    call.world.update_service(index, update).map_err(|e| refused(&e))?;
    Ok(shown(call, index))
}

/// CreateService: on Fargate, in a cluster of this world or a new one, without load until it is set. Its first tasks
/// are a deployment.
pub(super) fn create(call: &mut Call<'_>) -> Answer {
    let name = call.input.required("serviceName", missing)?.into_owned();
    let definition = call.input.required("taskDefinition", missing)?.into_owned();
    let (definition, _) = call
        .world
        .task_definition(short(&definition))
        .ok_or_else(|| Failure::sender("ClientException", "Unable to describe task definition."))?;
    let desired = call.input.count("desiredCount")?.ok_or_else(|| missing("desiredCount"))?;
    let config = call.input.map("deploymentConfiguration")?;
    let config = config.map(|map| config::read(map, &Config::default())).transpose()?.unwrap_or_default();
    let id = ServiceId {
        account: call.place.account.clone(),
        region: call.place.region.clone(),
        cluster: cluster_name(call)?,
        service: name.clone(),
    };
    let revived = call.store.deleted.contains(&id);
    let index = match call.world.index_of(&id) {
        Some(_) if !revived => return Err(invalid("Creation of service was not idempotent.")),
        Some(index) => index,
        None => {
            let (vcpu, memory_mib) = call.store.size_of(&definition);
            let target_group = target_group(call.input)?.unwrap_or_else(|| name.clone());
            let made = call.world.add_service(NewService { id: id.clone(), target_group, vcpu, memory_mib });
            made.map_err(|e| Failure::sender("ClientException", e))?
        }
    };
    let update =
        Update { desired: Some(desired), task_definition: Some(definition), force: true, config: Some(config) };
    call.world.update_service(index, update).map_err(|e| refused(&e))?;
    call.store.deleted.remove(&id);
    Ok(shown(call, index))
}

/// The name in `targetgroup/name/id`.
fn target_group(input: &Map) -> Result<Option<String>, Failure> {
    let Some(first) = input.maps("loadBalancers")?.into_iter().next() else { return Ok(None) };
    let arn = first.text("targetGroupArn")?;
    Ok(arn.and_then(|arn| arn.split('/').nth(1).map(str::to_owned)))
}

/// DeleteService: drains what is left; a service that still wants tasks needs `force`.
pub(super) fn delete(call: &mut Call<'_>) -> Answer {
    let index = service(call)?;
    let desired = call.world.read(|all| all.get(index).map_or(0, |s| s.tasks.desired));
    if desired > 0 && call.input.flag("force")? != Some(true) {
        return Err(invalid("The service cannot be stopped while it is scaled above 0."));
    }
    let update = Update { desired: Some(0), ..Update::default() };
    call.world.update_service(index, update).map_err(|e| refused(&e))?;
    if let Some(id) = call.world.read(|all| all.get(index).map(|s| s.spec.id.clone())) {
        call.store.deleted.insert(id);
    }
    Ok(shown(call, index))
}

fn shown(call: &Call<'_>, index: usize) -> Value {
    let service = call.world.read(|all| all.get(index).map(|s| shape::service(call, s)));
    Map::new().with("service", service).into()
}
