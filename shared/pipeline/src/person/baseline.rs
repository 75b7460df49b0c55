//! The fleet file's bounds become a service's baseline, by a person's word; and are written, when that is asked for.

use headroom_core::capacity::Remark;
use headroom_core::decide::{Refusal, Waiting};
use headroom_core::entry::{Accepted, Entry, OPERATOR, RECONCILE};
use headroom_core::fleet::{Fleet, Mode, Service};
use headroom_core::id::{CaseKey, DecisionId, ServiceId};
use headroom_core::person::{Agreed, NotGranted, Rebased, rebased};
use headroom_core::seen::{Question, Seen};
use jiff::Timestamp;

use super::release::restored;
use crate::converge::{FIRST_REVISION, unanswered};
use crate::ports::{Ask, Clock, Expect, Journal, Keys, Loaded, PortError, Ports, Write, Written};
use crate::told::one_change;

/// Other writers may win this often.
const TRIES: u32 = 3;

/// What came of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Adopted {
    /// The decision's id; `None` when the fleet file's bounds were the baseline already.
    pub decision: Option<DecisionId>,
    /// Whether the bounds are verified. If not, the reconciler brings them there in its next minutes.
    pub back: bool,
}

/// Says what would become of the baseline; changes nothing. `None`: the fleet file's bounds are the baseline already.
///
/// # Errors
/// A port failed.
pub async fn rebase<P: Clock + Ask + Journal>(
    ports: &P,
    fleet: &Fleet,
    service: &Service,
) -> Result<Result<Option<Rebased>, NotGranted>, PortError> {
    let now = ports.now();
    let (loaded, seen) = seen(ports, fleet, service, now).await?;
    Ok(planned(fleet, service, &loaded, &seen, now))
}

/// Whose word it is, and to what.
#[derive(Debug, Clone, Copy)]
pub struct Yes<'a> {
    /// The person.
    pub by: &'a str,
    /// One run of this person.
    pub owner: &'a str,
    /// What they were asked; `None`: they were told that the fleet file's bounds are the baseline already.
    pub to: Option<Agreed>,
}

/// Makes the fleet file's bounds the baseline; with `at_once` the bounds are written and verified now, else the reconciler
/// does. Twice is once. What is read anew must be what the person said yes to.
///
/// # Errors
/// A port failed. Nothing was done, or the baseline is stored and the reconciler brings the bounds there.
pub async fn adopt<P: Ports>(
    ports: &P,
    fleet: &Fleet,
    service: &Service,
    yes: Yes<'_>,
    at_once: bool,
) -> Result<Result<Adopted, NotGranted>, PortError> {
    let Yes { by, owner, to: agreed } = yes;
    let id = ServiceId::of(service);
    for _ in 0..TRIES {
        let now = ports.now();
        let (loaded, seen) = seen(ports, fleet, service, now).await?;
        let rebased = match planned(fleet, service, &loaded, &seen, now) {
            Err(why) => return Ok(Err(why)),
            Ok(None) => {
                let kept = loaded.state.service.kept.is_some();
                let back = !kept || (at_once && restored(ports, fleet, &id, owner, Vec::new()).await?);
                return Ok(Ok(Adopted { decision: None, back }));
            }
            Ok(Some(rebased)) => rebased,
        };
        let Rebased { next, from, to, .. } = match rebased.as_agreed(agreed) {
            Err(why) => return Ok(Err(why)),
            Ok(rebased) => rebased,
        };
        let key = CaseKey::of_person(&id, "baseline", owner);
        let mut entry = Entry::new(key, id.clone(), service.label(), RECONCILE.to_owned(), Mode::Act, now);
        entry.accepted = Some(Accepted { by: by.to_owned(), at: now });
        entry.remarks.push(Remark::Adopted { from, to });
        entry.due = Some(now);
        let write = Write {
            entries: vec![(entry.clone(), Expect::Absent)],
            state: Some((id.clone(), next, loaded.state.generation)),
            budgets: one_change(fleet, service, now),
            unless_stopped: Some(service.environment.clone()),
            control_revision: Some(loaded.control.revision),
        };
        if ports.write(&write).await? != Written::Done {
            continue;
        }
        let decision = Some(entry.decision.clone());
        let back = at_once && restored(ports, fleet, &id, owner, vec![(entry, FIRST_REVISION)]).await?;
        return Ok(Ok(Adopted { decision, back }));
    }
    Ok(Err(NotGranted::Contended))
}

async fn seen<P: Ask + Journal>(
    ports: &P,
    fleet: &Fleet,
    service: &Service,
    now: Timestamp,
) -> Result<(Loaded, Seen), PortError> {
    let id = ServiceId::of(service);
    let keys = Keys {
        case: None,
        service: Some(id.clone()),
        environment: Some(service.environment.clone()),
        budgets: one_change(fleet, service, now).into_iter().map(|b| b.key).collect(),
    };
    let loaded = ports.load(&keys).await?;
    let seen = ports.ask(&[Question::plain(id)]).await?.into_iter().next().ok_or_else(unanswered)?;
    Ok((loaded, seen))
}

fn planned(
    fleet: &Fleet,
    service: &Service,
    loaded: &Loaded,
    seen: &Seen,
    now: Timestamp,
) -> Result<Option<Rebased>, NotGranted> {
    if loaded.control.stopped {
        return Err(NotGranted::Waits(Waiting::Stopped));
    }
    let rebased = rebased(service, &loaded.state.service, seen, now)?;
    // A pause holds back what is new, and not what is given back or repaired.
    let pause = loaded.control.pause_of(&service.name, OPERATOR, now);
    if let Some(pause) = pause.filter(|_| rebased.is_some()) {
        return Err(NotGranted::Waits(Waiting::Paused { by: pause.by.clone() }));
    }
    let over = one_change(fleet, service, now).into_iter().zip(&loaded.used).find(|(b, used)| **used >= b.limit);
    match (rebased, over) {
        (Some(_), Some((budget, used))) => {
            let (scope, used, limit) = (budget.key.scope, *used, budget.limit);
            Err(NotGranted::Refused(Refusal::LimitReached { scope, used, limit }))
        }
        (rebased, _) => Ok(rebased),
    }
}
