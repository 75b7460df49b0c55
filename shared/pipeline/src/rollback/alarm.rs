//! An alarm on errors wakes the watch over the newest deployment.

use headroom_core::decide::{Judgement, Refusal, match_alarm};
use headroom_core::entry::{Entry, Rule, Status};
use headroom_core::fleet::{Action, Fleet};
use headroom_core::id::{CaseKey, ServiceId};
use headroom_core::signal::AlarmEvent;

use super::context::Ruled;
use super::ports::RollbackPorts;
use super::wake::{Woken, watch};
use crate::alarm::Handled;
use crate::ports::{Expect, Keys, PortError, Write, Written};

/// Handles an alarm event: only one whose remedy rolls back; the others are the alarm handler's. `None`: not ours.
///
/// Its age does not matter: the deployment and the alarm are read as they are now (SEMANTICS 13).
///
/// # Errors
/// A port failed; the event comes again.
pub async fn on_error_alarm<P: RollbackPorts>(
    ports: &P,
    fleet: &Fleet,
    event: &AlarmEvent,
) -> Result<Option<Handled>, PortError> {
    let matched = match match_alarm(fleet, event) {
        Ok(matched) if matched.remedy.action == Action::Rollback => matched,
        Ok(_) | Err(_) => return Ok(None),
    };
    let Some(policy) = matched.remedy.rollback else { return Ok(None) };
    let id = ServiceId::of(matched.service);
    let key = CaseKey::of_alarm(event, &id, &matched.remedy.name);
    let loaded = ports.load(&Keys { case: Some(key.clone()), ..Keys::default() }).await?;
    if let Some((entry, _)) = loaded.entry {
        return Ok(Some(Handled::Duplicate(entry.decision, entry.status)));
    }
    let now = ports.now();
    let mut entry = Entry::new(key, id, matched.service.label(), matched.remedy.name.clone(), matched.remedy.mode, now);
    entry.rule = Some(Rule::of(fleet, matched.service, matched.remedy));
    entry.event = Some(event.clone());
    let refusal = if !event.firing() {
        Some(Refusal::NotFiring)
    } else if !event.is_edge() {
        Some(Refusal::NotAnEdge)
    } else {
        let ruled = Ruled { fleet, service: matched.service, remedy: matched.remedy, policy };
        match watch(ports, ruled, Some(&event.name)).await? {
            Woken::Watched(_) => None,
            Woken::NotWatched(why) => Some(Refusal::NoDeployment { why: why.to_owned() }),
        }
    };
    entry.status = if refusal.is_some() { Status::Refused } else { Status::Noted };
    entry.judgement = refusal.map(Judgement::refused);
    let handled = Handled::Recorded(entry.decision.clone(), entry.status);
    let write = Write { entries: vec![(entry, Expect::Absent)], ..Write::default() };
    match ports.write(&write).await? {
        Written::Done => Ok(Some(handled)),
        Written::Lost(_) => {
            let Handled::Recorded(decision, status) = handled else { return Ok(None) };
            Ok(Some(Handled::Duplicate(decision, status)))
        }
    }
}
