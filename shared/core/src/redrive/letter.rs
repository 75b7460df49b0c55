//! A message of the queue of dead letters, opened: what died, why, and where it goes when it is sent again.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::Value;

use super::way::{Way, again};
use crate::channel::incoming;
use crate::signal::{Arn, Received, Signal, receive};

/// What a reason is cut to: it stands in a line.
const WHY_CHARS_MAX: usize = 200;
/// Where a schedule's letter names it, and a rule's its target (Amazon EventBridge user guide, dead-letter queues).
const SCHEDULE: &str = "SCHEDULE_ARN";
const TARGET: &str = "TARGET_ARN";
/// Attributes that say why, the first that is there, and one with more words.
const CODES: [&str; 3] = ["ERROR_CODE", "EXHAUSTED_RETRY_CONDITION", "reason"];
const WORDS: &str = "ERROR_MESSAGE";

/// A message of the queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// Its message id.
    pub id: String,
    /// When it came into the queue.
    pub sent: Option<Timestamp>,
    /// Its body.
    pub body: String,
    /// Its message attributes that are texts.
    pub attributes: BTreeMap<String, String>,
}

/// A letter, opened.
#[derive(Debug, Clone, PartialEq)]
pub struct Opened {
    /// Where it goes.
    pub way: Way,
    /// What it is, in a few words.
    pub what: String,
    /// Why it died, in the words of who gave it up.
    pub why: String,
    /// The event in it; a notice has none.
    pub event: Option<Received>,
}

impl Letter {
    /// Opens it. `functions` are those of Headroom: a letter that names another one is not sent there with somebody's
    /// credentials.
    ///
    /// # Errors
    /// Why it cannot be sent again, in a sentence.
    pub fn opened(&self, functions: &[String]) -> Result<Opened, String> {
        let body: Value = serde_json::from_str(&self.body).map_err(|_| self.because("its body is no JSON"))?;
        if let Some(context) = body.get("requestContext").filter(|_| body.get("requestPayload").is_some()) {
            let text = |value: Option<&Value>| value.and_then(Value::as_str).map(str::to_owned);
            let code = text(context.get("condition")).unwrap_or_default();
            let words = text(body.pointer("/responsePayload/errorMessage"));
            let function = text(context.get("functionArn")).unwrap_or_default();
            return self.to_function(functions, &function, &code, words, &body);
        }
        let attribute = |name: &str| self.attributes.get(name).cloned();
        let code = CODES.iter().find_map(|name| attribute(name));
        if let Some(function) = attribute(TARGET) {
            let code = code.unwrap_or_else(|| "undelivered".to_owned());
            let opened = self.to_function(functions, &function, &code, attribute(WORDS), &body)?;
            // A schedule's payload is its own; whatever it says, its minute is over.
            let way = if attribute(SCHEDULE).is_some() { Way::Passed } else { opened.way };
            return Ok(Opened { way, ..opened });
        }
        match incoming(&self.body) {
            Ok(notice) => {
                let what = notice.map_or_else(
                    || "a notice".to_owned(),
                    |notice| format!("notice {} of {}", notice.kind.name(), notice.service),
                );
                let why = line(&code.unwrap_or_else(|| "received too often".to_owned()), None);
                Ok(Opened { way: Way::Notices, what, why, event: None })
            }
            Err(why) => Err(self.because(why)),
        }
    }

    fn to_function(
        &self,
        functions: &[String],
        arn: &str,
        code: &str,
        words: Option<String>,
        body: &Value,
    ) -> Result<Opened, String> {
        let named =
            Arn::read(arn).filter(|arn| arn.service == "lambda").and_then(|arn| arn.resource.strip_prefix("function:"));
        let named = named.map(|name| name.split(':').next().unwrap_or(name));
        let Some(name) = named.filter(|name| functions.iter().any(|known| known == name)) else {
            return Err(self.because(&format!("{} is no function of Headroom's", line(arn, None))));
        };
        let way = again(name, code, body);
        let Way::Function { payload, .. } = &way else { return Err(self.because("nothing to send")) };
        let event =
            serde_json::from_str::<Value>(payload).ok().and_then(|payload| receive(&payload).into_iter().next());
        let signal = event.as_ref().and_then(|received| received.signal.as_ref().ok());
        let what = signal.map_or("what the function does not read", Signal::name);
        let way = if matches!(signal, Some(Signal::Minute)) { Way::Passed } else { way };
        Ok(Opened { way, what: format!("{what} for {name}"), why: line(code, words.as_deref()), event })
    }

    fn because(&self, why: &str) -> String {
        format!("message {}: {why}", line(&self.id, None))
    }
}

/// One short line.
fn line(code: &str, words: Option<&str>) -> String {
    let all =
        words.filter(|words| !words.is_empty()).map_or_else(|| code.to_owned(), |words| format!("{code}: {words}"));
    all.chars().filter(|c| !c.is_control()).take(WHY_CHARS_MAX).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signal::minute;
    use serde_json::json;

    const HANDLER: &str = "arn:aws:lambda:eu-west-1:222222222222:function:headroom-alarm-handler";

    fn functions() -> Vec<String> {
        vec!["headroom-alarm-handler".to_owned()]
    }

    fn letter(body: &Value, attributes: &[(&str, &str)]) -> Letter {
        let attributes = attributes.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Letter { id: "m-1".to_owned(), sent: None, body: body.to_string(), attributes: attributes.collect() }
    }

    fn event() -> Value {
        json!({ "source": "aws.cloudwatch", "detail-type": "CloudWatch Alarm State Change", "detail": {} })
    }

    fn record(function: &str) -> Value {
        json!({
            "requestContext": { "functionArn": function, "condition": "RetriesExhausted", "approximateInvokeCount": 3 },
            "requestPayload": event(),
            "responsePayload": { "errorType": "PortError", "errorMessage": "dynamodb: throttled" }
        })
    }

    #[test]
    fn an_event_that_a_function_failed_on_goes_to_it_again() {
        let opened = letter(&record(&format!("{HANDLER}:$LATEST")), &[]).opened(&functions()).unwrap();
        let Way::Function { name, payload } = &opened.way else { panic!("{opened:?}") };
        assert_eq!(
            (name.as_str(), opened.why.as_str()),
            ("headroom-alarm-handler", "RetriesExhausted: dynamodb: throttled")
        );
        let sent: Value = serde_json::from_str(payload).unwrap();
        assert_eq!(sent["requestPayload"], event());
        assert!(opened.event.unwrap().again.is_some(), "the function knows that it comes again");
    }

    #[test]
    fn an_event_that_a_rule_could_not_deliver_goes_to_its_target() {
        let attributes = [
            ("RULE_ARN", "arn:aws:events:eu-west-1:222222222222:rule/headroom-alarm-state-change"),
            ("TARGET_ARN", HANDLER),
            ("ERROR_CODE", "NO_PERMISSIONS"),
            ("ERROR_MESSAGE", "not authorized"),
        ];
        let opened = letter(&event(), &attributes).opened(&functions()).unwrap();
        assert!(matches!(&opened.way, Way::Function { name, .. } if name == "headroom-alarm-handler"), "{opened:?}");
        assert_eq!(opened.why, "NO_PERMISSIONS: not authorized");
    }

    #[test]
    fn a_minute_is_over_whoever_gave_it_up() {
        let schedule = "arn:aws:scheduler:eu-west-1:222222222222:schedule/headroom/headroom-minute";
        let scheduled = [("SCHEDULE_ARN", schedule), ("TARGET_ARN", HANDLER), ("ERROR_CODE", "THROTTLING")];
        let failed = json!({ "requestPayload": minute::payload(), "requestContext": { "functionArn": HANDLER, "condition": "EventAgeExceeded" } });
        for (body, attributes) in [(minute::payload(), &scheduled[..]), (failed, &[])] {
            assert_eq!(letter(&body, attributes).opened(&functions()).unwrap().way, Way::Passed);
        }
    }

    #[test]
    fn a_letter_that_names_another_function_is_not_sent_there() {
        for function in [
            "arn:aws:lambda:eu-west-1:222222222222:function:payroll",
            "arn:aws:sqs:eu-west-1:222222222222:headroom-alarm-handler",
            "headroom-alarm-handler",
            "",
        ] {
            let why = letter(&record(function), &[]).opened(&functions()).unwrap_err();
            assert!(why.contains("m-1") && why.contains("is no function of Headroom's"), "{why}");
        }
    }

    #[test]
    fn what_is_neither_event_nor_notice_is_told_and_not_quoted() {
        for body in ["{\"secret\": 1}", "no JSON, a secret", "[]"] {
            let told = Letter { body: body.to_owned(), ..letter(&Value::Null, &[]) }.opened(&functions()).unwrap_err();
            assert!(told.starts_with("message m-1: ") && !told.contains("secret"), "{told}");
        }
    }
}
