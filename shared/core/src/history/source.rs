//! Whose capacity an entry is about.

use crate::capacity::{Lease, Remark};
use crate::decide::{Decision, source_of};
use crate::entry::Entry;
use crate::fleet::Mode;
use crate::release::Judged;

/// The lease that an entry granted.
pub(super) fn lease(entry: &Entry) -> Option<&Lease> {
    match &entry.judgement.as_ref()?.decision {
        Decision::Act(plan) => plan.grant().map(|grant| &grant.lease),
        Decision::Wait { .. } | Decision::Refuse(_) => None,
    }
}

/// Whether a lease came of an entry: in the other modes it is what would have been granted.
pub(super) fn leases(entry: &Entry) -> bool {
    entry.mode == Mode::Act && (lease(entry).is_some() || floor(entry).is_some())
}

/// Who asks for capacity by the entry's event: the same for every transition of one alarm and remedy.
pub(super) fn source(entry: &Entry) -> Option<String> {
    floor(entry).or_else(|| entry.event.as_ref().map(|event| source_of(&entry.remedy, event)))
}

/// The source of the floor that a rollback took.
fn floor(entry: &Entry) -> Option<String> {
    let watch = entry.watch.as_ref().filter(|watch| watch.floor.is_some())?;
    Some(watch.floor_source(&entry.remedy))
}

/// The sources of the leases that the reconciler speaks of in an entry.
pub(super) fn judged(entry: &Entry) -> impl Iterator<Item = &str> {
    entry.remarks.iter().filter_map(|remark| match remark {
        Remark::Judged { source, .. }
        | Remark::LongLived { source, .. }
        | Remark::Short { source, .. }
        | Remark::Clipped { source, .. }
        | Remark::Whole { source, .. } => Some(source.as_str()),
        Remark::HeldByPerson { .. }
        | Remark::ForeignRespected { .. }
        | Remark::PutBack { .. }
        | Remark::Repaired { .. }
        | Remark::Adopted { .. }
        | Remark::Recreated
        | Remark::Restored { .. } => None,
    })
}

/// Whether the reconciler ended the lease of this source in an entry.
pub(super) fn ends(entry: &Entry, source: &str) -> bool {
    entry
        .remarks
        .iter()
        .any(|remark| matches!(remark, Remark::Judged { source: of, judged: Judged::Ended { .. } } if of == source))
}

/// Whether the reconciler ended any lease in an entry.
pub(super) fn releases(entry: &Entry) -> bool {
    entry.remarks.iter().any(|remark| matches!(remark, Remark::Judged { judged: Judged::Ended { .. }, .. }))
}
