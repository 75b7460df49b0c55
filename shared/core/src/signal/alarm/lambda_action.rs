//! The alarm as CloudWatch itself hands it to a function: a Lambda action, without EventBridge in between.
//!
//! The body is the same as an event's, under `alarmData`; account and ARN have other names. There is no message
//! id: a body without the time of its change is none (SEMANTICS 16).

use serde_json::Value;

use super::body::{self, Shape};
use super::event::AlarmEvent;
use super::state_change::SOURCE;
use crate::signal::decode::{By, Signal, Source};
use crate::signal::read::Reader;
use crate::signal::refused::NotASignal;

/// What messages call it.
pub const KIND: &str = "CloudWatch alarm action";
/// Who calls the function: the permission of a function that takes this form names it.
pub const PRINCIPAL: &str = "lambda.alarms.cloudwatch.amazonaws.com";

/// One file, one source.
pub(in crate::signal) const LAMBDA_ACTION: Source = Source {
    name: "alarm action",
    by: By::Keys(&["alarmData"]),
    pattern: None,
    decode: |event| decode(event).map(Signal::of_alarm),
};

const SHAPE: Shape = Shape {
    body: "alarmData",
    arn: "alarmArn",
    account: "accountId",
    region: "region",
    name: "alarmData.alarmName",
    value: "alarmData.state.value",
    stamp: "alarmData.state.timestamp",
    contributor: "alarmData.alarmContributor.id",
    message: None,
};

/// Decodes the payload; the action of a multi-series alarm is one contributor's.
///
/// # Errors
/// [`NotASignal`] names the first part that a decision needs and that is not there, or that contradicts the
/// alarm's ARN.
pub fn decode(event: &Value) -> Result<AlarmEvent, NotASignal> {
    let read = Reader { kind: KIND, event };
    if read.text("source")? != SOURCE {
        return Err(read.refuse("source", SOURCE));
    }
    body::decode(KIND, event, &SHAPE)
}
