//! What an episode tells, and what is left to tell of one that ended.

use headroom_core::at_max::{Episode, Stage, Tell};
use headroom_core::entry::Entry;
use headroom_core::fleet::{Fleet, Mode};
use headroom_core::id::{CaseKey, ServiceId};
use headroom_core::notice::{self, About, Answered, Notice};
use jiff::Timestamp;

use super::decide::Answer;
use super::look::Scene;
use super::write::{put, tell};
use crate::converge::service_of;
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
    let incident = incident(entry, episode);
    let about = About { incident: &incident, label: &entry.label, decision: &entry.decision, now };
    let remedy = scene.remedy();
    let answered = match answer {
        Answer::None => remedy.is_none().then(|| Answered::NotDone("no remedy of this service raises max".to_owned())),
        Answer::Waits { decision, until } => Some(Answered::Waits { decision: decision.0.clone(), until: *until }),
        Answer::Done { decision } => Some(Answered::Done { decision: decision.0.clone() }),
        Answer::Observed => Some(Answered::NotDone(format!("raising max is `{}` here", Mode::Observe))),
        Answer::Not { why } => Some(Answered::NotDone(why.clone())),
    };
    notice::episode(&about, scene.service, episode, tell, answered.as_ref(), remedy.map(|remedy| remedy.lease))
}

fn incident(entry: &Entry, episode: &Episode) -> String {
    format!("{}/{}/{}", entry.label, episode.topic.name(), entry.at.as_second())
}

/// The service of an episode that is due and goes on. One that ended is told of here, and one whose service left the fleet
/// file ends here: nobody would look at it again, and what people were told would stay open.
pub(super) async fn left_to_tell<P: Ports>(
    ports: &P,
    fleet: &Fleet,
    key: &CaseKey,
) -> Result<Option<ServiceId>, PortError> {
    let loaded = ports.load(&Keys { case: Some(key.clone()), ..Keys::default() }).await?;
    let Some((entry, revision)) = loaded.entry else { return Ok(None) };
    if entry.due.is_none_or(|due| due > ports.now()) {
        return Ok(None);
    }
    if entry.episode.as_ref().is_some_and(|episode| episode.stage == Stage::Ended) {
        tell(ports, entry, revision).await?;
        return Ok(None);
    }
    if service_of(fleet, &entry.service).is_some() {
        return Ok(Some(entry.service));
    }
    let Some(episode) = entry.episode.as_deref().cloned() else { return Ok(None) };
    let now = ports.now();
    let incident = incident(&entry, &episode);
    let about = About { incident: &incident, label: &entry.label, decision: &entry.decision, now };
    let told = episode.told_at.map(|_| notice::episode_unwatched(&about));
    put(ports, entry, Episode { stage: Stage::Ended, ..episode }, revision, told, now).await?;
    Ok(None)
}
