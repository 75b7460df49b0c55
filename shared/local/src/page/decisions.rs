//! Decisions and notices, newest first.

use headroom_core::capacity::Remark;
use headroom_core::decide::Decision;
use headroom_core::entry::{Entry, Helped, Status};
use headroom_core::fleet::Mode;
use headroom_core::notice::{self, Notice};
use headroom_core::release::Judged;
use serde_json::{Value, json};

/// Decisions that are listed.
const LISTED: usize = 40;
/// Notices that are listed.
const NOTICES: usize = 20;

/// The newest decisions.
pub(super) fn decisions(entries: &[Entry]) -> Vec<Value> {
    entries.iter().rev().take(LISTED).map(decision).collect()
}

fn decision(entry: &Entry) -> Value {
    let (verdict, text) = verdict(entry);
    json!({
        "id": entry.decision,
        "at": entry.at.as_second(),
        "label": entry.label,
        "remedy": entry.remedy,
        "verdict": verdict,
        "text": text,
        "status": entry.status.name(),
        "helped": entry.helped.map(|h| match h { Helped::Yes => "helped", Helped::No => "did not help", Helped::Unknown => "" }),
    })
}

/// One word and one sentence.
pub(super) fn verdict(entry: &Entry) -> (&'static str, String) {
    let Some(judgement) = &entry.judgement else {
        return if entry.changes.is_empty() {
            ("look", if entry.remarks.is_empty() { noted(entry) } else { remarks(&entry.remarks) })
        } else {
            let text = notice::sentence(&entry.changes);
            let why = remarks(&entry.remarks);
            ("act", if why.is_empty() { text } else { format!("{text}: {why}") })
        };
    };
    match &judgement.decision {
        Decision::Act(grant) => {
            let floor = grant.lease.floor.map(|f| format!("scale-out to {f}")).unwrap_or_default();
            let need = judgement.need.map(|n| format!(": {n}")).unwrap_or_default();
            match entry.mode {
                Mode::Act => ("act", format!("{floor}{need}")),
                Mode::Suggest | Mode::Observe => ("would act", format!("{floor}{need}; recorded only")),
            }
        }
        Decision::Wait { why, until } => ("wait", format!("until {}: {why}", until.strftime("%H:%M:%S"))),
        Decision::Refuse(why) => ("refuse", format!("{}: {why}", why.name())),
    }
}

fn noted(entry: &Entry) -> String {
    match entry.status {
        Status::Noted => "the alarm went quiet; its lease is judged by the load".to_owned(),
        Status::Planned | Status::Acted | Status::Observed | Status::Refused | Status::Deferred | Status::Resumed => {
            entry.status.name().to_owned()
        }
    }
}

fn remarks(remarks: &[Remark]) -> String {
    remarks.iter().map(remark).collect::<Vec<_>>().join("; ")
}

fn remark(remark: &Remark) -> String {
    match remark {
        Remark::Judged { judged, .. } => judged_words(judged),
        Remark::LongLived { age, .. } => format!("the lease is needed since {age}: the baseline is too low"),
        Remark::HeldByPerson { desired, found } => format!("desired {desired} lies outside {found}: held by a person"),
        Remark::ForeignRespected { member, found, .. } => {
            format!("{member} changed by somebody, now {found}; respected")
        }
        Remark::PutBack { found } => format!("bounds were put back to {found}; written once more"),
        Remark::Repaired { found, to } => format!("found {found}, written again: {to}"),
        Remark::Recreated => "the service was created anew; its leases ended".to_owned(),
        Remark::Restored { base } => format!("every lease has ended, back at {base}"),
    }
}

fn judged_words(judged: &Judged) -> String {
    let because =
        |need: &Option<headroom_core::scale_out::Arithmetic>| need.map(|n| format!(", {n}")).unwrap_or_default();
    match judged {
        Judged::Renewed { to, need, until, .. } => {
            format!("lease renewed to {}, floor {to}{}", until.strftime("%H:%M"), because(need))
        }
        Judged::Waiting { since, need } => {
            format!("the need is at the baseline since {}{}", since.strftime("%H:%M"), because(need))
        }
        Judged::Kept { why } => format!("lease kept: {why}"),
        Judged::Ended { need, age, .. } => format!("lease ended after {age}{}", because(need)),
    }
}

/// The newest notices; those of the world, or what was posted.
pub(super) fn notices(of_world: &[(i64, Notice)], posted: &[Value]) -> Vec<Value> {
    if of_world.is_empty() {
        return posted.iter().rev().take(NOTICES).map(foreign).collect();
    }
    of_world.iter().rev().take(NOTICES).map(|(at, n)| shown(*at, n)).collect()
}

/// Posted JSON that is a notice of this release.
pub(super) fn read(posted: &[Value]) -> Vec<Notice> {
    posted.iter().filter_map(|v| serde_json::from_value(v.clone()).ok()).collect()
}

fn foreign(value: &Value) -> Value {
    match serde_json::from_value::<Notice>(value.clone()) {
        Ok(notice) => shown(notice.revision / 1_000, &notice),
        // Another release's, or somebody's test: its title is still worth reading.
        Err(_) => json!({
            "key": value.to_string().chars().take(200).collect::<String>(),
            "title": value["title"].as_str().unwrap_or("a notice without a title").chars().take(200).collect::<String>(),
            "severity": "info",
            "lines": [],
        }),
    }
}

fn shown(at: i64, notice: &Notice) -> Value {
    json!({
        "key": notice.dedup_key(),
        "at": at,
        "kind": notice.kind.name(),
        "severity": notice.severity,
        "label": notice.service,
        "decision": notice.decision,
        "title": notice.title,
        "lines": notice.lines,
    })
}
