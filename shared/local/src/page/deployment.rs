//! The deployment that runs, or has just ended, and the tasks that failed.

use std::collections::BTreeMap;

use headroom_simulator::view::{DeploymentView, ServiceView};
use serde_json::{Value, json};

/// How long an ended deployment is still shown.
const SHOWN_AFTER: i64 = 1_800;
/// How long a failed task is still drawn beside those that live, and how many of them.
const FAILED_FOR: i64 = 600;
const FAILED_SHOWN: usize = 5;

/// The newest deployment, while it is of interest.
pub(super) fn newest(view: &ServiceView, now: i64) -> Option<&DeploymentView> {
    view.deployments.last().filter(|d| d.ended.is_none_or(|ended| ended + SHOWN_AFTER > now))
}

/// A revision as people type it.
pub(super) fn name(view: &ServiceView, revision: usize) -> &str {
    view.revisions.get(revision).map_or("", String::as_str)
}

/// The deployment as the page draws it.
pub(super) fn deployment(view: &ServiceView, now: i64) -> Value {
    let Some(found) = newest(view, now) else { return Value::Null };
    json!({
        "to": name(view, found.to),
        "id": format!("ecs-svc/{}", found.ecs),
        "status": found.status,
        "over": found.is_over,
        "back": found.back,
        "healthy": found.healthy,
        "of": view.desired,
        "reason": found.reason,
        "began": found.began,
        "ended": found.ended,
        "failures": found.failures,
        "breaker": found.breaker,
        "stage": found.stage,
        "paused": found.paused,
    })
}

/// Names of the revisions that tasks have, by their index.
pub(super) fn revisions(view: &ServiceView) -> BTreeMap<String, &str> {
    let mut used: Vec<usize> = view.tasks.iter().map(|(_, revision)| *revision).collect();
    used.extend(view.failed.iter().map(|(_, revision, _)| *revision));
    used.into_iter().map(|revision| (revision.to_string(), name(view, revision))).collect()
}

/// Tasks that failed a moment ago, the newest last.
pub(super) fn failed(view: &ServiceView, now: i64) -> &[(i64, usize, String)] {
    let begin = view.failed.iter().position(|(at, _, _)| at + FAILED_FOR > now).unwrap_or(view.failed.len());
    let recent = view.failed.get(begin..).unwrap_or_default();
    recent.get(recent.len().saturating_sub(FAILED_SHOWN)..).unwrap_or_default()
}

/// What a deployment does, in a few words.
pub(super) fn words(view: &ServiceView, found: &DeploymentView) -> String {
    let to = name(view, found.to);
    match (found.paused, found.back) {
        (true, _) => format!("deployment waits for an answer at {}", found.stage.unwrap_or("its hook")),
        (false, true) => format!("rolling back to {to}"),
        (false, false) => format!("deploying {to}"),
    }
}
