//! The entries that belong together: from the first decision on an alarm to the end of its lease.

use jiff::Timestamp;

use super::source::{ends, judged, lease, leases, source};
use crate::entry::Entry;
use crate::id::CaseKey;

/// One incident of one service.
#[derive(Debug, Clone, PartialEq)]
pub struct Incident<'a> {
    /// Its entries in the order of time; the first is the first decision.
    pub entries: Vec<&'a Entry>,
    /// When its lease ended; absent while it lives, and when there never was one.
    pub ended: Option<Timestamp>,
}

impl<'a> Incident<'a> {
    /// The incident that an entry belongs to, among entries of the journal; those of other services are passed over.
    #[must_use]
    pub fn of(entry: &'a Entry, all: &'a [Entry]) -> Self {
        let mut own: Vec<&Entry> = all.iter().filter(|e| e.service == entry.service && e.key != entry.key).collect();
        own.push(entry);
        own.sort_by(|a, b| (a.at, &a.key).cmp(&(b.at, &b.key)));
        own.dedup_by(|a, b| a.key == b.key);
        let about = source(entry).or_else(|| judged(entry).next().map(str::to_owned));
        let Some(about) = about else { return Self { entries: vec![entry], ended: None } };
        let first = first(entry, &own, &about);
        let begins = own.iter().position(|e| e.key == first.key).unwrap_or_default();
        let mut entries = Vec::new();
        let mut leased = false;
        for next in own.into_iter().skip(begins) {
            let again = next.event.as_ref().is_some_and(|e| e.firing()) && next.key != first.key;
            if again && !leased && original(&next.key) != original(&first.key) && source(next).as_ref() == Some(&about)
            {
                // Nothing was done about the first transition, and this is another one.
                break;
            }
            if !concerns(next, &about, leased) {
                continue;
            }
            leased |= leases(next);
            entries.push(next);
            if ends(next, &about) {
                return Self { entries, ended: Some(next.at) };
            }
        }
        Self { entries, ended: None }
    }

    /// The first decision.
    #[must_use]
    pub fn first(&self) -> Option<&'a Entry> {
        self.entries.first().copied()
    }

    /// What came after an entry of it.
    pub fn after(&self, entry: &Entry) -> impl Iterator<Item = &'a Entry> {
        let at = self.entries.iter().position(|e| e.key == entry.key).map_or(0, |n| n + 1);
        self.entries.iter().skip(at).copied()
    }
}

/// The entry with which the incident of this one began.
fn first<'a>(entry: &'a Entry, own: &[&'a Entry], about: &str) -> &'a Entry {
    // The newest grant of this source that is not younger; its lease knows the case that granted it first.
    let granted =
        own.iter().rev().filter(|e| e.at <= entry.at && leases(e)).find(|e| source(e).as_deref() == Some(about));
    let over =
        |grant: &Entry| own.iter().any(|e| e.at > grant.at && e.at <= entry.at && e.key != entry.key && ends(e, about));
    let begun = granted.filter(|grant| !over(grant)).and_then(|grant| {
        let case = &lease(grant)?.case;
        own.iter().find(|e| e.key == *case).or(Some(grant)).copied()
    });
    let begun = begun.unwrap_or(entry);
    // A case that was deferred began when it was deferred.
    let deferred = original(&begun.key);
    own.iter().find(|e| e.key.0 == deferred).copied().unwrap_or(begun)
}

/// The key without the mark of a later judgement.
fn original(key: &CaseKey) -> &str {
    key.0.strip_suffix("/later").unwrap_or(&key.0)
}

/// Whether an entry belongs to the incident of a source: it is about the source itself, or, while its lease lives,
/// the reconciler's and about no other lease.
fn concerns(entry: &Entry, about: &str, leased: bool) -> bool {
    if entry.event.is_some() {
        return source(entry).as_deref() == Some(about);
    }
    let mut others = judged(entry).peekable();
    if others.peek().is_none() {
        return leased;
    }
    others.any(|of| of == about)
}
