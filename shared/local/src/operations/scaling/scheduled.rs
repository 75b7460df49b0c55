//! Scheduled actions.

use headroom_simulator::scaling::{PutScheduled, Scheduled};
use headroom_simulator::service::Service;

use super::common::{DIMENSION, NAMESPACE, PAGING, by_id, dimension, missing, namespace, of, refused, registered};
use crate::failure::Failure;
use crate::operations::call::{Answer, Call};
use crate::value::{Map, Value};

/// PutScheduledAction: an update without StartTime or EndTime deletes the old values (AWS_FACTS 2.5).
pub(super) fn put(call: &mut Call<'_>) -> Answer {
    let index = registered(call)?.0;
    let action = call.input.map("ScalableTargetAction")?;
    let action = action.map(|a| Ok::<_, Failure>((a.count("MinCapacity")?, a.count("MaxCapacity")?))).transpose()?;
    let second = |name| call.input.time(name).map(|at| at.map(|at| at.floor() as i64));
    let put = PutScheduled {
        name: call.input.required("ScheduledActionName", missing)?.into_owned(),
        schedule: call.input.text("Schedule")?.map(|text| text.into_owned()),
        zone: call.input.text("Timezone")?.map(|text| text.into_owned()),
        start: second("StartTime")?,
        end: second("EndTime")?,
        action,
    };
    let done = call.world.change(index, |service, _, now| service.target.put_scheduled(put, now));
    done.unwrap_or(Ok(())).map_err(|e| refused(&e))?;
    Ok(Map::new().into())
}

/// DescribeScheduledActions.
pub(super) fn describe(call: &mut Call<'_>) -> Answer {
    namespace(call.input)?;
    dimension(call.input)?;
    let names = call.input.texts("ScheduledActionNames")?;
    let id = call.input.text("ResourceId")?;
    if let Some(id) = &id {
        by_id(call, id)?;
    }
    let found: Vec<Value> = call.world.read(|all| {
        let here = all.iter().filter(|s| call.is_here(s) && s.target.is_registered());
        let here = here.filter(|s| id.as_ref().is_none_or(|id| s.spec.id.resource_id() == *id));
        let actions = here.flat_map(|s| s.target.scheduled.iter().map(move |a| (s, a)));
        actions.filter(|(_, a)| names.is_empty() || names.contains(&a.name)).map(|(s, a)| shown(call, s, a)).collect()
    });
    let (page, next) = PAGING.page(call.input, found)?;
    Ok(Map::new().with("ScheduledActions", page).with("NextToken", next).into())
}

fn shown(call: &Call<'_>, service: &Service, action: &Scheduled) -> Value {
    let id = service.spec.id.resource_id();
    let arn = service.arn_of(
        "autoscaling",
        &format!(
            "scheduledAction:{}:resource/{NAMESPACE}/{id}:scheduledActionName/{}",
            super::common::uuid(&format!("{id}/{}", action.name)),
            action.name
        ),
    );
    Map::new()
        .with("ScheduledActionName", action.name.as_str())
        .with("ScheduledActionARN", arn)
        .with("ServiceNamespace", NAMESPACE)
        .with("Schedule", action.schedule.text())
        .with("Timezone", action.schedule.zone())
        .with("ResourceId", id)
        .with("ScalableDimension", DIMENSION)
        .with("StartTime", action.start.map(Value::second))
        .with("EndTime", action.end.map(Value::second))
        .with("ScalableTargetAction", Map::new().with("MinCapacity", action.min).with("MaxCapacity", action.max))
        .with("CreationTime", call.time(action.created))
        .into()
}

/// DeleteScheduledAction.
pub(super) fn delete(call: &mut Call<'_>) -> Answer {
    let name = call.input.required("ScheduledActionName", missing)?.into_owned();
    let (index, id) = registered(call)?;
    let done = call.world.change(index, |service, _, _| service.target.delete_scheduled(&name));
    let words = format!("No scheduled action found for {}, scheduled action name: {name}", of(&id));
    done.unwrap_or(Ok(())).map_err(|e| Failure { message: words, ..refused(&e) })?;
    Ok(Map::new().into())
}
