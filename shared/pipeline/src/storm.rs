//! Storms: an environment's cases are counted by the minute, and a disruption is held when its minute turns out to have
//! been one.

use headroom_core::decide::{Decision, Waiting};
use headroom_core::entry::{Entry, Status};
use headroom_core::id::CaseKey;
use headroom_core::notice::{self, About};
use headroom_core::storm;
use headroom_core::time::after;
use jiff::Timestamp;

use crate::alarm::{Case, Handled};
use crate::ports::{BudgetAdd, BudgetKey, Expect, Journal, Keys, Lost, PortError, Ports, Write, Written};
use crate::told::{WINDOW_SECONDS, tell_once, window};

/// Tries to let the remedy of a held case rest no longer; without it the case waits for the cooldown, too.
const TRIES: u32 = 3;

/// Counters of one environment's cases in one minute: several, so that the alarms of a storm do not queue for one item.
pub(crate) const CASE_SHARDS: usize = 4;

/// The counters that together hold the cases of an environment in this minute.
pub(crate) fn cases_of_minute(environment: &str, now: Timestamp) -> impl Iterator<Item = BudgetKey> {
    (0..CASE_SHARDS).map(move |shard| BudgetKey {
        scope: environment.to_owned(),
        what: format!("cases-{shard}"),
        window: window(now, storm::WINDOW_SECONDS),
    })
}

/// Counts one case, in the shard that its key names.
pub(crate) fn one_case(environment: &str, key: &CaseKey, now: Timestamp) -> Option<BudgetAdd> {
    let key = cases_of_minute(environment, now).nth(shard(key))?;
    Some(BudgetAdd { key, amount: 1, limit: u32::MAX })
}

/// Which of several counters a case adds to.
pub(crate) fn shard(key: &CaseKey) -> usize {
    key.0.bytes().fold(0_usize, |sum, byte| sum.wrapping_add(usize::from(byte))) % CASE_SHARDS
}

/// Says once an hour that an environment has a storm of alarms.
pub(crate) async fn tell_storm<P: Ports>(ports: &P, environment: &str, cases: u32, now: Timestamp) {
    let incident = storm::incident(environment, now);
    let decision = CaseKey(incident.clone()).decision();
    // As of the hour: told by several at once, it is the same notice.
    let hour = Timestamp::from_second(window(now, WINDOW_SECONDS)).unwrap_or(now);
    let about = About { incident: &incident, label: environment, decision: &decision, now: hour };
    tell_once(ports, &notice::storm(&about, cases), now).await;
}

/// What these counters hold together.
pub(crate) fn sum(used: &[u32]) -> u32 {
    used.iter().fold(0, |sum, n| sum.saturating_add(*n))
}

/// The cases of the fuller of two minutes: of the one in which a case came, and of this one.
///
/// # Errors
/// The table could not be read.
pub(crate) async fn count_again<J: Journal>(
    journal: &J,
    environment: &str,
    came: Timestamp,
    now: Timestamp,
) -> Result<u32, PortError> {
    let this = cases_of_minute(environment, now);
    let budgets = this.chain(cases_of_minute(environment, came)).collect();
    let used = journal.load(&Keys { budgets, ..Keys::default() }).await?.used;
    Ok(used.chunks(CASE_SHARDS).map(sum).max().unwrap_or_default())
}

/// The cases that a deferred case was held for: what its counters held may be gone from the table.
fn held_for(original: &Entry) -> u32 {
    match original.judgement.as_ref().map(|judgement| &judgement.decision) {
        Some(Decision::Wait { why: Waiting::Storm { cases }, .. }) => *cases,
        Some(Decision::Wait { .. } | Decision::Act(_) | Decision::Refuse(_)) | None => 0,
    }
}

impl Case<'_> {
    /// When the case came: a deferred one, when it was deferred.
    pub(crate) fn came(&self, now: Timestamp) -> Timestamp {
        self.original.as_ref().map_or(now, |(original, _)| original.at)
    }

    /// The cases of the minute in which it came, from what its counters hold.
    pub(crate) fn beside(&self, counted: u32) -> u32 {
        counted.max(self.original.as_ref().map_or(0, |(original, _)| held_for(original)))
    }

    /// A planned disruption whose minute turned out to be a storm's: nothing was sent, so it is deferred, and its remedy
    /// does not rest.
    pub(crate) async fn hold<P: Ports>(
        &self,
        ports: &P,
        entry: Entry,
        cases: u32,
        now: Timestamp,
    ) -> Result<Handled, PortError> {
        tell_storm(ports, &self.service.environment, cases, now).await;
        let until = after(now, storm::LOOK_AGAIN);
        let judgement = entry.judgement.map(|judgement| judgement.held_by_storm(cases, until));
        let held = Entry { judgement, status: Status::Deferred, due: Some(until), attempts: 0, ..entry };
        let handled = Handled::Recorded(held.decision.clone(), Status::Deferred);
        let (_, revision) = self.expect();
        let mut write = Write { entries: vec![(held, Expect::Revision(revision))], ..Write::default() };
        for _ in 0..TRIES {
            let state = ports.load(&Keys { service: Some(self.id.clone()), ..Keys::default() }).await?.state;
            let mut next = state.service;
            next.cooldowns.remove(&self.remedy.name);
            write.state = Some((self.id.clone(), next, state.generation));
            match ports.write(&write).await? {
                Written::Lost(Lost::State | Lost::Conflict) => {}
                Written::Done | Written::Lost(Lost::Entry | Lost::Limit | Lost::Stopped) => return Ok(handled),
            }
        }
        write.state = None;
        let _done_or_by_another = ports.write(&write).await?;
        Ok(handled)
    }
}
