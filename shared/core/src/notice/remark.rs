//! Notices of what a pass over a service found.

use super::kind::{Kind, Severity};
use super::notice::{About, Notice};
use crate::capacity::{Bounds, Remark};

/// What a remark of a pass tells people; most tell nothing.
#[must_use]
pub fn remarked(about: &About<'_>, remark: &Remark) -> Option<Notice> {
    let label = about.label;
    match remark {
        Remark::HeldByPerson { desired, found } => Some(
            Notice::new(
                Kind::Held,
                Severity::Warn,
                about,
                &format!("{label}: desired {desired} lies outside {found}; left alone"),
            )
            .line("Why", "somebody set this capacity; any call would force it back into the bounds")
            .line("Next", "looked at each minute; leases are applied once desired is inside the bounds again"),
        ),
        Remark::ForeignRespected { member, found, scheduled, again } => Some(
            Notice::new(
                Kind::Drift,
                if *again { Severity::Page } else { Severity::Warn },
                about,
                &format!("{label}: {member} changed by somebody, now {found}; respected"),
            )
            .line(
                "Why",
                if *scheduled { "one of the target's own scheduled actions" } else { "changed during a lease" },
            )
            .line("Next", "this is the baseline now; older leases claim no more for it"),
        ),
        Remark::PutBack { found } => Some(
            Notice::new(
                Kind::PutBack,
                Severity::Warn,
                about,
                &format!("{label}: bounds put back to {found} during a lease; written once more"),
            )
            .line("Cure", "in Terraform: lifecycle { ignore_changes = [min_capacity, max_capacity] }")
            .line("Next", "a second time it is respected, and somebody is paged"),
        ),
        Remark::LongLived { source, age } => Some(
            Notice::new(
                Kind::HardEnd,
                Severity::Page,
                about,
                &format!("{label}: a capacity lease is needed since {age}: the baseline is too low"),
            )
            .line("Lease", source.clone())
            .line("Cure", "raise capacity.min in the fleet file and in Terraform"),
        ),
        // Told in words of the window's own: `prewarm`.
        Remark::Short { .. } | Remark::Whole { .. } | Remark::Clipped { .. } => None,
        Remark::Judged { .. }
        | Remark::Repaired { .. }
        | Remark::Adopted { .. }
        | Remark::Recreated
        | Remark::Restored { .. } => None,
    }
}

/// A person holds capacity that a grant would have moved.
#[must_use]
pub fn held(about: &About<'_>, desired: u32, found: Bounds) -> Option<Notice> {
    remarked(about, &Remark::HeldByPerson { desired, found })
}
