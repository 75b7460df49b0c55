//! The methods of Slack's Web API that a notifier calls, and incoming webhooks.

use serde_json::{Value, json};

use super::ask::{Asked, Reply};
use super::schema;
use super::workspace::Workspace;

/// Slack takes one message a second, with short bursts.
const POSTS_PER_MINUTE: u32 = 60;
/// `chat.update` and the methods that read are of tier 3, about 50 a minute; bursts of an incident are more.
const OTHERS_PER_MINUTE: u32 = 100;
const RETRY_AFTER: u32 = 30;

/// One message.
#[derive(Debug, Clone, PartialEq)]
pub struct Message {
    /// Id of its channel.
    pub channel: String,
    /// Its time stamp, which is its id.
    pub ts: String,
    /// The thread that it answers.
    pub thread: Option<String>,
    /// What was sent, as it is now.
    pub body: Value,
    /// How often it was edited.
    pub edits: u32,
}

pub(super) fn call(workspace: &mut Workspace, method: &str, asked: Asked<'_>, at_ms: i64) -> Reply {
    let token = asked.authorization.and_then(|a| a.strip_prefix("Bearer ")).unwrap_or_default();
    if !token.starts_with("xoxb-") || !takes(workspace, token) {
        return Reply::error("invalid_auth");
    }
    if workspace.lacks.iter().any(|lacking| lacking == method) {
        return Reply::error("missing_scope");
    }
    match method {
        "chat.postMessage" => post(workspace, asked, at_ms),
        "chat.update" => update(workspace, asked, at_ms),
        "conversations.history" => list(workspace, asked, at_ms, None),
        "conversations.replies" => list(workspace, asked, at_ms, asked.of("ts")),
        "conversations.list" => channels(workspace),
        _ => Reply::error("unknown_method"),
    }
}

fn takes(workspace: &Workspace, secret: &str) -> bool {
    workspace.secrets.is_empty() || workspace.secrets.iter().any(|taken| taken == secret)
}

fn post(workspace: &mut Workspace, asked: Asked<'_>, at_ms: i64) -> Reply {
    let Ok(body) = serde_json::from_str::<Value>(asked.body) else { return Reply::error("invalid_json") };
    if let Err(word) = schema::message(&body) {
        return Reply::error(word);
    }
    let Some(channel) = body.get("channel").and_then(Value::as_str).and_then(|name| id(workspace, name)) else {
        return Reply::error("channel_not_found");
    };
    if workspace.over(&format!("post {channel}"), at_ms, POSTS_PER_MINUTE) {
        return Reply::too_many(RETRY_AFTER);
    }
    let thread = body.get("thread_ts").and_then(Value::as_str).map(str::to_owned);
    let there = |ts: &String| workspace.messages.iter().any(|m| m.channel == channel && m.ts == *ts);
    if !thread.as_ref().is_none_or(there) {
        return Reply::error("thread_not_found");
    }
    let ts = workspace.ts(at_ms);
    workspace.keep(Message { channel: channel.clone(), ts: ts.clone(), thread, body, edits: 0 });
    Reply::json(&json!({ "ok": true, "channel": channel, "ts": ts, "message": {} }))
}

fn update(workspace: &mut Workspace, asked: Asked<'_>, at_ms: i64) -> Reply {
    let Ok(body) = serde_json::from_str::<Value>(asked.body) else { return Reply::error("invalid_json") };
    if let Err(word) = schema::message(&body) {
        return Reply::error(word);
    }
    let text = |key: &str| body.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let (channel, ts) = (text("channel"), text("ts"));
    if !workspace.channels.contains_key(&channel) {
        // It takes ids only, not names.
        return Reply::error("channel_not_found");
    }
    if workspace.over("update", at_ms, OTHERS_PER_MINUTE) {
        return Reply::too_many(RETRY_AFTER);
    }
    let Some(message) = workspace.messages.iter_mut().find(|m| m.channel == channel && m.ts == ts) else {
        return Reply::error("message_not_found");
    };
    message.body = body;
    message.edits += 1;
    Reply::json(&json!({ "ok": true, "channel": channel, "ts": ts, "text": "" }))
}

fn list(workspace: &mut Workspace, asked: Asked<'_>, at_ms: i64, thread: Option<&str>) -> Reply {
    let channel = asked.of("channel").unwrap_or_default();
    if !workspace.channels.contains_key(channel) {
        return Reply::error("channel_not_found");
    }
    if workspace.over("read", at_ms, OTHERS_PER_MINUTE) {
        return Reply::too_many(RETRY_AFTER);
    }
    let number = |name: &str| asked.of(name).and_then(|text| text.parse::<f64>().ok());
    let (oldest, limit) = (number("oldest").unwrap_or(0.0), number("limit").unwrap_or(100.0) as usize);
    let skip = number("cursor").unwrap_or(0.0) as usize;
    let metadata = asked.of("include_all_metadata") == Some("true");
    let of_thread = |m: &&Message| match thread {
        Some(ts) => m.thread.as_deref() == Some(ts) || m.ts == ts,
        // A reply that is shown in the channel too is in its history.
        None => m.thread.is_none() || m.body.get("reply_broadcast") == Some(&json!(true)),
    };
    let newer = |m: &&Message| m.ts.parse::<f64>().is_ok_and(|ts| ts > oldest);
    let all: Vec<&Message> =
        workspace.messages.iter().rev().filter(|m| m.channel == channel).filter(of_thread).filter(newer).collect();
    let page: Vec<Value> = all
        .iter()
        .skip(skip)
        .take(limit)
        .map(|m| {
            let mut shown = json!({ "type": "message", "ts": m.ts, "text": m.body["text"] });
            if metadata && let Some(metadata) = m.body.get("metadata") {
                shown["metadata"] = metadata.clone();
            }
            shown
        })
        .collect();
    let next = if skip + page.len() < all.len() { (skip + page.len()).to_string() } else { String::new() };
    Reply::json(&json!({
        "ok": true, "messages": page, "has_more": !next.is_empty(), "response_metadata": { "next_cursor": next },
    }))
}

fn channels(workspace: &Workspace) -> Reply {
    let channels: Vec<Value> = workspace.channels.iter().map(|(id, name)| json!({ "id": id, "name": name })).collect();
    Reply::json(&json!({ "ok": true, "channels": channels, "response_metadata": { "next_cursor": "" } }))
}

/// The id of a channel. A name that is new is a channel that is new.
fn id(workspace: &mut Workspace, channel: &str) -> Option<String> {
    let Some(name) = channel.strip_prefix('#') else {
        workspace.channels.entry(channel.to_owned()).or_insert_with(|| channel.to_lowercase());
        return channel.starts_with('C').then(|| channel.to_owned());
    };
    if let Some((id, _)) = workspace.channels.iter().find(|(_, known)| *known == name) {
        return Some(id.clone());
    }
    let id = format!("C{:08}", workspace.channels.len() + 1);
    workspace.channels.insert(id.clone(), name.to_owned());
    Some(id)
}

/// A webhook answers with a word, not with JSON.
pub(super) fn webhook(workspace: &mut Workspace, asked: Asked<'_>, at_ms: i64) -> Reply {
    let secret = asked.path.rsplit('/').next().unwrap_or_default();
    if !takes(workspace, secret) {
        return Reply::new(404, "no_service");
    }
    let Ok(body) = serde_json::from_str::<Value>(asked.body) else { return Reply::new(400, "invalid_payload") };
    if schema::message(&body).is_err() {
        return Reply::new(400, "invalid_blocks");
    }
    if workspace.over("webhook", at_ms, POSTS_PER_MINUTE) {
        return Reply::too_many(RETRY_AFTER);
    }
    let channel = id(workspace, "#webhook").unwrap_or_default();
    let ts = workspace.ts(at_ms);
    workspace.keep(Message { channel, ts, thread: None, body, edits: 0 });
    Reply::new(200, "ok")
}
