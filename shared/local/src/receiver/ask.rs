//! A request and its answer, without a connection.

use serde_json::{Value, json};

/// What was asked.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// Path under the receiver, for example `/slack/api/chat.postMessage`.
    pub path: &'a str,
    /// The query, decoded.
    pub query: &'a [(String, String)],
    /// The header `Authorization`.
    pub authorization: Option<&'a str>,
    /// The body.
    pub body: &'a str,
}

impl Asked<'_> {
    pub(super) fn of(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }
}

/// The answer, and what the connection does to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// HTTP status.
    pub status: u16,
    /// `Retry-After`, in seconds.
    pub retry_after: Option<u32>,
    /// The body.
    pub body: String,
    /// Answered only after longer than anybody waits.
    pub slow: bool,
    /// The connection closes in the middle of the body.
    pub closes: bool,
}

impl Reply {
    pub(super) fn new(status: u16, body: impl Into<String>) -> Self {
        Self { status, retry_after: None, body: body.into(), slow: false, closes: false }
    }

    pub(super) fn json(body: &Value) -> Self {
        Self::new(200, body.to_string())
    }

    /// Slack's way to refuse: status 200.
    pub(super) fn error(word: &str) -> Self {
        Self::json(&json!({ "ok": false, "error": word }))
    }

    pub(super) fn too_many(retry_after: u32) -> Self {
        Self {
            retry_after: Some(retry_after),
            ..Self::new(429, json!({ "ok": false, "error": "ratelimited" }).to_string())
        }
    }
}
