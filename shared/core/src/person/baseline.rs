//! The fleet file's bounds in place of the baseline, by a person's word (SEMANTICS 2).

use jiff::Timestamp;

use super::lease::{NotGranted, stands_as_ours, unseen};
use crate::capacity::{Bounds, Kept, ServiceState};
use crate::decide::Refusal;
use crate::fleet::{Mode, Service};
use crate::seen::{Reading, Seen};

/// A baseline that becomes another.
#[derive(Debug, Clone, PartialEq)]
pub struct Rebased {
    /// The state to store.
    pub next: ServiceState,
    /// What leases went back to until now; without a lease what is found.
    pub from: Bounds,
    /// What they go back to from now on.
    pub to: Bounds,
    /// What is found.
    pub found: Bounds,
}

/// What a person was asked: what becomes of the baseline, over what is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Agreed {
    /// The baseline.
    pub from: Bounds,
    /// What it becomes.
    pub to: Bounds,
    /// What was found.
    pub found: Bounds,
}

impl Rebased {
    /// What a yes to it means.
    #[must_use]
    pub fn agreed(&self) -> Agreed {
        Agreed { from: self.from, to: self.to, found: self.found }
    }

    /// A yes holds for what was asked, and for nothing that came between question and answer.
    ///
    /// # Errors
    /// Something came between.
    pub fn as_agreed(self, agreed: Option<Agreed>) -> Result<Self, NotGranted> {
        let Agreed { from, to, found } = self.agreed();
        if agreed == Some(self.agreed()) { Ok(self) } else { Err(NotGranted::Moved { from, to, found }) }
    }
}

/// The state with the fleet file's bounds as baseline: what is found goes there once no lease claims more. `None` when they
/// are the baseline already, and found.
///
/// # Errors
/// What stands against it.
pub fn rebased(
    service: &Service,
    state: &ServiceState,
    seen: &Seen,
    now: Timestamp,
) -> Result<Option<Rebased>, NotGranted> {
    if service.mode == Mode::Observe {
        return Err(NotGranted::Observes);
    }
    let found_service = seen.service.known().ok_or_else(|| unseen("the service", seen.service.why()))?;
    let target = match &seen.target {
        Reading::Known(target) => target,
        Reading::Absent => return Err(NotGranted::Refused(Refusal::NoScalableTarget)),
        other @ (Reading::Unreadable(_) | Reading::Stale { .. }) => {
            return Err(unseen("the scalable target", other.why()));
        }
    };
    if state.kept.as_ref().is_some_and(|kept| kept.by_desired) {
        return Err(NotGranted::Refused(Refusal::NoScalableTarget));
    }
    let found = Bounds::of(target);
    stands_as_ours(state, found_service, found, now)?;
    let mut kept = state.kept.clone().unwrap_or_else(|| Kept::of(target));
    let from = kept.base();
    let to = Bounds { min: service.capacity.min, max: service.capacity.max, ..from };
    if from == to {
        return Ok(None);
    }
    let highest = state.live().filter_map(|lease| lease.floor).map(|floor| floor.min(found.max)).max();
    // A floor never passes max: max under a living one would take its tasks away.
    if let Some(floor) = highest.filter(|floor| *floor > to.max) {
        return Err(NotGranted::UnderALease { floor, max: to.max });
    }
    (kept.min.base, kept.max.base) = (to.min, to.max);
    let next = ServiceState {
        environment: service.environment.clone(),
        arn: Some(found_service.arn.clone()),
        created_at: found_service.created_at,
        absent: None,
        kept: Some(kept),
        ..state.clone()
    };
    Ok(Some(Rebased { next, from, to, found }))
}
