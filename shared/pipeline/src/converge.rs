//! Converging: bring one service's bounds to what its leases claim, whoever was interrupted before.

use std::collections::{BTreeMap, BTreeSet};

use headroom_core::capacity::{
    Bounds, Change, Held, Pass, PassInput, Remark, ServiceState, State, gone, keep, to_usd, unlocked,
};
use headroom_core::control::Control;
use headroom_core::decide::Refusal;
use headroom_core::entry::{Entry, RECONCILE, Status, Told};
use headroom_core::fleet::{Fleet, Mode, Service, WhileHigh};
use headroom_core::id::{CaseKey, ServiceId};
use headroom_core::notice::{self, About, Notice, Severity};
use headroom_core::release::Judged;
use headroom_core::remedy::needs;
use headroom_core::schedule::{healthy_of, healthy_question, schedule_of, stopped_lately};
use headroom_core::seen::{AlarmSeen, Load, NeedQuestion, Question, Reading, Seen, TargetSeen};
use jiff::Timestamp;

use crate::cost::{charge, is_cost};
use crate::later::{due_after_telling, settled, settles_at};
use crate::permit::Permit;
use crate::ports::{Ask, BudgetAdd, Expect, Journal, Keys, Lost, Notify, PortError, Ports, Retry, Write, Written};
use crate::prewarm::{asked_now, late_severity};
use crate::told::{
    is_scheduled, one_change, one_grant, tell_denied, tell_once, tell_stopped, tell_targets, tell_unproved,
};

/// Cases that one transaction closes: DynamoDB takes a hundred items.
const CLOSING_MAX: usize = 40;
/// A generation that moved under us this often is left to the next visit of the reconciler.
const TRIES: u32 = 3;

/// What a convergence came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Converged {
    /// Bounds are what the leases claim.
    Done {
        /// Calls that changed AWS.
        changes: u32,
    },
    /// Somebody else is writing, the environment is stopped, or the generation moved again and again: it
    /// stays due.
    Left,
}

/// The fleet's service behind an id.
pub(crate) fn service_of<'a>(fleet: &'a Fleet, id: &ServiceId) -> Option<&'a Service> {
    fleet.services.iter().find(|s| {
        s.service == id.service && s.cluster == id.cluster && s.region == id.region && s.account == id.account
    })
}

/// Entries that a transaction closes, each with the revision to expect.
pub(crate) type Closing = Vec<(Entry, u64)>;

/// One look at a service: its state, and what AWS said right after.
pub(crate) struct Looked {
    state: State,
    seen: Seen,
    readings: Readings,
    now: Timestamp,
    paused: BTreeSet<String>,
    control_revision: u64,
}

/// A service that may be looked at: its state was read, nobody else writes, nothing is stopped.
pub(crate) struct Due {
    pub(crate) id: ServiceId,
    pub(crate) state: State,
    now: Timestamp,
    /// What must not be high for a lease to grow.
    needs: Vec<NeedQuestion>,
    /// Remedies with a living lease that are paused.
    paused: BTreeSet<String>,
    /// Of the switches that this stands on.
    control_revision: u64,
}

/// Reads the state of a service that is due; `None` when it must be left alone for now.
pub(crate) async fn due<P: Ports>(
    ports: &P,
    fleet: &Fleet,
    id: &ServiceId,
    owner: &str,
) -> Result<Option<Due>, PortError> {
    let now = ports.now();
    let config = service_of(fleet, id);
    let (state, control) = load(ports, id, config).await?;
    let stopped = control.stopped;
    if let Some(kept) = state.service.kept.as_ref().filter(|_| stopped) {
        tell_stopped(ports, &label(id, config), kept, now).await;
    }
    let left = stopped || state.service.locked_for(owner, now);
    let needs = config.map(|config| needs::questions(fleet, config, WhileHigh::NoScaleOut)).unwrap_or_default();
    let named = |remedy: &str| config.is_some_and(|c| control.pause_of(&c.name, remedy, now).is_some());
    // People know a schedule by its name alone.
    let paused = |remedy: &str| named(remedy) || schedule_of(remedy).is_some_and(named);
    let paused = state.service.live().map(|lease| lease.remedy.clone()).filter(|remedy| paused(remedy)).collect();
    Ok((!left).then(|| Due { id: id.clone(), state, now, needs, paused, control_revision: control.revision }))
}

/// Looks at many services with as few calls as AWS allows.
pub(crate) async fn look_all<P: Ports>(ports: &P, due: Vec<Due>) -> Result<Vec<(ServiceId, Looked)>, PortError> {
    let questions: Vec<Vec<Question>> = due.iter().map(questions).collect();
    let mut seen = ports.ask(&questions.concat()).await?.into_iter();
    let mut looked = Vec::with_capacity(due.len());
    for (due, questions) in due.into_iter().zip(questions) {
        let mut answers = seen.by_ref().take(questions.len());
        let first = answers.next().ok_or_else(unanswered)?;
        let sources = due.state.service.live().filter(|l| l.renew_at <= due.now).map(|l| l.source.clone());
        let readings = sources.zip(answers.map(|s| (s.load, s.alarm))).collect();
        let Due { id, state, now, paused, control_revision, .. } = due;
        looked.push((id, Looked { state, seen: first, readings, now, paused, control_revision }));
    }
    Ok(looked)
}

pub(crate) fn unanswered() -> PortError {
    PortError { place: "ask".to_owned(), cause: "no answer to a question".to_owned(), retry: Retry::Never }
}

/// What people call a service; one that left the fleet file goes by its names in AWS.
pub(crate) fn label(id: &ServiceId, config: Option<&Service>) -> String {
    config.map_or_else(|| format!("{}/{}", id.cluster, id.service), Service::label)
}

/// Converges a service, and closes `closing`, planned cases of it, in the same transaction.
///
/// # Errors
/// A port failed; everything that was begun stays due.
pub(crate) async fn converge<P: Ports>(
    ports: &P,
    fleet: &Fleet,
    id: &ServiceId,
    owner: &str,
    mut looked: Option<Looked>,
    mut closing: Closing,
) -> Result<Converged, PortError> {
    let mut changed = 0;
    let config = service_of(fleet, id);
    let (mut may_grow, mut clock_may_grow, mut past) = (true, true, false);
    // The rest stays due: a transaction takes a hundred items.
    closing.truncate(CLOSING_MAX);
    for _ in 0..TRIES {
        let look = match looked.take() {
            Some(look) => look,
            None => match due(ports, fleet, id, owner).await? {
                Some(due) => match look_all(ports, vec![due]).await?.pop() {
                    Some((_, look)) => look,
                    None => return Ok(Converged::Left),
                },
                None => return Ok(Converged::Left),
            },
        };
        let Looked { state, seen, readings, now, paused, control_revision } = look;
        let asked = config
            .map_or_else(|| Some(BTreeMap::new()), |service| asked_now(ports, fleet, service, &state.service, now));
        let job = Job { fleet, id, state: &state, config, now, control_revision };
        let step = match (seen.service.known(), steered(&state.service, &seen)) {
            (Some(service), Some(ref target)) => {
                let none_high =
                    config.is_none_or(|c| needs::none_high(fleet, c, WhileHigh::NoScaleOut, &seen.needs).is_ok());
                let pass = keep(&PassInput {
                    state: &state.service,
                    fleet: config,
                    service,
                    target,
                    readings: &readings,
                    scheduled: &seen.scheduled,
                    asked: asked.as_ref(),
                    healthy: healthy_of(&seen.needs),
                    may_grow: may_grow && none_high,
                    clock_may_grow: clock_may_grow && none_high,
                    paused: &paused,
                    owner,
                    now,
                });
                if let Some(healthy) = healthy_of(&seen.needs).filter(|healthy| healthy.known().is_none()) {
                    tell_targets(ports, &label(id, config), &state.service, &healthy.why(), now).await;
                }
                match pass {
                    Ok(mut pass) => {
                        why_short(ports, id, &mut pass.remarks, now).await;
                        let cost = config.and_then(|c| charge(fleet, c, &mut pass.next, now, past));
                        job.write_and_apply(ports, pass, cost, std::mem::take(&mut closing)).await?
                    }
                    Err(Held::Locked) => return Ok(Converged::Left),
                }
            }
            _ if matches!(seen.service, Reading::Absent) || matches!(seen.target, Reading::Absent) => {
                job.gone(ports, std::mem::take(&mut closing)).await?
            }
            _ => {
                let (service, target) = (seen.service.why(), seen.target.why());
                tracing::warn!(%id, service, target, "cannot look; stays due");
                tell_unproved(
                    ports,
                    &label(id, config),
                    &state.service,
                    &format!("service {service}, target {target}"),
                    now,
                )
                .await;
                return Ok(Converged::Left);
            }
        };
        match step {
            Step::Done(calls) => return Ok(Converged::Done { changes: changed + calls }),
            Step::Left => return Ok(Converged::Left),
            Step::Again { calls, still } => {
                changed += calls;
                closing = still;
            }
            Step::WithoutGrowth { spent, still } => {
                may_grow &= !spent.of_alarms;
                clock_may_grow &= !spent.of_the_clock;
                past = true;
                closing = still;
            }
        }
    }
    Ok(Converged::Left)
}

/// Reads why tasks stopped, once a window is short: a minute in which nothing is told makes no call for it.
async fn why_short<P: Ask>(ports: &P, id: &ServiceId, remarks: &mut [Remark], now: Timestamp) {
    if !remarks.iter().any(|remark| matches!(remark, Remark::Short { .. })) {
        return;
    }
    let said = stopped_lately(&ports.stopped(id).await, now);
    for remark in remarks {
        if let Remark::Short { stopped, .. } = remark {
            stopped.clone_from(&said);
        }
    }
}

/// The scalable target as found; for a service that never had one, its desired count in the place of min.
fn steered(state: &ServiceState, seen: &Seen) -> Option<TargetSeen> {
    if let Some(target) = seen.target.known() {
        return Some(*target);
    }
    let kept = state.kept.as_ref().filter(|kept| kept.by_desired && matches!(seen.target, Reading::Absent))?;
    Some(TargetSeen::by_desired(seen.service.known()?.desired, kept.max.base))
}

/// The state and the switches of its environment; a service that left the fleet file remembers its own.
async fn load<P: Journal>(ports: &P, id: &ServiceId, config: Option<&Service>) -> Result<(State, Control), PortError> {
    let environment = config.map(|s| s.environment.clone());
    let keys = Keys { service: Some(id.clone()), environment, ..Keys::default() };
    let loaded = ports.load(&keys).await?;
    if config.is_some() || loaded.state.service.environment.is_empty() {
        return Ok((loaded.state, loaded.control));
    }
    let keys = Keys { environment: Some(loaded.state.service.environment.clone()), ..Keys::default() };
    Ok((loaded.state, ports.load(&keys).await?.control))
}

enum Step {
    Done(u32),
    Left,
    Again {
        calls: u32,
        still: Closing,
    },
    /// A limit is spent: the same pass, but no lease of its kind grows, and what goes on is counted past the limit of cost.
    WithoutGrowth {
        spent: Spent,
        still: Closing,
    },
}

/// Whose limits are spent.
#[derive(Debug, Clone, Copy)]
struct Spent {
    of_alarms: bool,
    of_the_clock: bool,
}

/// One convergence of one service from one generation.
struct Job<'a> {
    fleet: &'a Fleet,
    id: &'a ServiceId,
    state: &'a State,
    config: Option<&'a Service>,
    now: Timestamp,
    control_revision: u64,
}

/// An entry to write, what it must be, and its revision afterwards.
type Own = Option<(Entry, Expect, u64)>;

impl Job<'_> {
    fn label(&self) -> String {
        label(self.id, self.config)
    }

    /// The entry of a pass that did, or found, something: a planned one of an earlier pass that did not come
    /// to its end, so that failures do not heap up, else a new one.
    fn own_entry(&self, pass: &Pass, closing: &mut Closing) -> Own {
        if pass.changes.is_empty() && pass.remarks.iter().all(idle) {
            return None;
        }
        let reuse = |(e, _): &(Entry, u64)| e.remedy == RECONCILE && e.status == Status::Planned && !pass.held;
        let unfinished = closing.iter().position(reuse).map(|at| closing.remove(at));
        let (mut entry, expect, after) = match unfinished {
            Some((entry, revision)) => (entry, Expect::Revision(revision), revision + 1),
            None => {
                let key = CaseKey::of_pass(self.id, self.state.generation);
                let entry = Entry::new(key, self.id.clone(), self.label(), RECONCILE.into(), Mode::Act, self.now);
                (entry, Expect::Absent, FIRST_REVISION)
            }
        };
        for remark in pass.remarks.iter().filter(|r| !idle(r)) {
            if !entry.remarks.contains(remark) {
                entry.remarks.push(remark.clone());
            }
        }
        entry.changes.clone_from(&pass.changes);
        let loud = late_severity(self.fleet, self.environment());
        entry.outbox.extend(notices_of(pass, &self.state.service, &self.label(), loud, self.now));
        entry.due = Some(self.now);
        Some((entry, expect, after))
    }

    /// What a pass costs of the limits: one change when a lease of an alarm grew, whether a call follows or not; one of the
    /// clock's own when a floor of it did; and money.
    fn budgets(&self, pass: &Pass, cost: Option<BudgetAdd>) -> Vec<BudgetAdd> {
        let Some(config) = self.config else { return cost.into_iter().collect() };
        let (of_the_clock, of_alarms): (Vec<_>, Vec<_>) =
            pass.grown.iter().partition(|remedy| schedule_of(remedy).is_some());
        let changes = if of_alarms.is_empty() { Vec::new() } else { one_change(self.fleet, config, self.now) };
        let scheduled = (!of_the_clock.is_empty()).then(|| one_grant(self.fleet, config, self.now));
        changes.into_iter().chain(scheduled).chain(cost).collect()
    }

    fn environment(&self) -> &str {
        self.config.map_or(&self.state.service.environment, |s| &s.environment)
    }

    /// What growth stands on: a pause that began since the look ends it, as it ends a new grant.
    fn unless_paused(&self, pass: &Pass, write: &mut Write) {
        if !pass.grown.is_empty() {
            write.unless_stopped = Some(self.environment().to_owned());
            write.control_revision = Some(self.control_revision);
        }
    }

    async fn write_and_apply<P: Ports>(
        &self,
        ports: &P,
        pass: Pass,
        cost: Option<BudgetAdd>,
        mut closing: Closing,
    ) -> Result<Step, PortError> {
        let before = closing.clone();
        let own = self.own_entry(&pass, &mut closing);
        if pass.changes.is_empty() {
            return self.write_quietly(ports, pass, cost, closing, own).await;
        }
        let mut write = Write {
            state: Some((self.id.clone(), pass.next.clone(), self.state.generation)),
            unless_stopped: Some(self.environment().to_owned()),
            ..Write::default()
        };
        self.unless_paused(&pass, &mut write);
        write.entries.extend(own.iter().map(|(e, expect, _)| (e.clone(), *expect)));
        write.budgets = self.budgets(&pass, cost);
        match ports.write(&write).await? {
            Written::Done => {}
            // Stopped, or paused since the look: which of the two, the next look says.
            Written::Lost(Lost::Stopped) if !pass.grown.is_empty() => {
                return Ok(Step::Again { calls: 0, still: before });
            }
            Written::Lost(Lost::Stopped) => return Ok(Step::Left),
            Written::Lost(Lost::Limit) => {
                let spent = self.tell_limit(ports, &pass, &write.budgets).await?;
                return Ok(Step::WithoutGrowth { spent, still: before });
            }
            Written::Lost(Lost::Entry) => return Ok(Step::Again { calls: 0, still: Vec::new() }),
            Written::Lost(Lost::State | Lost::Conflict) => return Ok(Step::Again { calls: 0, still: before }),
        }
        let calls = match apply(ports, &Permit::of_won_plan(), self.id, &pass.changes).await {
            Ok(calls) => calls,
            Err(error) => {
                tell_denied(ports, &self.label(), &error, self.now).await;
                return Err(error);
            }
        };
        let entries = closing.into_iter().chain(own.map(|(e, _, revision)| (e, revision))).collect();
        let left = finish(ports, self.id, &pass.next, self.state.generation + 1, entries, self.now).await?;
        Ok(left.map_or(Step::Done(calls), |still| Step::Again { calls, still }))
    }

    /// Nothing to call: state and entries in one transaction, then the notices of the pass's own entry.
    async fn write_quietly<P: Ports>(
        &self,
        ports: &P,
        pass: Pass,
        cost: Option<BudgetAdd>,
        mut closing: Closing,
        own: Own,
    ) -> Result<Step, PortError> {
        // Growth under another lease's floor calls nothing now, and decides once that lease has ended.
        let mut write = Write { budgets: self.budgets(&pass, cost), ..Write::default() };
        self.unless_paused(&pass, &mut write);
        if pass.next != self.state.service {
            write.state = Some((self.id.clone(), pass.next.clone(), self.state.generation));
        }
        if pass.held {
            // What a person holds was not done: a planned case stays planned, and due.
            closing.clear();
        }
        for (entry, _) in &mut closing {
            publish(ports, entry).await;
            close(entry, self.now);
        }
        write.entries.extend(closing.iter().map(|(e, r)| (e.clone(), Expect::Revision(*r))));
        let own = own.map(|(e, expect, revision)| (Entry { status: Status::Acted, ..e }, expect, revision));
        write.entries.extend(own.iter().map(|(e, expect, _)| (e.clone(), *expect)));
        if write.is_empty() {
            return Ok(Step::Done(0));
        }
        match ports.write(&write).await? {
            Written::Done => {}
            Written::Lost(Lost::Entry) => return Ok(Step::Again { calls: 0, still: Vec::new() }),
            Written::Lost(Lost::Limit) => {
                let spent = self.tell_limit(ports, &pass, &write.budgets).await?;
                return Ok(Step::WithoutGrowth { spent, still: closing });
            }
            Written::Lost(_) => return Ok(Step::Again { calls: 0, still: closing }),
        }
        if let Some((mut told, _, revision)) = own {
            publish(ports, &mut told).await;
            close(&mut told, self.now);
            let write = Write { entries: vec![(told, Expect::Revision(revision))], ..Write::default() };
            if ports.write(&write).await? != Written::Done {
                tracing::debug!(id = %self.id, "entry closed by somebody else");
            }
        }
        Ok(Step::Done(0))
    }

    /// AWS says that the service or its target is not there: believed only once it has said so for a while.
    async fn gone<P: Ports>(&self, ports: &P, mut closing: Closing) -> Result<Step, PortError> {
        let (next, remarks) = gone(&self.state.service, self.now);
        let Some(remarks) = remarks else {
            if next != self.state.service {
                let state = Some((self.id.clone(), next, self.state.generation));
                let write = Write { state, ..Write::default() };
                if ports.write(&write).await? != Written::Done {
                    tracing::debug!(id = %self.id, "moved meanwhile; looked at in the next minute");
                }
            }
            return Ok(Step::Left);
        };
        let to = Bounds { min: 0, max: 0, scale_in_suspended: false };
        let pass = Pass { next, changes: Vec::new(), remarks, to, held: false, grown: Vec::new() };
        let own = self.own_entry(&pass, &mut closing);
        self.write_quietly(ports, pass, None, closing, own).await
    }

    /// Pages, once an hour, that a limit was met: a lease would have grown, or what goes on is counted past it. Answers what
    /// must not grow: everything when a new window began meanwhile, and nobody can say which limit it was.
    async fn tell_limit<P: Ports>(&self, ports: &P, pass: &Pass, budgets: &[BudgetAdd]) -> Result<Spent, PortError> {
        let keys = Keys { budgets: budgets.iter().map(|b| b.key.clone()).collect(), ..Keys::default() };
        let used = ports.load(&keys).await?.used;
        let over = || budgets.iter().zip(&used).filter(|(b, used)| used.saturating_add(b.amount) > b.limit);
        let of_the_clock = over().any(|(b, _)| is_scheduled(b));
        let of_alarms = over().any(|(b, _)| !is_scheduled(b));
        let none = !of_the_clock && !of_alarms;
        let spent = Spent { of_the_clock: of_the_clock || none, of_alarms: of_alarms || none };
        // One is told at a time: an alarm's first.
        let Some((budget, used)) = over().min_by_key(|(b, _)| is_scheduled(b)) else { return Ok(spent) };
        let grown: Vec<&str> = pass.grown.iter().map(String::as_str).collect();
        let grown: Vec<&str> =
            grown.into_iter().filter(|remedy| schedule_of(remedy).is_some() == is_scheduled(budget)).collect();
        let label = self.label();
        let refusal = if is_cost(budget) {
            Refusal::CostLimit { usd: to_usd(budget.amount), spent: to_usd(*used), limit: to_usd(budget.limit) }
        } else {
            Refusal::LimitReached { scope: budget.key.scope.clone(), used: *used, limit: budget.limit }
        };
        let goes_on: Vec<&str> = self.state.service.live().map(|lease| lease.remedy.as_str()).collect();
        let remedy = if grown.is_empty() { goes_on.join(", ") } else { grown.join(", ") };
        let incident = format!("{label}/{remedy}/{}", refusal.name());
        let decision = CaseKey(incident.clone()).decision();
        let about = About { incident: &incident, label: &label, decision: &decision, now: self.now };
        let notice = if grown.is_empty() {
            Some(notice::goes_on(&about, &remedy, &refusal))
        } else {
            notice::refused(&about, &remedy, &refusal)
        };
        if let Some(notice) = notice {
            tell_once(ports, &notice, self.now).await;
        }
        Ok(spent)
    }
}

/// The revision of an entry that was just put.
pub(crate) const FIRST_REVISION: u64 = 1;

/// Makes the calls, in order; the first failure leaves the rest to whoever resumes.
pub(crate) async fn apply<P: Ports>(
    ports: &P,
    permit: &Permit,
    id: &ServiceId,
    changes: &[Change],
) -> Result<u32, PortError> {
    let mut calls = 0;
    for change in changes {
        ports.apply(permit, id, change).await?;
        calls += 1;
    }
    Ok(calls)
}

/// Publishes, then unlocks and closes the entries in one transaction (T2). What is left to close when the
/// generation moved: somebody added a lease meanwhile, and this writer writes for both.
pub(crate) async fn finish<P: Journal + Notify>(
    ports: &P,
    id: &ServiceId,
    state: &ServiceState,
    generation: u64,
    mut entries: Closing,
    now: Timestamp,
) -> Result<Option<Closing>, PortError> {
    for (entry, _) in &mut entries {
        publish(ports, entry).await;
        close(entry, now);
    }
    let write = Write {
        state: Some((id.clone(), unlocked(state), generation)),
        entries: entries.iter().map(|(e, r)| (e.clone(), Expect::Revision(*r))).collect(),
        ..Write::default()
    };
    Ok(match ports.write(&write).await? {
        Written::Done => None,
        Written::Lost(Lost::Entry) => Some(Vec::new()),
        Written::Lost(_) => Some(entries),
    })
}

/// Publishes what it can; what fails stays in the outbox, and never fails the case.
pub(crate) async fn publish<P: Notify>(ports: &P, entry: &mut Entry) {
    let mut left = Vec::new();
    for notice in entry.outbox.drain(..) {
        match ports.publish(&notice).await {
            Ok(()) => entry.told.push(Told::of(&notice)),
            Err(error) => {
                tracing::warn!(decision = %entry.decision, %error, "notice not published, kept in the outbox");
                left.push(notice);
            }
        }
    }
    entry.outbox = left;
}

/// A planned entry becomes acted; it stays due while its outbox is not empty or its effect is to be judged. A
/// deferred one stays due for its judgement, told or not.
pub(crate) fn close(entry: &mut Entry, now: Timestamp) {
    if matches!(entry.status, Status::Deferred | Status::Suggested) {
        entry.due = due_after_telling(entry);
        return;
    }
    let acted_now = entry.status == Status::Planned;
    if acted_now {
        entry.status = Status::Acted;
    }
    // An effect is judged from the act, which may come long after the plan.
    let settles = settles_at(entry).map(|at| if acted_now { at.max(settled(now)) } else { at });
    entry.due = if entry.outbox.is_empty() { settles } else { Some(entry.at) };
}

type Readings = BTreeMap<String, (Reading<Load>, Reading<AlarmSeen>)>;

/// What to ask of a service: itself with its target, and for each lease that is due its metric and alarm.
fn questions(due: &Due) -> Vec<Question> {
    let Due { id, state, now, needs, .. } = due;
    let (state, now) = (&state.service, *now);
    let foreign = state.kept.as_ref().is_some_and(|k| k.min.foreign.is_some() || k.max.foreign.is_some());
    let plain = Question {
        service: id.clone(),
        policies: false,
        scheduled: foreign,
        load: None,
        alarm: None,
        tasks: false,
        needs: Vec::new(),
        quota: false,
    };
    let due = state.live().filter(|l| l.renew_at <= now).map(|l| Question {
        scheduled: false,
        load: (!l.load.name.is_empty()).then(|| l.load.clone()),
        alarm: Some(l.alarm.clone()).filter(|name| !name.is_empty()),
        ..plain.clone()
    });
    let due: Vec<Question> = due.collect();
    let mut needs = if due.is_empty() { Vec::new() } else { needs.clone() };
    // Two windows of one service have one target group.
    needs.extend(state.live().find_map(|lease| lease.targets.as_deref().and_then(healthy_question)));
    std::iter::once(Question { needs, ..plain.clone() }).chain(due).collect()
}

/// A remark of a pass that only looked, or only renewed, leaves no entry.
fn idle(remark: &Remark) -> bool {
    match remark {
        Remark::Judged { judged, .. } => match judged {
            Judged::Renewed { from, to, .. } => from == to,
            Judged::Waiting { .. } | Judged::Kept { .. } => true,
            Judged::Ended { .. } => false,
        },
        Remark::Restored { .. } => true,
        Remark::HeldByPerson { .. }
        | Remark::ForeignRespected { .. }
        | Remark::PutBack { .. }
        | Remark::Repaired { .. }
        | Remark::LongLived { .. }
        | Remark::Short { .. }
        | Remark::Clipped { .. }
        | Remark::Whole { .. }
        | Remark::Adopted { .. }
        | Remark::Recreated => false,
    }
}

/// The notices of a pass: a lease that ended or grew speaks in its own incident, everything else for the service.
/// Two of one pass are two revisions, so that none is taken for a copy of the other.
fn notices_of(pass: &Pass, before: &ServiceState, label: &str, loud: Severity, now: Timestamp) -> Vec<Notice> {
    let told = pass.remarks.iter().filter_map(|remark| {
        if let Remark::Short { source, .. } | Remark::Whole { source, .. } | Remark::Clipped { source, .. } = remark {
            return notice::proved(label, pass.next.leases.get(source)?, remark, pass.to, loud, now);
        }
        if let Remark::Judged { source, judged } = remark {
            let lease = before.leases.get(source)?;
            let decision = lease.case.decision();
            let about = About { incident: &lease.incident, label, decision: &decision, now };
            return match judged {
                Judged::Ended { why, .. } => {
                    Some(notice::closed(&about, lease, pass.to, before.kept.as_ref(), *why, judged))
                }
                Judged::Renewed { from, to, .. } if to > from => notice::grown(&about, lease, judged),
                Judged::Renewed { .. } | Judged::Waiting { .. } | Judged::Kept { .. } => None,
            };
        }
        let lease = before.live().next();
        let decision = lease.map_or_else(|| CaseKey(label.to_owned()).decision(), |l| l.case.decision());
        let incident = lease.map_or(label, |l| l.incident.as_str());
        notice::remarked(&About { incident, label, decision: &decision, now }, remark)
    });
    told.zip(0_i64..).map(|(n, later)| Notice { revision: n.revision + later, ..n }).collect()
}
