//! What is judged.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::onset::onset;
use super::series::Series;

/// The numbers of one deployment, as far as they are known at `now`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Evidence {
    /// `createdAt` of the service deployment.
    pub created_at: Timestamp,
    /// When the new revision first served: its first task in service behind the balancer, or the first minute of its
    /// own target group with a request ([`Series::first_traffic`]). None: not yet.
    pub first_traffic: Option<Timestamp>,
    /// When it is judged.
    pub now: Timestamp,
    /// What the balancer counted.
    pub numbers: Numbers,
}

impl Evidence {
    /// When the errors of the service began that go on now ([`super::onset`]).
    #[must_use]
    pub fn onset(&self) -> Option<Timestamp> {
        match &self.numbers {
            Numbers::Together(series) => onset(series, self.created_at, self.now),
            Numbers::Apart { old, new } => onset(&old.plus(new), self.created_at, self.now),
        }
    }
}

/// Where the two revisions are counted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Numbers {
    /// One target group for both, as in a rolling deployment: its minutes before and after are compared.
    Together(Series),
    /// A target group each, as in blue/green, linear and canary: the same minutes of both are compared.
    Apart {
        /// The revision that was there.
        old: Series,
        /// The new revision.
        new: Series,
    },
}
