//! The one entrance: JSON first, dispatch on the keys that discriminate, then the source's own decoder.

use serde_json::Value;

use super::alarm::{self, AlarmEvent};
use super::minute;

/// An incoming event, decoded once.
#[derive(Debug, Clone, PartialEq)]
pub enum Signal {
    /// A CloudWatch alarm changed its state, or its suppression did.
    Alarm(Box<AlarmEvent>),
    /// The reconciler's minute.
    Minute,
}

/// Why a payload is not a signal of ours. The text goes to the dead letter beside the payload.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotASignal {
    /// The payload is not a JSON object.
    #[error("not a json object")]
    NotAnObject,
    /// Another source's event: no decoder here is its reader.
    #[error("no decoder for source {origin:?}, detail-type {detail_type:?}")]
    Unknown {
        /// `source` of the envelope, or what stood there.
        origin: String,
        /// `detail-type` of the envelope, or what stood there.
        detail_type: String,
    },
    /// The right kind of event without a part that a decision needs.
    #[error("{kind}: {place} is {found}, expected {expected}")]
    Malformed {
        /// Kind of event.
        kind: &'static str,
        /// Path in the event.
        place: &'static str,
        /// What stood there.
        found: String,
        /// What should have.
        expected: &'static str,
    },
}

/// Decodes an event as a Lambda function receives it.
///
/// # Errors
/// [`NotASignal`] says why it is none; nothing is guessed.
pub fn decode(event: &Value) -> Result<Signal, NotASignal> {
    let envelope = event.as_object().ok_or(NotASignal::NotAnObject)?;
    let text = |key: &str| envelope.get(key).and_then(Value::as_str).unwrap_or_default();
    match (text("source"), text("detail-type")) {
        (alarm::SOURCE, alarm::DETAIL_TYPE) => alarm::decode(event).map(|a| Signal::Alarm(Box::new(a))),
        (minute::SOURCE, minute::DETAIL_TYPE) => Ok(Signal::Minute),
        (source, detail_type) => {
            Err(NotASignal::Unknown { origin: source.to_owned(), detail_type: detail_type.to_owned() })
        }
    }
}

/// What stands at a place, short enough for a message.
pub(super) fn found(value: Option<&Value>) -> String {
    value.map_or_else(|| "absent".to_owned(), |v| v.to_string().chars().take(60).collect())
}
