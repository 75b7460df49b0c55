//! The flow of one alarm event.

use headroom_core::at_max::Proposed;
use headroom_core::capacity::{ServiceState, granted, registered, woken};
use headroom_core::decide::{
    Ask as Needed, Context, Decision, Judgement, Plan, decide, match_alarm, question, source_of,
};
use headroom_core::decide::{Refusal, Unmatched, Waiting};
use headroom_core::entry::{Accepted, Entry, Rule, Status};
use headroom_core::fleet::{Action, Fleet, Mode, Remedy, Service, When};
use headroom_core::id::{CaseKey, DecisionId, ServiceId};
use headroom_core::notice::{self, About, Notice};
use headroom_core::remedy::Class;
use headroom_core::seen::Seen;
use headroom_core::signal::AlarmEvent;
use headroom_core::storm;
use headroom_core::time::{Seconds, after};
use jiff::Timestamp;

use crate::converge::{FIRST_REVISION, apply, converge, finish, publish, unanswered};
use crate::cost::{charge, cost_of_day};
use crate::disrupt::resume_disruption;
use crate::later::{SUGGESTION_LASTS, answered, due_after_telling, rests_until};
use crate::permit::Permit;
use crate::ports::{BudgetAdd, Expect, Keys, Loaded, Lost, PortError, Ports, Retry, Write, Written};
use crate::span;
use crate::storm::{CASE_SHARDS, cases_of_minute, one_case, sum, tell_storm};
use crate::told::{once, one_change, tell_denied, tell_once};
use crate::would;

/// A transaction that is lost this often fails the invocation, and Lambda tries again (SEMANTICS 14).
const TRIES: u32 = 3;
/// When the reconciler takes up a planned case whose writer died: once its lock no longer counts.
const RESUMED_AFTER: Seconds = Seconds(60);
/// A case that is deferred this long is an alarm that nobody wants answered; it is judged once more first.
const DEFERRED_AGE_MAX: Seconds = Seconds(7 * 86_400);

/// Counters of changes among those that a case reads, before its counters of cases.
const CHANGES: usize = 2;

/// What became of an event.
#[derive(Debug, Clone, PartialEq)]
pub enum Handled {
    /// It wakes nothing here; counted, not journaled.
    Unmatched(Unmatched),
    /// The same transition was handled before, or is being handled now.
    Duplicate(DecisionId, Status),
    /// Journaled.
    Recorded(DecisionId, Status),
}

/// Handles an alarm event.
///
/// # Errors
/// A port failed, or other writers won three times: the invocation fails, Lambda delivers the event again.
pub async fn on_alarm<P: Ports>(
    ports: &P,
    fleet: &Fleet,
    event: &AlarmEvent,
    owner: &str,
) -> Result<Handled, PortError> {
    let matched = match match_alarm(fleet, event) {
        Ok(matched) => matched,
        Err(unmatched) => return Ok(Handled::Unmatched(unmatched)),
    };
    let id = ServiceId::of(matched.service);
    let key = CaseKey::of_alarm(event, &id, &matched.remedy.name);
    span::name(&key, matched.service, matched.remedy);
    let (service, remedy) = (matched.service, matched.remedy);
    let case = Case { fleet, service, remedy, event, key, id, original: None, accepted: None, at_max: None };
    for _ in 0..TRIES {
        let now = ports.now();
        let loaded = ports.load(&case.keys(now)).await?;
        if let Some((entry, revision)) = loaded.entry {
            return case.resume(ports, entry, revision, owner).await;
        }
        if let Some(handled) = case.handle(ports, &loaded, now, owner).await? {
            return Ok(handled);
        }
    }
    Err(contended(&case.key))
}

pub(crate) fn contended(key: &CaseKey) -> PortError {
    PortError {
        place: format!("case {}", key.decision()),
        cause: format!("another writer won {TRIES} times"),
        retry: Retry::Later,
    }
}

/// One event for one service and remedy, under its key.
pub(crate) struct Case<'a> {
    pub(crate) fleet: &'a Fleet,
    pub(crate) service: &'a Service,
    pub(crate) remedy: &'a Remedy,
    pub(crate) event: &'a AlarmEvent,
    pub(crate) key: CaseKey,
    pub(crate) id: ServiceId,
    /// The deferred entry that this one is judged for, or the suggestion that a person accepts.
    pub(crate) original: Option<(Entry, u64)>,
    /// Whose word stands for mode `act`: the suggestion is then carried out under its own key.
    pub(crate) accepted: Option<Accepted>,
    /// What was found at max, where that is what woke the remedy.
    pub(crate) at_max: Option<Box<Proposed>>,
}

impl Case<'_> {
    /// Whether max reached is what wakes it: then it is decided on what is found at max, and nowhere else.
    pub(crate) fn is_at_max(&self) -> bool {
        self.remedy.action == Action::RaiseMax && matches!(self.remedy.when, When::Event { .. })
    }

    pub(crate) fn keys(&self, now: Timestamp) -> Keys {
        Keys {
            case: Some(self.key.clone()),
            service: Some(self.id.clone()),
            environment: Some(self.service.environment.clone()),
            budgets: one_change(self.fleet, self.service, now)
                .into_iter()
                .map(|b| b.key)
                .chain(cases_of_minute(&self.service.environment, now))
                .chain(cases_of_minute(&self.service.environment, self.came(now)))
                .chain(cost_of_day(self.fleet, now))
                .chain(self.first_of_day(now).map(|first| first.key))
                .collect(),
        }
    }

    /// What the decision stands on.
    pub(crate) fn context<'c>(&'c self, loaded: &'c Loaded, now: Timestamp) -> Context<'c> {
        let counted = loaded.used.get(CHANGES..).unwrap_or_default();
        let (this_minute, others) = counted.split_at(counted.len().min(CASE_SHARDS));
        let (its_own, spent) = others.split_at(others.len().min(CASE_SHARDS));
        let cases = sum(this_minute).saturating_add(u32::from(self.original.is_none()));
        let beside = if self.original.is_none() { cases } else { self.beside(sum(its_own)) };
        let used = |i: usize| loaded.used.get(i).copied().unwrap_or(u32::MAX);
        Context {
            fleet: self.fleet,
            service: self.service,
            remedy: self.remedy,
            event: self.event,
            key: &self.key,
            later: self.original.is_some(),
            state: &loaded.state,
            control: &loaded.control,
            used: (used(0), used(1)),
            spent: cost_of_day(self.fleet, now).and(spent.first().copied()).unwrap_or(0),
            cases,
            came: (self.came(now), beside),
            now,
        }
    }

    /// Decides and carries out; `None` when another writer won and it must be looked at again.
    pub(crate) async fn handle<P: Ports>(
        &self,
        ports: &P,
        loaded: &Loaded,
        now: Timestamp,
        owner: &str,
    ) -> Result<Option<Handled>, PortError> {
        if !self.event.firing() && self.event.is_edge() && self.remedy.action.class() == Class::Add {
            return self.quiet(ports, loaded, now).await;
        }
        let context = self.context(loaded, now);
        let cases = context.cases;
        if cases > storm::CASES_MAX && self.original.is_none() {
            tell_storm(ports, &self.service.environment, cases, now).await;
        }
        let (judgement, seen) = match question(&context) {
            Needed::Nothing(judgement) => (*judgement, None),
            Needed::See(question) => {
                let seen = ports.ask(std::slice::from_ref(&*question)).await?.into_iter().next();
                let seen = Seen { at_max: self.at_max.clone(), ..seen.ok_or_else(unanswered)? };
                (decide(&context, &seen), Some(seen))
            }
        };
        let Some((plan, seen)) = self.permitted(&judgement, seen.as_ref()) else {
            return self.record(ports, loaded, judgement, seen, now).await;
        };
        match plan {
            Plan::Lease(_) => self.act(ports, loaded, judgement, seen, now, owner).await,
            Plan::Disrupt(disruption) => self.disrupt(ports, loaded, &disruption, judgement, seen, now).await,
            Plan::Tell { incident } => self.tell(ports, loaded, &incident, judgement, seen, now).await,
        }
    }

    /// The plan, when it may be carried out: in mode `act`, by a person's word, or when it only tells people.
    fn permitted(&self, judgement: &Judgement, seen: Option<&Seen>) -> Option<(Plan, Seen)> {
        let (Decision::Act(plan), Some(seen)) = (&judgement.decision, seen) else { return None };
        let tells = self.remedy.action.class() == Class::Tell;
        let may = match self.remedy.mode {
            Mode::Act => true,
            Mode::Suggest => tells || self.accepted.is_some(),
            Mode::Observe => tells,
        };
        may.then(|| (plan.clone(), seen.clone()))
    }

    /// The alarm went quiet: its lease is looked at again, nothing is released here (SEMANTICS A).
    async fn quiet<P: Ports>(&self, ports: &P, loaded: &Loaded, now: Timestamp) -> Result<Option<Handled>, PortError> {
        let mut entry = self.entry(now);
        let source = source_of(&self.remedy.name, self.event);
        let write = match woken(&loaded.state.service, &source, self.event.at.min(now), now) {
            Some(state) => {
                entry.status = Status::Noted;
                let state = Some((self.id.clone(), state, loaded.state.generation));
                Write { state, ..Write::default() }
            }
            None => {
                entry.status = Status::Refused;
                entry.judgement = Some(Judgement::refused(Refusal::NothingToRelease));
                self.registering(loaded, now)
            }
        };
        self.put(ports, entry, write).await
    }

    /// Each firing transition counts once towards a storm; a deferred one counted when it came.
    pub(crate) fn counted(&self, now: Timestamp) -> Option<BudgetAdd> {
        let counts = self.event.firing() && self.original.is_none();
        counts.then(|| one_case(&self.service.environment, &self.key, now)).flatten()
    }

    /// The entry to write: a new one, or the suggestion that is accepted.
    pub(crate) fn entry(&self, now: Timestamp) -> Entry {
        if let (Some(accepted), Some((original, _))) = (&self.accepted, &self.original) {
            let accepted = Some(accepted.clone());
            return Entry { status: Status::Planned, mode: Mode::Act, accepted, ..original.clone() };
        }
        let name = self.remedy.name.clone();
        let mut entry =
            Entry::new(self.key.clone(), self.id.clone(), self.service.label(), name, self.remedy.mode, now);
        entry.rule = Some(Rule::of(self.fleet, self.service, self.remedy));
        entry.event = Some(self.event.clone());
        entry
    }

    /// Records a decision that changes nothing.
    async fn record<P: Ports>(
        &self,
        ports: &P,
        loaded: &Loaded,
        mut judgement: Judgement,
        seen: Option<Seen>,
        now: Timestamp,
    ) -> Result<Option<Handled>, PortError> {
        let mut entry = self.entry(now);
        let mut write = self.registering(loaded, now);
        if let (Decision::Wait { .. }, Some((original, _))) = (&judgement.decision, &self.original)
            && after(original.at, DEFERRED_AGE_MAX) <= now
        {
            judgement.decision = Decision::Refuse(Refusal::DeferredTooLong { since: original.at });
        }
        match &judgement.decision {
            Decision::Act(plan) if self.remedy.mode == Mode::Suggest => {
                entry.status = Status::Suggested;
                let until = after(now, SUGGESTION_LASTS);
                let decision = &entry.decision;
                let about = About { incident: plan.incident(), label: &entry.label, decision, now };
                // A proposal for a service at its max stands in the notice of its episode.
                if !matches!(self.remedy.when, When::Event { .. }) {
                    entry.outbox.push(notice::suggested(&about, &self.remedy.name, plan, &judgement, until));
                }
                entry.due = Some(until);
                write.state = Some(self.rested(loaded, now));
            }
            Decision::Act(plan) => {
                entry.status = Status::Observed;
                write.budgets.push(would::one(&self.service.environment, &self.remedy.name, &self.key, now));
                let first = self.first_of_day(now).filter(|_| loaded.used.last() == Some(&0));
                if let Some(first) = first {
                    let about =
                        About { incident: plan.incident(), label: &entry.label, decision: &entry.decision, now };
                    entry.outbox.push(notice::would_act(&about, &self.remedy.name, plan, &judgement));
                    entry.due = Some(now);
                    write.budgets.push(first);
                }
            }
            Decision::Wait { until, why } => {
                let told = self.held_notice(&entry, why, now);
                if let Some((original, revision)) = &self.original {
                    let again = Entry { due: Some(*until), ..original.clone() };
                    let write = Write { entries: vec![(again, Expect::Revision(*revision))], ..Write::default() };
                    if ports.write(&write).await? != Written::Done {
                        return Ok(None);
                    }
                    if let Some(told) = told {
                        tell_once(ports, &told, now).await;
                    }
                    return Ok(Some(Handled::Recorded(original.decision.clone(), Status::Deferred)));
                }
                entry.status = Status::Deferred;
                entry.due = Some(*until);
                if let Some(told) = told {
                    write.budgets.push(once(&self.service.label(), told.kind.name(), now));
                    entry.outbox.push(told);
                }
            }
            Decision::Refuse(refusal) => {
                entry.status = Status::Refused;
                let incident = format!("{}/{}/{}", self.service.label(), self.remedy.name, refusal.name());
                let about = About { incident: &incident, label: &entry.label, decision: &entry.decision, now };
                if let Some(told) = notice::refused(&about, &self.remedy.name, refusal) {
                    write.budgets.push(once(&self.service.label(), told.kind.name(), now));
                    entry.outbox.push(told);
                    entry.due = Some(now);
                }
            }
        }
        entry.judgement = Some(judgement);
        entry.seen = seen;
        self.put(ports, entry, write).await
    }

    /// What counts the first of a remedy that only observes, and is told at once.
    fn first_of_day(&self, now: Timestamp) -> Option<BudgetAdd> {
        let observes = self.remedy.mode == Mode::Observe && self.remedy.action.class() != Class::Tell;
        // What a service at its max would have been given stands in the notice of its episode.
        let observes = observes && !matches!(self.remedy.when, When::Event { .. });
        observes.then(|| would::first(&self.service.environment, &self.remedy.name, now))
    }

    /// The state after this remedy acted, suggested or told: it rests, and older events are superseded.
    pub(crate) fn rested(&self, loaded: &Loaded, now: Timestamp) -> (ServiceId, ServiceState, u64) {
        let source = source_of(&self.remedy.name, self.event);
        let state = &loaded.state.service;
        let ordered = self.event.task.is_none();
        let next = ordered.then(|| registered(state, &source, true, self.event.at.min(now), now)).flatten();
        let mut next = next.unwrap_or_else(|| state.clone());
        next.environment.clone_from(&self.service.environment);
        next.forget(now);
        next.cooldowns.insert(self.remedy.name.clone(), after(now, self.remedy.cooldown));
        (self.id.clone(), next, loaded.state.generation)
    }

    /// Capacity that a person holds is told; every other wait is silent.
    fn held_notice(&self, entry: &Entry, why: &Waiting, now: Timestamp) -> Option<Notice> {
        let Waiting::CapacityHeldByPerson { desired, found } = why else { return None };
        let incident = format!("{}/held", self.service.label());
        let about = About { incident: &incident, label: &entry.label, decision: &entry.decision, now };
        notice::held(&about, *desired, *found)
    }

    /// The state after a firing transition that grants nothing: older events are superseded, and a pending
    /// release is cancelled. A case that is judged later was registered when it came.
    fn registering(&self, loaded: &Loaded, now: Timestamp) -> Write {
        // A task's events have no order among those of other tasks: the task as it is found decides.
        let concerns = self.event.is_edge() && self.original.is_none() && self.event.task.is_none();
        let source = source_of(&self.remedy.name, self.event);
        let state = concerns
            .then(|| registered(&loaded.state.service, &source, self.event.firing(), self.event.at.min(now), now))
            .flatten();
        let state = state.map(|state| (self.id.clone(), state, loaded.state.generation));
        Write { state, ..Write::default() }
    }

    /// Puts the entry, with the deferred one that it answers, and publishes what is in its outbox.
    pub(crate) async fn put<P: Ports>(
        &self,
        ports: &P,
        mut entry: Entry,
        mut write: Write,
    ) -> Result<Option<Handled>, PortError> {
        let handled = Handled::Recorded(entry.decision.clone(), entry.status);
        write.entries.push((entry.clone(), Expect::Absent));
        write.budgets.extend(self.counted(entry.at));
        self.answer_original(&mut write);
        match ports.write(&write).await? {
            Written::Done => {}
            Written::Lost(Lost::Limit) if !entry.outbox.is_empty() => {
                entry.outbox.clear();
                entry.due = rests_until(&entry);
                // What has no limit is counted all the same.
                let budgets = write.budgets.into_iter().filter(|budget| budget.limit == u32::MAX).collect();
                let entries = vec![(entry, Expect::Absent)];
                let mut quiet = Write { entries, state: write.state, budgets, ..Write::default() };
                self.answer_original(&mut quiet);
                return Ok((ports.write(&quiet).await? == Written::Done).then_some(handled));
            }
            Written::Lost(_) => return Ok(None),
        }
        if !entry.outbox.is_empty() {
            publish(ports, &mut entry).await;
            entry.due = due_after_telling(&entry);
            let write = Write { entries: vec![(entry, Expect::Revision(FIRST_REVISION))], ..Write::default() };
            if ports.write(&write).await? != Written::Done {
                tracing::debug!(key = %self.key, "entry written by somebody else");
            }
        }
        Ok(Some(handled))
    }

    /// What the entry must be for its plan to count, and its revision afterwards.
    pub(crate) fn expect(&self) -> (Expect, u64) {
        match &self.original {
            Some((_, revision)) if self.accepted.is_some() => (Expect::Revision(*revision), revision + 1),
            Some(_) | None => (Expect::Absent, FIRST_REVISION),
        }
    }

    pub(crate) fn answer_original(&self, write: &mut Write) {
        if let Some((original, revision)) = self.original.as_ref().filter(|_| self.accepted.is_none()) {
            let answered = answered(original.clone(), Status::Resumed);
            write.entries.push((answered, Expect::Revision(*revision)));
        }
    }

    /// Writes ahead, acts, tells, closes.
    pub(crate) async fn act<P: Ports>(
        &self,
        ports: &P,
        loaded: &Loaded,
        judgement: Judgement,
        seen: Seen,
        now: Timestamp,
        owner: &str,
    ) -> Result<Option<Handled>, PortError> {
        let Decision::Act(plan) = &judgement.decision else { return Ok(None) };
        let (Some(grant), Some(service), Some(target)) = (plan.grant(), seen.service.known(), plan.target(&seen))
        else {
            return Ok(None);
        };
        let (mut next, changes) = granted(&loaded.state.service, grant, service, &target, owner, now);
        if changes.is_empty() && grant.lease.is_overridden() && !loaded.state.service.locked_for(owner, now) {
            let found = grant.expected;
            let judgement = Judgement { decision: Decision::Refuse(Refusal::Overridden { found }), ..judgement };
            return self.record(ports, loaded, judgement, Some(seen), now).await;
        }
        let cost = charge(self.fleet, self.service, &mut next, now, false);
        let mut entry = self.entry(now);
        let decision = grant.lease.case.decision();
        let about = About { incident: &grant.lease.incident, label: &entry.label, decision: &decision, now };
        entry.outbox.push(notice::opened(&about, self.service, grant, &judgement, &seen));
        entry.due = Some(after(now, RESUMED_AFTER));
        entry.changes.clone_from(&changes);
        entry.judgement = Some(judgement.clone());
        entry.seen = Some(seen.clone());
        let (expect, revision) = self.expect();
        let mut write = Write {
            entries: vec![(entry.clone(), expect)],
            state: Some((self.id.clone(), next.clone(), loaded.state.generation)),
            budgets: one_change(self.fleet, self.service, now)
                .into_iter()
                .chain(self.counted(now))
                .chain(cost)
                .collect(),
            unless_stopped: Some(self.service.environment.clone()),
            control_revision: Some(loaded.control.revision),
        };
        self.answer_original(&mut write);
        if let Written::Lost(lost) = ports.write(&write).await? {
            tracing::info!(?lost, key = %self.key, "plan not written; looking again");
            return Ok(None);
        }
        let handled = Handled::Recorded(entry.decision.clone(), Status::Acted);
        if changes.is_empty() {
            // Another writer holds the lock: it sees the moved generation and writes for both.
            return Ok(Some(Handled::Recorded(entry.decision, Status::Planned)));
        }
        if let Err(error) = apply(ports, &Permit::of_won_plan(), &self.id, &changes).await {
            tell_denied(ports, &self.service.label(), &error, now).await;
            return Err(error);
        }
        let closing = vec![(entry, revision)];
        if let Some(left) = finish(ports, &self.id, &next, loaded.state.generation + 1, closing, now).await? {
            converge(ports, self.fleet, &self.id, owner, None, left).await?;
        }
        Ok(Some(handled))
    }

    /// A case that exists is never decided again: a planned one is finished, any other is a duplicate.
    async fn resume<P: Ports>(
        &self,
        ports: &P,
        entry: Entry,
        revision: u64,
        owner: &str,
    ) -> Result<Handled, PortError> {
        let (decision, status) = (entry.decision.clone(), entry.status);
        if status == Status::Planned && entry.due.is_some_and(|due| due <= ports.now()) {
            finish_planned(ports, self.fleet, entry, revision, owner).await?;
        }
        Ok(Handled::Duplicate(decision, status))
    }
}

/// Finishes a planned case whose writer died.
pub(crate) async fn finish_planned<P: Ports>(
    ports: &P,
    fleet: &Fleet,
    entry: Entry,
    revision: u64,
    owner: &str,
) -> Result<(), PortError> {
    if entry.disruption().is_some() {
        return resume_disruption(ports, fleet, entry, revision).await;
    }
    let id = entry.service.clone();
    converge(ports, fleet, &id, owner, None, vec![(entry, revision)]).await.map(|_converged| ())
}
