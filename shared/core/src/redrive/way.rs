//! Where a dead letter goes when it is sent again.

use serde_json::{Value, json};

/// Where a dead letter goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Way {
    /// To the function that missed it: an asynchronous invocation. The payload is an invocation record, so that the
    /// function knows that it comes again, and a second failure makes a new dead letter.
    Function {
        /// Name of the function.
        name: String,
        /// JSON.
        payload: String,
    },
    /// To the queue of notices, as it is.
    Notices,
    /// Nowhere: the minute of a schedule, whose work the next one has done.
    Passed,
}

/// An invocation record around an event (Lambda developer guide, "Capturing records of asynchronous invocations").
pub(super) fn again(name: &str, why: &str, event: &Value) -> Way {
    let record =
        json!({ "requestContext": { "functionArn": name, "condition": why }, "requestPayload": innermost(event) });
    Way::Function { name: name.to_owned(), payload: record.to_string() }
}

/// The event itself, out of the records of earlier attempts: what is opened has a limited depth.
fn innermost(event: &Value) -> &Value {
    match (event.get("requestContext"), event.get("requestPayload")) {
        (Some(_), Some(inside)) => innermost(inside),
        _ => event,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signal::{Again, receive};

    #[test]
    fn however_often_it_died_it_is_one_envelope_deep_and_known_to_come_again() {
        let event = json!({ "source": "headroom", "detail-type": "Minute" });
        let mut payload = event.clone();
        for _ in 0..9 {
            let Way::Function { payload: sent, .. } = again("f", "RetriesExhausted", &payload) else { panic!() };
            payload = serde_json::from_str(&sent).unwrap();
        }
        assert_eq!(payload["requestPayload"], event);
        let received = receive(&payload);
        let why = "RetriesExhausted".to_owned();
        assert_eq!(received[0].again, Some(Again::Redriven { why, rule: None }));
    }
}
