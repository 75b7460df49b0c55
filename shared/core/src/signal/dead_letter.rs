//! Dead letters: what Lambda, EventBridge and SQS wrap around an event that nobody handled. The event inside is
//! decoded as ever, and marked: it is old by construction, and judged by the present state (SEMANTICS 13).

use serde_json::{Map, Value};

use super::receive::Again;
use super::refused::{NotASignal, found, quoted};

/// What a Lambda destination is called in a refusal.
const DESTINATION: &str = "Lambda destination";
/// `source` of a failure destination that is an event bus.
const BUS_SOURCE: &str = "lambda";
/// `detail-type` of a failure destination that is an event bus.
const BUS_DETAIL_TYPE: &str = "Lambda Function Invocation Result - Failure";
/// `condition` of an invocation that went well: nothing to do again.
const SUCCESS: &str = "Success";
/// The longest ARN of a rule that is kept (EventBridge API: `RuleArn` has at most 1,600 characters).
const RULE_CHARS_MAX: usize = 1_600;

/// The event of an invocation record (Lambda developer guide, "Capturing records of asynchronous invocations"),
/// sent to a queue, a topic, a function or a bus; `None` when the payload is none.
pub(super) fn destination(payload: &Value) -> Option<Result<(&Value, Again), NotASignal>> {
    let text = |value: &'static str| payload.get(value).and_then(Value::as_str);
    let record = match (text("source"), text("detail-type")) {
        (Some(BUS_SOURCE), Some(BUS_DETAIL_TYPE)) => payload.get("detail")?,
        (None, None) => payload,
        _ => return None,
    };
    let context = record.get("requestContext")?;
    let inside = record.get("requestPayload")?;
    let condition = context.get("condition");
    Some(match condition.and_then(Value::as_str) {
        None | Some("" | SUCCESS) => Err(NotASignal::Carries {
            envelope: DESTINATION,
            place: "requestContext.condition",
            found: found(condition),
        }),
        Some(why) => Ok((inside, Again::Redriven { why: quoted(why), rule: None })),
    })
}

/// Why a queue's record is a dead letter; `None` when it is an ordinary message.
///
/// EventBridge and Scheduler write message attributes (`ERROR_CODE`, `RULE_ARN` or `SCHEDULE_ARN`), Lambda's
/// own dead-letter queue others (`ErrorCode`, `RequestID`), and SQS a system attribute.
pub(super) fn queued(record: &Value) -> Option<Again> {
    let attribute = |name: &str| record.get("messageAttributes")?.get(name)?.get("stringValue")?.as_str();
    if attribute("TARGET_ARN").is_some() || attribute("RULE_ARN").is_some() || attribute("SCHEDULE_ARN").is_some() {
        let why = attribute("ERROR_CODE").or(attribute("EXHAUSTED_RETRY_CONDITION")).unwrap_or("undelivered");
        let rule = attribute("RULE_ARN").map(|rule| rule.chars().take(RULE_CHARS_MAX).collect());
        return Some(Again::Redriven { why: quoted(why), rule });
    }
    if let Some(again) = failed(attribute) {
        return Some(again);
    }
    let _moved = record.get("attributes")?.get("DeadLetterQueueSourceArn")?;
    Some(Again::Redriven { why: "received too often".to_owned(), rule: None })
}

/// Why a notification is a dead letter of Lambda's, whose dead-letter queue may be a topic.
pub(super) fn notified(notification: &Map<String, Value>) -> Option<Again> {
    failed(|name| notification.get("MessageAttributes")?.get(name)?.get("Value")?.as_str())
}

/// Lambda's own dead letter, by its attributes.
fn failed<'a>(attribute: impl Fn(&str) -> Option<&'a str>) -> Option<Again> {
    let (code, _) = (attribute("ErrorCode")?, attribute("RequestID")?);
    Some(Again::Redriven { why: format!("function error {}", quoted(code)), rule: None })
}
