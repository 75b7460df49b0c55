//! Ports that take note of what was journaled: what is counted and logged is what the table took, nothing else.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use headroom_core::at_max::{CapacityQuestion, CapacitySeen, Points, Screened};
use headroom_core::capacity::Change;
use headroom_core::entry::Entry;
use headroom_core::fleet::{Action, Fleet};
use headroom_core::id::{CaseKey, DecisionId, ServiceId};
use headroom_core::notice::Notice;
use headroom_core::remedy::Disrupts;
use headroom_core::rollback::{BackQuestion, BackSeen, Call, DeploymentsQuestion, DeploymentsSeen, RollbackEvent};
use headroom_core::schedule::{Stopped, UsualQuestion};
use headroom_core::seen::{Question, Reading, Seen};
use headroom_core::telemetry::{Before, Decided, Of, Outcome, Reconciled};
use headroom_core::time::elapsed;
use jiff::Timestamp;

use crate::alarm::Handled;
use crate::at_max::Capacities;
use crate::converge::service_of;
use crate::permit::Permit;
use crate::ports::{Act, Ask, Clock, Disrupted, Due, Journal, Keys, Loaded, Notify, PortError, Ports, Write, Written};
use crate::records::{Answer, Answered, Failed};
use crate::rollback::Releases;
use crate::said;
use crate::sweep::Swept;

/// Ports of one invocation. They pass everything on unchanged. An entry is only ever written anew after it was read
/// or written in the same invocation, so what it was before is known here without another read.
#[derive(Debug)]
pub struct Watched<'a, P> {
    ports: &'a P,
    fleet: &'a Fleet,
    notes: Mutex<Notes>,
}

#[derive(Debug, Default)]
struct Notes {
    known: BTreeMap<CaseKey, Known>,
    /// Calls that changed AWS, each with the time of its answer.
    applied: Vec<(ServiceId, Change, Timestamp)>,
    /// Disruptive calls that AWS took, likewise.
    disrupted: Vec<(ServiceId, Disrupts, Timestamp)>,
    decided: Vec<Decided>,
    oldest_due_seconds: u64,
}

/// An entry as it was last read or written.
#[derive(Debug)]
struct Known {
    before: Before,
    of: Of,
    service: ServiceId,
}

impl Known {
    fn as_of(entry: &Entry) -> Self {
        Self { before: Before::of(entry), of: Of::entry(entry), service: entry.service.clone() }
    }
}

impl<'a, P: Ports> Watched<'a, P> {
    /// Watches the ports of one invocation.
    #[must_use]
    pub fn new(ports: &'a P, fleet: &'a Fleet) -> Self {
        Self { ports, fleet, notes: Mutex::default() }
    }

    /// What came to an outcome: what the journal took, in the order of its writes, then what is not journaled
    /// because nothing was decided.
    #[must_use]
    pub fn answered(&self, answers: &[Answer]) -> Vec<Decided> {
        let mut decided = self.journaled();
        decided.extend(answers.iter().filter_map(|answer| self.unwritten(answer)));
        decided
    }

    /// What the journal took since it was last asked.
    #[must_use]
    pub fn journaled(&self) -> Vec<Decided> {
        std::mem::take(&mut self.notes().decided)
    }

    /// What a minute of the reconciler did.
    #[must_use]
    pub fn reconciled(&self, swept: &Swept) -> Reconciled {
        let Swept { services, changes, left, failed, .. } = *swept;
        Reconciled { services, changes, left, failed, oldest_due_seconds: self.notes().oldest_due_seconds }
    }

    fn unwritten(&self, answer: &Answer) -> Option<Decided> {
        Some(match &answer.outcome {
            Ok(
                Answered::Alarm(Handled::Recorded(..))
                | Answered::Watched(_)
                | Answered::Passed(_)
                | Answered::Looked
                | Answered::Polled(_),
            ) => return None,
            Ok(Answered::Alarm(Handled::Duplicate(decision, _))) => self.duplicate(decision),
            Ok(Answered::Alarm(Handled::Unmatched(why))) => {
                Decided::without_a_case(Outcome::Unmatched, Some(why.name()))
            }
            Ok(Answered::Ignored { reason, .. }) => Decided::without_a_case(Outcome::Ignored, Some(reason)),
            Err(Failed { kind, .. }) => Decided::without_a_case(Outcome::Failed, Some(kind)),
        })
    }

    /// A duplicate was read in this invocation, else nobody would know that it is one.
    fn duplicate(&self, decision: &DecisionId) -> Decided {
        let notes = self.notes();
        match notes.known.values().find(|known| known.of.decision == *decision) {
            Some(known) => Decided::duplicate(&known.of, self.action(&known.service, &known.of.remedy)),
            None => Decided::without_a_case(Outcome::Duplicate, None),
        }
    }

    fn action(&self, service: &ServiceId, remedy: &str) -> Option<Action> {
        let service = service_of(self.fleet, service)?;
        service.remedies.iter().find(|r| r.name == remedy).map(|r| r.action)
    }

    fn read(&self, entry: &Entry) {
        let overdue = entry.due.map_or(0, |due| u64::from(elapsed(due, self.ports.now()).0));
        let mut notes = self.notes();
        notes.oldest_due_seconds = notes.oldest_due_seconds.max(overdue);
        notes.known.insert(entry.key.clone(), Known::as_of(entry));
    }

    fn written(&self, entry: &Entry) {
        let mut notes = self.notes();
        let before = notes.known.get(&entry.key).map(|known| known.before);
        let mine = |(service, change, _): &&(ServiceId, Change, Timestamp)| {
            *service == entry.service && entry.changes.contains(change)
        };
        let applied = notes.applied.iter().filter(mine).map(|(_, _, at)| *at).max();
        let planned = entry.disruption().map(|disruption| &disruption.what);
        let disrupted = notes.disrupted.iter().filter(|(id, what, _)| *id == entry.service && planned == Some(what));
        let applied = applied.max(disrupted.map(|(_, _, at)| *at).max());
        let action = || self.action(&entry.service, &entry.remedy);
        if let Some(decided) = Decided::written(before, entry, action, applied) {
            said::of_case(&decided);
            notes.decided.push(decided);
        }
        notes.known.insert(entry.key.clone(), Known::as_of(entry));
    }

    /// Notes are plain values: a panic elsewhere leaves none of them half written.
    fn notes(&self) -> MutexGuard<'_, Notes> {
        self.notes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<P: Ports> Clock for Watched<'_, P> {
    fn now(&self) -> Timestamp {
        self.ports.now()
    }
}

impl<P: Ports> Ask for Watched<'_, P> {
    async fn ask(&self, questions: &[Question]) -> Result<Vec<Seen>, PortError> {
        self.ports.ask(questions).await
    }

    async fn usual(&self, questions: &[UsualQuestion]) -> Vec<Vec<Reading<Points>>> {
        self.ports.usual(questions).await
    }

    async fn stopped(&self, service: &ServiceId) -> Reading<Vec<Stopped>> {
        self.ports.stopped(service).await
    }
}

impl<P: Ports> Journal for Watched<'_, P> {
    async fn load(&self, keys: &Keys) -> Result<Loaded, PortError> {
        let loaded = self.ports.load(keys).await?;
        if let Some((entry, _)) = &loaded.entry {
            self.read(entry);
        }
        Ok(loaded)
    }

    async fn due(&self, now: Timestamp) -> Result<Due, PortError> {
        self.ports.due(now).await
    }

    async fn write(&self, write: &Write) -> Result<Written, PortError> {
        let written = self.ports.write(write).await?;
        if written == Written::Done {
            write.entries.iter().for_each(|(entry, _)| self.written(entry));
        }
        Ok(written)
    }
}

impl<P: Ports> Act for Watched<'_, P> {
    async fn apply(&self, permit: &Permit, service: &ServiceId, change: &Change) -> Result<(), PortError> {
        self.ports.apply(permit, service, change).await?;
        let answered = self.ports.now();
        self.notes().applied.push((service.clone(), *change, answered));
        Ok(())
    }

    async fn disrupt(&self, permit: &Permit, service: &ServiceId, what: &Disrupts) -> Result<Disrupted, PortError> {
        let done = self.ports.disrupt(permit, service, what).await?;
        if done == Disrupted::Done {
            let answered = self.ports.now();
            self.notes().disrupted.push((service.clone(), what.clone(), answered));
        }
        Ok(done)
    }
}

impl<P: Ports> Notify for Watched<'_, P> {
    async fn publish(&self, notice: &Notice) -> Result<(), PortError> {
        self.ports.publish(notice).await
    }
}

impl<P: Ports + Releases> Releases for Watched<'_, P> {
    async fn deployments(&self, question: &DeploymentsQuestion) -> Result<DeploymentsSeen, PortError> {
        self.ports.deployments(question).await
    }

    async fn back(&self, question: &BackQuestion) -> Result<BackSeen, PortError> {
        self.ports.back(question).await
    }

    async fn watches(&self, now: Timestamp) -> Result<Vec<CaseKey>, PortError> {
        self.ports.watches(now).await
    }

    async fn roll_back(&self, permit: &Permit, service: &ServiceId, call: &Call) -> Result<Disrupted, PortError> {
        self.ports.roll_back(permit, service, call).await
    }

    async fn announce(&self, event: &RollbackEvent) -> Result<(), PortError> {
        self.ports.announce(event).await
    }
}

impl<P: Ports + Capacities> Capacities for Watched<'_, P> {
    async fn screen(&self, services: &[ServiceId]) -> Result<Screened, PortError> {
        self.ports.screen(services).await
    }

    async fn capacity(&self, question: &CapacityQuestion) -> Result<CapacitySeen, PortError> {
        self.ports.capacity(question).await
    }

    async fn episodes(&self, now: Timestamp) -> Result<Vec<CaseKey>, PortError> {
        self.ports.episodes(now).await
    }
}
