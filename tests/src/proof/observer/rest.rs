//! The end of a life: the trouble is over since longer than any lease lives.

use std::collections::BTreeMap;

use headroom_core::decide::{Decision, match_alarm};
use headroom_core::entry::{Entry, Status};
use headroom_core::id::ServiceId;
use headroom_core::seen::Suspended;
use headroom_simulator::world::Look;

use super::watcher::Observer;
use crate::proof::story::SECRET;

impl Observer {
    /// Everything is back, everything was told, each event has its one entry.
    pub(crate) fn at_rest(&mut self, now: i64, looks: BTreeMap<ServiceId, Look>, entries: &[Entry]) {
        for (id, look) in &looks {
            self.service_at_rest(now, id, *look);
        }
        let mut of_events: BTreeMap<(String, i64, bool), u32> = BTreeMap::new();
        for entry in entries {
            let off = looks.get(&entry.service).is_some_and(|look| look.desired == 0);
            self.entry_at_rest(now, entry, off);
            *self.numbers.decided.entry(decided(entry)).or_default() += 1;
            if let Some(event) = entry.event.as_ref().filter(|_| !entry.key.0.ends_with("/later")) {
                let key = (event.arn.clone(), event.at.as_millisecond(), event.firing());
                *of_events.entry(key).or_default() += 1;
                if match_alarm(&self.fleet, event).is_err() {
                    self.violated(now, "unmatched events are not journaled", event.name.clone());
                }
            }
        }
        for key in self.handled.clone() {
            let found = of_events.remove(&key).unwrap_or(0);
            if found != 1 {
                self.violated(now, "each handled event has one entry", format!("{found} of {key:?}"));
            }
        }
        // What was dead-lettered may have an entry too, but never two.
        if let Some((key, found)) = of_events.into_iter().find(|(_, found)| *found > 1) {
            self.violated(now, "each handled event has one entry", format!("{found} of {key:?}"));
        }
    }

    fn service_at_rest(&mut self, now: i64, id: &ServiceId, look: Look) {
        let Some(watch) = self.watches.get(id) else { return };
        let label = watch.label.clone();
        let live: Vec<&str> = watch.state.live().map(|l| l.source.as_str()).collect();
        let mut wrong = Vec::new();
        if !live.is_empty() {
            wrong.push(format!("live leases {live:?}"));
        }
        if watch.state.kept.is_some() {
            wrong.push("bounds still kept".to_owned());
        }
        if watch.suspended != Suspended::default() {
            wrong.push(format!("{:?} still suspended", watch.suspended));
        }
        for (name, side, found) in [("min", &watch.min, look.min), ("max", &watch.max, look.max)] {
            if !side.accepts(found) {
                wrong.push(format!("{name} {found} is none of {}", side.accepted()));
            }
        }
        if let Some(first) = wrong.first() {
            self.violated(now, "with no trouble bounds come back to base", format!("{label}: {first}"));
        }
    }

    /// A service that is off publishes nothing, so what waits for its metric waits on, for seven days at most.
    fn entry_at_rest(&mut self, now: i64, entry: &Entry, off: bool) {
        let what = format!("{} {} {} of {}", entry.decision, entry.remedy, entry.status.name(), entry.label);
        if entry.status == Status::Planned || (entry.status == Status::Deferred && !off) {
            self.violated(now, "no case is left unfinished", what);
        } else if let Some(disruption) = entry.disruption()
            && entry.status == Status::Acted
            && !self.opened.contains(&disruption.incident)
        {
            self.violated(now, "people are told of each disruption", what);
        } else if let Some(grant) = entry.judgement.as_ref().and_then(|j| j.decision.grant())
            && entry.status == Status::Acted
            && !self.opened.contains(&grant.lease.incident)
        {
            self.violated(now, "people are told of each grant", what);
        } else if !entry.outbox.is_empty() {
            self.violated(now, "no notice is left untold", what);
        } else if format!("{entry:?}").contains(SECRET) {
            self.violated(now, "an entry holds no secret", what);
        }
    }
}

/// The status, and for a refusal its name.
fn decided(entry: &Entry) -> String {
    match entry.judgement.as_ref().map(|j| &j.decision) {
        Some(Decision::Refuse(refusal)) => format!("refused:{}", refusal.name()),
        Some(Decision::Act(_) | Decision::Wait { .. }) | None => entry.status.name().to_owned(),
    }
}
