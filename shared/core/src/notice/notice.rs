//! What a person reads, channel-neutral.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::kind::{Kind, Severity};
use crate::channel::mrkdwn;
use crate::id::DecisionId;

/// What a person reads.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Notice {
    /// What it belongs to; one thread each.
    pub incident: String,
    /// What it is about.
    pub kind: Kind,
    /// Grows within an incident: an older revision never overwrites a newer one. Milliseconds of its time.
    pub revision: i64,
    /// How loud.
    pub severity: Severity,
    /// `prod-eu/web`.
    pub service: String,
    /// What people type.
    pub decision: DecisionId,
    /// First line: push preview and e-mail subject, under 100 characters.
    pub title: String,
    /// Labelled lines, in order.
    pub lines: Vec<(String, String)>,
    /// Labels of the lines that quote somebody else's words: an environment with `redact` does not send them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub quoted: Vec<String>,
}

/// Amazon SNS takes subjects under 100 characters.
const TITLE_CHARS: usize = 99;
/// Amazon Q takes titles of at most 250 characters.
const HEADING_CHARS: usize = 250;
/// Amazon Q takes descriptions of at most 8,000 characters.
const DESCRIPTION_CHARS: usize = 8_000;

impl Notice {
    pub(super) fn new(kind: Kind, severity: Severity, about: &About<'_>, title: &str) -> Self {
        Self {
            incident: about.incident.to_owned(),
            kind,
            revision: about.now.as_millisecond(),
            severity,
            service: about.label.to_owned(),
            decision: about.decision.clone(),
            title: plain(title, TITLE_CHARS),
            lines: Vec::new(),
            quoted: Vec::new(),
        }
    }

    pub(super) fn line(mut self, label: &str, text: impl Into<String>) -> Self {
        self.lines.push((label.to_owned(), text.into()));
        self
    }

    /// A line in somebody else's words: of AWS, of an alarm, of a container.
    pub(super) fn quote(self, label: &str, text: impl Into<String>) -> Self {
        let mut notice = self.line(label, text);
        notice.quoted.push(label.to_owned());
        notice
    }

    /// Incident, kind and revision: two copies of one notice have the same, two notices never.
    #[must_use]
    pub fn dedup_key(&self) -> String {
        format!("{}/{}/{}", self.incident, self.kind.name(), self.revision)
    }

    /// Plain text: for e-mail, and for people at a terminal.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = format!("{}\n", self.title);
        for (label, line) in &self.lines {
            text.push_str(label);
            text.push_str(": ");
            text.push_str(line);
            text.push('\n');
        }
        text.push_str("Decision: ");
        text.push_str(&self.decision.0);
        text.push('\n');
        text
    }

    /// The body that Amazon Q in chat renders, with the whole notice inside for readers that take JSON.
    #[must_use]
    pub fn chat(&self) -> Value {
        let description: String = self.lines.iter().map(|(l, t)| format!("*{l}* {t}\n")).collect();
        let description = mrkdwn::escaped(&description, DESCRIPTION_CHARS);
        json!({
            "version": "1.0",
            "source": "custom",
            "id": self.dedup_key(),
            "content": {
                "textType": "client-markdown",
                "title": mrkdwn::escaped(&self.title, HEADING_CHARS),
                "description": description,
            },
            "metadata": {
                "threadId": self.incident,
                "summary": self.title,
                "eventType": format!("headroom.{}", self.kind.name()),
                "additionalContext": {
                    "headroom": serde_json::to_string(self).unwrap_or_default(),
                },
                "enableCustomActions": false,
            }
        })
    }
}

/// One line without control characters, at most so long.
pub(super) fn plain(text: &str, chars: usize) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(chars).collect()
}

/// What a notice is about.
#[derive(Debug, Clone, Copy)]
pub struct About<'a> {
    /// Incident.
    pub incident: &'a str,
    /// `prod-eu/web`.
    pub label: &'a str,
    /// The decision.
    pub decision: &'a DecisionId,
    /// Now.
    pub now: Timestamp,
}
