//! Scaling activities.

use headroom_simulator::scaling::{Activity, NotScaledReason};
use headroom_simulator::service::Service;

use super::common::{DIMENSION, NAMESPACE, PAGING, by_id, dimension, namespace};
use crate::operations::call::{Answer, Call};
use crate::value::{Map, Value};

/// DescribeScalingActivities, newest first; those that scaled nothing only for who asks (AWS_FACTS 2.7).
pub(super) fn describe(call: &mut Call<'_>) -> Answer {
    namespace(call.input)?;
    dimension(call.input)?;
    let id = call.input.text("ResourceId")?;
    if let Some(id) = &id {
        by_id(call, id)?;
    }
    let all_of_them = call.input.flag("IncludeNotScaledActivities")? == Some(true);
    let mut found: Vec<(i64, Value)> = call.world.read(|all| {
        let here = all.iter().filter(|s| call.is_here(s));
        let here = here.filter(|s| id.as_ref().is_none_or(|id| s.spec.id.resource_id() == *id));
        let activities = here.flat_map(|s| s.target.activities.iter().rev().map(move |a| (s, a)));
        let asked = activities.filter(|(_, a)| all_of_them || a.not_scaled().is_none());
        asked.map(|(s, a)| (a.at, shown(call, s, a))).collect()
    });
    // Stable: those of one service in one second keep their order.
    found.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
    let (page, next) = PAGING.page(call.input, found.into_iter().map(|(_, activity)| activity).collect())?;
    Ok(Map::new().with("ScalingActivities", page).with("NextToken", next).into())
}

fn shown(call: &Call<'_>, service: &Service, activity: &Activity) -> Value {
    let id = service.spec.id.resource_id();
    let reason = |reason: NotScaledReason| {
        let map = Map::new()
            .with("Code", reason.code.to_string())
            .with("MaxCapacity", reason.max)
            .with("MinCapacity", reason.min)
            .with("CurrentCapacity", reason.current);
        vec![map]
    };
    Map::new()
        .with("ActivityId", activity.id(&id))
        .with("ServiceNamespace", NAMESPACE)
        .with("ResourceId", id)
        .with("ScalableDimension", DIMENSION)
        .with("Description", activity.description())
        .with("Cause", activity.cause_text())
        .with("StartTime", call.time(activity.at))
        .with("EndTime", activity.ended.map(|at| call.time(at)))
        .with("StatusCode", activity.status.name())
        .with("StatusMessage", activity.status_message())
        .with("NotScaledReasons", activity.not_scaled().map(reason))
        .into()
}
