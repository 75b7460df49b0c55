//! Alarms, looked at and changed.

use headroom_core::signal::AlarmState;
use headroom_simulator::cloudwatch::{AlarmFilter, AlarmKind};

use super::alarm_shape;
use super::common::{missing, place, refused, validation};
use crate::failure::Failure;
use crate::operations::call::{Answer, Call};
use crate::value::{Map, Value};

/// DeleteAlarms, Enable- and DisableAlarmActions, DescribeAlarms take no more names (API reference).
const NAMES_MAX: usize = 100;

fn state(name: &str) -> Result<AlarmState, Failure> {
    AlarmState::from_name(name)
        .ok_or_else(|| validation(format!("StateValue {name}: expected OK, ALARM or INSUFFICIENT_DATA.")))
}

fn names(call: &Call<'_>) -> Result<Vec<String>, Failure> {
    let names = call.input.texts("AlarmNames")?;
    if names.len() > NAMES_MAX {
        return Err(validation(format!("AlarmNames must have at most {NAMES_MAX} members.")));
    }
    Ok(names)
}

/// DescribeAlarms: without AlarmTypes metric alarms only (AWS_FACTS 1.1).
pub(super) fn describe(call: &mut Call<'_>) -> Answer {
    let input = call.input;
    let text = |name| input.text(name).map(|text| text.map(|text| text.into_owned()));
    let types = input.texts("AlarmTypes")?;
    let filter = AlarmFilter {
        names: names(call)?,
        prefix: text("AlarmNamePrefix")?,
        composite: types.iter().any(|t| t == "CompositeAlarm"),
        metric: types.is_empty() || types.iter().any(|t| t == "MetricAlarm"),
        state: text("StateValue")?.map(|name| state(&name)).transpose()?,
        action_prefix: text("ActionPrefix")?,
        children_of: text("ChildrenOfAlarmName")?,
        parents_of: text("ParentsOfAlarmName")?,
        max_records: input.count("MaxRecords")?.map(|n| n as usize),
        next_token: text("NextToken")?,
    };
    let described = call.world.describe_alarms(&place(call), &filter).map_err(|e| refused(&e))?;
    let (metric, composite): (Vec<_>, Vec<_>) =
        described.alarms.iter().partition(|alarm| matches!(alarm.kind, AlarmKind::Metric(_)));
    let shown = |alarms: Vec<_>| Value::list(alarms.into_iter().map(|alarm| alarm_shape::alarm(call, alarm)));
    Ok(Map::new()
        .with("CompositeAlarms", shown(composite))
        .with("MetricAlarms", shown(metric))
        .with("NextToken", described.next_token)
        .into())
}

/// DeleteAlarms.
pub(super) fn delete(call: &mut Call<'_>) -> Answer {
    call.world.delete_alarms(&place(call), &names(call)?).map_err(|e| refused(&e))?;
    Ok(Value::Null)
}

/// SetAlarmState: until the next evaluation says otherwise.
pub(super) fn set_state(call: &mut Call<'_>) -> Answer {
    let name = call.input.required("AlarmName", missing)?;
    let state = state(&call.input.required("StateValue", missing)?)?;
    let reason = call.input.text("StateReason")?.ok_or_else(|| missing("StateReason"))?.into_owned();
    let data = call.input.text("StateReasonData")?.map(|text| text.into_owned());
    call.world.set_alarm_state(&place(call), &name, state, reason, data).map_err(|e| refused(&e))?;
    Ok(Value::Null)
}

/// EnableAlarmActions.
pub(super) fn enable(call: &mut Call<'_>) -> Answer {
    actions(call, true)
}

/// DisableAlarmActions: EventBridge goes on to hear of every change (AWS_FACTS 3.2).
pub(super) fn disable(call: &mut Call<'_>) -> Answer {
    actions(call, false)
}

fn actions(call: &Call<'_>, enabled: bool) -> Answer {
    call.world.set_actions_enabled(&place(call), &names(call)?, enabled);
    Ok(Value::Null)
}
