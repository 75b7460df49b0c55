//! Taking a revision out of quarantine, by a person's word.

use headroom_core::entry::{Entry, QUARANTINE, Status};
use headroom_core::fleet::{Mode, Service};
use headroom_core::id::{CaseKey, DecisionId, ServiceId};
use headroom_core::rollback::{Quarantined, Release, release};

use crate::ports::{Clock, Expect, Journal, Keys, PortError, Write, Written};

/// A state that moves under a person so often is left to their next try.
const TRIES: u32 = 3;

/// What came of a release.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub enum Released {
    /// Done, and journaled.
    Done(DecisionId, Vec<Quarantined>),
    /// Nothing of that name is in quarantine any more.
    NotThere,
    /// Somebody else wrote each time.
    Contended,
}

/// What is in quarantine of a service, oldest first.
///
/// # Errors
/// The table could not be read.
pub async fn quarantined<P: Journal>(ports: &P, service: &ServiceId) -> Result<Vec<Quarantined>, PortError> {
    let keys = Keys { service: Some(service.clone()), ..Keys::default() };
    Ok(ports.load(&keys).await?.state.service.quarantined)
}

/// Takes out of quarantine what a person names, together with its journal entry: both or neither.
///
/// # Errors
/// The table could not be read or written.
pub async fn release_quarantined<P: Clock + Journal>(
    ports: &P,
    service: &Service,
    named: &str,
    by: &str,
) -> Result<Released, PortError> {
    let id = ServiceId::of(service);
    for _ in 0..TRIES {
        let keys = Keys { service: Some(id.clone()), ..Keys::default() };
        let state = ports.load(&keys).await?.state;
        let mut next = state.service.clone();
        let revisions = release(&mut next.quarantined, named);
        if revisions.is_empty() {
            return Ok(Released::NotThere);
        }
        let key = CaseKey::of_release(&id, &revisions);
        let (label, now) = (service.label(), ports.now());
        let mut entry = Entry::new(key, id.clone(), label, QUARANTINE.to_owned(), Mode::Act, now);
        entry.status = Status::Noted;
        entry.released = Some(Release { by: by.to_owned(), revisions: revisions.clone() });
        let decision = entry.decision.clone();
        let write = Write {
            entries: vec![(entry, Expect::Absent)],
            state: Some((id.clone(), next, state.generation)),
            ..Write::default()
        };
        if ports.write(&write).await? == Written::Done {
            return Ok(Released::Done(decision, revisions));
        }
    }
    Ok(Released::Contended)
}
