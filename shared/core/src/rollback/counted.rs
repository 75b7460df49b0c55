//! One side of the comparison, added up.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::interval::wilson;
use super::minute::Minute;

/// The minutes of one side, and between which bounds its error rate lies.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Counted {
    /// Beginning of the first minute; none when no minute has data.
    pub first: Option<Timestamp>,
    /// Beginning of the last minute.
    pub last: Option<Timestamp>,
    /// Minutes with data.
    pub minutes: u32,
    /// Requests in them.
    pub requests: u64,
    /// Of these failed.
    pub errors: u64,
    /// Share that failed, 0 to 1; 0 without requests, which `requests` tells.
    pub rate: f64,
    /// The lower bound of that share, 0 to 1.
    pub lower: f64,
    /// Its upper bound, 0 to 1.
    pub upper: f64,
}

impl Counted {
    /// Adds minutes up. `burstiness` is how many requests weigh as one, at least 1.
    pub(super) fn of(minutes: &[Minute], burstiness: f64) -> Self {
        let requests: u64 = minutes.iter().map(|m| m.requests).sum();
        let errors: u64 = minutes.iter().map(|m| m.errors).sum();
        let rate = if requests == 0 { 0.0 } else { errors as f64 / requests as f64 };
        let (lower, upper) = wilson(rate, requests as f64 / burstiness);
        Self {
            first: minutes.iter().map(|m| m.at).min(),
            last: minutes.iter().map(|m| m.at).max(),
            minutes: u32::try_from(minutes.len()).unwrap_or(u32::MAX),
            requests,
            errors,
            rate,
            lower,
            upper,
        }
    }
}

impl fmt::Display for Counted {
    /// For example `300 of 30000 requests failed in 30 minutes: 1.00 % (0.83 % to 1.21 %)`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.requests == 0 {
            return f.write_str("no request was counted");
        }
        let [rate, lower, upper] = [self.rate, self.lower, self.upper].map(|share| share * 100.0);
        let (errors, requests, minutes) = (self.errors, self.requests, self.minutes);
        write!(f, "{errors} of {requests} requests failed in {minutes} minutes: ")?;
        write!(f, "{rate:.2} % ({lower:.2} % to {upper:.2} %)")
    }
}
