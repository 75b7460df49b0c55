//! A recorded decision explained, and what happened after it.

use jiff::Timestamp;

use super::incident::Incident;
use super::line::Line;
use super::outcome::helped_words;
use super::source::lease;
use crate::entry::{Entry, Status};
use crate::explain::{block, long};
use crate::notice::sentence;

/// The explanation as it was when it was decided, then what followed.
#[must_use]
pub fn explained(entry: &Entry, incident: &Incident<'_>) -> String {
    let mut out = long(entry);
    if !entry.remarks.is_empty() {
        block(&mut out, "found", &entry.remarks.iter().map(super::remark).collect::<Vec<_>>());
    }
    block(&mut out, "after", &after(entry, incident));
    out
}

fn after(entry: &Entry, incident: &Incident<'_>) -> Vec<String> {
    let accepted = entry.accepted.as_ref();
    let accepted = accepted.map(|yes| {
        let word = if entry.event.is_some() { "accepted" } else { "asked for" };
        format!("{} {word} by {}", clock(entry, yes.at), yes.by)
    });
    let mut lines: Vec<String> = accepted.into_iter().chain([became(entry)]).collect();
    lines.extend(entry.told.iter().map(|told| {
        let at = clock(entry, told.at);
        format!("{at} told ({}): {}", told.kind.name(), told.title)
    }));
    lines.extend(entry.outbox.iter().map(|notice| format!("not told yet: {}", notice.title)));
    if let Some((at, text)) = effect(entry) {
        lines.push(at.map_or_else(|| text.clone(), |at| format!("{} {text}", clock(entry, at))));
    }
    lines.extend(incident.after(entry).map(|later| {
        let line = Line::of(later);
        let at = clock(entry, later.at);
        format!("{at} {} {} {}: {}", line.decision, line.remedy, line.outcome.word(), line.sentence)
    }));
    lines
}

/// A time, with its day when that is another than the decision's.
fn clock(entry: &Entry, at: Timestamp) -> String {
    let day = |at: Timestamp| at.strftime("%Y-%m-%d").to_string();
    let time = at.strftime("%H:%M:%S");
    if day(at) == day(entry.at) { time.to_string() } else { format!("{} {time}", day(at)) }
}

/// What became of the decision itself.
fn became(entry: &Entry) -> String {
    let changes = sentence(&entry.changes);
    match entry.status {
        Status::Planned if entry.disruption().is_some() => match entry.due {
            Some(due) => format!("sent; whether it took effect is looked for at {} UTC", clock(entry, due)),
            None => "sent; nobody knows whether it took effect".to_owned(),
        },
        Status::Planned if changes.is_empty() => "planned; another writer carries it out".to_owned(),
        Status::Planned => format!("planned, not finished yet: {changes}; the reconciler finishes it"),
        Status::Acted if !changes.is_empty() => format!("applied: {changes}"),
        Status::Acted if lease(entry).is_some() => "done: no call was needed".to_owned(),
        Status::Acted if entry.attempts > 1 => format!("done, after {} sends", entry.attempts),
        Status::Acted => "done".to_owned(),
        Status::Observed => format!("nothing was changed: mode {}", entry.mode),
        Status::Suggested => match entry.due {
            Some(due) => format!("proposed: headroom apply {} until {} UTC", entry.decision, clock(entry, due)),
            None => "proposed".to_owned(),
        },
        Status::Expired => "nothing was changed: nobody accepted the proposal in time".to_owned(),
        Status::Failed => match &entry.failure {
            Some(why) => format!("failed: {why}"),
            None => "failed".to_owned(),
        },
        Status::Refused => "nothing was changed".to_owned(),
        Status::Deferred => match entry.due {
            Some(due) => format!("waits; judged again at {} UTC", due.strftime("%Y-%m-%d %H:%M:%S")),
            None => "waits".to_owned(),
        },
        Status::Resumed => "it waited, and was judged again".to_owned(),
        Status::Noted => "noted: the lease is looked at again".to_owned(),
        Status::Watching => "watched".to_owned(),
    }
}

/// Whether it helped and when that was judged, or when it is judged.
pub(super) fn effect(entry: &Entry) -> Option<(Option<Timestamp>, String)> {
    if let Some(helped) = entry.helped {
        return Some((entry.helped_at, helped_words(helped).to_owned()));
    }
    let due = entry.due.filter(|_| entry.status == Status::Acted && lease(entry).is_some())?;
    Some((Some(due), "whether it helped is judged then".to_owned()))
}
