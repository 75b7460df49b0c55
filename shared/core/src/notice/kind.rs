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

impl Severity {
    /// The word in message attributes and in the fleet file.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warn => "warn",
            Self::Page => "page",
        }
    }
}

/// What a notice is to the incident that it belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Phase {
    /// It says something new.
    Opened,
    /// What was said goes on; worth an edit, not a message of its own.
    Updated,
    /// What was opened is over.
    Closed,
}

impl Phase {
    /// The word in message attributes.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Opened => "opened",
            Self::Updated => "updated",
            Self::Closed => "closed",
        }
    }
}

/// What a notice is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
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
    /// Mode `observe`: what would have been done.
    WouldAct,
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
    /// Max is near, and the demand rises.
    NearMax,
    /// Max is reached.
    AtMax,
    /// The same, later.
    AtMaxGoesOn,
    /// More is asked for than max for too long.
    AtMaxPaged,
    /// More is asked for than max, and nothing can be proposed.
    AtMaxBlocked,
    /// Application Auto Scaling fails to scale.
    ScalingFailed,
    /// The load is high in spite of scaling.
    StillHigh,
    /// Tasks are added and removed in turn.
    Flapping,
    /// What one of these opened is over.
    EpisodeOver,
    /// The floor of a schedule's window is not there.
    PrewarmLate,
    /// It is there now, or its window is over; closes what [`Kind::PrewarmLate`] opened.
    PrewarmComplete,
    /// An alarm on Headroom itself fires.
    Itself,
    /// Several notices in one, because they were many or came in quiet hours.
    Digest,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 36] = [
        Self::Opened,
        Self::Grown,
        Self::Closed,
        Self::HardEnd,
        Self::PutBack,
        Self::Drift,
        Self::Held,
        Self::LimitReached,
        Self::BreakerOpen,
        Self::DidNotHelp,
        Self::Denied,
        Self::Stopped,
        Self::Disrupted,
        Self::Failed,
        Self::Suggested,
        Self::WouldAct,
        Self::Told,
        Self::Storm,
        Self::RollingBack,
        Self::RolledBack,
        Self::Inconclusive,
        Self::NotRolledBack,
        Self::Quarantined,
        Self::NearMax,
        Self::AtMax,
        Self::AtMaxGoesOn,
        Self::AtMaxPaged,
        Self::AtMaxBlocked,
        Self::ScalingFailed,
        Self::StillHigh,
        Self::Flapping,
        Self::EpisodeOver,
        Self::PrewarmLate,
        Self::PrewarmComplete,
        Self::Itself,
        Self::Digest,
    ];

    /// What it is to its incident.
    #[must_use]
    pub fn phase(self) -> Phase {
        match self {
            Self::Grown | Self::AtMaxGoesOn => Phase::Updated,
            Self::Closed | Self::RolledBack | Self::EpisodeOver | Self::PrewarmComplete => Phase::Closed,
            Self::Opened
            | Self::HardEnd
            | Self::PutBack
            | Self::Drift
            | Self::Held
            | Self::LimitReached
            | Self::BreakerOpen
            | Self::DidNotHelp
            | Self::Denied
            | Self::Stopped
            | Self::Disrupted
            | Self::Failed
            | Self::Suggested
            | Self::WouldAct
            | Self::Told
            | Self::Storm
            | Self::RollingBack
            | Self::Inconclusive
            | Self::NotRolledBack
            | Self::Quarantined
            | Self::NearMax
            | Self::AtMax
            | Self::AtMaxPaged
            | Self::AtMaxBlocked
            | Self::ScalingFailed
            | Self::StillHigh
            | Self::Flapping
            | Self::PrewarmLate
            | Self::Itself
            | Self::Digest => Phase::Opened,
        }
    }

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
            Self::WouldAct => "would-act",
            Self::Told => "told",
            Self::Storm => "storm",
            Self::RollingBack => "rolling-back",
            Self::RolledBack => "rolled-back",
            Self::Inconclusive => "inconclusive",
            Self::NotRolledBack => "not-rolled-back",
            Self::Quarantined => "quarantined",
            Self::NearMax => "near-max",
            Self::AtMax => "at-max",
            Self::AtMaxGoesOn => "at-max-goes-on",
            Self::AtMaxPaged => "at-max-paged",
            Self::AtMaxBlocked => "at-max-blocked",
            Self::ScalingFailed => "scaling-failed",
            Self::StillHigh => "still-high",
            Self::Flapping => "flapping",
            Self::EpisodeOver => "episode-over",
            Self::PrewarmLate => "prewarm-late",
            Self::PrewarmComplete => "prewarm-complete",
            Self::Itself => "self",
            Self::Digest => "digest",
        }
    }
}
