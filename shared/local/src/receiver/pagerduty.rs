//! PagerDuty's Events API v2: one alert a dedup key.

use serde_json::{Value, json};

use super::ask::{Asked, Reply};
use super::workspace::Workspace;

const EVENTS_PER_MINUTE: u32 = 120;
const RETRY_AFTER: u32 = 60;
const ROUTING_KEY: usize = 32;
const DEDUP_KEY_MAX: usize = 255;
const SUMMARY_MAX: usize = 1_024;
const BODY_BYTES_MAX: usize = 512 * 1_024;

/// How an alert stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Somebody is called.
    Triggered,
    /// Somebody is on it.
    Acknowledged,
    /// It is over.
    Resolved,
}

/// An alert.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alert {
    /// How it stands.
    pub standing: Standing,
    /// What people are called for.
    pub summary: String,
    /// Its severity.
    pub severity: String,
    /// How often it was opened: more than once after it was over.
    pub opened: u32,
}

pub(super) fn enqueue(workspace: &mut Workspace, asked: Asked<'_>, at_ms: i64) -> Reply {
    let refused = |what: &str| Reply::new(400, json!({ "status": "invalid event", "errors": [what] }).to_string());
    let Ok(event) = serde_json::from_str::<Value>(asked.body) else { return refused("not JSON") };
    let text = |pointer: &str| event.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    let key = text("/routing_key");
    if key.len() != ROUTING_KEY
        || (!workspace.secrets.is_empty() && !workspace.secrets.iter().any(|taken| taken == key))
    {
        return refused("Invalid routing key");
    }
    let dedup = text("/dedup_key").to_owned();
    if asked.body.len() > BODY_BYTES_MAX || dedup.is_empty() || dedup.chars().count() > DEDUP_KEY_MAX {
        return refused("'dedup_key' is invalid");
    }
    if workspace.over("pagerduty", at_ms, EVENTS_PER_MINUTE) {
        return Reply::too_many(RETRY_AFTER);
    }
    let summary = text("/payload/summary").to_owned();
    let severity = text("/payload/severity").to_owned();
    let complete = !text("/payload/source").is_empty() && (1..=SUMMARY_MAX).contains(&summary.chars().count());
    match text("/event_action") {
        "trigger" if !complete || !["critical", "error", "warning", "info"].contains(&severity.as_str()) => {
            return refused("'payload' is invalid");
        }
        "trigger" => {
            let alert = workspace.alerts.entry(dedup.clone()).or_insert_with(|| Alert {
                standing: Standing::Resolved,
                summary: summary.clone(),
                severity: severity.clone(),
                opened: 0,
            });
            if alert.standing == Standing::Resolved {
                *alert = Alert { standing: Standing::Triggered, summary, severity, opened: alert.opened + 1 };
            }
        }
        // Without an open alert both are ignored.
        "acknowledge" => stand(workspace, &dedup, Standing::Acknowledged),
        "resolve" => stand(workspace, &dedup, Standing::Resolved),
        _ => return refused("'event_action' is invalid"),
    }
    Reply::new(202, json!({ "status": "success", "message": "Event processed", "dedup_key": dedup }).to_string())
}

fn stand(workspace: &mut Workspace, dedup: &str, standing: Standing) {
    if let Some(alert) = workspace.alerts.get_mut(dedup).filter(|alert| alert.standing != Standing::Resolved) {
        alert.standing = standing;
    }
}
