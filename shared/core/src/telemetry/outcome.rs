//! What became of an event or a case, in one word.

use crate::entry::{Entry, Helped, Status};

/// What became of an event, as a metric counts it and a log line says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// The change was made and verified, or the case was taken up by another writer's change.
    Acted,
    /// It would have been done in mode `act`.
    Observed,
    /// A person may accept it.
    Suggested,
    /// Nobody accepted it in time.
    Expired,
    /// AWS refused the call of a case, or nobody knows whether it took effect; people are paged.
    GaveUp,
    /// Refused for good; the reason is named beside it.
    Refused,
    /// Judged later; the reason is named beside it.
    Deferred,
    /// An alarm went quiet: its lease is looked at again.
    Noted,
    /// The same transition was handled before.
    Duplicate,
    /// No service or remedy of the fleet is meant.
    Unmatched,
    /// An event of a kind on which nothing is decided, or another account's.
    Ignored,
    /// It could not be read or carried out; the event comes again.
    Failed,
}

impl Outcome {
    /// All of them, in the order of the documentation.
    pub const ALL: [Self; 12] = [
        Self::Acted,
        Self::Observed,
        Self::Suggested,
        Self::Expired,
        Self::GaveUp,
        Self::Refused,
        Self::Deferred,
        Self::Noted,
        Self::Duplicate,
        Self::Unmatched,
        Self::Ignored,
        Self::Failed,
    ];

    /// The word in metrics and logs.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Acted => "acted",
            Self::Observed => "observed",
            Self::Suggested => "suggested",
            Self::Expired => "expired",
            Self::GaveUp => "gave-up",
            Self::Refused => "refused",
            Self::Deferred => "deferred",
            Self::Noted => "noted",
            Self::Duplicate => "duplicate",
            Self::Unmatched => "unmatched",
            Self::Ignored => "ignored",
            Self::Failed => "failed",
        }
    }

    /// Whether it is about a case of a service and a remedy, and not about an event that wakes none.
    #[must_use]
    pub fn of_a_case(self) -> bool {
        match self {
            Self::Acted
            | Self::Observed
            | Self::Suggested
            | Self::Expired
            | Self::GaveUp
            | Self::Refused
            | Self::Deferred
            | Self::Noted
            | Self::Duplicate => true,
            Self::Unmatched | Self::Ignored | Self::Failed => false,
        }
    }

    /// What an entry of the journal says; `None` while it is open, and when its later case says it.
    #[must_use]
    pub fn of(entry: &Entry) -> Option<Self> {
        match entry.status {
            Status::Acted => Some(Self::Acted),
            Status::Observed => Some(Self::Observed),
            Status::Suggested => Some(Self::Suggested),
            Status::Expired => Some(Self::Expired),
            Status::Failed => Some(Self::GaveUp),
            Status::Refused => Some(Self::Refused),
            Status::Deferred => Some(Self::Deferred),
            Status::Noted => Some(Self::Noted),
            Status::Planned | Status::Resumed | Status::Watching => None,
        }
    }
}

/// What a write to the journal brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum News {
    /// An event or a case came to an outcome.
    Outcome(Outcome),
    /// An acted case was judged.
    Effect(Helped),
}
