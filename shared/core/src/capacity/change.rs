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
    /// Set the desired count of the service itself, by UpdateService: where there is no scalable target, or no policy
    /// that would take added tasks away again.
    Desired {
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
            Self::Desired { from, to } => write!(f, "desired {from} -> {to}"),
            Self::Suspend { to, .. } if to.scale_in => f.write_str("scale-in suspended"),
            Self::Suspend { .. } => f.write_str("scale-in resumed"),
        }
    }
}

/// The calls that lead from what was found to what is intended, in a safe order: max is raised before min,
/// min lowered before max, so that min never passes max in between.
#[must_use]
pub fn changes(found: &TargetSeen, to: Bounds) -> Vec<Change> {
    if found.by_desired {
        let to = if to.min < found.min { stepped(found.min, to.min) } else { to.min };
        return (found.min != to).then_some(Change::Desired { from: found.min, to }).into_iter().collect();
    }
    let min = (found.min != to.min).then_some(Change::Min { from: found.min, to: to.min });
    let max = (found.max != to.max).then_some(Change::Max { from: found.max, to: to.max });
    let suspend = (found.suspended.scale_in != to.scale_in_suspended).then_some(Change::Suspend {
        from: found.suspended,
        to: Suspended { scale_in: to.scale_in_suspended, ..found.suspended },
    });
    let ordered = if to.max >= found.max { [max, min, suspend] } else { [min, max, suspend] };
    ordered.into_iter().flatten().collect()
}

/// The next desired count on the way down to `to`: a quarter less, at least one task (SEMANTICS 22). Lowering it ends
/// tasks at once, so it goes in as many looks as a careful scale-in would take.
#[must_use]
pub(super) fn stepped(from: u32, to: u32) -> u32 {
    from.saturating_sub((from / 4).max(1)).max(to)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_desired_count_goes_down_by_a_quarter_and_never_past_its_end() {
        for (from, to, next) in
            [(12, 4, 9), (9, 4, 7), (7, 4, 6), (6, 4, 5), (5, 4, 4), (4, 4, 4), (3, 4, 4), (1, 0, 0)]
        {
            assert_eq!(stepped(from, to), next, "{from} to {to}");
        }
    }

    #[test]
    fn without_a_scalable_target_the_desired_count_is_set() {
        let to = |min| Bounds { min, max: 10, scale_in_suspended: false };
        let found = TargetSeen::by_desired(4, 10);
        assert_eq!(changes(&found, to(6)), [Change::Desired { from: 4, to: 6 }], "up at once");
        assert_eq!(changes(&found, to(2)), [Change::Desired { from: 4, to: 3 }], "down in steps");
        assert_eq!(changes(&found, to(4)), []);
    }
}
