//! One floor of one service: read, decided, and handed on.

use headroom_core::capacity::ServiceState;
use headroom_core::decide::Decision;
use headroom_core::entry::Entry;
use headroom_core::fleet::{Fleet, Mode, Service};
use headroom_core::id::{CaseKey, ServiceId};
use headroom_core::schedule::{Asked, Opening, Window, incident, incident_of_proof, source_of_schedule};
use headroom_core::seen::Seen;
use jiff::Timestamp;

use super::foretell::foretell;
use super::wanted::{asked_now, given};
use crate::converge::unanswered;
use crate::ports::{Keys, Loaded, PortError, Ports};
use crate::told::one_grant;

/// One floor to grant: what was read of its service.
pub(super) struct Ready<'f> {
    pub(super) service: &'f Service,
    pub(super) id: ServiceId,
    pub(super) asked: Asked,
    pub(super) key: CaseKey,
    pub(super) loaded: Loaded,
    pub(super) now: Timestamp,
}

/// The key of a window's case. A lease that ended within its window, because the service went away or the file changed
/// and changed back, makes room for another.
fn key_of(service: &Service, asked: &Asked, state: &ServiceState) -> CaseKey {
    let register = state.leases.get(&source_of_schedule(&asked.schedule));
    let ended = register.and_then(|lease| {
        let same = lease.window.is_some_and(|window: Window| window.opens == asked.window.opens);
        lease.ended.filter(|_| same).map(|(at, _)| at)
    });
    CaseKey::of_window(&ServiceId::of(service), &asked.schedule, asked.window.opens, service.mode, ended)
}

/// Reads what a grant stands on; `None` when there is nothing to do.
pub(super) async fn ready<'f, P: Ports>(
    ports: &P,
    fleet: &Fleet,
    id: ServiceId,
    service: &'f Service,
    asked: Asked,
) -> Result<Option<Ready<'f>>, PortError> {
    let now = ports.now();
    let limit = one_grant(fleet, service, now);
    let mut key = key_of(service, &asked, &ServiceState::default());
    // Once more at most: the key follows from the state, and the state is read with it.
    for _ in 0..2 {
        let keys = Keys {
            case: Some(key.clone()),
            service: Some(id.clone()),
            environment: Some(service.environment.clone()),
            budgets: vec![limit.key.clone()],
        };
        let loaded = ports.load(&keys).await?;
        let state = &loaded.state.service;
        let right = key_of(service, &asked, state);
        if right != key {
            key = right;
            continue;
        }
        let given = given(state).contains(&source_of_schedule(&asked.schedule));
        // The lead that its batches taught it may be shorter than the way that was looked ahead.
        let source = source_of_schedule(&asked.schedule);
        let found = asked_now(ports, fleet, service, state, now).and_then(|mut all| all.remove(&source));
        let Some(asked) = found.filter(|found| found.window == asked.window) else { return Ok(None) };
        // A case that is there is decided: its lease lives, or it was recorded, or somebody finishes it.
        let none = given || loaded.entry.is_some() || loaded.control.stopped;
        let spent = loaded.used.first().is_some_and(|used| used.saturating_add(limit.amount) > limit.limit);
        let ready = Ready { service, id, asked, key, loaded, now };
        if spent && !none && service.mode == Mode::Act {
            // Read first, so that a limit that is spent costs no look at AWS, and no weeks of its metrics, each minute.
            ready.tell_limit(ports, fleet).await;
            return Ok(None);
        }
        return Ok((!none).then_some(ready));
    }
    Ok(None)
}

impl Ready<'_> {
    pub(super) fn opening<'a>(&'a self, fleet: &'a Fleet) -> Opening<'a> {
        let Self { service, asked, key, loaded, now, .. } = self;
        Opening { fleet, service, asked, key, state: &loaded.state, control: &loaded.control, now: *now }
    }

    /// Grants; after another floor of the same service, which wrote the same state, from what is there then.
    pub(super) async fn again<P: Ports>(
        self,
        ports: &P,
        fleet: &Fleet,
        seen: Option<Seen>,
        owner: &str,
        anew: bool,
    ) -> Result<Option<u32>, PortError> {
        if !anew {
            return self.grant(ports, fleet, seen, owner).await;
        }
        match ready(ports, fleet, self.id, self.service, self.asked).await? {
            Some(ready) => ready.grant(ports, fleet, None, owner).await,
            None => Ok(Some(0)),
        }
    }

    /// Decides and carries out; `None` when it waits, or somebody else wrote: the next minute looks again.
    async fn grant<P: Ports>(
        self,
        ports: &P,
        fleet: &Fleet,
        seen: Option<Seen>,
        owner: &str,
    ) -> Result<Option<u32>, PortError> {
        let Some(seen) = seen else {
            let question = self.opening(fleet).question();
            let seen = ports.ask(std::slice::from_ref(&question)).await?.into_iter().next().ok_or_else(unanswered)?;
            let mut one = [(self, Some(seen))];
            foretell(ports, fleet, &mut one).await;
            let [(ready, seen)] = one;
            return match seen {
                Some(seen) => ready.carry_out(ports, fleet, seen, owner).await,
                None => Ok(None),
            };
        };
        self.carry_out(ports, fleet, seen, owner).await
    }

    async fn carry_out<P: Ports>(
        &self,
        ports: &P,
        fleet: &Fleet,
        seen: Seen,
        owner: &str,
    ) -> Result<Option<u32>, PortError> {
        let judgement = self.opening(fleet).decide(&seen);
        match &judgement.decision {
            Decision::Act(_) if self.service.mode == Mode::Act => self.act(ports, fleet, judgement, seen, owner).await,
            Decision::Wait { why, .. } => {
                tracing::info!(schedule = self.asked.schedule, why = why.name(), "the floor waits");
                self.tell_held(ports, why).await;
                self.tell_waiting(ports, fleet, why).await;
                Ok(None)
            }
            Decision::Act(_) | Decision::Refuse(_) => self.record(ports, fleet, judgement, seen).await,
        }
    }

    pub(super) fn entry(&self) -> Entry {
        let source = source_of_schedule(&self.asked.schedule);
        let (label, mode) = (self.service.label(), self.service.mode);
        Entry::new(self.key.clone(), self.id.clone(), label, source, mode, self.now)
    }

    pub(super) fn incident(&self) -> String {
        incident(self.service, &self.asked.schedule, self.asked.window.opens)
    }

    pub(super) fn incident_of_proof(&self) -> String {
        incident_of_proof(&self.service.label(), &self.asked.schedule, self.asked.window.opens)
    }
}
