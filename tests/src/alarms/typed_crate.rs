//! Why alarms are not read with the types of aws_lambda_events 1.2.1
//! (docs/decisions/0006-own-decoder-for-alarm-events.md). Each line of the decision's table is run: where a later
//! release of the crate does better, this says so.

use std::fmt::Debug;

use aws_lambda_events::cloudwatch_alarms::{CloudWatchCompositeAlarm, CloudWatchMetricAlarm};
use aws_lambda_events::eventbridge::EventBridgeEvent;
use aws_lambda_events::sns::{CloudWatchAlarmPayload, SnsEvent};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::fixtures::{alarm, event, only};

/// What the crate's type says of a payload.
fn typed<T: DeserializeOwned + Debug>(payload: &Value) -> Result<String, String> {
    serde_json::from_value::<T>(payload.clone()).map(|v| format!("{v:?}")).map_err(|e| e.to_string())
}

/// The type refuses it with these words; our decoder reads it.
fn refuses<T: DeserializeOwned + Debug>(payload: &Value, words: &str) {
    let why = typed::<T>(payload).expect_err("the type reads it now: see the decision");
    assert!(why.contains(words), "{why}");
    let ours = headroom_core::signal::receive(payload);
    assert!(ours.iter().all(|r| r.signal.is_ok()), "{ours:?}");
}

fn changed(name: &str, pointer: &str, value: Option<Value>) -> Value {
    let mut event = event(name);
    let (parent, key) = pointer.rsplit_once('/').unwrap();
    let parent = event.pointer_mut(parent).unwrap().as_object_mut().unwrap();
    match value {
        Some(value) => drop(parent.insert(key.to_owned(), value)),
        None => drop(parent.remove(key)),
    }
    event
}

#[test]
fn its_actions_are_stricter_than_cloudwatch() {
    refuses::<CloudWatchMetricAlarm>(&event("alarm_action/metric_math"), "metricStat");
    let mut daily = event("alarm_action/metric");
    daily["alarmData"]["configuration"]["metrics"][0]["metricStat"]["period"] = json!(86_400);
    refuses::<CloudWatchMetricAlarm>(&daily, "u16");
    let silent = changed("alarm_action/metric", "/alarmData/state/reason", None);
    refuses::<CloudWatchMetricAlarm>(&silent, "reason");
    let plain = changed("alarm_action/composite_released", "/alarmData/configuration/actionsSuppressor", None);
    refuses::<CloudWatchCompositeAlarm>(&plain, "actionsSuppressor");
}

#[test]
fn its_actions_are_silent_where_they_must_not_be() {
    let composite = typed::<CloudWatchMetricAlarm>(&event("alarm_action/composite_released"));
    assert!(composite.is_ok_and(|read| read.contains("metrics: []")), "a composite alarm becomes a metric alarm");
    let ecs = json!({ "version": "0", "source": "aws.ecs", "detail-type": "ECS Service Action", "account": "222222222222",
        "region": "eu-west-1", "time": "2026-11-23T02:00:31Z",
        "resources": ["arn:aws:ecs:eu-west-1:222222222222:service/prod-eu-cluster/prod-eu-web"],
        "detail": { "eventName": "SERVICE_STEADY_STATE", "clusterArn": "arn:aws:ecs:eu-west-1:222222222222:cluster/prod-eu-cluster",
                    "eventType": "INFO", "createdAt": "2026-11-23T02:00:31.118Z" } });
    assert!(typed::<CloudWatchMetricAlarm>(&ecs).is_ok(), "an event of ECS becomes an alarm");
    assert!(!matches!(only(&ecs), Ok(headroom_core::signal::Signal::Alarm(_))));
}

#[test]
fn its_notifications_are_stricter_than_cloudwatch_and_lose_the_contributor() {
    refuses::<CloudWatchAlarmPayload>(&event("alarm_notification/raw"), "null");
    let described = |name: &str| {
        let mut message = event(name);
        if let Some(text) = message.pointer("/Records/0/Sns/Message").or(message.pointer("/Message")) {
            message = serde_json::from_str(text.as_str().unwrap()).unwrap();
        }
        message["AlarmDescription"] = json!("an alarm");
        message
    };
    refuses::<CloudWatchAlarmPayload>(&described("alarm_notification/composite"), "Trigger");
    let old = described("alarm_notification/doubtful/from_before_arns");
    assert!(typed::<CloudWatchAlarmPayload>(&old).is_err_and(|why| why.contains("AlarmArn")));
    assert!(
        alarm("alarm_notification/doubtful/from_before_arns").doubt.is_some(),
        "ours reads it, and matches it to nothing"
    );
    let contributor = typed::<CloudWatchAlarmPayload>(&described("alarm_notification/contributor")).unwrap();
    assert!(!contributor.contains("6d442278dba546f6"), "whose series it is is lost: {contributor}");
}

#[test]
fn its_envelopes_are_stricter_than_what_arrives() {
    refuses::<SnsEvent>(&event("alarm_notification/made_by_hand"), "missing field");
    let resources = json!({ "source": "s", "detail-type": "d", "detail": {}, "resources": "arn" });
    assert!(typed::<EventBridgeEvent>(&resources).is_err());
    let untyped = json!({ "source": "aws.cloudwatch", "detail": {} });
    assert!(typed::<EventBridgeEvent>(&untyped).is_err());
}
