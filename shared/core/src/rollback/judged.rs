//! A verdict with every number that it stands on.

use serde::{Deserialize, Serialize};

use super::compared::Comparison;
use super::counted::Counted;
use super::verdict::Verdict;

/// What was found; kept in the journal and printed by `explain`.
#[must_use]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Judged {
    /// What it comes to.
    pub verdict: Verdict,
    /// How the two revisions were compared.
    pub comparison: Comparison,
    /// The revision that was there.
    pub before: Counted,
    /// The new revision.
    pub after: Counted,
    /// How many requests weigh as one, at least 1: the more errors come in bursts, the more.
    pub burstiness: f64,
    /// Of the newest five minutes that are settled, those in which more than 1 % failed.
    pub hot_minutes: u32,
}

impl Judged {
    /// The two rates in a sentence, for lists.
    #[must_use]
    pub fn in_short(&self) -> String {
        let (after, before) = (&self.after, &self.before);
        format!(
            "{:.2} % of {} requests failed, {:.2} % of {} before",
            after.rate * 100.0,
            after.requests,
            before.rate * 100.0,
            before.requests
        )
    }

    /// The verdict and what it stands on, a line each.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        let before = match self.comparison {
            Comparison::BeforeAfter => "before",
            Comparison::SideBySide => "beside it",
        };
        vec![
            self.verdict.to_string(),
            format!("{before}: {}", self.before),
            format!("the new revision: {}", self.after),
            format!(
                "{} of the newest 5 minutes over 1 %; {:.1} requests weigh as one",
                self.hot_minutes, self.burstiness
            ),
        ]
    }
}
