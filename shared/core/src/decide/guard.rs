//! The guards of the class *add*, in the order in which they are asked: first those that the event and the
//! table answer, so that a refused event costs no call of ECS, then those that need a look at AWS.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A guard. The order of [`Guard::ALL`] is the order of asking; the first that stops decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Guard {
    /// The event is young enough to say something about now.
    Fresh,
    /// The environment is not stopped.
    NotStopped,
    /// No mute rule was in force.
    NotMuted,
    /// No newer transition of the same source was handled.
    New,
    /// The remedy does not rest.
    Cooldown,
    /// The hour's limits leave room.
    Limits,
    /// The last actions helped.
    Breaker,
    /// The alarm is firing now, and nobody switched its actions off.
    Firing,
    /// No scaling policy watches the same metric, or it had its turn.
    NativeFirst,
    /// The bounds found are what was last applied, and no person holds the capacity.
    Drift,
    /// Max and ceiling leave room.
    Room,
}

impl Guard {
    /// In the order of asking.
    pub const ALL: [Self; 11] = [
        Self::Fresh,
        Self::NotStopped,
        Self::NotMuted,
        Self::New,
        Self::Cooldown,
        Self::Limits,
        Self::Breaker,
        Self::Firing,
        Self::NativeFirst,
        Self::Drift,
        Self::Room,
    ];
}

impl fmt::Display for Guard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Fresh => "fresh",
            Self::NotStopped => "not stopped",
            Self::NotMuted => "not muted",
            Self::New => "new",
            Self::Firing => "firing",
            Self::NativeFirst => "native first",
            Self::Cooldown => "cooldown",
            Self::Limits => "limits",
            Self::Drift => "drift",
            Self::Breaker => "breaker",
            Self::Room => "room",
        })
    }
}

/// What a guard answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// The guard.
    pub guard: Guard,
    /// Whether it let the remedy pass.
    pub passed: bool,
    /// What it saw.
    pub saw: String,
}
