//! What fuzzing runs: plain functions over bytes, which panic when something that must hold does not. The targets in
//! `fuzz/` call them with what libFuzzer invents; a test calls them with the committed corpus.

use std::sync::LazyLock;

use headroom_core::decide::match_alarm;
use headroom_core::decoded::{Decoded, tell};
use headroom_core::fleet::{self, Fleet};
use headroom_core::signal::{AlarmEvent, Received, Signal, belongs, receive, receive_bytes};
use serde_json::{Value, json};

/// Facts and match of 1,000 characters each, with the words around them.
const LINE_CHARS_MAX: usize = 2_500;
const CLOUDWATCH: &str = "aws.cloudwatch";
const ALARM: &str = "arn:aws:cloudwatch:eu-west-1:222222222222:alarm:prod-eu-web-cpu-high";
const SERVICE: &str = "arn:aws:ecs:eu-west-1:222222222222:service/prod-eu-cluster/prod-eu-web";
/// The largest batch, and as many records inside of its records.
const ANSWERS_MAX: usize = 20_000;

static FLEET: LazyLock<Fleet> = LazyLock::new(|| {
    let text = include_str!("../../examples/langfuse/headroom.yaml");
    fleet::parse(text, "examples/langfuse/headroom.yaml").unwrap_or_else(|problems| panic!("{problems:?}"))
});

/// Bytes as a file or a queue holds them.
pub fn payload(bytes: &[u8]) {
    hold(&receive_bytes(bytes));
}

/// Bytes as the text of a notification, of a queue's record, and of a dead letter.
pub fn message(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let topic = "arn:aws:sns:eu-west-1:222222222222:alarms";
    let queue = "arn:aws:sqs:eu-west-1:222222222222:alarms";
    hold(&receive(&json!({ "Type": "Notification", "TopicArn": topic, "Message": text })));
    let record = json!({ "messageId": "1", "eventSource": "aws:sqs", "eventSourceARN": queue, "body": text });
    hold(&receive(&json!({ "Records": [record, { "Sns": { "TopicArn": topic, "Message": text } }] })));
    let payload: Value = serde_json::from_str(&text).unwrap_or_default();
    let context = json!({ "condition": "RetriesExhausted" });
    hold(&receive(&json!({ "requestContext": context, "requestPayload": payload })));
}

/// Bytes as the `detail` of an event of each detail-type that is read, and as the body of an alarm's action.
pub fn detail(bytes: &[u8]) {
    let Ok(detail) = serde_json::from_slice::<Value>(bytes) else { return };
    let (account, region, time) = ("222222222222", "eu-west-1", "2026-11-23T02:00:31Z");
    hold(&receive(&json!({
        "source": CLOUDWATCH, "alarmArn": ALARM, "accountId": account, "region": region, "time": time,
        "alarmData": detail,
    })));
    for source in headroom_core::signal::SOURCES {
        let headroom_core::signal::By::Envelope(origin, types) = source.by else { continue };
        // Whose it is must be right, or nothing behind it is read.
        let resource = if origin == CLOUDWATCH { ALARM } else { SERVICE };
        for detail_type in types {
            hold(&receive(&json!({
                "version": "0", "id": "1", "source": origin, "detail-type": detail_type, "account": account,
                "region": region, "time": time, "detail": detail, "resources": [resource],
            })));
        }
    }
}

/// What holds of whatever was received.
///
/// # Panics
/// When it does not.
pub fn hold(received: &[Received]) {
    assert!(!received.is_empty(), "a payload without an answer");
    assert!(received.len() <= ANSWERS_MAX, "{} answers", received.len());
    for record in received {
        for fleet in [None, Some(&*FLEET)] {
            let told = tell(record, fleet);
            let line = told.to_string();
            assert!(!line.contains('\n') && line.chars().count() <= LINE_CHARS_MAX, "one line: {line:?}");
            assert_eq!(told.signal.is_some(), record.signal.is_ok());
            whole(&told);
        }
        if let Ok(signal) = &record.signal
            && belongs(signal, record.again.as_ref(), &FLEET).is_ok()
        {
            let ours = signal.home().is_none_or(|home| FLEET.environments.iter().any(|e| e.account == home.account));
            assert!(ours, "{:?}", signal.home());
        }
        if let Ok(Signal::Alarm(alarm) | Signal::Contributor(alarm)) = &record.signal {
            alarm_holds(alarm);
        }
    }
}

/// A doubtful alarm is nobody's, and the journal reads back what it wrote: an entry that it cannot read would stand in
/// the way of its service's every pass.
fn alarm_holds(alarm: &AlarmEvent) {
    assert!(alarm.doubt.is_none() || match_alarm(&FLEET, alarm).is_err(), "{:?} is matched", alarm.doubt);
    let written = serde_json::to_string(alarm).unwrap_or_else(|error| panic!("{error}: {alarm:?}"));
    let read: AlarmEvent = serde_json::from_str(&written).unwrap_or_else(|error| panic!("{error}: {written}"));
    // The last digit of a number may be lost on the way; nothing is keyed by it.
    let but_numbers = |alarm: &AlarmEvent| AlarmEvent { datapoints: Vec::new(), threshold: None, ..alarm.clone() };
    assert_eq!(but_numbers(&read), but_numbers(alarm));
}

fn whole(told: &Decoded) {
    assert!(!told.facts.is_empty());
    if let Some(case) = &told.case {
        assert!(case.key.len() == 64 && case.key.bytes().all(|b| b.is_ascii_hexdigit()), "{}", case.key);
    }
}
