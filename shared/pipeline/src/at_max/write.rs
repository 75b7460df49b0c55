//! Writing an episode down: as long as it is open its key stands in the state of its service, so that of one topic
//! there is never a second one, however many look at once.

use headroom_core::at_max::{Episode, Stage, Topic};
use headroom_core::entry::{Entry, Status};
use headroom_core::id::{CaseKey, ServiceId};
use headroom_core::notice::Notice;
use headroom_core::time::{Seconds, after};
use jiff::Timestamp;

use super::look::Scene;
use crate::converge::{FIRST_REVISION, publish};
use crate::ports::{Expect, Keys, PortError, Ports, Write, Written};

/// When an open episode is looked at again: before the next minute's pass, whatever the jitter of its schedule.
const LOOKED_AT_AGAIN: Seconds = Seconds(50);
/// An episode may last for days: of what it told, so much is kept, or the entry would outgrow the table's items.
const TOLD_KEPT: usize = 32;

/// Puts an episode that nobody was told of yet. `None`: somebody else put one meanwhile.
pub(super) async fn begin<P: Ports>(
    ports: &P,
    scene: Scene<'_>,
    topic: Topic,
    since: Timestamp,
    now: Timestamp,
) -> Result<Option<(Entry, u64)>, PortError> {
    let keys = Keys { service: Some(scene.id.clone()), ..Keys::default() };
    let state = ports.load(&keys).await?.state;
    if let Some(open) = state.service.episodes.get(&topic) {
        // The journal forgets an entry that nobody wrote for its time: what stands here then is none.
        let keys = Keys { case: Some(open.clone()), ..Keys::default() };
        if ports.load(&keys).await?.entry.is_some() {
            return Ok(None);
        }
    }
    let key = CaseKey::of_episode(topic.name(), scene.id, state.generation);
    let mut entry = Entry::new(
        key.clone(),
        scene.id.clone(),
        scene.service.label(),
        topic.name().to_owned(),
        scene.mode(topic),
        now,
    );
    entry.status = Status::Watching;
    entry.rule = scene.rule(topic);
    entry.due = Some(now);
    entry.episode = Some(Box::new(Episode::new(topic, since)));
    let mut next = state.service.clone();
    next.episodes.insert(topic, key);
    next.environment.clone_from(&scene.service.environment);
    let write = Write {
        entries: vec![(entry.clone(), Expect::Absent)],
        state: Some((scene.id.clone(), next, state.generation)),
        ..Write::default()
    };
    Ok((ports.write(&write).await? == Written::Done).then_some((entry, FIRST_REVISION)))
}

/// Puts an episode with what it tells now, publishes that, and puts it again without. One that somebody else wrote
/// meanwhile stays theirs, and nothing is told.
pub(super) async fn put<P: Ports>(
    ports: &P,
    mut entry: Entry,
    episode: Episode,
    revision: u64,
    told: Option<Notice>,
    now: Timestamp,
) -> Result<(), PortError> {
    let ended = episode.stage == Stage::Ended;
    let topic = episode.topic;
    entry.episode = Some(Box::new(episode));
    entry.outbox.extend(told);
    entry.due = if ended && entry.outbox.is_empty() { None } else { Some(after(now, LOOKED_AT_AGAIN)) };
    let mut write = Write::default();
    if ended {
        entry.status = Status::Noted;
        write.state = without(ports, &entry.service, topic, &entry.key).await?;
    }
    write.entries.push((entry.clone(), Expect::Revision(revision)));
    if ports.write(&write).await? != Written::Done {
        tracing::debug!(decision = %entry.decision, "episode written by somebody else; looked at again in a minute");
        return Ok(());
    }
    tell(ports, entry, revision + 1).await
}

/// Publishes what is in the outbox, and puts the entry without it.
pub(super) async fn tell<P: Ports>(ports: &P, mut entry: Entry, revision: u64) -> Result<(), PortError> {
    if entry.outbox.is_empty() {
        return Ok(());
    }
    publish(ports, &mut entry).await;
    entry.told.drain(..entry.told.len().saturating_sub(TOLD_KEPT));
    let ended = entry.episode.as_ref().is_none_or(|episode| episode.stage == Stage::Ended);
    if ended && entry.outbox.is_empty() {
        entry.due = None;
    }
    let write = Write { entries: vec![(entry, Expect::Revision(revision))], ..Write::default() };
    let _done_or_by_another = ports.write(&write).await?;
    Ok(())
}

/// The state without this episode, when it stands there.
async fn without<P: Ports>(
    ports: &P,
    id: &ServiceId,
    topic: Topic,
    key: &CaseKey,
) -> Result<Option<(ServiceId, headroom_core::capacity::ServiceState, u64)>, PortError> {
    let keys = Keys { service: Some(id.clone()), ..Keys::default() };
    let state = ports.load(&keys).await?.state;
    let mut next = state.service;
    if next.episodes.get(&topic) != Some(key) {
        return Ok(None);
    }
    next.episodes.remove(&topic);
    Ok(Some((id.clone(), next, state.generation)))
}
