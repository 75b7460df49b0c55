//! The floors of schedules: each minute, what the clock asks and no lease gives yet is granted.
//!
//! By level: which windows are open, or about to open, follows from the fleet file and the time alone. A minute, an
//! hour or a day without a reconciler is caught up by the next one, and granting twice grants once. What a lease gives
//! already is kept, and ended, by the pass over its service ([`crate::converge`]).

use std::collections::{BTreeMap, BTreeSet};

use futures_util::stream::{self, StreamExt};
use headroom_core::capacity::{ServiceState, granted};
use headroom_core::decide::{Decision, Judgement, Plan, Refusal, Waiting};
use headroom_core::entry::{Entry, Status};
use headroom_core::fleet::{AlertKind, Alerts, Environment, Fleet, Mode, Service};
use headroom_core::id::{CaseKey, ServiceId};
use headroom_core::notice::{self, About, Severity};
use headroom_core::schedule::{
    Asked, Opening, Window, asked_of, incident, incident_of_proof, look_ahead, source_of_schedule,
};
use headroom_core::seen::Seen;
use headroom_core::time::{Seconds, after, elapsed};
use jiff::Timestamp;
use tracing::Instrument;

use crate::converge::{FIRST_REVISION, apply, converge, finish, publish, unanswered};
use crate::later::{SUGGESTION_LASTS, due_after_telling};
use crate::permit::Permit;
use crate::ports::{Clock, Expect, Keys, Loaded, Lost, PortError, Ports, Write, Written};
use crate::span;
use crate::sweep::AT_ONCE;
use crate::told::{one_grant, tell_denied, tell_once};

/// A service that asks for nothing by itself, because its mode records only, is looked at in so many first minutes of a
/// window, and then in every fifteenth: an idle minute stays one query of the table.
const RECORDED_WITHIN: Seconds = Seconds(5 * 60);
const RECORDED_EVERY: i64 = 15;
/// When the reconciler takes up a grant whose writer died: once its lock no longer counts.
const RESUMED_AFTER: Seconds = Seconds(60);

/// What the clock asks of services, by service; found without a read.
pub(crate) type Wanted<'f> = BTreeMap<ServiceId, (&'f Service, BTreeMap<String, Asked>)>;

/// What the clock asks of one service now; `None` while the time zone of its environment is not known.
pub(crate) fn asked_now<C: Clock>(
    ports: &C,
    fleet: &Fleet,
    service: &Service,
    state: &ServiceState,
    now: Timestamp,
) -> Option<BTreeMap<String, Asked>> {
    if fleet.schedules_of(service).next().is_none() {
        return Some(BTreeMap::new());
    }
    let environment = fleet.environments.iter().find(|e| e.name == service.environment)?;
    Some(asked_of(fleet, service, &state.batches, &ports.time_zone(&environment.timezone)?, now))
}

/// Every floor that the clock asks for now, and that is worth a look.
pub(crate) fn wanted<'f, C: Clock>(ports: &C, fleet: &'f Fleet, now: Timestamp) -> Wanted<'f> {
    let mut wanted = Wanted::new();
    if fleet.schedules.is_empty() {
        return wanted;
    }
    // The windows of a schedule are those of its environment: found once, not for each of ten thousand services.
    let mut asked: BTreeMap<(&str, &str), Option<Asked>> = BTreeMap::new();
    for environment in &fleet.environments {
        let Some(zone) = ports.time_zone(&environment.timezone) else {
            tracing::error!(timezone = environment.timezone, environment = environment.name, "unknown time zone");
            continue;
        };
        for schedule in fleet.schedules.iter().filter(|s| s.environments.contains(&environment.name)) {
            let found = Asked::of(schedule, &zone, look_ahead(schedule.lead, now), now);
            asked.insert((&environment.name, &schedule.name), found);
        }
    }
    for service in &fleet.services {
        let of = |name: &str| asked.get(&(service.environment.as_str(), name)).cloned().flatten();
        let all = fleet.schedules_of(service).filter_map(|s| Some((source_of_schedule(&s.name), of(&s.name)?)));
        let all: BTreeMap<String, Asked> = all.filter(|(_, asked)| looked_at(service.mode, asked, now)).collect();
        if !all.is_empty() {
            wanted.insert(ServiceId::of(service), (service, all));
        }
    }
    wanted
}

/// Where nothing is granted nothing is due either: the record of a window is looked for in some of its minutes only.
fn looked_at(mode: Mode, asked: &Asked, now: Timestamp) -> bool {
    let begins = asked.window.opens.checked_sub(asked.lead.duration()).unwrap_or(now);
    let since = elapsed(begins, now);
    mode == Mode::Act || since < RECORDED_WITHIN || (i64::from(since.0) / 60) % RECORDED_EVERY == 0
}

/// One floor to grant: what was read of its service.
struct Ready<'f> {
    service: &'f Service,
    id: ServiceId,
    asked: Asked,
    key: CaseKey,
    loaded: Loaded,
    now: Timestamp,
}

/// What came of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Warmed {
    /// Calls that changed AWS.
    pub(crate) changes: u32,
    /// What waits, or was written by somebody else: the next minute looks again.
    pub(crate) left: u32,
    /// What failed.
    pub(crate) failed: u32,
}

/// Grants what is wanted: all states are read, all services looked at in one question, then each is decided.
pub(crate) async fn grant_all<P: Ports>(
    ports: &P,
    fleet: &Fleet,
    wanted: Wanted<'_>,
    owner: &str,
    late: impl Fn() -> bool,
) -> Warmed {
    let mut warmed = Warmed::default();
    let floors = wanted
        .into_iter()
        .flat_map(|(id, (service, all))| all.into_values().map(move |asked| (id.clone(), service, asked)));
    let reads = floors.map(|(id, service, asked)| async {
        if late() { Ok(None) } else { ready(ports, fleet, id, service, asked).await }
    });
    let read: Vec<_> = stream::iter(reads).buffer_unordered(AT_ONCE).collect().await;
    let mut all = Vec::new();
    for read in read {
        match read {
            Ok(Some(ready)) => all.push(ready),
            Ok(None) => {}
            Err(error) => warmed.fail(&error),
        }
    }
    all.sort_by(|a, b| (&a.id, &a.asked.schedule).cmp(&(&b.id, &b.asked.schedule)));
    let questions: Vec<_> = all.iter().map(|ready| ready.opening(fleet).question()).collect();
    let seen: Vec<Option<Seen>> = match ports.ask(&questions).await {
        _ if questions.is_empty() => return warmed,
        Ok(seen) => seen.into_iter().map(Some).collect(),
        Err(error) => {
            // One service that cannot be read must not leave the others cold.
            tracing::warn!(%error, "looking at each service alone");
            all.iter().map(|_| None).collect()
        }
    };
    let mut by_service: BTreeMap<ServiceId, Vec<(Ready<'_>, Option<Seen>)>> = BTreeMap::new();
    for (ready, seen) in all.into_iter().zip(seen) {
        by_service.entry(ready.id.clone()).or_default().push((ready, seen));
    }
    let late = &late;
    let jobs = by_service.into_values().map(|floors| async move {
        let mut warmed = Warmed::default();
        let mut first = true;
        for (ready, seen) in floors {
            if late() {
                warmed.left += 1;
                continue;
            }
            let span = span::of_service(&ready.service.label(), owner);
            let alone = !std::mem::take(&mut first);
            match ready.again(ports, fleet, seen, owner, alone).instrument(span).await {
                Ok(Some(changes)) => warmed.changes += changes,
                Ok(None) => warmed.left += 1,
                Err(error) => warmed.fail(&error),
            }
        }
        warmed
    });
    let done: Vec<Warmed> = stream::iter(jobs).buffer_unordered(AT_ONCE).collect().await;
    done.into_iter().for_each(|one| warmed.add(one));
    warmed
}

impl Warmed {
    fn fail(&mut self, error: &PortError) {
        self.failed += 1;
        tracing::warn!(%error, "a floor of the clock failed; the next minute tries again");
    }

    fn add(&mut self, other: Self) {
        self.changes += other.changes;
        self.left += other.left;
        self.failed += other.failed;
    }
}

/// The sources of a state that give their floor now.
pub(crate) fn given(state: &ServiceState) -> BTreeSet<String> {
    state.live().filter(|lease| lease.window.is_some()).map(|lease| lease.source.clone()).collect()
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
async fn ready<'f, P: Ports>(
    ports: &P,
    fleet: &Fleet,
    id: ServiceId,
    service: &'f Service,
    asked: Asked,
) -> Result<Option<Ready<'f>>, PortError> {
    let now = ports.now();
    let mut key = key_of(service, &asked, &ServiceState::default());
    // Once more at most: the key follows from the state, and the state is read with it.
    for _ in 0..2 {
        let keys = Keys {
            case: Some(key.clone()),
            service: Some(id.clone()),
            environment: Some(service.environment.clone()),
            budgets: Vec::new(),
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
        return Ok((!none).then_some(Ready { service, id, asked, key, loaded, now }));
    }
    Ok(None)
}

/// How loud it is that a floor is not there: a page in production, a warning elsewhere.
pub(crate) fn late_severity(fleet: &Fleet, environment: &str) -> Severity {
    let found = fleet.environments.iter().find(|e| e.name == environment);
    Alerts::default().get(AlertKind::PrewarmLate).severity_in(found.is_none_or(Environment::is_production))
}

impl Ready<'_> {
    fn opening<'a>(&'a self, fleet: &'a Fleet) -> Opening<'a> {
        let Self { service, asked, key, loaded, now, .. } = self;
        Opening { fleet, service, asked, key, state: &loaded.state, control: &loaded.control, now: *now }
    }

    /// Grants; after another floor of the same service, which wrote the same state, from what is there then.
    async fn again<P: Ports>(
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
        &self,
        ports: &P,
        fleet: &Fleet,
        seen: Option<Seen>,
        owner: &str,
    ) -> Result<Option<u32>, PortError> {
        let seen = match seen {
            Some(seen) => seen,
            None => {
                let question = self.opening(fleet).question();
                ports.ask(std::slice::from_ref(&question)).await?.into_iter().next().ok_or_else(unanswered)?
            }
        };
        let judgement = self.opening(fleet).decide(&seen);
        match &judgement.decision {
            Decision::Act(_) if self.service.mode == Mode::Act => self.act(ports, fleet, judgement, seen, owner).await,
            Decision::Wait { why, .. } => {
                tracing::info!(schedule = self.asked.schedule, why = why.name(), "the floor waits");
                self.tell_held(ports, why).await;
                Ok(None)
            }
            Decision::Act(_) | Decision::Refuse(_) => self.record(ports, fleet, judgement, seen).await,
        }
    }

    fn entry(&self) -> Entry {
        let source = source_of_schedule(&self.asked.schedule);
        let (label, mode) = (self.service.label(), self.service.mode);
        Entry::new(self.key.clone(), self.id.clone(), label, source, mode, self.now)
    }

    fn incident(&self) -> String {
        incident(self.service, &self.asked.schedule, self.asked.window.opens)
    }

    fn incident_of_proof(&self) -> String {
        incident_of_proof(&self.service.label(), &self.asked.schedule, self.asked.window.opens)
    }

    fn loud(&self, fleet: &Fleet) -> Severity {
        late_severity(fleet, &self.service.environment)
    }

    /// Records, once for a window, a floor that is not granted: by the mode, or for good.
    async fn record<P: Ports>(
        &self,
        ports: &P,
        fleet: &Fleet,
        judgement: Judgement,
        seen: Seen,
    ) -> Result<Option<u32>, PortError> {
        let mut entry = self.entry();
        let incident = self.incident();
        let about = About { incident: &incident, label: &entry.label, decision: &entry.decision, now: self.now };
        match &judgement.decision {
            Decision::Act(plan) if self.service.mode == Mode::Suggest => {
                let until = after(self.now, SUGGESTION_LASTS).min(self.asked.window.closes);
                let told = notice::suggested(&about, &self.asked.schedule, plan, &judgement, until);
                entry.outbox.push(told);
                entry.status = Status::Suggested;
                entry.due = Some(until);
            }
            Decision::Act(_) => entry.status = Status::Observed,
            Decision::Refuse(refusal) => {
                entry.status = Status::Refused;
                let incident = self.incident_of_proof();
                let about = About { incident: &incident, ..about };
                entry.outbox.push(notice::prewarm_refused(&about, self.loud(fleet), &self.asked, refusal));
                entry.due = Some(self.now);
            }
            Decision::Wait { .. } => return Ok(None),
        }
        entry.judgement = Some(judgement);
        entry.seen = Some(seen);
        let write = Write { entries: vec![(entry.clone(), Expect::Absent)], ..Write::default() };
        if ports.write(&write).await? != Written::Done {
            return Ok(None);
        }
        if !entry.outbox.is_empty() {
            publish(ports, &mut entry).await;
            entry.due = due_after_telling(&entry);
            let write = Write { entries: vec![(entry, Expect::Revision(FIRST_REVISION))], ..Write::default() };
            if ports.write(&write).await? != Written::Done {
                tracing::debug!(key = %self.key, "entry written by somebody else");
            }
        }
        Ok(Some(0))
    }

    /// Writes ahead, acts, tells, closes.
    async fn act<P: Ports>(
        &self,
        ports: &P,
        fleet: &Fleet,
        judgement: Judgement,
        seen: Seen,
        owner: &str,
    ) -> Result<Option<u32>, PortError> {
        let Self { service: config, id, loaded, now, .. } = self;
        let Decision::Act(plan @ Plan::Lease(grant)) = &judgement.decision else { return Ok(None) };
        let (Some(service), Some(target)) = (seen.service.known(), plan.target(&seen)) else { return Ok(None) };
        if loaded.state.service.locked_for(owner, *now) {
            return Ok(None);
        }
        let (next, changes) = granted(&loaded.state.service, grant, service, &target, owner, *now);
        let mut entry = self.entry();
        let about =
            About { incident: &grant.lease.incident, label: &entry.label, decision: &entry.decision, now: *now };
        entry.outbox.push(notice::prewarm_begun(&about, config, &self.asked, grant, &target));
        let incident = self.incident_of_proof();
        let about = About { incident: &incident, ..about };
        entry.outbox.extend(notice::prewarm_clipped(&about, self.loud(fleet), &self.asked, grant, &target));
        entry.due = Some(after(*now, RESUMED_AFTER));
        entry.changes.clone_from(&changes);
        entry.judgement = Some(judgement.clone());
        entry.seen = Some(seen.clone());
        let write = Write {
            entries: vec![(entry.clone(), Expect::Absent)],
            state: Some((id.clone(), next.clone(), loaded.state.generation)),
            budgets: vec![one_grant(fleet, config, *now)],
            unless_stopped: Some(config.environment.clone()),
            control_revision: Some(loaded.control.revision),
        };
        match ports.write(&write).await? {
            Written::Done => {}
            Written::Lost(lost) => {
                tracing::info!(?lost, key = %self.key, "plan not written; looked at in the next minute");
                if lost == Lost::Limit {
                    self.tell_limit(ports, fleet).await;
                }
                return Ok(None);
            }
        }
        let calls = match apply(ports, &Permit::of_won_plan(), id, &changes).await {
            Ok(calls) => calls,
            Err(error) => {
                tell_denied(ports, &config.label(), &error, *now).await;
                return Err(error);
            }
        };
        let closing = vec![(entry, FIRST_REVISION)];
        if let Some(left) = finish(ports, id, &next, loaded.state.generation + 1, closing, *now).await? {
            converge(ports, fleet, id, owner, None, left).await?;
        }
        Ok(Some(calls))
    }

    /// Capacity that a person holds is told; every other wait is silent.
    async fn tell_held<P: Ports>(&self, ports: &P, why: &Waiting) {
        let Waiting::CapacityHeldByPerson { desired, found } = why else { return };
        let label = self.service.label();
        let (incident, decision) = (format!("{label}/held"), self.key.decision());
        let about = About { incident: &incident, label: &label, decision: &decision, now: self.now };
        if let Some(notice) = notice::held(&about, *desired, *found) {
            tell_once(ports, &notice, self.now).await;
        }
    }

    async fn tell_limit<P: Ports>(&self, ports: &P, fleet: &Fleet) {
        let label = self.service.label();
        let limit = fleet.limits.changes_per_hour_service;
        let refusal = Refusal::LimitReached { scope: label.clone(), used: limit, limit };
        let (incident, decision) = (self.incident(), self.key.decision());
        let about = About { incident: &incident, label: &label, decision: &decision, now: self.now };
        if let Some(notice) = notice::refused(&about, &self.asked.schedule, &refusal) {
            tell_once(ports, &notice, self.now).await;
        }
    }
}
