//! One minute of a balancer's numbers.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// One whole minute of requests, and how many of them failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Minute {
    /// Its beginning, a whole minute.
    pub at: Timestamp,
    /// Requests, at least 1: a minute without traffic is no minute.
    pub requests: u64,
    /// Those answered with a 5xx, at most `requests`.
    pub errors: u64,
}

impl Minute {
    /// The share of requests that failed, 0 to 1.
    #[must_use]
    pub fn rate(self) -> f64 {
        self.errors as f64 / self.requests.max(1) as f64
    }
}
