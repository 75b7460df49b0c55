//! A change: one mutation of AWS, carrying what it expects to find.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::bounds::Bounds;
use crate::seen::{Suspended, TargetSeen};

/// One call of RegisterScalableTarget. Never min and max in one call: one member alone cannot create a
/// target that was deregistered between our read and our write (SEMANTICS 21).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// Set MinCapacity.
    Min {
        /// What was found.
        from: u32,
        /// What is written.
        to: u32,
    },
    /// Set MaxCapacity.
    Max {
        /// What was found.
        from: u32,
        /// What is written.
        to: u32,
    },
    /// Set SuspendedState: always all three members, the other two as found.
    Suspend {
        /// What was found.
        from: Suspended,
        /// What is written.
        to: Suspended,
    },
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Min { from, to } => write!(f, "min {from} -> {to}"),
            Self::Max { from, to } => write!(f, "max {from} -> {to}"),
            Self::Suspend { to, .. } if to.scale_in => f.write_str("scale-in suspended"),
            Self::Suspend { .. } => f.write_str("scale-in resumed"),
        }
    }
}

/// The calls that lead from what was found to what is intended, in a safe order: max is raised before min,
/// min lowered before max, so that min never passes max in between.
#[must_use]
pub fn changes(found: &TargetSeen, to: Bounds) -> Vec<Change> {
    let min = (found.min != to.min).then_some(Change::Min { from: found.min, to: to.min });
    let max = (found.max != to.max).then_some(Change::Max { from: found.max, to: to.max });
    let suspend = (found.suspended.scale_in != to.scale_in_suspended).then_some(Change::Suspend {
        from: found.suspended,
        to: Suspended { scale_in: to.scale_in_suspended, ..found.suspended },
    });
    let ordered = if to.max >= found.max { [max, min, suspend] } else { [min, max, suspend] };
    ordered.into_iter().flatten().collect()
}
