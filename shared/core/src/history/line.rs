//! An entry as one line of a list.

use jiff::Timestamp;
use serde::Serialize;

use super::outcome::{Outcome, helped_words, outcome};
use crate::entry::Entry;

/// One line.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Line {
    /// When it was decided.
    pub at: Timestamp,
    /// `prod-eu/web`.
    pub service: String,
    /// The remedy; `reconcile` for the reconciler's own.
    pub remedy: String,
    /// What came of it.
    pub outcome: Outcome,
    /// `planned`, `acted`, ...
    pub status: &'static str,
    /// What people type.
    pub decision: String,
    /// One sentence.
    pub sentence: String,
    /// Whether it helped; absent until that was judged.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub helped: Option<&'static str>,
}

impl Line {
    /// Of an entry.
    #[must_use]
    pub fn of(entry: &Entry) -> Self {
        let (outcome, mut sentence) = outcome(entry);
        if let Some(failure) = &entry.failure {
            sentence = format!("{sentence}: {failure}");
        }
        let helped = entry.helped.map(helped_words);
        if let Some(helped) = helped {
            sentence = format!("{sentence}; {helped}");
        }
        Self {
            at: entry.at,
            service: entry.label.clone(),
            remedy: entry.remedy.clone(),
            outcome,
            status: entry.status.name(),
            decision: entry.decision.0.clone(),
            sentence: plain(&sentence),
            helped,
        }
    }
}

/// Names come from others: no control character of theirs reaches a terminal.
pub(crate) fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}
