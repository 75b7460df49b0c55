//! One piece of news about a case or an event, for the log and the metrics alike.

use jiff::Timestamp;

use crate::decide::Decision;
use crate::entry::{Entry, Helped, RECONCILE, Status};
use crate::fleet::Action;
use crate::id::{CaseKey, DecisionId};

use super::outcome::{News, Outcome};

/// The remedy of an event that wakes none.
const NO_REMEDY: &str = "none";
/// The remedy of a case whose service or remedy left the fleet file.
const LEFT_THE_FLEET: &str = "left-the-fleet";

/// How far an entry had come when it was last read or written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Before {
    status: Status,
    helped: Option<Helped>,
}

impl Before {
    /// Of an entry as it stands.
    #[must_use]
    pub fn of(entry: &Entry) -> Self {
        Self { status: entry.status, helped: entry.helped }
    }
}

/// Which case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Of {
    /// What people type.
    pub decision: DecisionId,
    /// Its key.
    pub case: CaseKey,
    /// `prod-eu/web`.
    pub service: String,
    /// The remedy's name in the fleet file; `reconcile` for the reconciler's own.
    pub remedy: String,
}

impl Of {
    /// Of an entry.
    #[must_use]
    pub fn entry(entry: &Entry) -> Self {
        Self {
            decision: entry.decision.clone(),
            case: entry.key.clone(),
            service: entry.label.clone(),
            remedy: entry.remedy.clone(),
        }
    }
}

/// A case or an event that came to an outcome, or a case whose effect was judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decided {
    /// The case; `None` for an event without one.
    pub of: Option<Of>,
    /// The value of [`super::Dimension::Remedy`].
    pub action: &'static str,
    /// What is new.
    pub news: News,
    /// Why nothing was done.
    pub reason: Option<&'static str>,
    /// Milliseconds from the event's own time to the change applied; `None` when this process applied none.
    pub applied_after_ms: Option<u64>,
}

impl Decided {
    /// An event that wakes no remedy.
    #[must_use]
    pub fn without_a_case(outcome: Outcome, reason: Option<&'static str>) -> Self {
        Self { of: None, action: NO_REMEDY, news: News::Outcome(outcome), reason, applied_after_ms: None }
    }

    /// What an entry that was just written brings, beside what it was before. A notice that was told at last, or a
    /// new time to look again, brings nothing: it was counted when its status came. `action` is asked only when there
    /// is news; `applied` is when this process made the entry's calls.
    #[must_use]
    pub fn written(
        before: Option<Before>,
        entry: &Entry,
        action: impl FnOnce() -> Option<Action>,
        applied: Option<Timestamp>,
    ) -> Option<Self> {
        let is = Before::of(entry);
        let (news, applied) = if before.is_none_or(|before| before.status != is.status) {
            let outcome = Outcome::of(entry)?;
            (News::Outcome(outcome), applied.filter(|_| outcome == Outcome::Acted))
        } else if before.is_some_and(|before| before.helped != is.helped) {
            (News::Effect(is.helped?), None)
        } else {
            return None;
        };
        let since = entry.event.as_ref().map(|event| event.at);
        Some(Self {
            of: Some(Of::entry(entry)),
            action: acting(action(), &entry.remedy),
            news,
            reason: if matches!(news, News::Outcome(_)) { reason(entry) } else { None },
            applied_after_ms: applied.zip(since).map(|(applied, since)| milliseconds(since, applied)),
        })
    }

    /// The same transition again, of a case that was read.
    #[must_use]
    pub fn duplicate(entry: &Of, action: Option<Action>) -> Self {
        Self {
            of: Some(entry.clone()),
            action: acting(action, &entry.remedy),
            news: News::Outcome(Outcome::Duplicate),
            reason: None,
            applied_after_ms: None,
        }
    }
}

/// An event from the future, of a clock that is ahead of ours, was applied at once.
fn milliseconds(since: Timestamp, until: Timestamp) -> u64 {
    u64::try_from(until.as_millisecond().saturating_sub(since.as_millisecond())).unwrap_or(0)
}

/// What the remedy of an entry does, in one word of a closed list.
fn acting(action: Option<Action>, remedy: &str) -> &'static str {
    match action {
        Some(action) => action.name(),
        None if remedy == RECONCILE => RECONCILE,
        None => LEFT_THE_FLEET,
    }
}

/// The name of the refusal or wait that an entry holds.
fn reason(entry: &Entry) -> Option<&'static str> {
    match &entry.judgement.as_ref()?.decision {
        Decision::Refuse(refusal) => Some(refusal.name()),
        Decision::Wait { why, .. } => Some(why.name()),
        Decision::Act(_) => None,
    }
}
