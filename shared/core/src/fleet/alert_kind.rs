//! The alerts there are, each with its word, its usual severity and the key that means something for it.

use serde::{Deserialize, Serialize};

use crate::notice::Severity;

/// What people may be told about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AlertKind {
    /// A lease added capacity, was renewed or ended.
    ScaleOut,
    /// Mode `observe`: what would have been done.
    WouldAct,
    /// Auto Scaling wants more than max; there is a proposal.
    AtMax,
    /// The same, and ceiling, quota or cost leave nothing to propose.
    AtMaxBlocked,
    /// A rollback was done, and errors are gone.
    RolledBack,
    /// Errors after a deployment, and no rollback: too little to tell, or not this deployment.
    RollbackRefused,
    /// A rollback was done, and errors stayed.
    RollbackDidNotHelp,
    /// A schedule's window opened with fewer healthy tasks than its floor.
    PrewarmLate,
    /// An action did not help.
    DidNotHelp,
    /// Actions in a row did not help: no more are taken.
    Breaker,
    /// A limit of the file is spent.
    LimitReached,
    /// Application Auto Scaling failed to scale.
    ScalingFailed,
    /// The load is high in spite of scaling.
    StillHigh,
    /// Tasks are added and removed in turn.
    Flapping,
    /// Somebody changed bounds during a lease.
    Drift,
    /// Headroom itself: no heartbeat, dead letters, a denied permission.
    #[serde(rename = "self")]
    Itself,
}

impl AlertKind {
    /// Every kind, in the order in which errors list them.
    pub const ALL: [Self; 16] = [
        Self::ScaleOut,
        Self::WouldAct,
        Self::AtMax,
        Self::AtMaxBlocked,
        Self::RolledBack,
        Self::RollbackRefused,
        Self::RollbackDidNotHelp,
        Self::PrewarmLate,
        Self::DidNotHelp,
        Self::Breaker,
        Self::LimitReached,
        Self::ScalingFailed,
        Self::StillHigh,
        Self::Flapping,
        Self::Drift,
        Self::Itself,
    ];

    /// The word in the fleet file.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::ScaleOut => "scale-out",
            Self::WouldAct => "would-act",
            Self::AtMax => "at-max",
            Self::AtMaxBlocked => "at-max-blocked",
            Self::RolledBack => "rolled-back",
            Self::RollbackRefused => "rollback-refused",
            Self::RollbackDidNotHelp => "rollback-did-not-help",
            Self::PrewarmLate => "prewarm-late",
            Self::DidNotHelp => "did-not-help",
            Self::Breaker => "breaker",
            Self::LimitReached => "limit-reached",
            Self::ScalingFailed => "scaling-failed",
            Self::StillHigh => "still-high",
            Self::Flapping => "flapping",
            Self::Drift => "drift",
            Self::Itself => "self",
        }
    }

    /// How loud it is in production, unless the file says otherwise: what only a person can mend wakes one.
    pub(crate) fn severity(self) -> Severity {
        match self {
            Self::ScaleOut | Self::WouldAct => Severity::Info,
            Self::AtMax | Self::RolledBack | Self::Flapping | Self::Drift => Severity::Warn,
            Self::AtMaxBlocked
            | Self::RollbackRefused
            | Self::RollbackDidNotHelp
            | Self::PrewarmLate
            | Self::DidNotHelp
            | Self::Breaker
            | Self::LimitReached
            | Self::ScalingFailed
            | Self::StillHigh
            | Self::Itself => Severity::Page,
        }
    }

    /// The key beside `severity` that means something for it, and an example.
    pub(crate) fn own_key(self) -> Option<(&'static str, &'static str)> {
        match self {
            Self::StillHigh => Some(("after", "after: 10m")),
            Self::AtMax => Some(("page_after", "page_after: 30m")),
            Self::Flapping => Some(("turns_per_hour", "turns_per_hour: 6")),
            Self::ScaleOut
            | Self::WouldAct
            | Self::AtMaxBlocked
            | Self::RolledBack
            | Self::RollbackRefused
            | Self::RollbackDidNotHelp
            | Self::PrewarmLate
            | Self::DidNotHelp
            | Self::Breaker
            | Self::LimitReached
            | Self::ScalingFailed
            | Self::Drift
            | Self::Itself => None,
        }
    }

    /// A sentence that editors show.
    pub(crate) fn about(self) -> &'static str {
        match self {
            Self::ScaleOut => "A lease added capacity, was renewed or ended.",
            Self::WouldAct => "What would have been done in mode observe.",
            Self::AtMax => "Auto Scaling wants more than max; there is a proposal.",
            Self::AtMaxBlocked => "The same, and ceiling, quota or cost leave nothing to propose.",
            Self::RolledBack => "A rollback was done, and errors are gone.",
            Self::RollbackRefused => "Errors after a deployment, and no rollback.",
            Self::RollbackDidNotHelp => "A rollback was done, and errors stayed.",
            Self::PrewarmLate => "A schedule's window opened with fewer healthy tasks than its floor.",
            Self::DidNotHelp => "An action did not help.",
            Self::Breaker => "Actions in a row did not help: no more are taken.",
            Self::LimitReached => "A limit of the file is spent.",
            Self::ScalingFailed => "Application Auto Scaling failed to scale.",
            Self::StillHigh => "The load is high in spite of scaling.",
            Self::Flapping => "Tasks are added and removed in turn.",
            Self::Drift => "Somebody changed bounds during a lease.",
            Self::Itself => "Headroom itself: no heartbeat, dead letters, a denied permission.",
        }
    }
}
