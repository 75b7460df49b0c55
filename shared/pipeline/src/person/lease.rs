//! An operator's lease: granted by the same transaction, lock and calls as an alarm's.

use headroom_core::capacity::granted;
use headroom_core::decide::{Decision, Judgement, Plan, Refusal, Waiting};
use headroom_core::entry::{Accepted, Entry, OPERATOR, Status};
use headroom_core::fleet::{Fleet, Mode, Service};
use headroom_core::id::{CaseKey, DecisionId, ServiceId};
use headroom_core::notice::{self, About};
use headroom_core::person::{NotGranted, Wish, wished};
use headroom_core::price;
use headroom_core::seen::{Question, Seen};
use headroom_core::time::{Seconds, after};
use jiff::Timestamp;

use crate::converge::{FIRST_REVISION, apply, converge, finish, unanswered};
use crate::permit::Permit;
use crate::ports::{Ask, Clock, Expect, Journal, Keys, Loaded, PortError, Ports, Write, Written};
use crate::told::one_change;

/// Other writers may win this often.
const TRIES: u32 = 3;
/// When the reconciler takes up a planned entry whose writer died: once its lock no longer counts.
const RESUMED_AFTER: Seconds = Seconds(60);

/// What was granted, or would be.
#[derive(Debug, Clone, PartialEq)]
pub struct Granted {
    /// The decision's id.
    pub decision: DecisionId,
    /// The entry, with what was seen and is done.
    pub entry: Entry,
    /// What it costs an hour at most.
    pub usd_hour: Option<f64>,
    /// How far it has come: planned when another writer carries it out.
    pub status: Status,
}

/// One wish for one service.
struct Job<'a> {
    fleet: &'a Fleet,
    service: &'a Service,
    id: ServiceId,
    wish: &'a Wish,
    key: CaseKey,
}

/// Says what would be granted; changes nothing.
///
/// # Errors
/// A port failed.
pub async fn look<P: Clock + Ask + Journal>(
    ports: &P,
    fleet: &Fleet,
    service: &Service,
    wish: &Wish,
) -> Result<Result<Granted, NotGranted>, PortError> {
    let job = Job::new(fleet, service, wish, "look");
    let now = ports.now();
    let (loaded, seen) = job.seen(ports, now).await?;
    Ok(job.planned(&loaded, &seen, now).map(|(entry, _)| {
        let usd_hour = wish.usd_hour(service, found(&entry));
        Granted { decision: entry.decision.clone(), entry, usd_hour, status: Status::Planned }
    }))
}

/// Grants. The same wish of the same person again renews its lease, and never stacks.
///
/// # Errors
/// A port failed. Nothing was done, or the plan is written and due: the reconciler finishes it.
pub async fn grant<P: Ports>(
    ports: &P,
    fleet: &Fleet,
    service: &Service,
    wish: &Wish,
    owner: &str,
) -> Result<Result<Granted, NotGranted>, PortError> {
    let job = Job::new(fleet, service, wish, owner);
    for _ in 0..TRIES {
        let now = ports.now();
        let (loaded, seen) = job.seen(ports, now).await?;
        let (mut entry, target) = match job.planned(&loaded, &seen, now) {
            Ok(planned) => planned,
            Err(why) => return Ok(Err(why)),
        };
        let (Some(grant), Some(found)) = (grant_of(&entry).cloned(), seen.service.known()) else { continue };
        let (next, changes) = granted(&loaded.state.service, &grant, found, &target, owner, now);
        let usd_hour = wish.usd_hour(service, grant.expected);
        let source = service.task.as_ref().map(price::source);
        let about = About { incident: &grant.lease.incident, label: &entry.label, decision: &entry.decision, now };
        entry.outbox.push(notice::taken(&about, &wish.by, &grant.lease, grant.expected, usd_hour.zip(source)));
        entry.changes.clone_from(&changes);
        let write = Write {
            entries: vec![(entry.clone(), Expect::Absent)],
            state: Some((job.id.clone(), next.clone(), loaded.state.generation)),
            budgets: one_change(fleet, service, now),
            unless_stopped: Some(service.environment.clone()),
            control_revision: Some(loaded.control.revision),
        };
        if ports.write(&write).await? != Written::Done {
            continue;
        }
        let decision = entry.decision.clone();
        if changes.is_empty() && loaded.state.service.locked_for(owner, now) {
            return Ok(Ok(Granted { decision, entry, usd_hour, status: Status::Planned }));
        }
        apply(ports, &Permit::of_won_plan(), &job.id, &changes).await?;
        let closing = vec![(entry.clone(), FIRST_REVISION)];
        let left = finish(ports, &job.id, &next, loaded.state.generation + 1, closing, now).await?;
        if let Some(left) = left {
            converge(ports, fleet, &job.id, owner, None, left).await?;
        }
        return Ok(Ok(Granted { decision, entry, usd_hour, status: Status::Acted }));
    }
    Ok(Err(NotGranted::Contended))
}

fn grant_of(entry: &Entry) -> Option<&headroom_core::capacity::Grant> {
    entry.judgement.as_ref()?.decision.grant()
}

fn found(entry: &Entry) -> headroom_core::capacity::Bounds {
    let none = headroom_core::capacity::Bounds { min: 0, max: 0, scale_in_suspended: false };
    grant_of(entry).map_or(none, |grant| grant.expected)
}

impl<'a> Job<'a> {
    fn new(fleet: &'a Fleet, service: &'a Service, wish: &'a Wish, owner: &str) -> Self {
        let id = ServiceId::of(service);
        let key = CaseKey::of_person(&id, &wish.source(), owner);
        Self { fleet, service, id, wish, key }
    }

    async fn seen<P: Ask + Journal>(&self, ports: &P, now: Timestamp) -> Result<(Loaded, Seen), PortError> {
        let keys = Keys {
            case: None,
            service: Some(self.id.clone()),
            environment: Some(self.service.environment.clone()),
            budgets: one_change(self.fleet, self.service, now).into_iter().map(|b| b.key).collect(),
        };
        let loaded = ports.load(&keys).await?;
        let question = Question { policies: true, ..Question::plain(self.id.clone()) };
        let seen = ports.ask(&[question]).await?.into_iter().next().ok_or_else(unanswered)?;
        Ok((loaded, seen))
    }

    /// The entry of the grant and the target that it moves.
    fn planned(
        &self,
        loaded: &Loaded,
        seen: &Seen,
        now: Timestamp,
    ) -> Result<(Entry, headroom_core::seen::TargetSeen), NotGranted> {
        let Self { service, wish, .. } = self;
        if loaded.control.stopped {
            return Err(NotGranted::Waits(Waiting::Stopped));
        }
        if let Some(pause) = loaded.control.pause_of(&service.name, OPERATOR, now) {
            return Err(NotGranted::Waits(Waiting::Paused { by: pause.by.clone() }));
        }
        for (budget, used) in one_change(self.fleet, service, now).into_iter().zip(&loaded.used) {
            if *used >= budget.limit {
                let (scope, used, limit) = (budget.key.scope, *used, budget.limit);
                return Err(NotGranted::Refused(Refusal::LimitReached { scope, used, limit }));
            }
        }
        let (grant, target) = wished(wish, service, &loaded.state.service, seen, &self.key, now)?;
        let label = service.label();
        let mut entry = Entry::new(self.key.clone(), self.id.clone(), label, OPERATOR.to_owned(), Mode::Act, now);
        entry.accepted = Some(Accepted { by: wish.by.clone(), at: now });
        entry.due = Some(after(now, RESUMED_AFTER));
        let decision = Decision::Act(Plan::Lease(Box::new(grant)));
        entry.judgement = Some(Judgement { guards: Vec::new(), need: None, native: None, decision });
        entry.seen = Some(seen.clone());
        Ok((entry, target))
    }
}
