//! The state of an alarm, and since when.

use headroom_core::signal::AlarmState;
use jiff::Timestamp;

/// Who suppresses the actions of a composite alarm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SuppressedBy {
    /// The time to wait for the suppressor.
    WaitPeriod,
    /// The suppressor.
    Alarm,
    /// The time after the suppressor.
    ExtensionPeriod,
}

impl SuppressedBy {
    /// As ActionsSuppressedBy has it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::WaitPeriod => "WaitPeriod",
            Self::Alarm => "Alarm",
            Self::ExtensionPeriod => "ExtensionPeriod",
        }
    }

    /// ActionsSuppressedReason.
    #[must_use]
    pub fn reason(self) -> String {
        format!("Actions suppressed by {}", self.name())
    }
}

/// The state of an alarm.
#[derive(Debug, Clone, PartialEq)]
pub struct Standing {
    /// StateValue.
    pub value: AlarmState,
    /// StateReason.
    pub reason: String,
    /// StateReasonData, a JSON text.
    pub reason_data: Option<String>,
    /// StateUpdatedTimestamp, in seconds since the epoch: also moves without a change of the value.
    pub updated: i64,
    /// StateTransitionedTimestamp: of the last change of the value.
    pub transitioned: i64,
    /// ActionsSuppressedBy.
    pub suppressed: Option<SuppressedBy>,
}

impl Standing {
    /// As an alarm begins (API reference, PutMetricAlarm).
    pub(super) fn new(now: i64) -> Self {
        let reason = "Unchecked: Initial alarm creation".to_owned();
        let value = AlarmState::InsufficientData;
        Self { value, reason, reason_data: None, updated: now, transitioned: now, suppressed: None }
    }

    /// Another value.
    pub(super) fn turned(&self, value: AlarmState, now: i64, reason: String, reason_data: Option<String>) -> Self {
        let transitioned = if value == self.value { self.transitioned } else { now };
        Self { value, reason, reason_data, updated: now, transitioned, suppressed: self.suppressed }
    }
}

/// A time as CloudWatch's events write it: milliseconds, and an offset without a colon (AWS_FACTS 3.2).
pub(super) fn stamp(seconds: i64) -> String {
    written(seconds, "%Y-%m-%dT%H:%M:%S.000+0000")
}

/// A time in another form.
pub(super) fn written(seconds: i64, form: &str) -> String {
    Timestamp::from_second(seconds).unwrap_or(Timestamp::MIN).strftime(form).to_string()
}
