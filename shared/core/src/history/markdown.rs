//! An incident as Markdown, for a post-mortem: names, numbers and times only.

use std::fmt::Write;

use jiff::Timestamp;

use super::after::effect;
use super::incident::Incident;
use super::line::plain;
use super::outcome::{Outcome, helped_words, outcome};
use super::redacted::{redacted, wants};
use super::remark;
use crate::entry::{Entry, Helped, Status};
use crate::explain::long;
use crate::time::elapsed;

/// The document; empty for an incident without entries. Where the fleet file said `redact: true`, it holds no words of AWS.
#[must_use]
pub fn markdown(incident: &Incident<'_>) -> String {
    if incident.entries.iter().any(|entry| wants(entry)) {
        let entries: Vec<Entry> = incident.entries.iter().map(|entry| redacted(entry)).collect();
        return document(&Incident { entries: entries.iter().collect(), ended: incident.ended });
    }
    document(incident)
}

fn document(incident: &Incident<'_>) -> String {
    let Some(first) = incident.first() else { return String::new() };
    let mut out = format!("# {}: {}, {}\n\n", cell(&first.label), cell(&first.remedy), day(first.at));
    header(&mut out, first, incident);
    out.push_str("\n## Timeline\n\nTimes are UTC.\n\n");
    rows(&mut out, &["Time", "What", "", "Decision"], &timeline(incident));
    let _infallible = write!(out, "\n## Why {}\n\n```text\n{}```\n", first.decision, long(first).replace("```", "'''"));
    out
}

fn header(out: &mut String, first: &Entry, incident: &Incident<'_>) {
    let last = incident.entries.last().map_or(first.at, |e| e.at);
    let service = format!(
        "{} (ECS service {}, cluster {}, {})",
        first.label, first.service.service, first.service.cluster, first.service.region
    );
    let rule = first.rule.as_ref();
    let rule = rule.map(|r| format!(", {}, {}:{}", r.action.name(), r.file, r.line)).unwrap_or_default();
    let span = format!("{} to {}, {}", moment(first.at), moment(last), elapsed(first.at, last));
    let lines = [
        ["Service".to_owned(), service],
        ["Remedy".to_owned(), format!("{}, mode {}{rule}", first.remedy, first.mode)],
        ["Decision".to_owned(), first.decision.0.clone()],
        ["First to last".to_owned(), span],
        ["Outcome".to_owned(), summary(incident)],
    ];
    rows(out, &["", ""], &lines);
}

/// How it ended, in a sentence.
fn summary(incident: &Incident<'_>) -> String {
    let of = |wanted: Outcome| incident.entries.iter().filter(|e| outcome(e).0 == wanted).count();
    let acted = of(Outcome::Act);
    let Some(first) = incident.first() else { return String::new() };
    if acted == 0 {
        return match first.status {
            Status::Observed => format!("nothing was changed: mode {}", first.mode),
            Status::Suggested => "proposed; nothing was changed yet".to_owned(),
            Status::Expired => "nothing was changed: nobody accepted the proposal in time".to_owned(),
            Status::Failed => "failed".to_owned(),
            Status::Deferred => "waits; nothing was changed yet".to_owned(),
            Status::Planned | Status::Acted | Status::Refused | Status::Resumed | Status::Noted | Status::Watching => {
                "nothing was changed".to_owned()
            }
        };
    }
    let mut parts = vec![if acted == 1 { "acted once".to_owned() } else { format!("acted {acted} times") }];
    let helped = |wanted: Helped| incident.entries.iter().any(|e| e.helped == Some(wanted));
    parts.extend(
        [Helped::No, Helped::Unknown, Helped::Yes]
            .into_iter()
            .filter(|h| helped(*h))
            .map(|h| helped_words(h).to_owned()),
    );
    parts.push(match incident.ended {
        Some(at) => format!("given back at {}", moment(at)),
        None => "not given back yet".to_owned(),
    });
    parts.join(", ")
}

/// Every event, decision, change, finding, notice and effect, by time.
fn timeline(incident: &Incident<'_>) -> Vec<[String; 4]> {
    let mut lines: Vec<(Timestamp, [String; 3])> = Vec::new();
    for entry in &incident.entries {
        let id = || entry.decision.0.clone();
        let mut add = |at: Timestamp, what: &str, text: String| lines.push((at, [what.to_owned(), text, id()]));
        if let Some(event) = &entry.event {
            let previous = event.previous.map_or("unknown", |p| p.name());
            let value = event.datapoints.last().map(|v| format!(", {v:.1}")).unwrap_or_default();
            let over = event.threshold.map(|t| format!(" against {t:.0}")).unwrap_or_default();
            add(event.at, "event", format!("{}: {previous} -> {}{value}{over}", event.name, event.state.name()));
        }
        let (outcome, sentence) = outcome(entry);
        if entry.judgement.is_some() {
            add(entry.at, "decision", format!("{}: {sentence}", outcome.word()));
        } else if entry.remarks.is_empty() && entry.changes.is_empty() {
            add(entry.at, "note", sentence);
        }
        for found in &entry.remarks {
            let what = if outcome == Outcome::Release { "release" } else { "found" };
            add(entry.at, what, remark(found));
        }
        for change in &entry.changes {
            let planned = if entry.status == Status::Planned { ", planned" } else { "" };
            add(entry.at, "change", format!("{change}{planned}"));
        }
        for told in &entry.told {
            add(told.at, "notice", told.title.clone());
        }
        if let Some((Some(at), text)) = effect(entry) {
            add(at, "effect", text);
        }
    }
    // Stable: what has one time keeps the order of its making.
    lines.sort_by_key(|(at, _)| *at);
    lines.into_iter().map(|(at, [what, text, id])| [moment(at), what, text, id]).collect()
}

fn rows<const N: usize>(out: &mut String, head: &[&str; N], lines: &[[String; N]]) {
    let _infallible = writeln!(out, "| {} |\n|{}", head.join(" | "), "---|".repeat(N));
    for line in lines {
        let cells: Vec<String> = line.iter().map(|text| cell(text)).collect();
        let _infallible = writeln!(out, "| {} |", cells.join(" | "));
    }
}

/// Names come from others: none of them ends a cell or becomes markup.
pub(crate) fn cell(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for c in plain(name).chars() {
        if matches!(c, '|' | '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '#') {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

fn moment(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M:%S").to_string()
}

fn day(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d").to_string()
}
