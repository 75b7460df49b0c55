//! Classes of remedies: what a guard concerns, it concerns by class (SEMANTICS 20).

use serde::{Deserialize, Serialize};

use crate::decide::Guard;
use crate::fleet::Action;

/// What a remedy does to a service that works.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Class {
    /// Capacity is added or kept: a floor, a raised max, scale-in suspended. Harms nothing that runs.
    Add,
    /// Tasks that run are replaced.
    Disrupt,
    /// Another revision is put in the place of the one that runs.
    Rollback,
    /// People are told; nothing else.
    Tell,
}

impl Class {
    /// The word in explanations and reference pages.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Add => "add",
            Self::Disrupt => "disrupt",
            Self::Rollback => "rollback",
            Self::Tell => "tell",
        }
    }
}

impl Action {
    /// Its class.
    #[must_use]
    pub fn class(self) -> Class {
        match self {
            Self::ScaleOut | Self::SuspendScaleIn | Self::RaiseMax => Class::Add,
            Self::ForceNewDeployment | Self::StopTask => Class::Disrupt,
            Self::Rollback => Class::Rollback,
            Self::NotifyOnly => Class::Tell,
        }
    }

    /// The guards before it, in the order of asking: event and table first, then what needs a look at AWS.
    ///
    /// A running deployment or a freeze never stops added capacity, and no policy has a turn before a restart
    /// (SEMANTICS 20).
    #[must_use]
    pub fn guards(self) -> &'static [Guard] {
        use Guard::{
            Breaker, Cooldown, Cost, Dependencies, Deployment, Drift, Firing, Fresh, Limits, NativeFirst, New,
            NotFrozen, NotMuted, NotPaused, NotStopped, Quota, Reading, Room, Storm, Subject,
        };
        match self {
            Self::ScaleOut => &[
                Fresh,
                NotStopped,
                NotPaused,
                NotMuted,
                New,
                Cooldown,
                Limits,
                Breaker,
                Firing,
                Reading,
                NativeFirst,
                Dependencies,
                Drift,
                Room,
                Quota,
                Cost,
            ],
            Self::RaiseMax => &[
                Fresh,
                NotStopped,
                NotPaused,
                NotMuted,
                New,
                Cooldown,
                Limits,
                Breaker,
                Firing,
                Dependencies,
                Drift,
                Room,
                Quota,
                Cost,
            ],
            Self::SuspendScaleIn => {
                &[Fresh, NotStopped, NotPaused, NotMuted, New, Cooldown, Limits, Breaker, Firing, Drift, Room]
            }
            Self::ForceNewDeployment | Self::StopTask => &[
                Fresh, NotStopped, NotPaused, NotMuted, NotFrozen, New, Storm, Cooldown, Limits, Breaker, Firing,
                Reading, Deployment, Subject,
            ],
            // Decided by the watch over a deployment, which asks in its own order.
            Self::Rollback => &[],
            Self::NotifyOnly => &[Fresh, NotStopped, NotMuted, New, Cooldown, Firing],
        }
    }
}
