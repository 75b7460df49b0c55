//! A payload as a Lambda function, a queue or a person holds it: envelopes are opened, and what is inside is
//! decoded record by record, so that one bad record of a batch fails alone.

use serde_json::{Map, Value};

use super::dead_letter;
use super::decode::{Signal, dispatch, nobodys};
use super::limits::{self, parse};
use super::refused::{NotASignal, found, quoted};

/// Envelopes inside envelopes: a dead letter of a queue that held a notification is four deep.
const ENVELOPES_MAX: usize = 6;
/// The largest batch of a standard queue (Lambda, event source mappings of SQS).
const RECORDS_MAX: usize = 10_000;

/// One record of a payload.
#[derive(Debug, Clone, PartialEq)]
pub struct Received {
    /// `messageId` of the queue's record, for `batchItemFailures`; `None` when no queue delivered it.
    pub record: Option<String>,
    /// Why it comes again; `None` for an event of now.
    pub again: Option<Again>,
    /// The event, or why it is none.
    pub signal: Result<Signal, NotASignal>,
}

/// An event that comes again is never fresh, whatever its age: it is judged by the present state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Again {
    /// Out of an EventBridge archive.
    Replayed {
        /// `replay-name` of the envelope.
        name: String,
    },
    /// Out of a dead-letter queue or a failure destination.
    Redriven {
        /// Why it had died: an error code, or a condition such as `RetriesExhausted`.
        why: String,
        /// The EventBridge rule that had sent it.
        rule: Option<String>,
    },
}

/// Opens a payload; never empty.
#[must_use]
pub fn receive(payload: &Value) -> Vec<Received> {
    let mut received = Vec::new();
    let way = Way::default();
    match limits::check(payload) {
        Ok(()) => open(payload, &way, &mut received),
        Err(why) => way.ends(Err(why), &mut received),
    }
    received
}

/// Reads a text and opens it; what a queue, a file or a person holds. Never empty.
#[must_use]
pub fn receive_text(text: &str) -> Vec<Received> {
    match parse("payload", text) {
        Ok(payload) => receive(&payload),
        Err(why) => vec![Received { record: None, again: None, signal: Err(why) }],
    }
}

/// The way from the payload to an event.
#[derive(Debug, Clone, Default)]
struct Way {
    record: Option<String>,
    again: Option<Again>,
    depth: usize,
}

impl Way {
    fn ends(&self, signal: Result<Signal, NotASignal>, out: &mut Vec<Received>) {
        out.push(Received { record: self.record.clone(), again: self.again.clone(), signal });
    }

    fn deeper(&self) -> Self {
        Self { depth: self.depth + 1, ..self.clone() }
    }

    /// The outermost reason counts: a dead letter of a replay is a dead letter.
    fn again(&self, again: Again) -> Self {
        Self { again: self.again.clone().or(Some(again)), ..self.deeper() }
    }
}

fn open(payload: &Value, way: &Way, out: &mut Vec<Received>) {
    if way.depth > ENVELOPES_MAX {
        let deep = NotASignal::TooLarge { found: way.depth, unit: "envelopes", max: ENVELOPES_MAX };
        return way.ends(Err(deep), out);
    }
    let Some(keys) = payload.as_object() else { return way.ends(Err(NotASignal::NotAnObject), out) };
    if let Some(Value::Array(records)) = keys.get("Records") {
        return batch(records, way, out);
    }
    if keys.contains_key("Type") && keys.contains_key("TopicArn") {
        return notification(keys, way, out);
    }
    if let Some(dead) = dead_letter::destination(payload) {
        return match dead {
            Ok((inside, again)) => open(inside, &way.again(again), out),
            Err(why) => way.ends(Err(why), out),
        };
    }
    match keys.get("replay-name").and_then(Value::as_str) {
        Some(name) => way.again(Again::Replayed { name: quoted(name) }).ends(dispatch(payload), out),
        None => way.ends(dispatch(payload), out),
    }
}

fn batch(records: &[Value], way: &Way, out: &mut Vec<Received>) {
    if records.is_empty() {
        return way.ends(Err(NotASignal::Empty { envelope: "Records" }), out);
    }
    if records.len() > RECORDS_MAX {
        let many = NotASignal::TooLarge { found: records.len(), unit: "records", max: RECORDS_MAX };
        return way.ends(Err(many), out);
    }
    for record in records {
        let way = way.deeper();
        let text = |key: &str| record.get(key).and_then(Value::as_str);
        match (record.get("Sns").and_then(Value::as_object), text("body")) {
            (Some(sns), _) => notification(sns, &way, out),
            (None, Some(body)) if text("eventSource") == Some("aws:sqs") => {
                let record_id = text("messageId").map(quoted);
                let way = Way { record: way.record.clone().or(record_id), ..way };
                let way = dead_letter::queued(record).map_or(way.clone(), |again| way.again(again));
                inside("body", body, &way, out);
            }
            _ => way.ends(Err(record.as_object().map_or(NotASignal::NotAnObject, nobodys)), out),
        }
    }
}

/// An SNS notification, as Lambda, a queue or an HTTP endpoint gets it.
fn notification(sns: &Map<String, Value>, way: &Way, out: &mut Vec<Received>) {
    match sns.get("Type") {
        None => {}
        Some(Value::String(kind)) if kind == "Notification" => {}
        other => {
            let no_event = NotASignal::Carries { envelope: "SNS message", place: "Type", found: found(other) };
            return way.ends(Err(no_event), out);
        }
    }
    match sns.get("Message") {
        Some(Value::String(message)) => inside("Message", message, &way.deeper(), out),
        other => {
            let (place, expected) = ("Message", "a text");
            let found = found(other);
            way.ends(Err(NotASignal::Malformed { kind: "SNS notification", place, found, expected }), out);
        }
    }
}

/// A text that should be a payload.
fn inside(place: &'static str, text: &str, way: &Way, out: &mut Vec<Received>) {
    match parse(place, text) {
        Ok(payload) => open(&payload, &way.deeper(), out),
        Err(why) => way.ends(Err(why), out),
    }
}
