//! The notice in a message of the topic's queue: Headroom's own, or an alarm on Headroom itself, which CloudWatch
//! publishes to the same topic.

use serde_json::Value;

use crate::id::CaseKey;
use crate::notice::{self, About, Kind, Notice};
use crate::signal::{AlarmState, Signal, receive};

/// What the alarms on Headroom itself are called; another alarm's message in this queue is nobody's notice.
const OWN_ALARMS: &str = "headroom-";
/// Whom they are about.
const ITSELF: &str = "headroom";

/// The notice in the body of a message; the error never quotes it. `None`: an alarm on Headroom itself that did not fire and
/// does not, as each does once when it is made.
///
/// # Errors
/// It holds none.
pub fn incoming(body: &str) -> Result<Option<Notice>, &'static str> {
    let message: Value = serde_json::from_str(body).map_err(|_| "a message that is no JSON")?;
    let inside = |text: &str| serde_json::from_str::<Value>(text).ok();
    // A subscription without raw delivery wraps it.
    let whole = match message.get("Message").and_then(Value::as_str).and_then(inside) {
        Some(message) if message.get("AlarmName").is_none() => message,
        Some(_) | None => message,
    };
    if let Some(notice) = notice_in(&whole) {
        return Ok(Some(notice));
    }
    let received = receive(&whole).into_iter().next().and_then(|received| received.signal.ok());
    match received {
        Some(Signal::Alarm(alarm)) if alarm.name.starts_with(OWN_ALARMS) => {
            let firing = alarm.state == AlarmState::Alarm;
            if !firing && alarm.previous != Some(AlarmState::Alarm) {
                return Ok(None);
            }
            let incident = format!("{ITSELF}/self/{}", alarm.name.trim_start_matches(OWN_ALARMS));
            let decision = CaseKey(incident.clone()).decision();
            let about = About { incident: &incident, label: ITSELF, decision: &decision, now: alarm.at };
            Ok(Some(notice::itself(&about, &alarm, firing)))
        }
        _ => Err("a message that is neither a notice nor an alarm on Headroom itself"),
    }
}

/// The notice itself, or the one inside the form for Amazon Q.
fn notice_in(message: &Value) -> Option<Notice> {
    read(message).or_else(|| {
        let text = message.pointer("/metadata/additionalContext/headroom")?.as_str()?;
        read(&serde_json::from_str(text).ok()?)
    })
}

/// A kind of a newer version, whose functions may be deployed before this one, is told in its own words as an alarm is that
/// people are only told of.
fn read(value: &Value) -> Option<Notice> {
    let mut value = value.clone();
    let kind = value.get("kind").filter(|kind| kind.is_string())?;
    if serde_json::from_value::<Kind>(kind.clone()).is_err() {
        value["kind"] = serde_json::to_value(Kind::Told).ok()?;
    }
    serde_json::from_value(value).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::DecisionId;
    use crate::notice::Severity;
    use serde_json::json;

    fn notice() -> Notice {
        Notice {
            incident: "prod-eu/web/cpu@1".to_owned(),
            kind: Kind::Opened,
            revision: 7,
            severity: Severity::Info,
            service: "prod-eu/web".to_owned(),
            decision: DecisionId("D-00000".to_owned()),
            title: "prod-eu/web: minimum 2 -> 3".to_owned(),
            lines: vec![("Done".to_owned(), "min 2 -> 3".to_owned())],
            quoted: Vec::new(),
        }
    }

    #[test]
    fn a_notice_is_read_in_each_form_that_the_topic_sends() {
        let own = serde_json::to_string(&notice()).unwrap();
        let chat = notice().chat().to_string();
        for text in [&own, &chat] {
            let wrapped = json!({"Type": "Notification", "TopicArn": "t", "Message": text}).to_string();
            assert_eq!(incoming(text), Ok(Some(notice())));
            assert_eq!(incoming(&wrapped), Ok(Some(notice())));
        }
    }

    #[test]
    fn a_kind_that_this_version_does_not_know_is_told_in_its_own_words() {
        let mut newer = serde_json::to_value(notice()).unwrap();
        newer["kind"] = json!("of-a-newer-version");
        newer["another"] = json!("field");
        let chat = json!({"metadata": {"additionalContext": {"headroom": newer.to_string()}}});
        for message in [&newer, &chat] {
            let told = incoming(&message.to_string()).unwrap().unwrap();
            assert_eq!(told, Notice { kind: Kind::Told, ..notice() });
        }
    }

    #[test]
    fn an_alarm_on_headroom_itself_pages_and_is_over_with_it() {
        let message = |name: &str, state: &str, old: &str| {
            json!({
                "AlarmName": name, "AlarmDescription": null, "AWSAccountId": "222222222222", "Region": "EU (Ireland)",
                "AlarmConfigurationUpdatedTimestamp": "2026-11-22T00:00:00.000+0000",
                "NewStateValue": state, "OldStateValue": old, "NewStateReason": "Threshold Crossed: words.",
                "StateChangeTime": "2026-11-23T02:00:31.000+0000",
                "AlarmArn": format!("arn:aws:cloudwatch:eu-west-1:222222222222:alarm:{name}"),
                "OKActions": [], "AlarmActions": [], "InsufficientDataActions": [],
                "Trigger": {"MetricName": "ApproximateNumberOfMessagesVisible", "Namespace": "AWS/SQS", "StatisticType": "Statistic",
                    "Statistic": "MAXIMUM", "Unit": null, "Dimensions": [], "Period": 60, "EvaluationPeriods": 1,
                    "ComparisonOperator": "GreaterThanThreshold", "Threshold": 0.0, "TreatMissingData": "missing"},
            })
            .to_string()
        };
        let of = |text: &str| {
            let arn = "arn:aws:sns:eu-west-1:222222222222:headroom-notices";
            let envelope = json!({"Type": "Notification", "MessageId": "m", "TopicArn": arn, "Message": text, "Timestamp": "2026-11-23T02:00:31.000Z"});
            incoming(&envelope.to_string())
        };
        let fires = of(&message("headroom-dead-letters", "ALARM", "OK")).unwrap().unwrap();
        assert_eq!((fires.kind, fires.severity), (Kind::Itself, Severity::Page));
        assert_eq!(fires.incident, "headroom/self/dead-letters");
        for state in ["OK", "INSUFFICIENT_DATA"] {
            let over = of(&message("headroom-dead-letters", state, "ALARM")).unwrap().unwrap();
            assert_eq!((over.kind, over.incident), (Kind::Closed, fires.incident.clone()));
        }
        assert_eq!(
            of(&message("headroom-dead-letters", "OK", "INSUFFICIENT_DATA")),
            Ok(None),
            "an alarm that was just made"
        );
        assert!(incoming(&message("headroom-dead-letters", "ALARM", "OK")).is_ok(), "raw delivery");
        assert!(of(&message("somebody-elses", "ALARM", "OK")).is_err());
    }

    #[test]
    fn what_is_no_notice_is_refused_without_a_word_of_it() {
        for text in ["", "NEVERTELL", "{}", "[]", "{\"Message\":\"NEVERTELL\"}", "{\"incident\":\"NEVERTELL\"}"] {
            assert!(!incoming(text).unwrap_err().contains("NEVERTELL"), "{text}");
        }
    }
}
