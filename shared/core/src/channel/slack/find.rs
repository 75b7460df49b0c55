//! Looking for a message of unknown fate: `chat.postMessage` has no idempotency key, so each message carries its own in
//! its metadata. The bot needs `channels:history` or `groups:history`, and to find a channel by its name
//! `channels:read` or `groups:read`.

use jiff::Timestamp;
use serde_json::Value;

use super::body::KEY;
use super::read::ok;
use crate::channel::{Answer, Head, Refused, SlackMethod};

/// Clocks of Slack and AWS differ by less.
const CLOCKS_APART_SECONDS: i64 = 60;
/// Messages of one page; the most that the methods advise.
const PAGE: u32 = 200;
/// Channels of one page; the most that the method takes is 1,000.
const CHANNELS_PAGE: u32 = 1_000;

/// A message that may be there.
#[derive(Debug, Clone, Copy)]
pub struct Sought<'a> {
    /// Id of the channel.
    pub channel: &'a str,
    /// The thread that it would be in.
    pub thread: Option<&'a str>,
    /// Its key.
    pub key: &'a str,
    /// When it was sent.
    pub since: Timestamp,
}

/// What a page of messages or channels says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found<T> {
    /// It is there.
    There(T),
    /// It is not there.
    Not,
    /// It is not on this page.
    Next(String),
}

/// The method and its query; `cursor` is of the page before.
#[must_use]
pub fn look(sought: Sought<'_>, cursor: Option<&str>) -> (SlackMethod, Vec<(&'static str, String)>) {
    let oldest = sought.since.as_second().saturating_sub(CLOCKS_APART_SECONDS);
    let mut query = vec![
        ("channel", sought.channel.to_owned()),
        ("oldest", format!("{oldest}.000000")),
        ("include_all_metadata", "true".to_owned()),
        ("limit", PAGE.to_string()),
    ];
    query.extend(cursor.map(|cursor| ("cursor", cursor.to_owned())));
    match sought.thread {
        Some(ts) => {
            query.push(("ts", ts.to_owned()));
            (SlackMethod::Replies, query)
        }
        None => (SlackMethod::History, query),
    }
}

/// Whether the message is on the page.
///
/// # Errors
/// The page could not be had.
pub fn found(answer: &Answer, sought: Sought<'_>) -> Result<Found<Head>, Refused> {
    let body = ok(answer)?;
    let messages = list(&body, "messages")?;
    let ours = |message: &&Value| {
        message.pointer("/metadata/event_payload").and_then(|p| p.get(KEY)).and_then(Value::as_str) == Some(sought.key)
    };
    match messages.iter().find(ours).and_then(|message| message.get("ts")).and_then(Value::as_str) {
        Some(ts) => Ok(Found::There(Head { channel: sought.channel.to_owned(), ts: ts.to_owned() })),
        None => Ok(next(&body)),
    }
}

/// Types of channels. A bot that may not see one of two in one call is shown none, so each is asked for by itself.
pub const TYPES: [&str; 2] = ["public_channel", "private_channel"];
/// Slack's word for a bot that may not see them.
pub const MISSING_SCOPE: &str = "missing_scope";

/// The query that lists channels of a type.
#[must_use]
pub fn channels(kind: &str, cursor: Option<&str>) -> (SlackMethod, Vec<(&'static str, String)>) {
    let mut query =
        vec![("exclude_archived", "true".to_owned()), ("types", kind.to_owned()), ("limit", CHANNELS_PAGE.to_string())];
    query.extend(cursor.map(|cursor| ("cursor", cursor.to_owned())));
    (SlackMethod::Channels, query)
}

/// The id of a channel, when the page has it.
///
/// # Errors
/// The page could not be had.
pub fn channel_id(answer: &Answer, name: &str) -> Result<Found<String>, Refused> {
    let body = ok(answer)?;
    let name = name.trim_start_matches('#');
    let named = |channel: &&Value| channel.get("name").and_then(Value::as_str) == Some(name);
    match list(&body, "channels")?.iter().find(named).and_then(|channel| channel.get("id")).and_then(Value::as_str) {
        Some(id) => Ok(Found::There(id.to_owned())),
        None => Ok(next(&body)),
    }
}

fn list<'v>(body: &'v Value, key: &str) -> Result<&'v Vec<Value>, Refused> {
    let none = || Refused::Unknown { why: format!("an answer without {key}") };
    body.get(key).and_then(Value::as_array).ok_or_else(none)
}

fn next<T>(body: &Value) -> Found<T> {
    match body.pointer("/response_metadata/next_cursor").and_then(Value::as_str) {
        Some(cursor) if !cursor.is_empty() => Found::Next(cursor.to_owned()),
        Some(_) | None => Found::Not,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn page(body: &Value) -> Answer {
        Answer { status: 200, retry_after: None, body: body.to_string() }
    }

    #[test]
    fn a_message_is_known_by_its_key_and_by_nothing_else() {
        let sought = Sought { channel: "C1", thread: None, key: "i/opened/1", since: Timestamp::UNIX_EPOCH };
        let message =
            |key: &str| json!({"ts": "9.1", "text": "the same text", "metadata": {"event_payload": {"key": key}}});
        let with = |messages: Value| page(&json!({"ok": true, "messages": messages}));
        let head = Head { channel: "C1".to_owned(), ts: "9.1".to_owned() };
        assert_eq!(found(&with(json!([message("i/opened/2"), message("i/opened/1")])), sought), Ok(Found::There(head)));
        assert_eq!(found(&with(json!([message("i/opened/2"), {"ts": "1"}])), sought), Ok(Found::Not));
        let more = json!({"ok": true, "messages": [], "response_metadata": {"next_cursor": "n"}});
        assert_eq!(found(&page(&more), sought), Ok(Found::Next("n".to_owned())));
        assert!(found(&page(&json!({"ok": true})), sought).is_err(), "a page without messages says nothing");
        assert!(found(&page(&json!({"ok": false, "error": "missing_scope"})), sought).is_err());
    }

    #[test]
    fn a_reply_is_looked_for_in_its_thread() {
        let since = Timestamp::from_second(1_000).unwrap();
        let (method, query) = look(Sought { channel: "C1", thread: Some("9.1"), key: "k", since }, Some("n"));
        assert_eq!(method, SlackMethod::Replies);
        assert!(query.contains(&("ts", "9.1".to_owned())) && query.contains(&("cursor", "n".to_owned())));
        assert!(query.contains(&("oldest", "940.000000".to_owned())));
    }

    #[test]
    fn a_channel_has_the_id_of_its_name() {
        let body = json!({"ok": true, "channels": [{"id": "C1", "name": "dev"}, {"id": "C2", "name": "ops"}]});
        assert_eq!(channel_id(&page(&body), "#ops"), Ok(Found::There("C2".to_owned())));
        assert_eq!(channel_id(&page(&body), "#op"), Ok(Found::Not));
    }
}
