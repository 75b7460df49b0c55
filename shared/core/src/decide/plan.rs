//! What a decision does.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::capacity::Grant;
use crate::remedy::Disruption;
use crate::seen::{Seen, TargetSeen};

/// What is to be done, with what it expects to find.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Plan {
    /// Grant this lease.
    Lease(Box<Grant>),
    /// Replace what runs.
    Disrupt(Box<Disruption>),
    /// Tell people, nothing else.
    Tell {
        /// The incident that the notice belongs to.
        incident: String,
    },
}

impl Plan {
    /// What the grant moves: the scalable target found, or what stands for one.
    #[must_use]
    pub fn target(&self, seen: &Seen) -> Option<TargetSeen> {
        let grant = self.grant()?;
        match (seen.target.known(), seen.service.known()) {
            (Some(target), _) => Some(*target),
            (None, Some(service)) => Some(TargetSeen::by_desired(service.desired, grant.expected.max)),
            (None, None) => None,
        }
    }

    /// The grant, when it is one.
    #[must_use]
    pub fn grant(&self) -> Option<&Grant> {
        match self {
            Self::Lease(grant) => Some(grant),
            Self::Disrupt(_) | Self::Tell { .. } => None,
        }
    }

    /// The incident that its notices belong to.
    #[must_use]
    pub fn incident(&self) -> &str {
        match self {
            Self::Lease(grant) => &grant.lease.incident,
            Self::Disrupt(disruption) => &disruption.incident,
            Self::Tell { incident } => incident,
        }
    }
}

impl fmt::Display for Plan {
    /// What it does, as a headline: `scale-out to 3 tasks`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Lease(grant) => {
                let lease = &grant.lease;
                match (lease.raise, lease.floor) {
                    (Some(raise), _) => write!(f, "raise-max to {raise}"),
                    (None, Some(floor)) => write!(f, "scale-out to {floor} tasks"),
                    (None, None) => f.write_str("suspend-scale-in"),
                }
            }
            Self::Disrupt(disruption) => write!(f, "{}", disruption.what),
            Self::Tell { .. } => f.write_str("notify-only: people are told"),
        }
    }
}
