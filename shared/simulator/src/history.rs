//! The journal in memory as people read it.

use headroom_core::entry::Entry;
use headroom_core::history::near;
use headroom_core::id::DecisionId;
use headroom_pipeline::{Decided, Found, History, NEAR_MAX, Named, PortError, Wanted};
use jiff::Timestamp;

use crate::journal::MemoryJournal;

impl History for MemoryJournal {
    async fn decided(&self, id: &DecisionId, since: Timestamp) -> Result<Decided, PortError> {
        let all = self.entries()?.into_iter().filter(|e| e.at >= since);
        let (entries, others): (Vec<Entry>, Vec<Entry>) = all.partition(|e| e.decision == *id);
        let others = others.into_iter().filter(|e| near(&e.decision, id));
        let mut near: Vec<Named> = others.map(|e| Named { at: e.at, decision: e.decision, service: e.label }).collect();
        near.sort_by(|a, b| b.cmp(a));
        near.truncate(NEAR_MAX);
        let mut decided = Decided { entries, near };
        decided.entries.sort_by(|a, b| (b.at, &b.key).cmp(&(a.at, &a.key)));
        Ok(decided)
    }

    async fn list(&self, wanted: &Wanted) -> Result<Found, PortError> {
        let of = |e: &Entry| wanted.service.as_ref().is_none_or(|service| *service == e.label);
        let during = |e: &Entry| e.at >= wanted.since && e.at <= wanted.until;
        let mut entries: Vec<Entry> = self.entries()?.into_iter().filter(|e| of(e) && during(e)).collect();
        entries.sort_by(|a, b| (a.at, &a.key).cmp(&(b.at, &b.key)));
        let older = entries.len() > wanted.limit;
        entries.drain(..entries.len().saturating_sub(wanted.limit));
        Ok(Found { entries, older })
    }
}
