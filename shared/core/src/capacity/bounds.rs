//! Bounds, and the formula that makes them from the live leases (DESIGN 4, SEMANTICS 2).

use std::fmt;

use serde::{Deserialize, Serialize};

use super::lease::Lease;
use crate::seen::TargetSeen;

/// What a scalable target has, or should have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Bounds {
    /// MinCapacity.
    pub min: u32,
    /// MaxCapacity.
    pub max: u32,
    /// DynamicScalingInSuspended.
    pub scale_in_suspended: bool,
}

impl Bounds {
    /// The bounds of a target as found.
    #[must_use]
    pub fn of(target: &TargetSeen) -> Self {
        Self { min: target.min, max: target.max, scale_in_suspended: target.suspended.scale_in }
    }
}

impl fmt::Display for Bounds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}..{}", self.min, self.max)?;
        if self.scale_in_suspended { f.write_str(", scale-in suspended") } else { Ok(()) }
    }
}

/// The bounds that a set of leases claims over a baseline.
///
/// Only the set counts, not the order in which the leases came:
/// ```text
/// max       = max(base.max, min(ceiling, raises))
/// min       = max(base.min, min(floors, ceiling, max))
/// suspended = base.suspended or any hold
/// ```
/// An ended lease claims nothing; an overridden member of a lease claims nothing for that member.
/// Neither a floor lifts max, nor a ceiling cuts what a person set.
#[must_use]
pub fn intended<'a>(base: Bounds, ceiling: u32, leases: impl IntoIterator<Item = &'a Lease>) -> Bounds {
    let (mut floors, mut raises, mut hold) = (0, 0, false);
    for lease in leases.into_iter().filter(|l| l.live()) {
        if !lease.overridden.min {
            floors = floors.max(lease.floor.unwrap_or(0));
        }
        if !lease.overridden.max {
            raises = raises.max(lease.raise.unwrap_or(0));
        }
        hold |= lease.hold && !lease.overridden.scale_in;
    }
    let max = base.max.max(raises.min(ceiling));
    let min = base.min.max(floors.min(ceiling).min(max));
    Bounds { min, max, scale_in_suspended: base.scale_in_suspended || hold }
}
