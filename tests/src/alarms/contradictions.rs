//! A message whose parts contradict each other is nobody's, and no damage to what says whose it is makes it act.

use headroom_core::decide::{Unmatched, match_alarm};
use headroom_core::signal::{NotASignal, Signal};
use serde_json::{Value, json};

use super::fixtures::{alarm, event, fleet, only};

/// A fixture, where its discriminating parts stand, and the form in which it comes.
const FORMS: [(&str, &[&str]); 4] = [
    (
        "alarm/metric",
        &["/source", "/detail-type", "/account", "/region", "/resources/0", "/detail/alarmName", "/detail/state/value"],
    ),
    (
        "alarm_contributor/service",
        &["/source", "/detail-type", "/account", "/region", "/resources/0", "/detail/alarmName", "/detail/state/value"],
    ),
    (
        "alarm_action/metric",
        &["/source", "/accountId", "/region", "/alarmArn", "/alarmData/alarmName", "/alarmData/state/value"],
    ),
    ("alarm_notification/raw", &["/AWSAccountId", "/AlarmArn", "/AlarmName", "/NewStateValue"]),
];

/// What may stand there instead.
fn others(now: &Value) -> Vec<Value> {
    let text = now.as_str().expect("a text");
    let mut others = vec![
        json!(null),
        json!(""),
        json!(7),
        json!(true),
        json!([now]),
        json!({ "value": now }),
        json!(format!("{text} ")),
        json!(format!("{text}x")),
        json!(text.to_lowercase()),
        json!(text[1..]),
        json!(text.replace("222222222222", "222222222223")),
        json!(text.replace("222222222222", "*")),
        json!(text.replace("eu-west-1", "eu-west-2")),
        json!("ALARMED"),
        json!("aws.ecs"),
        json!("333333333333"),
    ];
    others.retain(|other| other != now);
    others
}

fn acts(payload: &Value) -> bool {
    match only(payload) {
        Ok(Signal::Alarm(alarm) | Signal::Contributor(alarm)) => {
            alarm.firing() && match_alarm(&fleet(), &alarm).is_ok()
        }
        Ok(_) | Err(_) => false,
    }
}

#[test]
fn no_damage_to_whose_it_is_or_what_it_says_still_acts() {
    let mut tried = 0;
    for (name, pointers) in FORMS {
        let whole = event(name);
        assert!(acts(&whole), "{name}");
        for pointer in pointers {
            let now = whole.pointer(pointer).unwrap_or_else(|| panic!("{name} {pointer}")).clone();
            for other in others(&now) {
                let mut damaged = whole.clone();
                *damaged.pointer_mut(pointer).unwrap() = other.clone();
                assert!(!acts(&damaged), "{name} {pointer} {other}");
                tried += 1;
            }
            let mut without = whole.clone();
            let (parent, key) = pointer.rsplit_once('/').unwrap();
            let parent = without.pointer_mut(parent).unwrap();
            if parent.is_array() {
                *parent = json!([]);
            } else {
                parent.as_object_mut().unwrap().remove(key);
            }
            assert!(!acts(&without), "{name} without {pointer}");
        }
    }
    assert!(tried > 300, "{tried}");
}

#[test]
fn what_contradicts_is_named_with_both_sides() {
    for (name, pointer, other, place) in [
        ("alarm/metric", "/account", "333333333333", "account"),
        ("alarm/metric", "/region", "us-west-2", "region"),
        ("alarm/metric", "/detail/alarmName", "prod-eu-web-slow", "detail.alarmName"),
        ("alarm_contributor/service", "/account", "333333333333", "account"),
        ("alarm_action/metric", "/accountId", "333333333333", "accountId"),
        ("alarm_action/metric", "/alarmData/alarmName", "prod-eu-web-slow", "alarmData.alarmName"),
        ("alarm_notification/raw", "/AWSAccountId", "333333333333", "AWSAccountId"),
        ("alarm_notification/raw", "/AlarmName", "prod-eu-web-slow", "AlarmName"),
    ] {
        let mut event = event(name);
        *event.pointer_mut(pointer).unwrap() = json!(other);
        match only(&event) {
            Ok(Signal::Alarm(alarm) | Signal::Contributor(alarm)) => {
                let doubt = alarm.doubt.clone().unwrap_or_else(|| panic!("{name} {pointer}: no doubt"));
                assert!(doubt.contains(&format!("{place} says {other}, but ")), "{doubt}");
                assert_eq!(match_alarm(&fleet(), &alarm).unwrap_err(), Unmatched::Doubtful { why: doubt });
            }
            result => panic!("{name} {pointer}: {result:?}"),
        }
    }
    let mut change = event("alarm_configuration/created");
    change["account"] = json!("333333333333");
    assert!(matches!(only(&change), Err(NotASignal::Contradiction { place: "account", .. })));
}

#[test]
fn a_time_that_is_none_is_refused_and_never_replaced() {
    for (name, pointer, place) in [
        ("alarm/metric", "/detail/state/timestamp", "detail.state.timestamp"),
        ("alarm_action/metric", "/alarmData/state/timestamp", "alarmData.state.timestamp"),
        ("alarm_notification/raw", "/StateChangeTime", "StateChangeTime"),
    ] {
        for odd in [json!("yesterday"), json!(1_795_399_231), json!(""), json!("2026-11-23T02: 00: 31.118+0000")] {
            let mut event = event(name);
            *event.pointer_mut(pointer).unwrap() = odd.clone();
            match only(&event) {
                Err(NotASignal::Malformed { place: named, .. }) => assert_eq!(named, place, "{odd}"),
                other => panic!("{name} {odd}: {other:?}"),
            }
        }
    }
}

#[test]
fn scalings_own_alarms_and_foreign_ones_match_nothing_in_any_form() {
    let fleet = fleet();
    for name in [
        "alarm/not_selected/scalings_own",
        "alarm_contributor/not_selected/scalings_own",
        "alarm_action/scalings_own",
        "alarm_notification/scalings_own",
    ] {
        assert_eq!(match_alarm(&fleet, &alarm(name)).unwrap_err(), Unmatched::ScalingsOwn, "{name}");
    }
    for name in [
        "alarm/foreign_account",
        "alarm/foreign_region",
        "alarm_action/foreign_account",
        "alarm_notification/foreign_account",
    ] {
        assert!(matches!(match_alarm(&fleet, &alarm(name)), Err(Unmatched::Foreign { .. })), "{name}");
    }
    let old = alarm("alarm_notification/doubtful/from_before_arns");
    assert!(matches!(match_alarm(&fleet, &old), Err(Unmatched::Doubtful { .. })), "nobody can tell whose it is");
}

#[test]
fn a_contributor_that_cannot_be_read_is_never_the_alarm_itself() {
    for odd in [json!(7), json!(""), json!({}), json!(["6d442278dba546f6"]), json!("x".repeat(3_000))] {
        let mut message = event("alarm_notification/contributor");
        let text = message.pointer("/Message").and_then(Value::as_str).map(str::to_owned);
        let place = if text.is_some() { "/Message" } else { "/Records/0/Sns/Message" };
        let text = message.pointer(place).and_then(Value::as_str).expect("a message").to_owned();
        let mut inside: Value = serde_json::from_str(&text).unwrap();
        inside["AlarmContributorId"] = odd.clone();
        *message.pointer_mut(place).unwrap() = json!(inside.to_string());
        match only(&message) {
            Err(NotASignal::Malformed { place, .. }) => assert_eq!(place, "AlarmContributorId"),
            other => panic!("{odd}: {other:?}"),
        }
    }
}

/// Makes every text and every list that is not needed to read the event as long as a payload may be.
fn swell(value: &mut Value) {
    match value {
        Value::Object(map) => {
            map.values_mut().for_each(swell);
            for n in 0..40 {
                map.insert(format!("{}{n}", "k".repeat(3_000)), json!("v".repeat(3_000)));
            }
        }
        Value::Array(list) => {
            list.iter_mut().for_each(swell);
            if let Some(last) = list.last().filter(|last| last.is_number()).cloned() {
                list.resize(50_000, last);
            }
        }
        Value::String(text) => text.push_str(&"x".repeat(20_000)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[test]
fn what_is_kept_of_an_event_is_small_whatever_is_in_it() {
    // The journal's entry holds the event, and DynamoDB takes 400 KB.
    const KEPT_BYTES_MAX: usize = 150_000;
    let mut kept = 0;
    for (name, body) in [
        ("alarm/metric_math", "/detail/configuration"),
        ("alarm/metric", "/detail/configuration"),
        ("alarm/composite", "/detail/configuration"),
        ("alarm/tagged", "/detail/alarmTags"),
        ("alarm_contributor/muted", "/detail/muteDetail"),
        ("alarm_contributor/service", "/detail/alarmContributor/attributes"),
        ("alarm_action/metric", "/alarmData/configuration"),
        ("alarm_notification/raw", "/Trigger"),
    ] {
        let mut event = event(name);
        swell(event.pointer_mut(body).unwrap_or_else(|| panic!("{name} {body}")));
        if let Some(state) = event.pointer_mut("/detail/state") {
            let data = json!({ "recentDatapoints": vec![1.5; 60_000], "threshold": 85.0 });
            state["reasonData"] = json!(data.to_string());
            state["actionsSuppressedBy"] = json!("W".repeat(100_000));
            state["reason"] = json!("r".repeat(100_000));
        }
        match only(&event) {
            Ok(Signal::Alarm(alarm) | Signal::Contributor(alarm)) => {
                let bytes = serde_json::to_string(&alarm).unwrap().len();
                assert!(bytes <= KEPT_BYTES_MAX, "{name}: {bytes} bytes");
                kept = kept.max(bytes);
            }
            other => panic!("{name}: {other:?}"),
        }
    }
    assert!(kept > 10_000, "nothing was large: {kept}");
}
