//! The state of an alarm.

use serde::{Deserialize, Serialize};

/// The three states of an alarm; an unknown word is refused, never guessed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum AlarmState {
    /// Over the threshold.
    Alarm,
    /// Not over it.
    Ok,
    /// Nobody knows.
    InsufficientData,
}

impl AlarmState {
    /// The word as CloudWatch writes it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Alarm => "ALARM",
            Self::Ok => "OK",
            Self::InsufficientData => "INSUFFICIENT_DATA",
        }
    }

    /// Reads CloudWatch's word.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Alarm, Self::Ok, Self::InsufficientData].into_iter().find(|s| s.name() == name)
    }
}
