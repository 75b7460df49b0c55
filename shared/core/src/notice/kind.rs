//! How loud a notice is, and what it is about.

use serde::{Deserialize, Serialize};

/// How loud a notice is. People can override it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// To the incident's thread.
    Info,
    /// To the chat.
    Warn,
    /// Wakes people.
    Page,
}

/// What a notice is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Capacity was added.
    Opened,
    /// Capacity grew while the alarm went on.
    Grown,
    /// The capacity went back; closes what [`Kind::Opened`] opened.
    Closed,
    /// A lease reached its hard end.
    HardEnd,
    /// Somebody wrote the baseline over a living lease.
    PutBack,
    /// Somebody changed bounds during a lease; respected.
    Drift,
    /// Capacity outside its bounds is held by a person.
    Held,
    /// An hour's limit is spent.
    LimitReached,
    /// Actions in a row did not help.
    BreakerOpen,
    /// An action did not help.
    DidNotHelp,
    /// AWS refuses a call of Headroom.
    Denied,
    /// The environment is stopped, and bounds stay off their baseline.
    Stopped,
    /// What runs was replaced.
    Disrupted,
    /// A disruptive call failed, or nobody knows whether it took effect.
    Failed,
    /// A proposal that waits for a person.
    Suggested,
    /// An alarm that people are only told of.
    Told,
    /// Many alarms of one environment fire at once.
    Storm,
    /// A deployment is being rolled back.
    RollingBack,
    /// How a rollback ended; closes what [`Kind::RollingBack`] opened.
    RolledBack,
    /// Errors after a deployment, and nobody can say that it is the cause.
    Inconclusive,
    /// A deployment is to blame, and Headroom does not roll it back.
    NotRolledBack,
    /// A revision that was rolled back is being deployed again.
    Quarantined,
}

impl Kind {
    /// The word in dedup keys and routes.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Opened => "opened",
            Self::Grown => "grown",
            Self::Closed => "closed",
            Self::HardEnd => "hard-end",
            Self::PutBack => "put-back",
            Self::Drift => "drift",
            Self::Held => "held",
            Self::LimitReached => "limit-reached",
            Self::BreakerOpen => "breaker",
            Self::DidNotHelp => "did-not-help",
            Self::Denied => "denied",
            Self::Stopped => "stopped",
            Self::Disrupted => "disrupted",
            Self::Failed => "failed",
            Self::Suggested => "suggested",
            Self::Told => "told",
            Self::Storm => "storm",
            Self::RollingBack => "rolling-back",
            Self::RolledBack => "rolled-back",
            Self::Inconclusive => "inconclusive",
            Self::NotRolledBack => "not-rolled-back",
            Self::Quarantined => "quarantined",
        }
    }
}
