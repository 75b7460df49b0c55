//! The alarm as CloudWatch publishes it to a topic: other names for everything, and times and places elsewhere.
//!
//! This is the message itself, as raw delivery hands it over, or as it stands in a notification. `Region` is a
//! display name ("EU (Ireland)"), so the region comes from the alarm's ARN. A message from before CloudWatch sent that
//! ARN (about 2020), or with something else in its place, is read as far as it goes, and matches nothing: nobody can
//! tell whose it is.

use serde_json::{Map, Value};

use super::arn::AlarmArn;
use super::body::{AN_ARN, doubt, moment, service_tag, state};
use super::composite::Composite;
use super::contributor::attributes;
use super::event::{AlarmEvent, Contributor};
use super::metric::{Watched, of_trigger, watched};
use super::state::AlarmState;
use crate::signal::arn::is_region;
use crate::signal::decode::{By, Signal, Source};
use crate::signal::read::Reader;
use crate::signal::refused::NotASignal;

/// What messages call it.
pub const KIND: &str = "CloudWatch alarm notification";
/// Who calls the function: the permission of a function that takes this form names it.
pub const PRINCIPAL: &str = "sns.amazonaws.com";
/// The key that every version of the message has, and no other source.
const NAME: &str = "AlarmName";
/// The contributor of a multi-series alarm, and what its series is of.
const CONTRIBUTOR: &str = "AlarmContributorId";
const ATTRIBUTES: &str = "AlarmContributorAttributes";
/// An alarm that was in ALARM before and whose action runs again: what suppressed it has let go.
const RELEASED: &str = "what was released";

/// One file, one source.
pub(in crate::signal) const NOTIFICATION: Source = Source {
    name: "alarm notification",
    by: By::Keys(&[NAME]),
    pattern: None,
    decode: |event| decode(event).map(Signal::of_alarm),
};

/// Hands what only the notification knows to its message: its id and time, for an alarm that says no time
/// (SEMANTICS 16), and its topic, for one that says no ARN.
pub(in crate::signal) fn carry(message: &mut Value, notification: &Map<String, Value>) {
    let Some(message) = message.as_object_mut().filter(|m| m.contains_key(NAME)) else { return };
    for key in ["MessageId", "Timestamp", "TopicArn"] {
        match notification.get(key) {
            Some(value) => message.insert(key.to_owned(), value.clone()),
            None => message.remove(key),
        };
    }
}

/// Decodes the message.
///
/// # Errors
/// [`NotASignal`] names the first part that a decision needs and that is not there. What contradicts the alarm's ARN
/// leaves it in doubt.
pub fn decode(event: &Value) -> Result<AlarmEvent, NotASignal> {
    let read = Reader { kind: KIND, event };
    let (name, account) = (read.text(NAME)?, read.text("AWSAccountId")?);
    let (arn, doubt) = match read.at("AlarmArn").and_then(Value::as_str).and_then(AlarmArn::read) {
        Some(arn) => (arn, doubt(&read, "AlarmArn", &[("AWSAccountId", arn.account), (NAME, arn.name)])?),
        None => {
            let region = read.at("TopicArn").and_then(Value::as_str).and_then(|topic| topic.split(':').nth(3));
            let region = region.filter(|region| is_region(region)).unwrap_or_default();
            (AlarmArn { region, account, name }, Some(read.refuse("AlarmArn", AN_ARN).to_string()))
        }
    };
    let arn_text = match read.id("AlarmArn") {
        Some(text) => text,
        None => format!("arn:aws:cloudwatch:{}:{}:alarm:{}", arn.region, arn.account, arn.name),
    };
    let state = state(&read, "NewStateValue")?;
    let contributor = contributor(&read)?;
    // Beside a contributor the old state may be the whole alarm's: only a different one says something of it.
    let previous = read.at("OldStateValue").and_then(Value::as_str).and_then(AlarmState::from_name);
    let previous = previous.filter(|old| contributor.is_none() || *old != state);
    let (at, message) = moment(&read, "StateChangeTime", Some(("MessageId", "Timestamp")))?;
    let watched = match (read.at("Trigger"), read.at("Trigger.Metrics")) {
        (Some(_), list @ Some(_)) => watched(list),
        (Some(trigger), None) => Watched { metric: of_trigger(trigger), members: Vec::new() },
        (None, _) => Watched::default(),
    };
    let rule = read.at("AlarmRule").and_then(Value::as_str);
    Ok(AlarmEvent {
        arn: arn_text,
        doubt,
        name: arn.name.to_owned(),
        account: arn.account.to_owned(),
        region: arn.region.to_owned(),
        state,
        previous,
        // A message is sent when an action runs, and a suppressed alarm runs none.
        suppressed_by: None,
        previously_suppressed_by: (state == AlarmState::Alarm && previous == Some(state)).then(|| RELEASED.to_owned()),
        at,
        message,
        again: None,
        reason: read.sentence("NewStateReason"),
        datapoints: Vec::new(),
        threshold: read.at("Trigger.Threshold").and_then(Value::as_f64),
        metric: watched.metric,
        members: watched.members,
        composite: rule.map(|rule| Composite::read(rule, read.at("TriggeringChildren"), &arn)),
        contributor,
        service_tag: service_tag(read.at("AlarmTags")),
        mute: None,
        task: None,
    })
}

/// The contributor that the message tells of. An id that cannot be read is never the alarm itself.
fn contributor(read: &Reader<'_>) -> Result<Option<Contributor>, NotASignal> {
    let attributes = attributes(read.at(ATTRIBUTES));
    match read.at(CONTRIBUTOR) {
        None if attributes.is_empty() => Ok(None),
        _ => Ok(Some(Contributor { id: read.text(CONTRIBUTOR)?.to_owned(), attributes })),
    }
}
