//! Answers of the control API, and what is wrong with a request to it.

use serde::de::DeserializeOwned;
use serde_json::{Value as Json, json};

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// HTTP status.
    pub status: u16,
    /// `Content-Type`.
    pub content_type: &'static str,
    /// Further headers.
    pub headers: Vec<(&'static str, String)>,
    /// Body.
    pub body: Vec<u8>,
}

impl Reply {
    /// A body of JSON.
    #[must_use]
    pub fn new(status: u16, body: Vec<u8>) -> Self {
        Self { status, content_type: "application/json", headers: Vec::new(), body }
    }

    /// With one more header.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: String) -> Self {
        self.headers.push((name, value));
        self
    }

    /// JSON.
    #[must_use]
    pub fn json(status: u16, json: &Json) -> Self {
        Self::new(status, format!("{json}\n").into_bytes())
    }
}

/// What is wrong with a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrong {
    /// HTTP status.
    pub status: u16,
    /// What.
    pub error: String,
    /// What would have been right.
    pub example: &'static str,
}

impl Wrong {
    /// The request is not right.
    pub fn request(error: impl Into<String>, example: &'static str) -> Self {
        Self { status: 400, error: error.into(), example }
    }

    /// As an answer.
    #[must_use]
    pub fn reply(&self) -> Reply {
        Reply::json(self.status, &json!({ "error": self.error, "example": self.example }))
    }
}

/// Members of a request; a name that is not known is an error.
pub(super) fn members<T: DeserializeOwned>(json: &Json, example: &'static str) -> Result<T, Wrong> {
    T::deserialize(json).map_err(|e| Wrong::request(e.to_string(), example))
}
