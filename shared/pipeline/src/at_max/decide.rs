//! The remedy that raises max, decided like any other: its guards, its budgets, its lease, its suggestion.

use headroom_core::at_max::{Episode, event};
use headroom_core::decide::{Decision, Refusal};
use headroom_core::entry::{Entry, Status};
use headroom_core::id::{CaseKey, DecisionId};
use headroom_core::time::{Seconds, after};
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
    /// It was refused, or must wait. `spent`: what added tasks may cost in a day leaves nothing to propose.
    Not { why: String, spent: bool },
}

/// Decides on a proposal, once for as long as a suggestion lasts: then it is read and decided anew.
///
/// The moment of the event is the episode's own, or the end of the decision before: a retry after a crash finds the
/// case that it began.
pub(super) async fn decided<P: Ports>(
    ports: &P,
    scene: Scene<'_>,
    episode: &mut Episode,
    entry: &Entry,
    owner: &str,
    now: Timestamp,
) -> Result<Answer, PortError> {
    let (Some(remedy), Some(proposed)) = (scene.remedy(), &episode.proposed) else { return Ok(Answer::None) };
    let moment = match &episode.decided {
        None => entry.at,
        Some((_, until)) if *until > now => {
            let key = CaseKey::of_alarm(
                &event(scene.service, proposed, episode.asked_at.unwrap_or(entry.at)),
                scene.id,
                &remedy.name,
            );
            return answer(ports, &key, *until).await;
        }
        Some((_, until)) => *until,
    };
    let event = event(scene.service, proposed, moment);
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
    };
    let until = after(now, SUGGESTION_LASTS);
    for _ in 0..TRIES {
        let now = ports.now();
        let loaded = ports.load(&case.keys(now)).await?;
        let done = match loaded.entry {
            Some(_) => true,
            None => matches!(case.handle(ports, &loaded, now, owner).await?, Some(Handled::Recorded(..))),
        };
        if done {
            let answer = answer(ports, &key, until).await?;
            // What stands in the way may be gone sooner than a suggestion lasts.
            let until = if matches!(answer, Answer::Not { .. }) { after(now, REFUSED_LASTS) } else { until };
            episode.decided = Some((key.decision(), until));
            episode.asked_at = Some(moment);
            return Ok(answer);
        }
    }
    Err(contended(&key))
}

/// What the journal says of a decision now: a person may have accepted it meanwhile.
async fn answer<P: Ports>(ports: &P, key: &CaseKey, until: Timestamp) -> Result<Answer, PortError> {
    let entry = ports.load(&Keys { case: Some(key.clone()), ..Keys::default() }).await?.entry;
    let Some((entry, _)) = entry else { return Ok(Answer::None) };
    let decision = entry.decision.clone();
    Ok(match entry.status {
        Status::Suggested => Answer::Waits { decision, until },
        Status::Planned | Status::Acted => Answer::Done { decision },
        Status::Observed => Answer::Observed,
        Status::Expired
        | Status::Failed
        | Status::Refused
        | Status::Deferred
        | Status::Resumed
        | Status::Noted
        | Status::Watching => Answer::Not { why: why(&entry), spent: spent(&entry) },
    })
}

fn spent(entry: &Entry) -> bool {
    let decision = entry.judgement.as_ref().map(|judgement| &judgement.decision);
    matches!(decision, Some(Decision::Refuse(Refusal::CostLimit { .. })))
}

fn why(entry: &Entry) -> String {
    match entry.judgement.as_ref().map(|judgement| &judgement.decision) {
        Some(Decision::Refuse(refusal)) => format!("{}: {refusal}", refusal.name()),
        Some(Decision::Wait { why, .. }) => why.to_string(),
        Some(Decision::Act(_)) | None => entry.status.name().to_owned(),
    }
}
