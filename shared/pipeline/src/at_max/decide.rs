//! The remedy that raises max, decided like any other: its guards, its budgets, its lease, its suggestion.

use headroom_core::at_max::{Episode, Proposed, event};
use headroom_core::decide::Decision;
use headroom_core::entry::{Entry, Status};
use headroom_core::id::{CaseKey, DecisionId};
use headroom_core::time::{Seconds, after, elapsed};
use jiff::Timestamp;

use super::look::Scene;
use crate::alarm::{Case, Handled, contended};
use crate::later::SUGGESTION_LASTS;
use crate::ports::{Keys, PortError, Ports};

/// Looks at a case before giving way to the next minute.
const TRIES: u32 = 3;

/// A refusal is asked for again this much later.
const REFUSED_LASTS: Seconds = Seconds(300);

/// What came of the proposal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Answer {
    /// Nothing was decided.
    None,
    /// It waits for a person.
    Waits { decision: DecisionId, until: Timestamp },
    /// Max was raised.
    Done { decision: DecisionId },
    /// It would have been, in mode `act`.
    Observed,
    /// It was refused, must wait, or is about another max than is proposed now.
    Not { why: String },
}

impl Answer {
    /// Whether people are told what to type, or what was done.
    pub(super) fn names_a_decision(&self) -> bool {
        matches!(self, Self::Waits { .. } | Self::Done { .. })
    }
}

/// Decides on a proposal, once for as long as a suggestion lasts: then it is read and decided anew. A proposal of another
/// max is decided anew as soon as the remedy has rested. Also says what the decision leaves of the proposal.
pub(super) async fn decided<P: Ports>(
    ports: &P,
    scene: Scene<'_>,
    episode: &mut Episode,
    proposed: Proposed,
    entry: &Entry,
    owner: &str,
    now: Timestamp,
) -> Result<(Answer, Proposed), PortError> {
    let Some(remedy) = scene.remedy() else { return Ok((Answer::None, proposed)) };
    let key_of = |moment| CaseKey::of_alarm(&event(scene.service, &proposed, moment), scene.id, &remedy.name);
    let mut due = entry.at;
    if let Some((_, until)) = episode.decided {
        due = until;
        let decided = read(ports, &key_of(episode.asked_at.unwrap_or(entry.at))).await?;
        if let Some(other) = decided.as_ref().filter(|decided| other_than(decided, &proposed)) {
            due = after(other.at, remedy.cooldown).min(until);
            if due > now {
                return Ok((Answer::Not { why: soon(other, due) }, proposed));
            }
        }
        if due > now {
            return Ok(answered(decided.as_ref(), until, proposed));
        }
    }
    let moment = moment(due, now, scene.fleet.limits.event_age_max);
    let event = event(scene.service, &proposed, moment);
    let key = CaseKey::of_alarm(&event, scene.id, &remedy.name);
    let case = Case {
        fleet: scene.fleet,
        service: scene.service,
        remedy,
        event: &event,
        key: key.clone(),
        id: scene.id.clone(),
        original: None,
        accepted: None,
        at_max: Some(Box::new(proposed.clone())),
    };
    for _ in 0..TRIES {
        let now = ports.now();
        let loaded = ports.load(&case.keys(now)).await?;
        let done = match loaded.entry {
            Some(_) => true,
            // On the heap: the flow of a case is by far the largest part of a look.
            None => matches!(Box::pin(case.handle(ports, &loaded, now, owner)).await?, Some(Handled::Recorded(..))),
        };
        if done {
            let until = after(now, SUGGESTION_LASTS);
            let (answer, left) = answered(read(ports, &key).await?.as_ref(), until, proposed);
            // What stands in the way may be gone sooner than a suggestion lasts.
            let until = if matches!(answer, Answer::Not { .. }) { after(now, REFUSED_LASTS) } else { until };
            episode.decided = Some((key.decision(), until));
            episode.asked_at = Some(moment);
            return Ok((answer, left));
        }
    }
    Err(contended(&key))
}

/// The moment of the event: when it was due to be decided, as long as that is fresh. A retry after a crash finds the case
/// that it began; should it come later than that, the remedy rests from it.
fn moment(due: Timestamp, now: Timestamp, age_max: Seconds) -> Timestamp {
    let times = elapsed(due, now).0 / age_max.0.max(1);
    after(due, Seconds(times * age_max.0))
}

/// The journal's entry of a decision, as it is now: a person may have accepted it meanwhile.
async fn read<P: Ports>(ports: &P, key: &CaseKey) -> Result<Option<Entry>, PortError> {
    let loaded = ports.load(&Keys { case: Some(key.clone()), ..Keys::default() }).await?;
    Ok(loaded.entry.map(|(entry, _)| entry))
}

/// Whether it raises max, or would on a yes, by another proposal than this one.
fn other_than(decided: &Entry, proposed: &Proposed) -> bool {
    let raises = matches!(decided.status, Status::Suggested | Status::Planned | Status::Acted);
    raises && about(decided).is_some_and(|to| to != proposed.to)
}

/// The max that was proposed for a decision.
fn about(decided: &Entry) -> Option<u32> {
    let seen = decided.seen.as_ref().and_then(|seen| seen.at_max.as_ref());
    let raise = || decided.judgement.as_ref()?.decision.grant()?.lease.raise;
    seen.map(|proposed| proposed.to).or_else(raise)
}

fn soon(other: &Entry, due: Timestamp) -> String {
    let (decision, to) = (&other.decision, about(other).unwrap_or(0));
    let what = if other.status == Status::Suggested { "is about" } else { "has raised it to" };
    format!("{decision} {what} max {to}, and another is asked for now: decided anew at {}", due.strftime("%H:%M UTC"))
}

fn answered(decided: Option<&Entry>, until: Timestamp, proposed: Proposed) -> (Answer, Proposed) {
    let Some(entry) = decided else { return (Answer::None, proposed) };
    let left = match &entry.judgement {
        Some(judgement) => proposed.as_decided(judgement),
        None => proposed,
    };
    let decision = entry.decision.clone();
    let answer = match entry.status {
        Status::Suggested => Answer::Waits { decision, until },
        Status::Planned | Status::Acted => Answer::Done { decision },
        Status::Observed => Answer::Observed,
        Status::Expired
        | Status::Failed
        | Status::Refused
        | Status::Deferred
        | Status::Resumed
        | Status::Noted
        | Status::Watching => Answer::Not { why: why(entry) },
    };
    (answer, left)
}

fn why(entry: &Entry) -> String {
    match entry.judgement.as_ref().map(|judgement| &judgement.decision) {
        Some(Decision::Refuse(refusal)) => format!("{}: {refusal}", refusal.name()),
        Some(Decision::Wait { why, .. }) => why.to_string(),
        Some(Decision::Act(_)) | None => entry.status.name().to_owned(),
    }
}
