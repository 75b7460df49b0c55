//! What happened, newest first, from everything that keeps a time.

use std::collections::BTreeMap;

use headroom_core::fleet::Service;
use headroom_core::id::ServiceId;
use headroom_core::signal::alarm::DETAIL_TYPE;
use headroom_simulator::event::Event;
use headroom_simulator::scaling::Outcome;
use headroom_simulator::view::{ServiceView, View};
use serde_json::{Value, json};

use super::decisions::verdict;
use super::deployment::name;
use super::place::label;

/// Lines that are listed.
const LISTED: usize = 60;
/// Older is history.
const SECONDS: i64 = 12 * 3_600;

struct Line {
    at: i64,
    /// Within a second: the order in which one thing leads to another.
    rank: u8,
    kind: &'static str,
    label: String,
    text: String,
}

/// The newest lines.
pub(super) fn timeline(view: &View, known: &BTreeMap<ServiceId, &Service>) -> Vec<Value> {
    let mut lines: Vec<Line> = view.events.iter().filter_map(alarm).collect();
    for service in &view.services {
        let label = || label(&service.id, known);
        lines.extend(service.bounds_set.iter().map(|set| Line {
            at: set.at,
            rank: 3,
            kind: "bounds",
            label: label(),
            text: format!("{}..{} to {}..{} by {}", set.from.0, set.from.1, set.to.0, set.to.1, set.cause),
        }));
        lines.extend(service.activities.iter().map(|activity| Line {
            at: activity.at,
            rank: 4,
            kind: "scaling",
            label: label(),
            text: match activity.outcome {
                Outcome::Scaled { from, to } => format!("desired {from} to {to} by {}", activity.cause),
                Outcome::NotScaled(why) => format!("not scaled by {}: {why}", activity.cause),
            },
        }));
    }
    view.services.iter().for_each(|s| deployments(s, &label(&s.id, known), &mut lines));
    lines.extend(view.entries.iter().map(|entry| {
        let (word, text) = verdict(entry);
        let text = format!("{} {}: {word}, {text}", entry.decision, entry.remedy);
        Line { at: entry.at.as_second(), rank: 2, kind: "decision", label: entry.label.clone(), text }
    }));
    lines.retain(|l| l.at + SECONDS > view.now);
    lines.sort_by_key(|l| std::cmp::Reverse((l.at, l.rank)));
    lines.truncate(LISTED);
    let shown = |l: Line| json!({"at": l.at, "kind": l.kind, "label": l.label, "text": l.text});
    lines.into_iter().map(shown).collect()
}

/// Beginnings and ends of deployments, and tasks that failed.
fn deployments(service: &ServiceView, label: &str, lines: &mut Vec<Line>) {
    let line = |at, kind, text| Line { at, rank: 1, kind, label: label.to_owned(), text };
    for found in &service.deployments {
        let to = name(service, found.to);
        let back = if found.back { ": back to " } else { " of " };
        lines.push(line(found.began, "deploy", format!("deployment ecs-svc/{}{back}{to} began", found.ecs)));
        if let Some(ended) = found.ended {
            let why = if found.reason.is_empty() { String::new() } else { format!(": {}", found.reason) };
            lines.push(line(ended, "deploy", format!("deployment ecs-svc/{} {}{why}", found.ecs, found.status)));
        }
    }
    lines.extend(
        service.failed.iter().map(|(at, revision, why)| {
            line(*at, "tasks", format!("task of {} stopped: {why}", name(service, *revision)))
        }),
    );
}

/// An alarm's change, by EventBridge's own words; what ECS tells is told above with more sense.
fn alarm(event: &Event) -> Option<Line> {
    let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let (from, to) = (word(&event.detail["previousState"]["value"]), word(&event.detail["state"]["value"]));
    let label = word(&event.detail["alarmName"]);
    let told = event.detail_type == DETAIL_TYPE && !to.is_empty();
    told.then(|| Line { at: event.at, rank: 1, kind: "alarm", label, text: format!("{from} to {to}") })
}
