//! What an event of EventBridge and a direct invocation have in common: the same body in two envelopes.
//!
//! Tolerant of what varies (unknown keys, absent reasons, times without a colon in the offset), strict about
//! what a decision needs: state, its time, and an ARN. What disagrees with the ARN leaves whose it is in doubt.

use jiff::Timestamp;
use serde_json::Value;

use super::arn::AlarmArn;
use super::composite::Composite;
use super::contributor;
use super::event::{AlarmEvent, Contributor, Mute};
use super::metric::watched;
use super::reason;
use super::state::AlarmState;
use crate::signal::read::{Reader, bounded};
use crate::signal::refused::{NotASignal, found};
use crate::time::parse_aws;

/// The ARN that every form has.
pub(super) const AN_ARN: &str = "the ARN of an alarm";
const A_TIME: &str = "a time like 2026-06-03T15:46:15.662+0000";
const A_STATE: &str = "ALARM, OK or INSUFFICIENT_DATA";
const SERVICE_TAG: &str = "headroom:service";

/// Where an envelope keeps what the body does not say, and how messages name the body's parts.
#[derive(Debug)]
pub(super) struct Shape {
    pub(super) body: &'static str,
    pub(super) arn: &'static str,
    pub(super) account: &'static str,
    pub(super) region: &'static str,
    pub(super) name: &'static str,
    pub(super) value: &'static str,
    pub(super) stamp: &'static str,
    pub(super) contributor: &'static str,
    /// Id and time of the message, for an event whose state has no time; `None` where the envelope has no id.
    pub(super) message: Option<(&'static str, &'static str)>,
}

/// Decodes a body; the contributor too when there is one.
pub(super) fn decode(kind: &'static str, event: &Value, shape: &Shape) -> Result<AlarmEvent, NotASignal> {
    let read = Reader { kind, event };
    let (arn_text, arn) = alarm_arn(&read, shape.arn)?;
    let beside = [(shape.account, arn.account), (shape.region, arn.region), (shape.name, arn.name)];
    let doubt = doubt(&read, shape.arn, &beside)?;
    let state = state(&read, shape.value)?;
    let (at, message) = moment(&read, shape.stamp, shape.message)?;
    let part = |key: &str| read.at(shape.body).and_then(|b| b.get(key)).filter(|v| !v.is_null());
    let text =
        |of: Option<&'_ Value>, key: &str| of.and_then(|of| of.get(key)).and_then(Value::as_str).map(str::to_owned);
    let (now, before, configuration) = (part("state"), part("previousState"), part("configuration"));
    let data = reason::data(now.and_then(|s| s.get("reasonData")));
    let watched = watched(configuration.and_then(|c| c.get("metrics")));
    let children = data.as_ref().and_then(|d| d.get("triggeringAlarms"));
    Ok(AlarmEvent {
        arn: arn_text.to_owned(),
        doubt,
        name: arn.name.to_owned(),
        account: arn.account.to_owned(),
        region: arn.region.to_owned(),
        state,
        previous: text(before, "value").as_deref().and_then(AlarmState::from_name),
        suppressed_by: suppressor(now),
        previously_suppressed_by: suppressor(before),
        at,
        message,
        again: None,
        reason: now.and_then(|event| Reader { kind, event }.sentence("reason")),
        datapoints: reason::datapoints(data.as_ref()),
        threshold: reason::threshold(data.as_ref()),
        metric: watched.metric,
        members: watched.members,
        composite: text(configuration, "alarmRule").map(|rule| Composite::read(&rule, children, &arn)),
        contributor: part("alarmContributor").map(|part| contributor_of(&read, shape, part)).transpose()?,
        service_tag: service_tag(part("alarmTags")),
        mute: part("muteDetail").map(mute),
        task: None,
    })
}

/// The alarm's ARN at a place, as it stands there and taken apart.
pub(super) fn alarm_arn<'a>(read: &Reader<'a>, place: &'static str) -> Result<(&'a str, AlarmArn<'a>), NotASignal> {
    let text = read.text(place)?;
    Ok((text, AlarmArn::read(text).ok_or_else(|| read.refuse(place, AN_ARN))?))
}

/// The first of the members beside an ARN that says something else than the ARN.
pub(super) fn doubt(
    read: &Reader<'_>,
    arn: &'static str,
    beside: &[(&'static str, &str)],
) -> Result<Option<String>, NotASignal> {
    let mut doubt = None;
    for (place, said) in beside {
        if let Err(contradiction) = read.agree(place, read.text(place)?, arn, said) {
            doubt.get_or_insert_with(|| contradiction.to_string());
        }
    }
    Ok(doubt)
}

/// The state at a place.
pub(super) fn state(read: &Reader<'_>, place: &'static str) -> Result<AlarmState, NotASignal> {
    read.at(place).and_then(Value::as_str).and_then(AlarmState::from_name).ok_or_else(|| read.refuse(place, A_STATE))
}

/// The time at a place; where there is none, that of the message with its id, which the case key then counts in.
/// A time that is there and cannot be read is never guessed around.
pub(super) fn moment(
    read: &Reader<'_>,
    place: &'static str,
    message: Option<(&'static str, &'static str)>,
) -> Result<(Timestamp, Option<String>), NotASignal> {
    let moment = match (read.at(place), message) {
        (Some(_), _) => read.maybe_time(place).map(|at| (at, None)),
        (None, Some((id, time))) => read.id(id).and_then(|id| Some((read.maybe_time(time)?, Some(id)))),
        (None, None) => None,
    };
    moment.ok_or_else(|| read.refuse(place, A_TIME))
}

/// Who suppresses the actions; a value that is no text suppresses too, since it is there.
fn suppressor(state: Option<&Value>) -> Option<String> {
    let by = state?.get("actionsSuppressedBy").filter(|by| !by.is_null())?;
    by.as_str().map_or_else(|| Some(found(Some(by))), |by| (!by.is_empty()).then(|| bounded(by)))
}

fn contributor_of(read: &Reader<'_>, shape: &Shape, part: &Value) -> Result<Contributor, NotASignal> {
    let id = read.text(shape.contributor)?.to_owned();
    Ok(Contributor { id, attributes: contributor::attributes(part.get("attributes")) })
}

/// Tags are an object; a list of key and value, as AWS writes tags elsewhere, says the same.
pub(super) fn service_tag(tags: Option<&Value>) -> Option<String> {
    let tags = tags?;
    let either = |tag: &Value, camel: &str, pascal: &str| {
        tag.get(camel).or_else(|| tag.get(pascal)).and_then(Value::as_str).map(bounded)
    };
    let listed = |tag: &&Value| either(tag, "key", "Key").as_deref() == Some(SERVICE_TAG);
    match tags.as_array() {
        Some(list) => either(list.iter().find(listed)?, "value", "Value"),
        None => tags.get(SERVICE_TAG)?.as_str().map(bounded),
    }
}

/// A mute rule in force, whatever is said of it: muting too much waits, muting too little acts.
fn mute(detail: &Value) -> Mute {
    let text = |key: &str| detail.get(key).and_then(Value::as_str);
    Mute { by: bounded(text("mutedByArn").unwrap_or("a mute rule")), until: text("muteWindowEnd").and_then(parse_aws) }
}
