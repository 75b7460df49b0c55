//! Alarm mute rules.

use headroom_simulator::cloudwatch::{MuteView, PutMuteRule};

use super::common::{missing, place, refused};
use crate::failure::Failure;
use crate::operations::call::{Answer, Call};
use crate::operations::page::Paging;
use crate::value::{Map, Value};

const PAGING: Paging = Paging {
    size: "MaxRecords",
    token: "NextToken",
    usual: 50,
    most: 100,
    bad_token: "InvalidNextToken",
    bad_size: "ValidationException",
};

/// PutAlarmMuteRule.
pub(super) fn put(call: &mut Call<'_>) -> Answer {
    let input = call.input;
    let schedule = input.map("Rule")?.map(|rule| rule.map("Schedule")).transpose()?.flatten();
    let schedule = schedule.ok_or_else(|| missing("Rule.Schedule"))?;
    let alarms = input.map("MuteTargets")?.map(|targets| targets.texts("AlarmNames")).transpose()?;
    let second = |name| input.time(name).map(|at| at.map(|at| at.floor() as i64));
    let put = PutMuteRule {
        name: input.required("Name", missing)?.into_owned(),
        description: input.text("Description")?.map(|text| text.into_owned()),
        expression: schedule.required("Expression", missing)?.into_owned(),
        duration: schedule.required("Duration", missing)?.into_owned(),
        timezone: schedule.text("Timezone")?.map(|text| text.into_owned()),
        alarms: alarms.unwrap_or_default(),
        start: second("StartDate")?,
        expire: second("ExpireDate")?,
    };
    call.world.put_mute_rule(&place(call), put).map_err(|e| refused(&e))?;
    Ok(Value::Null)
}

/// DeleteAlarmMuteRule.
pub(super) fn delete(call: &mut Call<'_>) -> Answer {
    let name = call.input.required("AlarmMuteRuleName", missing)?;
    call.world.delete_mute_rule(&place(call), &name);
    Ok(Value::Null)
}

/// GetAlarmMuteRule.
pub(super) fn get(call: &mut Call<'_>) -> Answer {
    let name = call.input.required("AlarmMuteRuleName", missing)?;
    let found = call.world.mute_rules(&place(call)).into_iter().find(|rule| rule.put.name == name);
    let words = || Failure::absent("ResourceNotFoundException", format!("Mute rule {name} does not exist."));
    let rule = found.ok_or_else(words)?;
    let schedule = Map::new()
        .with("Expression", rule.put.expression.as_str())
        .with("Duration", rule.put.duration.as_str())
        .with("Timezone", rule.put.timezone.as_deref());
    Ok(summary(&rule)
        .with("Name", rule.put.name.as_str())
        .with("Description", rule.put.description.as_deref())
        .with("Rule", Map::new().with("Schedule", schedule))
        .with("MuteTargets", Map::new().with("AlarmNames", rule.put.alarms.clone()))
        .with("StartDate", rule.put.start.map(Value::second))
        .into())
}

/// ListAlarmMuteRules.
pub(super) fn list(call: &mut Call<'_>) -> Answer {
    let alarm = call.input.text("AlarmName")?;
    let statuses = call.input.texts("Statuses")?;
    let wanted = |rule: &MuteView| {
        alarm.as_ref().is_none_or(|name| rule.put.alarms.iter().any(|a| a == name))
            && (statuses.is_empty() || statuses.iter().any(|s| s == rule.status.name()))
    };
    let found: Vec<MuteView> = call.world.mute_rules(&place(call)).into_iter().filter(wanted).collect();
    let (page, next) = PAGING.page(call.input, found.iter().map(summary).collect())?;
    Ok(Map::new().with("AlarmMuteRuleSummaries", page).with("NextToken", next).into())
}

fn summary(rule: &MuteView) -> Map {
    Map::new()
        .with("AlarmMuteRuleArn", rule.arn.as_str())
        .with("ExpireDate", rule.put.expire.map(Value::second))
        .with("Status", rule.status.name())
        .with("MuteType", if rule.recurring { "RECURRING" } else { "ONE_TIME" })
        .with("LastUpdatedTimestamp", Value::second(rule.updated))
}
