//! A payload as a Lambda function, a queue or a person holds it: envelopes are opened, and what is inside is
//! decoded record by record, so that one bad record of a batch fails alone.

use std::fmt;

use serde_json::{Map, Value};

use super::alarm::sns::carry;
use super::arn::Arn;
use super::dead_letter;
use super::decode::{Signal, dispatch, nobodys};
use super::identity::Home;
use super::limits::{self, parse};
use super::refused::{NotASignal, found, quoted};

/// Envelopes inside envelopes. What a function failed on, in the dead-letter queue of its failure destination, is four
/// deep when it came from a topic through a queue: record, destination, record, notification.
const ENVELOPES_MAX: usize = 6;
/// The largest batch of a standard queue (Lambda, event source mappings of SQS), and all that is opened inside of one:
/// a record of three bytes costs a hundred times as much when it is told.
const RECORDS_MAX: usize = 10_000;

/// One record of a payload.
#[derive(Debug, Clone, PartialEq)]
pub struct Received {
    /// `messageId` of the queue's record, for `batchItemFailures`; `None` when no queue delivered it, also when the
    /// payload holds records of a queue further inside.
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

impl fmt::Display for Again {
    /// `replay after-the-fix` or `dead letter (RetriesExhausted)`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Replayed { name } => write!(f, "replay {name}"),
            Self::Redriven { why, .. } => write!(f, "dead letter ({why})"),
        }
    }
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

/// Reads bytes and opens what is in them; what a file or a wire holds. Never empty.
#[must_use]
pub fn receive_bytes(bytes: &[u8]) -> Vec<Received> {
    let text = std::str::from_utf8(bytes);
    let text = text.map_err(|error| NotASignal::NotJson { place: "payload", why: error.to_string() });
    match text.and_then(|text| parse("payload", text)) {
        Ok(payload) => receive(&payload),
        Err(why) => vec![Received { record: None, again: None, signal: Err(why) }],
    }
}

/// The way from the payload to an event.
#[derive(Debug, Clone, Default)]
struct Way {
    record: Option<String>,
    again: Option<Again>,
    /// How many envelopes were opened.
    depth: usize,
    /// Topics and queues on the way.
    through: Vec<Passed>,
}

/// A topic or a queue, no longer than needed: each record inside of it has a copy.
#[derive(Debug, Clone)]
struct Passed {
    /// The member that names it.
    place: &'static str,
    /// The beginning of what stands there.
    said: String,
    /// Its account and region, when that is an ARN.
    home: Option<(String, String)>,
}

impl Way {
    fn ends(&self, signal: Result<Signal, NotASignal>, out: &mut Vec<Received>) {
        let mut signal = signal.and_then(|signal| self.at_home(signal));
        if let Ok(Signal::Alarm(alarm) | Signal::Contributor(alarm)) = &mut signal {
            alarm.again = self.again.as_ref().map(Again::to_string);
        }
        out.push(Received { record: self.record.clone(), again: self.again.clone(), signal });
    }

    /// Passes a topic or a queue; one that is not named says nothing.
    fn through(&self, place: &'static str, arn: Option<&Value>) -> Self {
        let mut way = self.clone();
        way.through.extend(arn.map(|arn| {
            let text = arn.as_str();
            let home = text.and_then(Arn::read).map(|arn| (arn.account.to_owned(), arn.region.to_owned()));
            Passed { place, said: text.map_or_else(|| found(Some(arn)), quoted), home }
        }));
        way
    }

    /// A topic or queue of another account or region than the event's: whoever wrote there is not its source. An
    /// alarm is then in doubt and matched to nothing; a group of EC2 Auto Scaling wakes nobody anyhow.
    fn at_home(&self, mut signal: Signal) -> Result<Signal, NotASignal> {
        if matches!(signal, Signal::Ec2(_)) {
            return Ok(signal);
        }
        let Some(Home { account, region }) = signal.home() else { return Ok(signal) };
        let own = |(of, at): &(String, String)| of == account && region.is_none_or(|region| at == region);
        let foreign = |passed: &&Passed| !passed.home.as_ref().is_some_and(own);
        let Some(Passed { place, said, .. }) = self.through.iter().find(foreign) else { return Ok(signal) };
        let other = format!("{account} {}", region.unwrap_or_default());
        let kind = signal.name();
        let foreign = NotASignal::Contradiction { kind, place, found: said.clone(), against: "the event", other };
        let (Signal::Alarm(alarm) | Signal::Contributor(alarm)) = &mut signal else { return Err(foreign) };
        alarm.doubt.get_or_insert_with(|| foreign.to_string());
        Ok(signal)
    }

    fn deeper(&self) -> Self {
        Self { depth: self.depth + 1, ..self.clone() }
    }

    /// The outermost reason counts: a dead letter of a replay is a dead letter. A rule that is named counts wherever.
    fn again(&self, inner: Again) -> Self {
        let again = match (self.again.clone(), inner) {
            (Some(Again::Redriven { why, rule: None }), Again::Redriven { rule, .. }) => Again::Redriven { why, rule },
            (Some(outer), _) => outer,
            (None, inner) => inner,
        };
        Self { again: Some(again), ..self.clone() }
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
        return notification(keys, &way.deeper(), out);
    }
    if let Some(dead) = dead_letter::destination(payload) {
        return match dead {
            Ok((inside, again)) => open(inside, &way.deeper().again(again), out),
            Err(why) => way.ends(Err(why), out),
        };
    }
    // Whatever its name is: what is there came out of an archive.
    match keys.get("replay-name").filter(|name| !name.is_null()) {
        Some(name) => {
            let name = name.as_str().map_or_else(|| found(Some(name)), quoted);
            way.again(Again::Replayed { name }).ends(dispatch(payload), out);
        }
        None => way.ends(dispatch(payload), out),
    }
}

fn batch(records: &[Value], way: &Way, out: &mut Vec<Received>) {
    if records.is_empty() {
        return way.ends(Err(NotASignal::Empty { envelope: "Records" }), out);
    }
    let outermost = way.depth == 0;
    let all = if outermost { records.len() } else { out.len() + records.len() };
    if all > RECORDS_MAX {
        let many = NotASignal::TooLarge { found: all, unit: "records", max: RECORDS_MAX };
        return way.ends(Err(many), out);
    }
    for record in records {
        let way = way.deeper();
        let text = |key: &str| record.get(key).and_then(Value::as_str);
        match (record.get("Sns").and_then(Value::as_object), text("body")) {
            (Some(sns), _) => notification(sns, &way, out),
            (None, Some(body)) if text("eventSource") == Some("aws:sqs") => {
                // Only the queue that delivered the payload can be asked for a record again.
                let record_id = text("messageId").filter(|_| outermost).map(quoted);
                let way = Way { record: way.record.clone().or(record_id), ..way };
                let way = way.through("eventSourceARN", record.get("eventSourceARN"));
                let way = dead_letter::queued(record).map_or(way.clone(), |again| way.again(again));
                inside(body, &way, out);
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
        Some(Value::String(message)) => {
            let way = way.through("TopicArn", sns.get("TopicArn"));
            let way = dead_letter::notified(sns).map_or(way.clone(), |again| way.again(again));
            match parse("Message", message) {
                Ok(mut payload) => {
                    carry(&mut payload, sns);
                    open(&payload, &way, out);
                }
                Err(why) => way.ends(Err(why), out),
            }
        }
        other => {
            let (place, expected) = ("Message", "a text");
            let found = found(other);
            way.ends(Err(NotASignal::Malformed { kind: "SNS notification", place, found, expected }), out);
        }
    }
}

/// The body of a queue's record.
fn inside(text: &str, way: &Way, out: &mut Vec<Received>) {
    match parse("body", text) {
        Ok(payload) => open(&payload, way, out),
        Err(why) => way.ends(Err(why), out),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// A signal that has no other part than its envelope.
    fn tick() -> Value {
        json!({ "source": "aws.events", "detail-type": "Scheduled Event", "account": "222222222222",
            "region": "eu-west-1", "time": "2026-11-23T08:00:00Z", "detail": {},
            "resources": ["arn:aws:events:eu-west-1:222222222222:rule/r"] })
    }

    fn notification(message: &str) -> Value {
        json!({ "Type": "Notification", "MessageId": "n-1", "Message": message,
            "TopicArn": "arn:aws:sns:eu-west-1:222222222222:alarms" })
    }

    fn queue(id: &str, body: &Value) -> Value {
        json!({ "messageId": id, "body": body.to_string(), "eventSource": "aws:sqs", "messageAttributes": {} })
    }

    fn only(payload: &Value) -> Received {
        let mut received = receive(payload);
        assert_eq!(received.len(), 1, "{payload}");
        received.remove(0)
    }

    fn again(payload: &Value) -> Option<Again> {
        let received = only(payload);
        assert_eq!(received.signal.map(|s| s.name()), Ok("scheduled rule"), "{payload}");
        received.again
    }

    #[test]
    fn a_bad_record_of_a_batch_fails_alone_and_keeps_its_id() {
        let text = json!({ "messageId": "two", "body": "Hello", "eventSource": "aws:sqs" });
        let batch = json!({ "Records": [queue("one", &tick()), text, 7, queue("four", &tick())] });
        let received = receive(&batch);
        let ids: Vec<Option<&str>> = received.iter().map(|r| r.record.as_deref()).collect();
        assert_eq!(ids, [Some("one"), Some("two"), None, Some("four")]);
        let good: Vec<bool> = received.iter().map(|r| r.signal.is_ok()).collect();
        assert_eq!(good, [true, false, false, true]);
    }

    #[test]
    fn the_same_event_is_found_in_every_envelope_of_aws() {
        let event = tick().to_string();
        let sns = notification(&event);
        let records = json!({ "Records": [{ "EventSource": "aws:sns", "Sns": sns }] });
        let in_queue = json!({ "Records": [queue("one", &sns)] });
        for payload in [&sns, &records, &in_queue, &tick()] {
            assert_eq!(again(payload), None);
        }
        assert_eq!(only(&in_queue).record.as_deref(), Some("one"));
    }

    #[test]
    fn a_replay_is_marked_with_its_name() {
        let mut replayed = tick();
        replayed["replay-name"] = json!("after-the-fix");
        assert_eq!(again(&replayed), Some(Again::Replayed { name: "after-the-fix".into() }));
    }

    #[test]
    fn a_dead_letter_of_lambda_is_opened_wherever_it_was_sent() {
        let record = json!({ "version": "1.0", "timestamp": "2026-11-23T08:06:00Z",
            "requestContext": { "requestId": "r", "condition": "RetriesExhausted", "approximateInvokeCount": 3 },
            "requestPayload": tick(), "responseContext": { "statusCode": 200, "functionError": "Unhandled" } });
        let bus = json!({ "source": "lambda", "detail-type": "Lambda Function Invocation Result - Failure",
            "account": "222222222222", "region": "eu-west-1", "detail": record });
        let redriven = Some(Again::Redriven { why: "RetriesExhausted".into(), rule: None });
        let in_topic = notification(&record.to_string());
        for payload in [&record, &bus, &in_topic, &json!({ "Records": [queue("one", &record)] })] {
            assert_eq!(again(payload), redriven);
        }
        let mut done = record.clone();
        done["requestContext"]["condition"] = json!("Success");
        assert!(matches!(only(&done).signal, Err(NotASignal::Carries { .. })));
    }

    #[test]
    fn a_dead_letter_of_a_rule_a_schedule_or_a_queue_is_told_by_its_attributes() {
        let text = |text: &str| json!({ "stringValue": text, "dataType": "String" });
        let mut record = queue("one", &tick());
        let rule = "arn:aws:events:eu-west-1:222222222222:rule/r";
        record["messageAttributes"] = json!({ "RULE_ARN": text(rule), "TARGET_ARN": text("arn:t"),
            "ERROR_CODE": text("NO_PERMISSIONS"), "RETRY_ATTEMPTS": text("0") });
        let why = "NO_PERMISSIONS".to_owned();
        assert_eq!(again(&json!({ "Records": [record] })), Some(Again::Redriven { why, rule: Some(rule.into()) }));
        record["messageAttributes"] = json!({ "RequestID": text("r"), "ErrorCode": text("200") });
        let why = "function error 200".to_owned();
        assert_eq!(again(&json!({ "Records": [record] })), Some(Again::Redriven { why, rule: None }));
        let mut failed = notification(&tick().to_string());
        let text = |text: &str| json!({ "Type": "String", "Value": text });
        failed["MessageAttributes"] = json!({ "RequestID": text("r"), "ErrorCode": text("200") });
        let why = "function error 200".to_owned();
        assert_eq!(again(&failed), Some(Again::Redriven { why, rule: None }), "of a topic");
        record["messageAttributes"] = json!({});
        record["attributes"] = json!({ "DeadLetterQueueSourceArn": "arn:aws:sqs:eu-west-1:222222222222:alarms" });
        let why = "received too often".to_owned();
        assert_eq!(again(&json!({ "Records": [record] })), Some(Again::Redriven { why, rule: None }));
    }

    #[test]
    fn what_carries_no_event_is_refused_with_the_reason() {
        let mut confirmation = notification("You have chosen to subscribe");
        confirmation["Type"] = json!("SubscriptionConfirmation");
        let mut object = notification("");
        object["Message"] = json!({ "AlarmName": "x" });
        for (payload, why) in [
            (json!([]), "not a json object"),
            (json!({}), "an object that no source here sends"),
            (json!({ "Records": [] }), "Records without a record"),
            (json!({ "Records": [{}] }), "an object that no source here sends"),
            (
                json!({ "data": tick(), "type": "x" }),
                "an event inside \"data\": that envelope is not AWS's and is not opened",
            ),
            (notification("Hello"), "Message is not json: expected value at line 1 column 1"),
            (confirmation, "SNS message: Type is \"SubscriptionConfirmation\", no event is inside"),
            (object, "SNS notification: Message is an object, expected a text"),
            (json!({ "services": [], "failures": [] }), "an object that no source here sends"),
        ] {
            assert_eq!(only(&payload).signal.unwrap_err().to_string(), why);
        }
    }

    #[test]
    fn a_topic_or_a_queue_of_another_place_is_not_the_events_source() {
        for (member, arn) in [
            ("TopicArn", "arn:aws:sns:eu-west-1:999999999999:alarms"),
            ("TopicArn", "arn:aws:sns:us-west-2:222222222222:alarms"),
            ("TopicArn", "arn:aws:sns:EXAMPLE"),
            ("eventSourceARN", "arn:aws:sqs:eu-west-1:999999999999:alarms"),
        ] {
            let mut sns = notification(&tick().to_string());
            sns["TopicArn"] =
                json!(if member == "TopicArn" { arn } else { "arn:aws:sns:eu-west-1:222222222222:alarms" });
            let mut record = queue("one", &sns);
            record["eventSourceARN"] =
                json!(if member == "TopicArn" { "arn:aws:sqs:eu-west-1:222222222222:alarms" } else { arn });
            match only(&json!({ "Records": [record] })).signal {
                Err(NotASignal::Contradiction { place, found, .. }) => {
                    assert_eq!((place, found.as_str()), (member, arn))
                }
                other => panic!("{arn}: {other:?}"),
            }
        }
    }

    #[test]
    fn envelopes_inside_envelopes_end_somewhere() {
        let mut payload = tick();
        for _ in 0..=ENVELOPES_MAX {
            payload = notification(&payload.to_string());
        }
        let too_deep = only(&payload).signal.unwrap_err();
        assert!(matches!(too_deep, NotASignal::TooLarge { unit: "envelopes", .. }), "{too_deep}");
    }

    fn redriven(why: &str, rule: Option<&str>) -> Option<Again> {
        Some(Again::Redriven { why: why.into(), rule: rule.map(str::to_owned) })
    }

    fn destination(payload: &Value) -> Value {
        json!({ "requestContext": { "condition": "RetriesExhausted" }, "requestPayload": payload })
    }

    #[test]
    fn every_envelope_that_aws_itself_makes_counts_once() {
        // Topic, queue, function, failure destination, its queue, that queue's own dead-letter queue, and once more.
        let failed = destination(&json!({ "Records": [queue("one", &notification(&tick().to_string()))] }));
        let mut moved = queue("two", &failed);
        moved["attributes"] = json!({ "DeadLetterQueueSourceArn": "arn:aws:sqs:eu-west-1:222222222222:failed" });
        let moved = json!({ "Records": [moved] });
        assert_eq!(again(&moved), redriven("received too often", None));
        assert_eq!(only(&moved).record.as_deref(), Some("two"));
        let failed_again = json!({ "Records": [queue("three", &destination(&moved))] });
        assert_eq!(again(&failed_again), redriven("RetriesExhausted", None), "six envelopes");
    }

    #[test]
    fn a_record_inside_of_what_no_queue_delivered_is_no_queues() {
        let inside = json!({ "Records": [queue("one", &tick()), queue("two", &json!("Hello"))] });
        for payload in [notification(&inside.to_string()), destination(&inside)] {
            let ids: Vec<Option<String>> = receive(&payload).into_iter().map(|r| r.record).collect();
            assert_eq!(ids, [None, None], "nobody could be asked for it again: {payload}");
        }
        let queued = json!({ "Records": [queue("outer", &inside)] });
        let ids: Vec<Option<String>> = receive(&queued).into_iter().map(|r| r.record).collect();
        assert_eq!(ids, [Some("outer".to_owned()), Some("outer".to_owned())]);
    }

    #[test]
    fn the_rule_of_a_dead_letter_is_kept_in_whatever_it_lies() {
        let text = |text: &str| json!({ "stringValue": text, "dataType": "String" });
        let rule = "arn:aws:events:eu-west-1:222222222222:rule/custom/r";
        let mut record = queue("one", &tick());
        record["messageAttributes"] = json!({ "RULE_ARN": text(rule), "TARGET_ARN": text("arn:t") });
        let failed = destination(&json!({ "Records": [record] }));
        assert_eq!(again(&failed), redriven("RetriesExhausted", Some(rule)));
    }

    #[test]
    fn a_replay_is_one_whatever_its_name_is() {
        for name in [json!(7), json!({}), json!("")] {
            let mut replayed = tick();
            replayed["replay-name"] = name.clone();
            assert!(matches!(again(&replayed), Some(Again::Replayed { .. })), "{name}");
        }
    }

    #[test]
    fn batches_inside_a_batch_are_limited_together() {
        let many = json!({ "Records": vec![json!({}); RECORDS_MAX / 4] });
        let batch = json!({ "Records": (0..40).map(|n| queue(&n.to_string(), &many)).collect::<Vec<_>>() });
        let received = receive(&batch);
        assert!(received.len() <= RECORDS_MAX + 40, "{}", received.len());
        let large = |r: &Received| matches!(r.signal, Err(NotASignal::TooLarge { unit: "records", .. }));
        let ids: Vec<&str> = received.iter().filter(|r| large(r)).filter_map(|r| r.record.as_deref()).collect();
        assert_eq!((ids.len(), ids.first(), ids.last()), (36, Some(&"4"), Some(&"39")), "each has its answer");
    }

    #[test]
    fn what_a_record_says_of_its_way_is_not_copied_to_every_record_inside() {
        let inside = json!({ "Records": vec![json!({}); 2_000] }).to_string();
        let long = "x".repeat(1_000_000);
        let mut record = queue("one", &json!({ "Type": "Notification", "TopicArn": long, "Message": inside }));
        record["messageAttributes"] =
            json!({ "TARGET_ARN": { "stringValue": "t" }, "RULE_ARN": { "stringValue": long } });
        let received = receive(&json!({ "Records": [record] }));
        let rule = |r: &Received| match &r.again {
            Some(Again::Redriven { rule: Some(rule), .. }) => rule.len(),
            other => panic!("{other:?}"),
        };
        assert_eq!(received.len(), 2_000);
        assert!(received.iter().map(rule).sum::<usize>() < 4_000_000);
    }
}
