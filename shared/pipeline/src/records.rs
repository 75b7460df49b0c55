//! One invocation of a function that events wake: every record that it carries, one after another, each a case of its
//! own.

use headroom_core::decide::match_alarm;
use headroom_core::fleet::{Action, Fleet};
use headroom_core::id::DecisionId;
use headroom_core::signal::{AlarmEvent, Received, Signal, belongs, receive};
use jiff::Timestamp;
use serde_json::{Value, json};
use tracing::Instrument;

use crate::alarm::{Handled, on_alarm};
use crate::at_max::{CapacityPorts, Polled, on_capacity_record};
use crate::ports::{PortError, Ports};
use crate::rollback::{Passed, RollbackPorts, Woken, on_deployment, on_error_alarm, watch_pass};
use crate::{said, span};

/// What became of a record that holds a signal.
#[derive(Debug, Clone, PartialEq)]
pub enum Answered {
    /// An alarm's, or a contributor's.
    Alarm(Handled),
    /// A deployment's; it is watched.
    Watched(DecisionId),
    /// A minute's; every watch that was due was looked at.
    Passed(Passed),
    /// A service at its max, or what may be one; it was looked at.
    Looked,
    /// A minute's of the function that watches capacity.
    Polled(Polled),
    /// Read, and nothing is decided on it.
    Ignored {
        /// What it is.
        signal: &'static str,
        /// The name that people search for.
        reason: &'static str,
        /// Why nothing is decided.
        why: String,
    },
}

/// Why a record must come again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failed {
    /// The class: `NotASignal`, `NotForThis`, `PortError`, `OutOfTime`.
    pub kind: &'static str,
    /// The reason, for the log and the dead letter.
    pub why: String,
}

/// The answer to one record.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// Message id of the queue's record; `None` when no queue delivered it.
    pub record: Option<String>,
    /// What became of it.
    pub outcome: Result<Answered, Failed>,
}

impl Answer {
    /// What the function answers about it.
    #[must_use]
    pub fn json(&self) -> Value {
        match &self.outcome {
            Ok(Answered::Alarm(Handled::Unmatched(why))) => {
                json!({ "outcome": "unmatched", "why": format!("{why:?}") })
            }
            Ok(Answered::Alarm(Handled::Duplicate(decision, status))) => {
                json!({ "outcome": "duplicate", "decision": decision.0, "status": status.name() })
            }
            Ok(Answered::Alarm(Handled::Recorded(decision, status))) => {
                json!({ "outcome": "recorded", "decision": decision.0, "status": status.name() })
            }
            Ok(Answered::Watched(decision)) => json!({ "outcome": "watched", "decision": decision.0 }),
            Ok(Answered::Passed(Passed { watches, left, failed })) => {
                json!({ "outcome": "looked", "watches": watches, "left": left, "failed": failed })
            }
            Ok(Answered::Looked) => json!({ "outcome": "looked" }),
            Ok(Answered::Polled(Polled { screened, calls, looked, left, failed })) => json!({
                "outcome": "polled", "screened": screened, "calls": calls, "looked": looked, "left": left, "failed": failed
            }),
            Ok(Answered::Ignored { signal, why, .. }) => {
                json!({ "outcome": "ignored", "signal": signal, "why": why })
            }
            Err(Failed { kind, why }) => json!({ "outcome": "failed", "kind": kind, "why": why }),
        }
    }
}

/// Handles everything that a payload carries; no record stands in the way of another, and none is begun after
/// `until`.
pub async fn on_payload<P: Ports>(
    ports: &P,
    fleet: &Fleet,
    payload: &Value,
    owner: &str,
    until: Timestamp,
) -> Vec<Answer> {
    each(ports, payload, owner, until, async |received: &Received, owner: &str| {
        on_record(ports, fleet, received, owner).await
    })
    .await
}

/// The same for the function that rolls back.
pub async fn on_rollback_payload<P: RollbackPorts>(
    ports: &P,
    fleet: &Fleet,
    payload: &Value,
    owner: &str,
    until: Timestamp,
) -> Vec<Answer> {
    each(ports, payload, owner, until, async |received: &Received, _owner: &str| {
        on_rollback_record(ports, fleet, received).await
    })
    .await
}

/// The same for the function that watches capacity.
pub async fn on_capacity_payload<P: CapacityPorts>(
    ports: &P,
    fleet: &Fleet,
    payload: &Value,
    owner: &str,
    until: Timestamp,
) -> Vec<Answer> {
    each(ports, payload, owner, until, async |received: &Received, owner: &str| {
        on_capacity_record(ports, fleet, received, owner).await
    })
    .await
}

async fn each<P: Ports>(
    ports: &P,
    payload: &Value,
    owner: &str,
    until: Timestamp,
    handle: impl AsyncFn(&Received, &str) -> Result<Answered, Failed>,
) -> Vec<Answer> {
    let received = receive(payload);
    let mut answers = Vec::with_capacity(received.len());
    for (n, received) in received.into_iter().enumerate() {
        // Each record is a writer of its own: a lock that one left behind stops the next.
        let owner = if n == 0 { owner.to_owned() } else { format!("{owner}/{n}") };
        let in_time = n == 0 || ports.now() < until;
        let outcome = async {
            let outcome = if in_time { handle(&received, &owner).await } else { Err(out_of_time()) };
            said::of_record(&outcome);
            outcome
        };
        let outcome = outcome.instrument(span::of_record(received.record.as_deref(), &owner)).await;
        answers.push(Answer { record: received.record, outcome });
    }
    answers
}

fn out_of_time() -> Failed {
    Failed { kind: "OutOfTime", why: "the invocation has no time left for this record".to_owned() }
}

async fn on_record<P: Ports>(ports: &P, fleet: &Fleet, received: &Received, owner: &str) -> Result<Answered, Failed> {
    let signal = match &received.signal {
        Ok(signal) => signal,
        // Lambda logs the error, so it must not quote the payload.
        Err(why) => return Err(Failed { kind: "NotASignal", why: why.unquoted().to_string() }),
    };
    let ignored = |reason, why: String| Ok(Answered::Ignored { signal: signal.name(), reason, why });
    if let Err(foreign) = belongs(signal, received.again.as_ref(), fleet) {
        return ignored(foreign.name(), foreign.to_string());
    }
    match signal {
        Signal::Alarm(alarm) | Signal::Contributor(alarm) => {
            if match_alarm(fleet, alarm).is_ok_and(|m| m.remedy.action == Action::Rollback) {
                return ignored("for-rollback", "its remedy rolls back: error-rate-rollback answers it".to_owned());
            }
            let handled = on_alarm(ports, fleet, alarm, owner).await;
            handled.map(Answered::Alarm).map_err(|error| Failed { kind: "PortError", why: error.to_string() })
        }
        Signal::AlarmConfiguration(change) => {
            ignored("alarm-configuration", format!("alarm {} was {change}: no transition", change.name))
        }
        Signal::Task(task) => match AlarmEvent::of_task(task) {
            Some(event) => {
                let event = AlarmEvent { again: received.again.as_ref().map(ToString::to_string), ..event };
                let handled = on_alarm(ports, fleet, &event, owner).await;
                handled.map(Answered::Alarm).map_err(|error| Failed { kind: "PortError", why: error.to_string() })
            }
            None => ignored("task-not-sick", format!("task {} runs well, or ends by itself", task.task)),
        },
        Signal::Deployment(_)
        | Signal::Hook(_)
        | Signal::HookCall(_)
        | Signal::ServiceAction(_)
        | Signal::Scaling(_)
        | Signal::Ec2(_)
        | Signal::Tick(_)
        | Signal::Minute => {
            Err(Failed { kind: "NotForThis", why: format!("not for the alarm handler: {}", signal.name()) })
        }
    }
}

async fn on_rollback_record<P: RollbackPorts>(
    ports: &P,
    fleet: &Fleet,
    received: &Received,
) -> Result<Answered, Failed> {
    let signal = match &received.signal {
        Ok(signal) => signal,
        Err(why) => return Err(Failed { kind: "NotASignal", why: why.unquoted().to_string() }),
    };
    let ignored = |reason, why: String| Ok(Answered::Ignored { signal: signal.name(), reason, why });
    if let Err(foreign) = belongs(signal, received.again.as_ref(), fleet) {
        return ignored(foreign.name(), foreign.to_string());
    }
    let failed = |error: PortError| Failed { kind: "PortError", why: error.to_string() };
    let service = match signal {
        Signal::Alarm(alarm) | Signal::Contributor(alarm) => {
            return match on_error_alarm(ports, fleet, alarm).await.map_err(failed)? {
                Some(handled) => Ok(Answered::Alarm(handled)),
                None => ignored("for-alarm-handler", "no remedy of it rolls back".to_owned()),
            };
        }
        Signal::Minute => {
            let passed = watch_pass(ports, fleet).await.map_err(failed)?;
            // The rest was looked at; the failure shows in Lambda's errors, and so in the alarm on them.
            return match passed.failed {
                0 => Ok(Answered::Passed(passed)),
                n => Err(Failed {
                    kind: "Failed",
                    why: format!("{n} of {} watches failed; see the log", passed.watches),
                }),
            };
        }
        Signal::Deployment(deployment) => &deployment.service,
        Signal::Hook(hook) => &hook.service,
        Signal::AlarmConfiguration(_)
        | Signal::Task(_)
        | Signal::HookCall(_)
        | Signal::ServiceAction(_)
        | Signal::Scaling(_)
        | Signal::Ec2(_)
        | Signal::Tick(_) => {
            return Err(Failed { kind: "NotForThis", why: format!("not for the rollback: {}", signal.name()) });
        }
    };
    match on_deployment(ports, fleet, service).await.map_err(failed)? {
        Woken::Watched(decision) => Ok(Answered::Watched(decision)),
        Woken::NotWatched(reason) => ignored(reason, format!("{} is not watched", service.resource_id())),
    }
}
