//! The five ports: clock, ask, journal, act, notify.

use std::future::Future;

use headroom_core::at_max::Points;
use headroom_core::capacity::{Change, ServiceState, State};
use headroom_core::control::Control;
use headroom_core::entry::Entry;
use headroom_core::id::{CaseKey, ServiceId};
use headroom_core::notice::Notice;
use headroom_core::remedy::Disrupts;
use headroom_core::schedule::{Stopped, UsualQuestion};
use headroom_core::seen::{Question, Reading, Seen};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::permit::Permit;

/// What to do about a failed call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retry {
    /// Throttled or unavailable: the same call may succeed later.
    Later,
    /// Nobody knows whether it took effect: look before trying again.
    Unknown,
    /// Refused: denied, invalid. Trying again does not help.
    Never,
}

/// A port failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {cause}")]
pub struct PortError {
    /// Which call, for example `ecs DescribeServices`.
    pub place: String,
    /// AWS's words.
    pub cause: String,
    /// What to do about it.
    pub retry: Retry,
}

/// The clock; read once per invocation and pass.
pub trait Clock {
    /// Now.
    fn now(&self) -> Timestamp;

    /// A time zone by its IANA name; `None` when it is not known. The rules come with the program: a crate that tells
    /// the time has jiff's feature `tzdb-bundle-always`.
    fn time_zone(&self, name: &str) -> Option<TimeZone> {
        TimeZone::get(name).ok()
    }
}

/// The eyes: the only place that reads AWS.
pub trait Ask {
    /// Answers each question, in order. Independent calls run at the same time; a reading that fails alone
    /// is unreadable, a service or target that cannot be read fails the whole.
    fn ask(&self, questions: &[Question]) -> impl Future<Output = Result<Vec<Seen>, PortError>>;

    /// The usual load of services: sums of five minutes, held per minute, in the order of the questions and of what each
    /// follows. What cannot be read is unreadable, and hides nothing else.
    fn usual(&self, questions: &[UsualQuestion]) -> impl Future<Output = Vec<Vec<Reading<Points>>>>;

    /// The tasks of a service that stopped within the last hour, up to a hundred; asked once a window is short, and hides
    /// nothing else when it cannot be read.
    fn stopped(&self, service: &ServiceId) -> impl Future<Output = Reading<Vec<Stopped>>>;
}

/// One fixed window's counter.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BudgetKey {
    /// Service label or environment.
    pub scope: String,
    /// What is counted, for example `changes`.
    pub what: String,
    /// Start of the UTC window, in seconds.
    pub window: i64,
}

/// Adds to a counter that stays within its limit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BudgetAdd {
    /// The counter.
    pub key: BudgetKey,
    /// How much: 1 of what is counted, or an amount of money.
    pub amount: u32,
    /// What the counter holds afterwards, at most; `u32::MAX` is no limit.
    pub limit: u32,
}

/// What to read from the table.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Keys {
    /// A case.
    pub case: Option<CaseKey>,
    /// A service's state.
    pub service: Option<ServiceId>,
    /// An environment's switches.
    pub environment: Option<String>,
    /// Counters.
    pub budgets: Vec<BudgetKey>,
}

/// What was read, consistently.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Loaded {
    /// The case, with the revision to expect when writing it.
    pub entry: Option<(Entry, u64)>,
    /// The state; generation 0 when there is none.
    pub state: State,
    /// What people switched in the environment.
    pub control: Control,
    /// Counters, in the order asked.
    pub used: Vec<u32>,
}

/// What the `due` index names. It may be late: every decision reads the base table again.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Due {
    /// Services with a live lease or an unverified restore.
    pub services: Vec<ServiceId>,
    /// Cases to be looked at.
    pub cases: Vec<CaseKey>,
}

/// What an entry must be for its write to count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expect {
    /// Not there yet.
    Absent,
    /// Of this revision.
    Revision(u64),
}

/// One transaction: all of it or nothing.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Write {
    /// Entries to put.
    pub entries: Vec<(Entry, Expect)>,
    /// A state to put, with the generation that was read; the table holds the next one afterwards.
    pub state: Option<(ServiceId, ServiceState, u64)>,
    /// Counters to add to.
    pub budgets: Vec<BudgetAdd>,
    /// The environment that must not be stopped.
    pub unless_stopped: Option<String>,
    /// The revision of that environment's switches that was read, for what a pause ends: new grants and disruption.
    pub control_revision: Option<u64>,
}

impl Write {
    /// Whether there is nothing to write.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty() && self.state.is_none() && self.budgets.is_empty()
    }
}

/// Why a transaction was not written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lost {
    /// The case is there, or of another revision.
    Entry,
    /// The state's generation moved.
    State,
    /// A counter reached its limit.
    Limit,
    /// The environment is stopped, or its switches moved since they were read.
    Stopped,
    /// Another transaction held one of the items; nothing is known to have changed.
    Conflict,
}

/// Outcome of a transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum Written {
    /// Written, all of it.
    Done,
    /// Not written, none of it.
    Lost(Lost),
}

/// The memory: one table.
pub trait Journal {
    /// Reads consistently.
    fn load(&self, keys: &Keys) -> impl Future<Output = Result<Loaded, PortError>>;
    /// Finds what is due.
    fn due(&self, now: Timestamp) -> impl Future<Output = Result<Due, PortError>>;
    /// Writes one transaction.
    fn write(&self, write: &Write) -> impl Future<Output = Result<Written, PortError>>;
}

/// The hands: the only place that changes AWS.
pub trait Act {
    /// Makes one change of a service's scalable target.
    fn apply(
        &self,
        permit: &Permit,
        service: &ServiceId,
        change: &Change,
    ) -> impl Future<Output = Result<(), PortError>>;

    /// Replaces what runs, after reading once more that what it expects is there. Never retried by itself: an error
    /// says by its [`Retry`] whether it may have taken effect (SEMANTICS 17).
    fn disrupt(
        &self,
        permit: &Permit,
        service: &ServiceId,
        what: &Disrupts,
    ) -> impl Future<Output = Result<Disrupted, PortError>>;
}

/// What came of a disruptive call.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub enum Disrupted {
    /// AWS took it.
    Done,
    /// What it expects was not there; nothing was sent.
    Conflict {
        /// What it expects.
        expected: String,
        /// What is there.
        found: String,
    },
}

/// The mouth.
pub trait Notify {
    /// Publishes one notice; at least once, with its dedup key.
    fn publish(&self, notice: &Notice) -> impl Future<Output = Result<(), PortError>>;
}

/// All five.
pub trait Ports: Clock + Ask + Journal + Act + Notify {}

impl<T: Clock + Ask + Journal + Act + Notify> Ports for T {}
