//! One close look at a service: each of its episodes is begun, told of, or ended.

use futures_util::future::try_join_all;
use headroom_core::at_max::{
    CapacitySeen, Episode, Found, Look, Proposed, Sight, Stage, Tell, Topic, advance, begun, found,
};
use headroom_core::entry::{Entry, Rule};
use headroom_core::fleet::{Action, Fleet, Mode, Remedy, Service, When};
use headroom_core::id::{CaseKey, ServiceId};
use headroom_core::time::{Seconds, elapsed};
use jiff::Timestamp;

use super::decide::{Answer, decided};
use super::episodes::{rules, sight};
use super::limits::{proposed, question, with_granted};
use super::ports::CapacityPorts;
use super::tell::notice_of;
use super::write::{begin, put};
use crate::converge::{publish, service_of};
use crate::ports::{Keys, PortError};

/// Two weeks are read for a notice, and one is edited every ten minutes.
const FORTNIGHT_AFTER: Seconds = Seconds(540);

/// A service with what the fleet file says about it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scene<'f> {
    pub(super) fleet: &'f Fleet,
    pub(super) service: &'f Service,
    pub(super) id: &'f ServiceId,
}

impl<'f> Scene<'f> {
    /// The remedy that raises max when it is reached.
    pub(super) fn remedy(self) -> Option<&'f Remedy> {
        let waits = |r: &&Remedy| matches!(&r.when, When::Event { event } if event == Topic::AtMax.name());
        self.service.remedies.iter().find(|r| waits(r) && r.action == Action::RaiseMax)
    }

    pub(super) fn mode(self, topic: Topic) -> Mode {
        self.of(topic).map_or(self.service.mode, |remedy| remedy.mode)
    }

    pub(super) fn rule(self, topic: Topic) -> Option<Rule> {
        self.of(topic).map(|remedy| Rule::of(self.fleet, self.service, remedy))
    }

    fn of(self, topic: Topic) -> Option<&'f Remedy> {
        self.remedy().filter(|_| topic == Topic::AtMax)
    }
}

/// Looks at a service closely. `told`: an event or an alarm said that max was reached.
///
/// An event that comes twice, late or never changes nothing: the look decides, and the poll makes one sooner or later.
///
/// # Errors
/// A port failed; an open episode stays due.
pub async fn look_at<P: CapacityPorts>(
    ports: &P,
    fleet: &Fleet,
    id: &ServiceId,
    owner: &str,
    told: bool,
) -> Result<(), PortError> {
    let Some(service) = service_of(fleet, id) else { return Ok(()) };
    let scene = Scene { fleet, service, id };
    let state = ports.load(&Keys { service: Some(id.clone()), ..Keys::default() }).await?.state;
    let of_key = |key: &CaseKey| Keys { case: Some(key.clone()), ..Keys::default() };
    let keys: Vec<Keys> = state.service.episodes.values().map(of_key).collect();
    let read = try_join_all(keys.iter().map(|keys| ports.load(keys))).await?;
    let open: Vec<(Entry, u64)> = read.into_iter().filter_map(|loaded| loaded.entry).collect();
    let of = |topic| open.iter().find(|(entry, _)| entry.episode.as_ref().is_some_and(|e| e.topic == topic));
    let at_max = of(Topic::AtMax).and_then(|(entry, _)| entry.episode.as_ref()?.told_at);
    let fortnight = at_max.is_none_or(|told| elapsed(told, ports.now()) >= FORTNIGHT_AFTER);
    let seen = ports.capacity(&question(scene, fortnight)).await?.counted();
    let seen = with_granted(ports, scene, seen).await?;
    let now = ports.now();
    let at_max = of(Topic::AtMax).and_then(|(entry, _)| entry.episode.as_deref());
    let found = found(&seen, at_max, now);
    for topic in Topic::ALL {
        let at = At { scene, seen: &seen, found: found.as_ref(), told, owner, now };
        at.topic(ports, topic, of(topic).cloned()).await?;
    }
    Ok(())
}

/// What every topic of one look shares.
#[derive(Clone, Copy)]
struct At<'a> {
    scene: Scene<'a>,
    seen: &'a CapacitySeen,
    found: Option<&'a Found>,
    told: bool,
    owner: &'a str,
    now: Timestamp,
}

impl At<'_> {
    async fn topic<P: CapacityPorts>(
        self,
        ports: &P,
        topic: Topic,
        open: Option<(Entry, u64)>,
    ) -> Result<(), PortError> {
        let Self { scene, seen, found, now, .. } = self;
        let episode = |entry: &Entry| entry.episode.as_deref().cloned();
        let (entry, revision, mut episode) = match open.and_then(|(entry, n)| Some((episode(&entry)?, entry, n))) {
            Some((episode, entry, revision)) => (entry, revision, episode),
            None => {
                let mut new = Episode::new(topic, self.since(topic));
                let begins = match sight(scene, &mut new, seen, found, self.told, now) {
                    Sight::Full { .. } | Sight::Near => true,
                    Sight::Over | Sight::Unknown => false,
                };
                let begun = if begins { begin(ports, scene, topic, new.since, now).await? } else { None };
                let Some((entry, revision)) = begun else { return Ok(()) };
                (entry, revision, new)
            }
        };
        // What this episode believes of an event it goes on believing: a metric that is missing does not end it.
        let told = self.told || (episode.stage >= Stage::Opened && episode.topic == Topic::AtMax);
        let sight = sight(scene, &mut episode, seen, found, told, now);
        self.go_on(ports, entry, revision, episode, sight).await
    }

    /// When it began, as far as this look can tell.
    fn since(self, topic: Topic) -> Timestamp {
        let found = self.found.filter(|_| topic == Topic::AtMax);
        let since = found.and_then(|found| found.held_since.or(found.at_max_since));
        since.map_or(self.now, |since| since.min(self.now))
    }

    async fn go_on<P: CapacityPorts>(
        self,
        ports: &P,
        mut entry: Entry,
        revision: u64,
        mut episode: Episode,
        sight: Sight,
    ) -> Result<(), PortError> {
        let Self { scene, seen, now, .. } = self;
        // What a crash left untold goes first.
        publish(ports, &mut entry).await;
        let found = self.found.filter(|_| episode.topic == Topic::AtMax);
        let proposed = found.and_then(|found| proposed(scene, seen, found));
        let unmet = sight == Sight::Full { unmet: Some(true) };
        let decided_before = episode.decided.clone();
        let (answer, proposed) = match proposed {
            Some(proposed) if unmet && proposed.possible() => {
                let (answer, left) = decided(ports, scene, &mut episode, proposed, &entry, self.owner, now).await?;
                (answer, Some(left))
            }
            other => (Answer::None, other),
        };
        let possible = proposed.as_ref().map(Proposed::possible);
        if let Some(proposed) = proposed {
            let until = begun(Some(&episode), now);
            episode.proposed = Some(proposed.with_history(seen, until, episode.proposed.as_ref()));
        }
        // An episode that only warned begins when max is reached.
        if episode.stage == Stage::Warned && matches!(sight, Sight::Full { .. }) {
            episode.since = self.since(episode.topic);
        }
        let rules = rules(scene, episode.topic);
        let mut tell = advance(&mut episode, Look { sight, possible, now }, &rules);
        // What people read names a suggestion that a yes would not carry out any more.
        if tell.is_none() && decided_before.is_some() && decided_before != episode.decided && answer.names_a_decision()
        {
            tell = Some(Tell::Updated);
            episode.told_at = Some(now);
        }
        let told = tell.map(|tell| notice_of(scene, &entry, &episode, tell, &answer, now));
        put(ports, entry, episode, revision, told, now).await
    }
}
