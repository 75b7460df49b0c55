//! What fuzzing runs: plain functions over bytes, which panic when something that must hold does not. The targets in
//! `fuzz/` call them with what libFuzzer invents; a test calls them with the committed corpus.

use std::sync::LazyLock;

use headroom_core::decoded::{Decoded, tell};
use headroom_core::fleet::{self, Fleet};
use headroom_core::signal::{Received, belongs, receive, receive_bytes};
use serde_json::{Value, json};

/// Facts and match of 1,000 characters each, with the words around them.
const LINE_CHARS_MAX: usize = 2_500;

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

/// Bytes as the `detail` of an event of each detail-type that is read.
pub fn detail(bytes: &[u8]) {
    let Ok(detail) = serde_json::from_slice::<Value>(bytes) else { return };
    for source in headroom_core::signal::SOURCES {
        let headroom_core::signal::By::Envelope(origin, types) = source.by else { continue };
        for detail_type in types {
            hold(&receive(&json!({
                "version": "0", "id": "1", "source": origin, "detail-type": detail_type, "account": "222222222222",
                "region": "eu-west-1", "time": "2026-11-23T02:00:31Z", "detail": detail,
                "resources": ["arn:aws:ecs:eu-west-1:222222222222:service/prod-eu-cluster/prod-eu-web"],
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
    }
}

fn whole(told: &Decoded) {
    assert!(!told.facts.is_empty());
    if let Some(case) = &told.case {
        assert!(case.key.len() == 64 && case.key.bytes().all(|b| b.is_ascii_hexdigit()), "{}", case.key);
    }
}
