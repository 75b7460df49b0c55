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

#[cfg(test)]
mod tests {
    use std::future::Future;
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    use headroom_core::fleet::Mode;
    use headroom_core::id::{CaseKey, ServiceId};
    use headroom_pipeline::{Expect, Write, Written};

    use super::*;

    /// In memory nothing is waited for.
    fn now<T>(future: impl Future<Output = Result<T, PortError>>) -> T {
        match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(done) => done.unwrap(),
            Poll::Pending => panic!("it waits"),
        }
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    /// Four entries of two services, a minute apart.
    fn journal() -> MemoryJournal {
        let mut journal = MemoryJournal::default();
        for (n, label) in ["e/a", "e/b", "e/a", "e/a"].into_iter().enumerate() {
            let id = ServiceId { account: "1".into(), region: "r".into(), cluster: "c".into(), service: "s".into() };
            let key = CaseKey(format!("k{n}"));
            let entry = Entry::new(key, id, label.into(), "cpu".into(), Mode::Act, at(60 * i64::try_from(n).unwrap()));
            let write = Write { entries: vec![(entry, Expect::Absent)], ..Write::default() };
            assert_eq!(journal.write(&write).unwrap(), Written::Done);
        }
        journal
    }

    #[test]
    fn a_limit_keeps_the_newest_and_says_that_there_are_older_ones() {
        let journal = journal();
        let wanted = |service: Option<&str>, since, limit| Wanted {
            since: at(since),
            until: Timestamp::MAX,
            service: service.map(str::to_owned),
            limit,
        };
        let listed = |wanted: Wanted| {
            let found = now(journal.list(&wanted));
            (found.entries.iter().map(|e| e.key.0.clone()).collect::<Vec<_>>(), found.older)
        };
        assert_eq!(listed(wanted(None, 0, 4)).0, ["k0", "k1", "k2", "k3"]);
        assert_eq!(listed(wanted(None, 0, 2)), (vec!["k2".to_owned(), "k3".to_owned()], true));
        assert_eq!(listed(wanted(Some("e/a"), 60, 9)), (vec!["k2".to_owned(), "k3".to_owned()], false));
    }

    #[test]
    fn a_decision_is_found_by_its_id_and_a_mistyped_one_is_near() {
        let journal = journal();
        let id = CaseKey("k2".into()).decision();
        let decided = now(journal.decided(&id, at(0)));
        assert_eq!(decided.entries.iter().map(|e| e.key.0.as_str()).collect::<Vec<_>>(), ["k2"]);
        assert!(now(journal.decided(&id, at(121))).entries.is_empty(), "before it is looked for");
        let last = if id.0.ends_with('0') { '1' } else { '0' };
        let mistyped = DecisionId(format!("{}{last}", &id.0[..6]));
        let missed = now(journal.decided(&mistyped, at(0)));
        assert!(missed.entries.is_empty());
        assert_eq!(missed.near.iter().map(|n| n.decision.clone()).collect::<Vec<_>>(), [id]);
    }
}
