//! What wakes a function: rules of EventBridge, services that invoke it themselves, schedules of the Scheduler, a queue.

use serde_json::{Map, Value, json};

use super::template::{arn_of, logical, text};
use super::{queue, roles, stores};
use crate::manifest::{Function, Invoker, Number, Rule, Schedule};

pub(super) fn add(resources: &mut Map<String, Value>, short: &str, function: &Function) {
    let id = logical(short);
    for each in &function.rules {
        let rule_id = logical(each.name.trim_start_matches("headroom-")) + "Rule";
        resources.insert(rule_id.clone(), rule(&id, each));
        resources.insert(format!("{rule_id}Permission"), permission(&id, &rule_id));
    }
    for each in &function.invokers {
        let id = format!("{id}By{}Permission", logical(each.name));
        resources.insert(id, invoker(&logical(short), each));
    }
    for each in &function.schedules {
        let schedule_id = logical(each.name.trim_start_matches("headroom-")) + "Schedule";
        let group = json!({ "Type": "AWS::Scheduler::ScheduleGroup", "Properties": { "Name": each.group } });
        resources.insert(format!("{schedule_id}Group"), group);
        resources.insert(format!("{schedule_id}Role"), scheduler_role(each));
        resources.insert(schedule_id.clone(), schedule(&id, &schedule_id, each));
    }
    if let Some(queue) = &function.queue {
        queue::add(resources, &id, queue);
    }
}

fn retries(age: &Number, attempts: &Number) -> Value {
    json!({ "MaximumEventAgeInSeconds": age.value, "MaximumRetryAttempts": attempts.value })
}

fn rule(function: &str, rule: &Rule) -> Value {
    json!({
        "Type": "AWS::Events::Rule",
        "Properties": {
            "Name": rule.name,
            "Description": rule.description,
            "State": "ENABLED",
            "EventPattern": rule.pattern,
            "Targets": [{
                "Id": "function",
                "Arn": arn_of(function),
                "RetryPolicy": retries(&rule.max_event_age_seconds, &rule.retries),
                "DeadLetterConfig": { "Arn": arn_of(stores::DEAD_LETTERS) },
            }],
        },
    })
}

fn permission(function: &str, rule: &str) -> Value {
    json!({
        "Type": "AWS::Lambda::Permission",
        "Properties": {
            "FunctionName": { "Ref": function },
            "Action": "lambda:InvokeFunction",
            "Principal": "events.amazonaws.com",
            "SourceArn": arn_of(rule),
        },
    })
}

fn invoker(function: &str, invoker: &Invoker) -> Value {
    json!({
        "Type": "AWS::Lambda::Permission",
        "Properties": {
            "FunctionName": { "Ref": function },
            "Action": "lambda:InvokeFunction",
            "Principal": invoker.principal,
            "SourceArn": text(&invoker.source_arn),
        },
    })
}

/// Nobody but the Scheduler, for this group of this account, may take the role on.
fn scheduler_role(schedule: &Schedule) -> Value {
    let group =
        text(&format!("arn:${{partition}}:scheduler:${{region}}:${{account}}:schedule-group/{}", schedule.group));
    let trust = json!({
        "Effect": "Allow", "Principal": { "Service": "scheduler.amazonaws.com" }, "Action": "sts:AssumeRole",
        "Condition": { "StringEquals": { "aws:SourceAccount": { "Ref": "AWS::AccountId" }, "aws:SourceArn": group } },
    });
    roles::document(schedule.name, &trust, &[roles::policy("wake", &schedule.iam)])
}

fn schedule(function: &str, id: &str, schedule: &Schedule) -> Value {
    json!({
        "Type": "AWS::Scheduler::Schedule",
        "Properties": {
            "Name": schedule.name,
            "GroupName": { "Ref": format!("{id}Group") },
            "Description": schedule.description,
            "State": "ENABLED",
            "ScheduleExpression": schedule.rate,
            "FlexibleTimeWindow": { "Mode": "OFF" },
            "Target": {
                "Arn": arn_of(function),
                "RoleArn": arn_of(&format!("{id}Role")),
                "Input": schedule.payload.to_string(),
                "RetryPolicy": retries(&schedule.max_event_age_seconds, &schedule.retries),
                "DeadLetterConfig": { "Arn": arn_of(stores::DEAD_LETTERS) },
            },
        },
    })
}
