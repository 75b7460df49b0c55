//! A person's yes to a suggestion: read again, decided again, and carried out only if it is still what was proposed.

use headroom_core::decide::{Ask as Needed, Decision, Judgement, Plan, decide, differences, gone, question};
use headroom_core::entry::{Accepted, Entry, Status};
use headroom_core::fleet::{Fleet, Mode};
use headroom_core::id::CaseKey;
use headroom_core::person::NotApplied;
use headroom_core::seen::Seen;
use headroom_core::time::after;
use jiff::Timestamp;

use crate::alarm::{Case, Handled, finish_planned};
use crate::at_max::{Capacities, CapacityPorts, proposed_anew};
use crate::converge::{service_of, unanswered};
use crate::later::SUGGESTION_LASTS;
use crate::ports::{Ask, Clock, Journal, Keys, Loaded, PortError, Ports};

/// Other writers may win this often.
const TRIES: u32 = 3;

/// What would be done on a yes now.
#[derive(Debug, Clone, PartialEq)]
pub struct Offer {
    /// The suggestion, with what is seen and decided now.
    pub entry: Entry,
}

/// What came of a yes.
#[derive(Debug, Clone, PartialEq)]
pub enum Applied {
    /// It was planned, and carried out as far as the status says.
    Now(Status),
    /// Somebody said yes before; as far as the status says.
    Before(Accepted, Status),
}

/// Reads and decides again; changes nothing.
///
/// # Errors
/// A port failed.
pub async fn offer<P: Clock + Ask + Journal + Capacities>(
    ports: &P,
    fleet: &Fleet,
    key: &CaseKey,
    by: &str,
) -> Result<Result<Offer, NotApplied>, PortError> {
    let Some((entry, revision)) = read(ports, key).await? else { return Ok(Err(NotApplied::NotThere)) };
    if entry.accepted.is_some() {
        return Ok(Err(NotApplied::NotOpen { status: entry.status }));
    }
    let now = ports.now();
    let case = match opened(fleet, &entry, revision, by, now) {
        Ok(case) => case,
        Err(why) => return Ok(Err(why)),
    };
    let loaded = case.rested_only_by_others(ports.load(&case.keys(now)).await?);
    Ok(case.decided_again(ports, &loaded, now).await?.map(|(judgement, seen)| {
        let entry = Entry { mode: Mode::Act, judgement: Some(judgement), seen: Some(seen), ..entry.clone() };
        Offer { entry }
    }))
}

/// Carries a suggestion out. Twice is once: the second finds it accepted, and finishes what a crash left of it.
///
/// # Errors
/// A port failed. Nothing was done, or the plan is written and due: the reconciler finishes it, or the same again.
pub async fn apply<P: CapacityPorts>(
    ports: &P,
    fleet: &Fleet,
    key: &CaseKey,
    by: &str,
    owner: &str,
) -> Result<Result<Applied, NotApplied>, PortError> {
    for _ in 0..TRIES {
        let Some((entry, revision)) = read(ports, key).await? else { return Ok(Err(NotApplied::NotThere)) };
        if let Some(yes) = entry.accepted.clone() {
            return finished(ports, fleet, (entry, revision), yes, owner).await.map(Ok);
        }
        let now = ports.now();
        let case = match opened(fleet, &entry, revision, by, now) {
            Ok(case) => case,
            Err(why) => return Ok(Err(why)),
        };
        let loaded = case.rested_only_by_others(ports.load(&case.keys(now)).await?);
        if loaded.entry.as_ref().is_none_or(|(_, found)| *found != revision) {
            continue;
        }
        let (judgement, seen) = match case.decided_again(ports, &loaded, now).await? {
            Ok(decided) => decided,
            Err(why) => return Ok(Err(why)),
        };
        let Decision::Act(plan) = &judgement.decision else { continue };
        let handled = match plan.clone() {
            Plan::Lease(_) => case.act(ports, &loaded, judgement, seen, now, owner).await?,
            Plan::Disrupt(disruption) => case.disrupt(ports, &loaded, &disruption, judgement, seen, now).await?,
            // It only tells, and so was carried out when it came.
            Plan::Tell { .. } => return Ok(Err(NotApplied::NotOpen { status: entry.status })),
        };
        if let Some(Handled::Recorded(_, status)) = handled {
            return Ok(Ok(Applied::Now(status)));
        }
    }
    Ok(Err(NotApplied::Contended))
}

async fn read<P: Journal>(ports: &P, key: &CaseKey) -> Result<Option<(Entry, u64)>, PortError> {
    let keys = Keys { case: Some(key.clone()), ..Keys::default() };
    Ok(ports.load(&keys).await?.entry)
}

/// The case of a suggestion that is still open.
fn opened<'a>(
    fleet: &'a Fleet,
    entry: &'a Entry,
    revision: u64,
    by: &str,
    now: Timestamp,
) -> Result<Case<'a>, NotApplied> {
    if entry.status != Status::Suggested {
        return Err(NotApplied::NotOpen { status: entry.status });
    }
    if entry.watch.is_some() {
        return Err(NotApplied::Rollback);
    }
    // The reconciler may be late to close it.
    let since = after(entry.at, SUGGESTION_LASTS);
    if since <= now {
        return Err(NotApplied::Expired { since });
    }
    let service = service_of(fleet, &entry.service).ok_or(NotApplied::LeftTheFleet)?;
    let remedy = service.remedies.iter().find(|r| r.name == entry.remedy).ok_or(NotApplied::LeftTheFleet)?;
    if remedy.mode == Mode::Observe {
        return Err(NotApplied::Observes);
    }
    let event = entry.event.as_ref().ok_or(NotApplied::NotOpen { status: entry.status })?;
    Ok(Case {
        fleet,
        service,
        remedy,
        event,
        key: entry.key.clone(),
        id: entry.service.clone(),
        original: Some((entry.clone(), revision)),
        accepted: Some(Accepted { by: by.to_owned(), at: now }),
        at_max: None,
    })
}

impl Case<'_> {
    /// The remedy rests since its suggestion, against a flood of them; that rest is not against its acceptance.
    fn rested_only_by_others(&self, mut loaded: Loaded) -> Loaded {
        let own = self.original.as_ref().map(|(original, _)| after(original.at, self.remedy.cooldown));
        let cooldowns = &mut loaded.state.service.cooldowns;
        if cooldowns.get(&self.remedy.name).copied() == own {
            cooldowns.remove(&self.remedy.name);
        }
        loaded
    }

    /// The decision of now, if it is what was proposed.
    async fn decided_again<P: Clock + Ask + Journal + Capacities>(
        &self,
        ports: &P,
        loaded: &Loaded,
        now: Timestamp,
    ) -> Result<Result<(Judgement, Seen), NotApplied>, PortError> {
        let context = self.context(loaded, now);
        let asked = match question(&context) {
            Needed::Nothing(judgement) => return Ok(Err(NotApplied::Stands(judgement))),
            Needed::See(asked) => asked,
        };
        let seen = ports.ask(std::slice::from_ref(&*asked)).await?.into_iter().next().ok_or_else(unanswered)?;
        let at_max =
            if self.is_at_max() { proposed_anew(ports, self.fleet, self.service, &self.id).await? } else { None };
        let seen = Seen { at_max: at_max.map(Box::new), ..seen };
        let judgement = decide(&context, &seen);
        let proposed = self.original.as_ref().and_then(|(original, _)| original.judgement.as_ref());
        let then = proposed.and_then(|judgement| match &judgement.decision {
            Decision::Act(plan) => Some(plan),
            Decision::Wait { .. } | Decision::Refuse(_) => None,
        });
        if let Some(gone) = then.and_then(|then| gone(then, &judgement.decision)) {
            return Ok(Err(NotApplied::Differs(vec![gone])));
        }
        let (Some(then), Decision::Act(plan)) = (then, &judgement.decision) else {
            return Ok(Err(NotApplied::Stands(Box::new(judgement))));
        };
        let differ = differences(then, plan);
        if !differ.is_empty() {
            return Ok(Err(NotApplied::Differs(differ)));
        }
        if plan.grant().is_some_and(|grant| grant.lease.is_overridden()) {
            return Ok(Err(NotApplied::Overridden));
        }
        Ok(Ok((judgement, seen)))
    }
}

/// A suggestion that was accepted before: what a crash left of it is finished once its writer no longer counts.
async fn finished<P: Ports>(
    ports: &P,
    fleet: &Fleet,
    (entry, revision): (Entry, u64),
    yes: Accepted,
    owner: &str,
) -> Result<Applied, PortError> {
    let status = entry.status;
    let overdue = status == Status::Planned && entry.due.is_some_and(|due| due <= ports.now());
    if !overdue {
        return Ok(Applied::Before(yes, status));
    }
    let key = entry.key.clone();
    finish_planned(ports, fleet, entry, revision, owner).await?;
    let status = read(ports, &key).await?.map_or(status, |(entry, _)| entry.status);
    Ok(Applied::Before(yes, status))
}
