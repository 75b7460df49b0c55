//! What came of an entry, in one word and one sentence.

use serde::Serialize;

use super::remarks::remarks;
use super::source::releases;
use crate::decide::{Decision, Judgement};
use crate::entry::{Entry, Helped, Status};
use crate::fleet::Mode;
use crate::notice::sentence;
use crate::rollback;

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// A remedy was carried out.
    Act,
    /// A remedy was begun, and AWS refused it, or nobody knows whether it took effect.
    Fail,
    /// A remedy would have been carried out in mode `act`.
    WouldAct,
    /// Judged later.
    Wait,
    /// Not done, for a reason.
    Refuse,
    /// The reconciler gave capacity back.
    Release,
    /// The reconciler changed bounds: a lease grew, or what somebody undid was written again.
    Keep,
    /// Taken note of; nothing was changed.
    Note,
}

impl Outcome {
    /// In the order in which counts list them.
    pub const ALL: [Self; 8] =
        [Self::Act, Self::Fail, Self::WouldAct, Self::Wait, Self::Refuse, Self::Release, Self::Keep, Self::Note];

    /// The word in lists.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Act => "ACT",
            Self::Fail => "FAIL",
            Self::WouldAct => "WOULD ACT",
            Self::Wait => "WAIT",
            Self::Refuse => "REFUSE",
            Self::Release => "RELEASE",
            Self::Keep => "KEEP",
            Self::Note => "NOTE",
        }
    }
}

/// The outcome of an entry, and one sentence about it.
pub(super) fn outcome(entry: &Entry) -> (Outcome, String) {
    let (outcome, mut text) = match &entry.judgement {
        Some(judgement) => of_judgement(entry, judgement),
        None if let Some(watch) = &entry.watch => (of_watch(entry.status), rollback::summary(watch)),
        None if let Some(released) = &entry.released => (Outcome::Note, released.to_string()),
        None => of_reconciler(entry),
    };
    if entry.status == Status::Planned {
        text.push_str("; planned, not finished yet");
    }
    (outcome, text)
}

fn of_watch(status: Status) -> Outcome {
    match status {
        Status::Planned | Status::Acted => Outcome::Act,
        Status::Failed => Outcome::Fail,
        Status::Observed | Status::Suggested | Status::Expired => Outcome::WouldAct,
        Status::Refused => Outcome::Refuse,
        Status::Watching | Status::Deferred => Outcome::Wait,
        Status::Resumed | Status::Noted => Outcome::Note,
    }
}

fn of_judgement(entry: &Entry, judgement: &Judgement) -> (Outcome, String) {
    match &judgement.decision {
        Decision::Act(plan) => {
            let need = judgement.need.map(|n| format!(": {n}")).unwrap_or_default();
            match entry.mode {
                Mode::Act if entry.status == Status::Failed => (Outcome::Fail, plan.to_string()),
                Mode::Act if entry.changes.is_empty() => (Outcome::Act, format!("{plan}{need}")),
                Mode::Act => (Outcome::Act, format!("{}{need}", sentence(&entry.changes))),
                Mode::Suggest | Mode::Observe => (Outcome::WouldAct, format!("{plan}{need}; mode {}", entry.mode)),
            }
        }
        Decision::Wait { until, why } => (Outcome::Wait, format!("{why}; until {}", until.strftime("%H:%M:%S"))),
        Decision::Refuse(why) => (Outcome::Refuse, named(why.name(), &why.to_string())),
    }
}

/// A reason behind its name; one that begins with the words of its name says them once.
fn named(name: &str, text: &str) -> String {
    match text.split_at_checked(name.len()) {
        Some((words, rest)) if words.replace(' ', "-") == name => format!("{name}{rest}"),
        Some(_) | None => format!("{name}: {text}"),
    }
}

fn of_reconciler(entry: &Entry) -> (Outcome, String) {
    let why = remarks(&entry.remarks);
    let text = match (entry.changes.is_empty(), why.is_empty()) {
        (false, false) => format!("{}: {why}", sentence(&entry.changes)),
        (false, true) => sentence(&entry.changes),
        (true, false) => why,
        (true, true) if entry.status == Status::Noted => {
            "the alarm went quiet; its lease is judged by the load".to_owned()
        }
        (true, true) => "nothing to do".to_owned(),
    };
    let outcome = if releases(entry) {
        Outcome::Release
    } else if entry.changes.is_empty() {
        Outcome::Note
    } else {
        Outcome::Keep
    };
    (outcome, text)
}

/// Whether it helped, in words.
pub(super) fn helped_words(helped: Helped) -> &'static str {
    match helped {
        Helped::Yes => "helped",
        Helped::No => "did not help",
        Helped::Unknown => "nobody knows whether it helped",
    }
}
