//! What a person reads, channel-neutral.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::kind::{Kind, Phase, Severity};
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
/// Stands for the middle of a title.
const CUT: &str = " ... ";
/// Stands for somebody else's words where nobody knows who reads them.
const NOT_SENT: &str = "not sent to who subscribes to the topic itself; see headroom explain";
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
            title: titled(title),
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

    /// What it is to its incident, whatever the fleet file makes of its loudness. A rollback that did not end well pages:
    /// it closes nothing.
    #[must_use]
    pub fn phase(&self) -> Phase {
        match (self.kind.phase(), self.severity) {
            (Phase::Closed, Severity::Page) => Phase::Opened,
            (phase, _) => phase,
        }
    }

    /// Incident, kind and revision: two copies of one notice have the same, two notices never.
    #[must_use]
    pub fn dedup_key(&self) -> String {
        format!("{}/{}/{}", self.incident, self.kind.name(), self.revision)
    }

    /// The lines for a reader of whom nothing is known: the topic does not know which environments hold words back.
    fn let_out(&self) -> impl Iterator<Item = (&str, &str)> {
        self.lines.iter().map(|(label, text)| {
            let text = if self.quoted.contains(label) { NOT_SENT } else { text.as_str() };
            (label.as_str(), text)
        })
    }

    /// Plain text for e-mail, without somebody else's words.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = format!("{}\n", self.title);
        for (label, line) in self.let_out() {
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

    /// The body that Amazon Q in chat renders, without somebody else's words; the whole notice is inside for readers that take
    /// JSON.
    #[must_use]
    pub fn chat(&self) -> Value {
        let description: String = self.let_out().map(|(l, t)| format!("*{l}* {t}\n")).collect();
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

/// A title that fits: what is too long loses its middle, for the verdict stands at the end.
fn titled(title: &str) -> String {
    let whole = plain(title, usize::MAX);
    let chars: Vec<char> = whole.chars().collect();
    if chars.len() <= TITLE_CHARS {
        return whole;
    }
    let (begin, end) = chars.split_at(TITLE_CHARS / 2);
    let end = &end[end.len() - (TITLE_CHARS - begin.len() - CUT.len())..];
    begin.iter().copied().chain(CUT.chars()).chain(end.iter().copied()).collect()
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

#[cfg(test)]
mod tests {
    use super::*;

    fn about<'a>(decision: &'a DecisionId, label: &'a str) -> About<'a> {
        About { incident: "i", label, decision, now: Timestamp::UNIX_EPOCH }
    }

    #[test]
    fn a_title_that_is_too_long_keeps_its_verdict() {
        let (decision, label) = (DecisionId("D-00000".to_owned()), "production-europe/web-ingestion-worker");
        for verdict in ["errors are gone", "errors go on", "not verified"] {
            let title = format!("{label}: rolled back production-europe-web-ingestion-worker:142 -> :141, {verdict}");
            let notice = Notice::new(Kind::RolledBack, Severity::Warn, &about(&decision, label), &title);
            assert!(notice.title.starts_with(label) && notice.title.ends_with(verdict), "{}", notice.title);
            assert_eq!(notice.title.chars().count(), TITLE_CHARS);
        }
        let short = Notice::new(Kind::RolledBack, Severity::Warn, &about(&decision, label), "a\nb");
        assert_eq!(short.title, "a b");
    }

    #[test]
    fn who_subscribes_to_the_topic_reads_nobody_elses_words() {
        let decision = DecisionId("D-00000".to_owned());
        let notice = Notice::new(Kind::Told, Severity::Warn, &about(&decision, "prod-eu/web"), "t")
            .line("Why", "ours")
            .quote("ECS says", "NEVERTELL");
        let seen = format!("{}{}", notice.text(), notice.chat()["content"]);
        assert!(!seen.contains("NEVERTELL") && seen.contains("ours"), "{seen}");
        assert!(notice.chat()["metadata"].to_string().contains("NEVERTELL"), "the notifier needs it");
    }
}
