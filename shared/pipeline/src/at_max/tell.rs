//! What an episode tells, and what is left to tell of one that ended.

use headroom_core::at_max::{Episode, Stage, Tell};
use headroom_core::entry::Entry;
use headroom_core::fleet::Mode;
use headroom_core::id::{CaseKey, ServiceId};
use headroom_core::notice::{self, About, Answered, Notice};
use jiff::Timestamp;

use super::decide::Answer;
use super::look::Scene;
use super::write::tell;
use crate::ports::{Keys, PortError, Ports};

/// The notice of this look.
pub(super) fn notice_of(
    scene: Scene<'_>,
    entry: &Entry,
    episode: &Episode,
    tell: Tell,
    answer: &Answer,
    now: Timestamp,
) -> Notice {
    let incident = format!("{}/{}/{}", entry.label, episode.topic.name(), entry.at.as_second());
    let about = About { incident: &incident, label: &entry.label, decision: &entry.decision, now };
    let remedy = scene.remedy();
    let answered = match answer {
        Answer::None => remedy.is_none().then(|| Answered::NotDone("no remedy of this service raises max".to_owned())),
        Answer::Waits { decision, until } => Some(Answered::Waits { decision: decision.0.clone(), until: *until }),
        Answer::Done { decision } => Some(Answered::Done { decision: decision.0.clone() }),
        Answer::Observed => Some(Answered::NotDone(format!("raising max is `{}` here", Mode::Observe))),
        Answer::Not { why, .. } => Some(Answered::NotDone(why.clone())),
    };
    notice::episode(&about, scene.service, episode, tell, answered.as_ref(), remedy.map(|remedy| remedy.lease))
}

/// The service of an episode that is due and goes on; one that ended is told of here, and needs no look.
pub(super) async fn left_to_tell<P: Ports>(ports: &P, key: &CaseKey) -> Result<Option<ServiceId>, PortError> {
    let loaded = ports.load(&Keys { case: Some(key.clone()), ..Keys::default() }).await?;
    let Some((entry, revision)) = loaded.entry else { return Ok(None) };
    if entry.due.is_none_or(|due| due > ports.now()) {
        return Ok(None);
    }
    if entry.episode.as_ref().is_some_and(|episode| episode.stage == Stage::Ended) {
        tell(ports, entry, revision).await?;
        return Ok(None);
    }
    Ok(Some(entry.service))
}
