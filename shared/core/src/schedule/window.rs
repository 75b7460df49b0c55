//! One opening of a schedule.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::time::{Seconds, elapsed};

/// The time in which a schedule's floor holds; it begins with `opens` and ends just before `closes`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Window {
    /// Its first moment.
    pub opens: Timestamp,
    /// The first moment after it, later than `opens`.
    pub closes: Timestamp,
}

impl Window {
    /// Whether it is open.
    #[must_use]
    pub fn is_open(&self, now: Timestamp) -> bool {
        self.opens <= now && now < self.closes
    }

    /// How long it lasts; an hour more or less than its clock says where daylight saving begins or ends in it.
    #[must_use]
    pub fn length(&self) -> Seconds {
        elapsed(self.opens, self.closes)
    }
}
