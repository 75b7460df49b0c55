//! The whole text, and the short one.

use std::fmt::Write;

use super::decided::{decided, guards, passed, plan};
use super::event::{event, matched, matched_where};
use super::seen::seen;
use crate::entry::Entry;
use crate::history::plain;
use crate::rollback;

/// The whole explanation. Only what the entry holds is said: an entry without an event, such as the reconciler's
/// own, has fewer parts.
#[must_use]
pub fn long(entry: &Entry) -> String {
    let mut out = String::new();
    if let Some(alarm) = &entry.event {
        block(&mut out, "event", &event(entry, alarm));
    }
    block(&mut out, "matched", &[matched_where(entry)]);
    for (label, lines) in entry.watch.iter().flat_map(|watch| rollback::lines(watch)) {
        block(&mut out, label, &lines);
    }
    if let Some(released) = &entry.released {
        block(&mut out, "done", &[released.to_string()]);
    }
    let Some(judgement) = &entry.judgement else { return out };
    let nothing = || vec!["nothing: event and table suffice".to_owned()];
    block(&mut out, "seen", &entry.seen.as_ref().map_or_else(nothing, |s| seen(entry, s)));
    block(&mut out, "guards", &guards(judgement));
    block(&mut out, "decided", &decided(entry, judgement));
    let (label, lines) = plan(entry, judgement);
    block(&mut out, label, &lines);
    out
}

/// Five lines: for a README and for people who know the rest.
#[must_use]
pub fn short(entry: &Entry) -> String {
    let mut out = String::new();
    block(&mut out, "matched", &[matched(entry)]);
    if let Some(watch) = &entry.watch {
        block(&mut out, "decided", &[rollback::summary(watch)]);
    }
    if let Some(released) = &entry.released {
        block(&mut out, "done", &[released.to_string()]);
    }
    if let Some(s) = &entry.seen {
        block(&mut out, "seen", &seen(entry, s));
    }
    let Some(judgement) = &entry.judgement else { return out };
    let first = decided(entry, judgement).join(": ");
    block(&mut out, "decided", &[format!("{first}, {}", passed(entry, judgement))]);
    let (label, lines) = plan(entry, judgement);
    block(&mut out, label, &[lines.join("; ")]);
    out
}

/// What was decided, in a line.
#[must_use]
pub fn outcome(entry: &Entry) -> Option<String> {
    entry.judgement.as_ref().map(|judgement| plain(&decided(entry, judgement).join(": ")))
}

/// Lines under a label in the first column. Names come from others: no control character of theirs is printed.
pub(crate) fn block(out: &mut String, label: &str, lines: &[String]) {
    for (n, line) in lines.iter().enumerate() {
        let label = if n == 0 { label } else { "" };
        let line = plain(line);
        let _infallible = writeln!(out, "{label:<9} {line}");
    }
}
