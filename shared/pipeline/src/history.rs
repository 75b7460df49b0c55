//! Reading the journal for people. No decision stands on it, so it may be late by a moment and is no part of
//! [`crate::Ports`].

use std::future::Future;

use headroom_core::entry::Entry;
use headroom_core::id::DecisionId;
use jiff::Timestamp;

use crate::ports::PortError;

/// Which entries are wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// From this time on.
    pub since: Timestamp,
    /// To this time.
    pub until: Timestamp,
    /// Of this service only: `prod-eu/web`.
    pub service: Option<String>,
    /// At most so many, the newest.
    pub limit: usize,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Found {
    /// The entries, oldest first.
    pub entries: Vec<Entry>,
    /// Whether there are older ones than the limit took.
    pub older: bool,
}

/// An entry that was not read, only found.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Named {
    /// When it was decided.
    pub at: Timestamp,
    /// Its id.
    pub decision: DecisionId,
    /// `prod-eu/web`.
    pub service: String,
}

/// What a decision id led to.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Decided {
    /// The entries of this id, newest first: none, one, or more when two share an id.
    pub entries: Vec<Entry>,
    /// Ids that are nearly this one, newest first, at most [`NEAR_MAX`]; looked for when there is no entry.
    pub near: Vec<Named>,
}

/// As many ids are offered to somebody who mistyped one.
pub const NEAR_MAX: usize = 5;

/// The journal as people read it.
pub trait History {
    /// Finds a decision by its id, among entries since then.
    fn decided(&self, id: &DecisionId, since: Timestamp) -> impl Future<Output = Result<Decided, PortError>>;
    /// Lists entries.
    fn list(&self, wanted: &Wanted) -> impl Future<Output = Result<Found, PortError>>;
}
