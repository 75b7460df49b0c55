//! One remedy of one service.

use serde::Serialize;

use crate::entry::{Entry, Helped};
use crate::fleet::Mode;
use crate::history::Outcome;

/// What came of a remedy's cases. A case that waited and was judged again counts as what it came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Did {
    /// Carried out.
    pub acted: u32,
    /// Would have been carried out in mode `act`; a proposal is one, too.
    pub would_act: u32,
    /// Waits, or is watched.
    pub waiting: u32,
    /// Not done, for a reason.
    pub refused: u32,
    /// Begun, and AWS refused it, or nobody knows whether it took effect.
    pub failed: u32,
    /// Acted, and the metric went back under its threshold.
    pub helped: u32,
    /// Acted, and it did not.
    pub did_not_help: u32,
}

impl Did {
    /// Counts an entry that came to this.
    pub(super) fn count(&mut self, entry: &Entry, outcome: Outcome) {
        match outcome {
            Outcome::Act => self.acted += 1,
            Outcome::WouldAct => self.would_act += 1,
            Outcome::Wait => self.waiting += 1,
            Outcome::Refuse => self.refused += 1,
            Outcome::Fail => self.failed += 1,
            Outcome::Release | Outcome::Keep | Outcome::Note => {}
        }
        match entry.helped {
            Some(Helped::Yes) => self.helped += 1,
            Some(Helped::No) => self.did_not_help += 1,
            Some(Helped::Unknown) | None => {}
        }
    }

    /// With the counts of another.
    pub(super) fn and(self, other: Self) -> Self {
        Self {
            acted: self.acted + other.acted,
            would_act: self.would_act + other.would_act,
            waiting: self.waiting + other.waiting,
            refused: self.refused + other.refused,
            failed: self.failed + other.failed,
            helped: self.helped + other.helped,
            did_not_help: self.did_not_help + other.did_not_help,
        }
    }
}

/// One remedy of one service.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Line {
    /// `prod-eu/web`.
    pub service: String,
    /// The remedy.
    pub remedy: String,
    /// The mode of its newest case.
    pub mode: Mode,
    /// What came of its cases.
    #[serde(flatten)]
    pub did: Did,
    /// Task-hours over the baseline that its leases held; tasks that Auto Scaling wanted anyway are among them.
    pub task_hours: f64,
    /// What they cost at list prices, in USD; absent when the fleet file does not say how large a task is.
    pub usd: Option<f64>,
    /// The same for what it would have done, each case held for one lease.
    pub would_task_hours: f64,
    /// What that would have cost, in USD.
    pub would_usd: Option<f64>,
    /// Notices that woke people.
    pub pages: u32,
}
