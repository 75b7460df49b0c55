//! Scalable targets.

use headroom_core::seen::Suspended;
use headroom_simulator::scaling::Register;
use headroom_simulator::service::Service;

use super::common::{
    DIMENSION, NAMESPACE, PAGING, by_id, dimension, namespace, refused, registered, resource, role, target_arn,
    validation,
};
use crate::operations::call::{Answer, Call};
use crate::value::{Map, Value};

/// RegisterScalableTarget: what is omitted stays, and the desired count is forced into the bounds (AWS_FACTS 2.1).
pub(super) fn register(call: &mut Call<'_>) -> Answer {
    let (index, _) = resource(call)?;
    let state = call.input.map("SuspendedState")?;
    let before = call.world.read(|all| all.get(index).map(|s| s.target.suspended)).unwrap_or_default();
    let suspended = state.map(|state| suspended(state, before)).transpose()?;
    let register = Register { min: call.input.count("MinCapacity")?, max: call.input.count("MaxCapacity")?, suspended };
    let done = call.world.change(index, |service, account, now| {
        let set = service.target.register(register, service.tasks.desired, now)?;
        if let Some(desired) = set {
            service.want(desired, now, account);
        }
        Ok(())
    });
    done.unwrap_or(Ok(())).map_err(|e| refused(&e))?;
    let arn = call.world.read(|all| all.get(index).map(target_arn));
    Ok(Map::new().with("ScalableTargetARN", arn).into())
}

/// Members of SuspendedState that are omitted keep what they were (our assumption; AWS documents only that the whole
/// structure may be omitted).
fn suspended(state: &Map, before: Suspended) -> Result<Suspended, crate::failure::Failure> {
    Ok(Suspended {
        scale_in: state.flag("DynamicScalingInSuspended")?.unwrap_or(before.scale_in),
        scale_out: state.flag("DynamicScalingOutSuspended")?.unwrap_or(before.scale_out),
        scheduled: state.flag("ScheduledScalingSuspended")?.unwrap_or(before.scheduled),
    })
}

/// DeregisterScalableTarget: policies and scheduled actions go with it (AWS_FACTS 2.1).
pub(super) fn deregister(call: &mut Call<'_>) -> Answer {
    let index = registered(call)?.0;
    call.world.deregister(index).unwrap_or(Ok(())).map_err(|e| refused(&e))?;
    Ok(Map::new().into())
}

/// DescribeScalableTargets.
pub(super) fn describe(call: &mut Call<'_>) -> Answer {
    namespace(call.input)?;
    dimension(call.input)?;
    let ids = call.input.texts("ResourceIds")?;
    if ids.len() > PAGING.most {
        return Err(validation(format!("ResourceIds must have at most {} members", PAGING.most)));
    }
    for id in &ids {
        by_id(call, id)?;
    }
    let found = call.world.read(|all| {
        let here = all.iter().filter(|s| call.is_here(s) && s.target.is_registered());
        here.filter(|s| ids.is_empty() || ids.contains(&s.spec.id.resource_id())).map(|s| shown(call, s)).collect()
    });
    let (page, next) = PAGING.page(call.input, found)?;
    Ok(Map::new().with("ScalableTargets", page).with("NextToken", next).into())
}

fn shown(call: &Call<'_>, service: &Service) -> Value {
    let target = &service.target;
    let suspended = Map::new()
        .with("DynamicScalingInSuspended", target.suspended.scale_in)
        .with("DynamicScalingOutSuspended", target.suspended.scale_out)
        .with("ScheduledScalingSuspended", target.suspended.scheduled);
    Map::new()
        .with("ServiceNamespace", NAMESPACE)
        .with("ResourceId", service.spec.id.resource_id())
        .with("ScalableDimension", DIMENSION)
        .with("MinCapacity", target.min)
        .with("MaxCapacity", target.max)
        .with("RoleARN", role(service))
        .with("CreationTime", call.time(call.started))
        .with("SuspendedState", suspended)
        .with("ScalableTargetARN", target_arn(service))
        .into()
}
