//! Decisions and notices, newest first.

use headroom_core::decide::Decision;
use headroom_core::entry::{Entry, Helped, Status};
use headroom_core::fleet::Mode;
use headroom_core::history::remarks;
use headroom_core::notice::{self, Notice};
use serde_json::{Value, json};

/// Decisions that are listed.
const LISTED: usize = 40;
/// Notices that are listed.
const NOTICES: usize = 20;
/// Of a title from elsewhere.
const TITLE_CHARS: usize = 200;

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
        Decision::Act(plan) => {
            let need = judgement.need.map(|n| format!(": {n}")).unwrap_or_default();
            match entry.mode {
                Mode::Act => ("act", format!("{plan}{need}")),
                Mode::Suggest | Mode::Observe => ("would act", format!("{plan}{need}; recorded only")),
            }
        }
        Decision::Wait { why, until } => ("wait", format!("until {}: {why}", until.strftime("%H:%M:%S"))),
        Decision::Refuse(why) => ("refuse", format!("{}: {why}", why.name())),
    }
}

fn noted(entry: &Entry) -> String {
    match entry.status {
        Status::Noted => "the alarm went quiet; its lease is judged by the load".to_owned(),
        Status::Planned
        | Status::Acted
        | Status::Observed
        | Status::Suggested
        | Status::Expired
        | Status::Failed
        | Status::Refused
        | Status::Deferred
        | Status::Resumed
        | Status::Watching => entry.status.name().to_owned(),
    }
}

/// The newest notices; those of the world, or what was posted.
pub(super) fn notices(of_world: &[(i64, Notice)], posted: &[Value]) -> Vec<Value> {
    if of_world.is_empty() {
        return posted.iter().rev().take(NOTICES).map(foreign).collect();
    }
    of_world.iter().rev().take(NOTICES).map(|(at, n)| shown(*at, n)).collect()
}

/// Posted JSON that holds a notice of this release, with the world's time at which it came.
pub(super) fn read(posted: &[Value]) -> Vec<(i64, Notice)> {
    posted.iter().filter_map(|json| inside(json).map(|notice| (came(json, &notice), notice))).collect()
}

/// The notice itself has its sender's time, which is another clock's.
fn came(posted: &Value, notice: &Notice) -> i64 {
    posted["at"].as_i64().unwrap_or(notice.revision / 1_000)
}

/// What was posted, out of the envelope in which it was kept.
fn message(posted: &Value) -> &Value {
    posted.get("message").unwrap_or(posted)
}

/// A notice as it is, or inside the chat message that a topic carries (`Notice::chat`).
fn inside(posted: &Value) -> Option<Notice> {
    let message = message(posted);
    let carried = message["metadata"]["additionalContext"]["headroom"].as_str();
    match carried {
        Some(text) => serde_json::from_str(text).ok(),
        None => serde_json::from_value(message.clone()).ok(),
    }
}

fn foreign(posted: &Value) -> Value {
    if let Some(notice) = inside(posted) {
        return shown(came(posted, &notice), &notice);
    }
    let at = posted["at"].as_i64();
    // Another release's, or somebody's test: its title is still worth reading.
    let message = message(posted);
    let said = [&message["title"], &message["content"]["title"], &posted["subject"], message];
    let title = said.into_iter().find_map(Value::as_str).unwrap_or("a notice without a title");
    let title: String = title.chars().take(TITLE_CHARS).collect();
    json!({"key": format!("{} {title}", at.unwrap_or_default()), "at": at, "title": title, "severity": "info", "lines": []})
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

#[cfg(test)]
mod tests {
    use super::*;
    use headroom_core::id::DecisionId;
    use headroom_core::notice::{Kind, Severity};

    fn notice() -> Notice {
        Notice {
            incident: "i".into(),
            kind: Kind::Opened,
            revision: 1_795_399_352_000,
            severity: Severity::Info,
            service: "prod-eu/web".into(),
            decision: DecisionId("D-5H2WC".into()),
            title: "prod-eu/web: minimum 2 -> 3 for high CPU".into(),
            lines: vec![("Done".into(), "min 2 -> 3, max 10".into())],
            quoted: Vec::new(),
        }
    }

    #[test]
    fn a_posted_notice_is_read_as_it_is_and_out_of_the_message_that_chat_renders() {
        let plain = serde_json::to_value(notice()).unwrap();
        let kept = json!({"at": 1_795_399_360, "subject": null, "message": notice().chat()});
        assert_eq!(read(&[plain.clone(), kept.clone()]), [(1_795_399_352, notice()), (1_795_399_360, notice())]);
        let shown = notices(&[], &[plain, kept]);
        assert_eq!(shown[0]["at"], 1_795_399_360, "the newest first, at the world's time");
        assert_eq!(shown[1]["title"], "prod-eu/web: minimum 2 -> 3 for high CPU");
    }

    #[test]
    fn what_is_posted_by_others_is_shown_by_its_title() {
        let posted =
            [json!({"title": "hello"}), json!({"at": 5, "subject": "by mail", "message": {"a": 1}}), json!("text")];
        let titles: Vec<_> = notices(&[], &posted).iter().map(|n| n["title"].as_str().unwrap().to_owned()).collect();
        assert_eq!(titles, ["text", "by mail", "hello"]);
        assert!(read(&posted).is_empty());
    }
}
