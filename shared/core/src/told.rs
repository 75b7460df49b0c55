//! A notice that was published, as the journal remembers it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::notice::{Kind, Notice, Severity};

/// Which notice people got, and when it was written; its lines follow from the entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// When it was written; it may have been published later.
    pub at: Timestamp,
    /// What it was about.
    pub kind: Kind,
    /// How loud.
    pub severity: Severity,
    /// Its first line.
    pub title: String,
    /// The incident that it belongs to.
    pub incident: String,
}

impl Told {
    /// Of a notice that was published.
    #[must_use]
    pub fn of(notice: &Notice) -> Self {
        Self {
            at: Timestamp::from_millisecond(notice.revision).unwrap_or_default(),
            kind: notice.kind,
            severity: notice.severity,
            title: notice.title.clone(),
            incident: notice.incident.clone(),
        }
    }
}
