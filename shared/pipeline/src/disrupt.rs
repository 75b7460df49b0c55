//! Disruptive calls: they cannot be made idempotent, so each send is written ahead, and a send whose answer was lost
//! is looked for before it is repeated, once (SEMANTICS 17).

use headroom_core::decide::{Decision, Judgement, Refusal};
use headroom_core::entry::{Entry, Status};
use headroom_core::fleet::{Fleet, Mode, Service};
use headroom_core::notice::{self, About};
use headroom_core::remedy::{Class, Disruption, Disrupts, Outcome};
use headroom_core::seen::{Question, Reading, Seen};
use headroom_core::storm;
use headroom_core::time::{Seconds, after, elapsed};
use jiff::Timestamp;

use crate::alarm::{Case, Handled};
use crate::converge::{close, publish, service_of, unanswered};
use crate::later::put;
use crate::permit::Permit;
use crate::ports::{Disrupted, Expect, Keys, Loaded, PortError, Ports, Retry, Write, Written};
use crate::storm::count_again;
use crate::told::{one_change, tell_denied};

/// When somebody looks for what became of a send: ECS's reads are behind its writes for some seconds.
const LOOKED_FOR_AFTER: Seconds = Seconds(60);
/// Once to act, once more when nobody knows whether the first took effect.
const ATTEMPTS_MAX: u32 = 2;
/// A plan of this age says nothing about now: it is not sent again, whatever became of it.
const SENT_AGAIN_AGE_MAX: Seconds = Seconds(600);
/// So long something may be on its way before it counts as unknown.
const PENDING_AGE_MAX: Seconds = Seconds(1_800);

impl Case<'_> {
    /// Writes ahead, sends, tells, closes.
    pub(crate) async fn disrupt<P: Ports>(
        &self,
        ports: &P,
        loaded: &Loaded,
        disruption: &Disruption,
        judgement: Judgement,
        seen: Seen,
        now: Timestamp,
    ) -> Result<Option<Handled>, PortError> {
        let mut entry = self.entry(now);
        entry.due = Some(after(now, LOOKED_FOR_AFTER));
        entry.judgement = Some(judgement);
        entry.seen = Some(seen);
        entry.attempts = 1;
        let (expect, revision) = self.expect();
        let mut write = Write {
            entries: vec![(entry.clone(), expect)],
            state: Some(self.rested(loaded, now)),
            budgets: one_change(self.fleet, self.service, now).into_iter().chain(self.counted(now)).collect(),
            unless_stopped: Some(self.service.environment.clone()),
            control_revision: Some(loaded.control.revision),
        };
        self.answer_original(&mut write);
        if let Written::Lost(lost) = ports.write(&write).await? {
            tracing::info!(?lost, key = %self.key, "plan not written; looking again");
            return Ok(None);
        }
        // Counted again with what this plan and its neighbours have added since: each of them read too few before.
        let environment = &self.service.environment;
        let cases = count_again(ports, environment, self.came(now), now).await?;
        if cases > storm::CASES_MAX {
            return self.hold(ports, entry, cases, now).await.map(Some);
        }
        let decision = entry.decision.clone();
        let sent = ports.disrupt(&Permit::of_won_plan(), &self.id, &disruption.what).await;
        let status = settle(ports, entry, revision, disruption, sent).await?;
        Ok(Some(Handled::Recorded(decision, status)))
    }

    /// Tells people of an alarm, and lets the remedy rest.
    pub(crate) async fn tell<P: Ports>(
        &self,
        ports: &P,
        loaded: &Loaded,
        incident: &str,
        judgement: Judgement,
        seen: Seen,
        now: Timestamp,
    ) -> Result<Option<Handled>, PortError> {
        let mut entry = self.entry(now);
        entry.status = Status::Acted;
        let about = About { incident, label: &entry.label, decision: &entry.decision, now };
        let told = notice::told(&about, &self.remedy.name, self.event);
        entry.outbox.push(told);
        entry.due = Some(now);
        entry.judgement = Some(judgement);
        entry.seen = Some(seen);
        self.put(ports, entry, Write { state: Some(self.rested(loaded, now)), ..Write::default() }).await
    }
}

/// Looks for what became of a planned disruption, and sends it once more if it did not take effect.
///
/// # Errors
/// A port failed, or the service cannot be read: the case stays planned, and due.
pub(crate) async fn resume_disruption<P: Ports>(
    ports: &P,
    fleet: &Fleet,
    entry: Entry,
    revision: u64,
) -> Result<(), PortError> {
    let Some(disruption) = entry.disruption().cloned() else { return Ok(()) };
    let now = ports.now();
    let task = matches!(disruption.what, Disrupts::StopTask { .. });
    let question = Question {
        service: entry.service.clone(),
        policies: false,
        scheduled: false,
        load: None,
        alarm: None,
        tasks: task,
        needs: Vec::new(),
        quota: false,
    };
    let seen = ports.ask(&[question]).await?.into_iter().next().ok_or_else(unanswered)?;
    let age = elapsed(entry.at, now);
    match outcome(&disruption.what, &seen) {
        Outcome::Done => {
            let done = Ok(Disrupted::Done);
            settle(ports, entry, revision, &disruption, done).await.map(|_status| ())
        }
        Outcome::NotDone if let Some(service) = may_send(fleet, &entry, age) => {
            again(ports, fleet, service, (entry, revision), &disruption, now).await
        }
        Outcome::Pending if age < PENDING_AGE_MAX => {
            let due = Some(after(now, LOOKED_FOR_AFTER));
            put(ports, Entry { due, ..entry }, revision).await
        }
        Outcome::NotDone | Outcome::Pending => {
            let (attempts, cause) = (entry.attempts, format!("nothing of it is seen after {age}"));
            let failure = Refusal::OutcomeUnknown { attempts, cause }.to_string();
            fail(ports, entry, revision, &disruption, failure, now).await.map(|_status| ())
        }
    }
}

fn outcome(what: &Disrupts, seen: &Seen) -> Outcome {
    let wanted = match (what, &seen.tasks) {
        (Disrupts::StopTask { task, .. }, Reading::Known(tasks)) => {
            Some(tasks.iter().any(|t| t.arn == *task && t.desired_status == "RUNNING"))
        }
        (_, _) => None,
    };
    seen.service.known().map_or(Outcome::Pending, |service| what.outcome(service, wanted))
}

/// The service, when a second send may be made: the remedy still stands in mode `act`, and the plan is young.
fn may_send<'f>(fleet: &'f Fleet, entry: &Entry, age: Seconds) -> Option<&'f Service> {
    let service = service_of(fleet, &entry.service)?;
    let remedy = service.remedies.iter().find(|r| r.name == entry.remedy)?;
    let wanted = match remedy.mode {
        Mode::Act => true,
        Mode::Suggest => entry.accepted.is_some(),
        Mode::Observe => false,
    };
    let stands = wanted && remedy.action.class() == Class::Disrupt;
    (stands && entry.attempts < ATTEMPTS_MAX && age <= SENT_AGAIN_AGE_MAX).then_some(service)
}

/// Writes the attempt ahead, then sends. What began meanwhile to hold disruption back, a pause, a freeze or a storm, ends the case:
/// the first send may have been lost, and nobody wants a second one now.
async fn again<P: Ports>(
    ports: &P,
    fleet: &Fleet,
    service: &Service,
    (entry, revision): (Entry, u64),
    disruption: &Disruption,
    now: Timestamp,
) -> Result<(), PortError> {
    let environment = service.environment.clone();
    let keys = Keys { environment: Some(environment.clone()), ..Keys::default() };
    let control = ports.load(&keys).await?.control;
    let paused = control.pause_of(&service.name, &entry.remedy, now).map(|_pause| "it is paused now");
    let frozen = fleet.freeze_of(service, now).map(|_freeze| "it is frozen now");
    let cases = count_again(ports, &environment, entry.at, now).await?;
    let stormy = (cases > storm::CASES_MAX).then_some("many alarms of the environment fire at once");
    if let Some(cause) = paused.or(frozen).or(stormy) {
        let failure = format!("no effect of {} send is seen, and {cause}", entry.attempts);
        return fail(ports, entry, revision, disruption, failure, now).await.map(|_status| ());
    }
    let next = Entry { attempts: entry.attempts + 1, due: Some(after(now, LOOKED_FOR_AFTER)), ..entry };
    let write = Write {
        entries: vec![(next.clone(), Expect::Revision(revision))],
        unless_stopped: Some(environment),
        control_revision: Some(control.revision),
        ..Write::default()
    };
    if let Written::Lost(lost) = ports.write(&write).await? {
        tracing::info!(?lost, decision = %next.decision, "not sent again: stopped, or in other hands");
        return Ok(());
    }
    let sent = ports.disrupt(&Permit::of_won_plan(), &next.service, &disruption.what).await;
    settle(ports, next, revision + 1, disruption, sent).await.map(|_status| ())
}

/// Writes down what came of a send.
async fn settle<P: Ports>(
    ports: &P,
    mut entry: Entry,
    revision: u64,
    disruption: &Disruption,
    sent: Result<Disrupted, PortError>,
) -> Result<Status, PortError> {
    let now = ports.now();
    match sent {
        Ok(Disrupted::Done) => {
            let decision = entry.decision.clone();
            // Told as of the plan: told again after a crash, it is the same notice.
            let about =
                About { incident: &disruption.incident, label: &entry.label, decision: &decision, now: entry.at };
            entry.outbox.push(notice::disrupted(&about, &disruption.what, &disruption.alarm, entry.attempts));
            publish(ports, &mut entry).await;
            close(&mut entry, now);
            put(ports, entry, revision).await?;
            Ok(Status::Acted)
        }
        Ok(Disrupted::Conflict { expected, found }) if entry.attempts > 1 => {
            // What is there may be the first send, which landed late: the next look says. This one was not made.
            tracing::info!(decision = %entry.decision, expected, found, "not sent again: looked for in a minute");
            let attempts = entry.attempts - 1;
            put(ports, Entry { attempts, due: Some(after(now, LOOKED_FOR_AFTER)), ..entry }, revision).await?;
            Ok(Status::Planned)
        }
        Ok(Disrupted::Conflict { expected, found }) => {
            let decision = Decision::Refuse(Refusal::Conflict { expected, found });
            entry.judgement = entry.judgement.map(|judgement| Judgement { decision, ..judgement });
            put(ports, Entry { status: Status::Refused, due: None, ..entry }, revision).await?;
            Ok(Status::Refused)
        }
        Err(error) => match error.retry {
            // Throttled or unavailable, it may still have been taken: the attempt counts, and the next look says.
            Retry::Later | Retry::Unknown => {
                tracing::warn!(decision = %entry.decision, %error, "outcome unknown; looked for in a minute");
                Ok(Status::Planned)
            }
            Retry::Never => {
                tell_denied(ports, &entry.label, &error, now).await;
                fail(ports, entry, revision, disruption, error.to_string(), now).await
            }
        },
    }
}

async fn fail<P: Ports>(
    ports: &P,
    mut entry: Entry,
    revision: u64,
    disruption: &Disruption,
    failure: String,
    now: Timestamp,
) -> Result<Status, PortError> {
    let decision = entry.decision.clone();
    let about = About { incident: &disruption.incident, label: &entry.label, decision: &decision, now: entry.at };
    entry.outbox.push(notice::failed(&about, &disruption.what.to_string(), &failure));
    entry.status = Status::Failed;
    entry.failure = Some(failure);
    publish(ports, &mut entry).await;
    entry.due = (!entry.outbox.is_empty()).then_some(now);
    put(ports, entry, revision).await?;
    Ok(Status::Failed)
}
