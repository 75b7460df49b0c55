//! PagerDuty, Events API v2: an alert opens, is acknowledged and is resolved by one dedup key, so that sending an event
//! twice is sending it once (developer.pagerduty.com/docs/events-api-v2, AWS_FACTS 6).

use jiff::Timestamp;
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

use super::answer::word;
use super::cut::cut;
use super::{Answer, Card, Refused};
use crate::notice::{Kind, Severity};
use crate::time::Seconds;

const SUMMARY_CHARS_MAX: usize = 1_024;
const DEDUP_KEY_CHARS_MAX: usize = 255;
/// The whole event may hold 512 KB; details longer than this are read in the journal.
const DETAIL_CHARS_MAX: usize = 2_000;
/// PagerDuty takes about 120 events a minute and key, and asks for minutes between attempts.
const RATE_LIMITED: Seconds = Seconds(60);

/// What an event does to the alert.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// Opens it, or adds to the open one.
    Trigger,
    /// Says that somebody is on it.
    Acknowledge,
    /// Closes it.
    Resolve,
}

impl Event {
    fn word(self) -> &'static str {
        match self {
            Self::Trigger => "trigger",
            Self::Acknowledge => "acknowledge",
            Self::Resolve => "resolve",
        }
    }
}

/// An event without its routing key.
#[must_use]
pub fn body(card: &Card, event: Event) -> Value {
    let mut body = json!({
        "event_action": event.word(),
        "dedup_key": dedup_key(&card.incident),
    });
    if event != Event::Trigger {
        return body;
    }
    let details: Map<String, Value> =
        card.lines.iter().map(|l| (l.label.clone(), json!(cut(&l.text, DETAIL_CHARS_MAX, &card.explain)))).collect();
    body["client"] = json!("Headroom");
    body["payload"] = json!({
        "summary": cut(&card.title, SUMMARY_CHARS_MAX, &card.explain),
        "source": card.label,
        "severity": severity(card.severity),
        "component": card.label,
        "class": card.kind.name(),
        "custom_details": details,
    });
    // The revision of a digest is a count.
    if let (true, Ok(at)) = (card.kind != Kind::Digest, Timestamp::from_millisecond(card.revision)) {
        body["payload"]["timestamp"] = json!(at.to_string());
    }
    body["payload"]["custom_details"]["Whole"] = json!(card.explain);
    body["links"] = card.links.iter().map(|link| json!({ "href": link.url, "text": link.name })).collect();
    body
}

/// PagerDuty's word for how loud it is.
fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Info => "info",
        Severity::Warn => "warning",
        Severity::Page => "critical",
    }
}

/// The incident; a hash of it where it is too long, never a cut that two incidents could share.
fn dedup_key(incident: &str) -> String {
    if incident.chars().count() <= DEDUP_KEY_CHARS_MAX {
        return incident.to_owned();
    }
    let hash = Sha256::digest(incident.as_bytes());
    hash.iter().fold("headroom/".to_owned(), |key, byte| format!("{key}{byte:02x}"))
}

/// Whether PagerDuty took it. An event of unknown fate is sent again: the key makes the two one.
///
/// # Errors
/// It did not, or nobody knows.
pub fn read(answer: &Answer) -> Result<(), Refused> {
    let why = format!("HTTP {}", answer.status);
    match answer.status {
        202 => Ok(()),
        429 => Err(Refused::Later { after: answer.retry_after.unwrap_or(RATE_LIMITED).max(RATE_LIMITED), why }),
        // An unknown routing key is answered with 400 like a bad event; the reason says which.
        400 if answer.body.contains("routing_key") || answer.body.contains("routing key") => {
            Err(Refused::Secret { why: format!("{why} {}", word("invalid routing key")) })
        }
        401 | 403 => Err(Refused::Secret { why }),
        400..=499 => Err(Refused::Never { why }),
        _ => Err(Refused::Unknown { why }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_long_incidents_never_share_a_key() {
        let (a, b) = (format!("{}a", "x".repeat(300)), format!("{}b", "x".repeat(300)));
        assert_eq!(dedup_key("prod-eu/web/cpu-high"), "prod-eu/web/cpu-high");
        assert_ne!(dedup_key(&a), dedup_key(&b));
        assert!(dedup_key(&a).len() <= DEDUP_KEY_CHARS_MAX);
    }

    #[test]
    fn only_202_counts_as_taken() {
        let read = |status, body: &str| super::read(&Answer { status, retry_after: None, body: body.to_owned() });
        assert_eq!(read(202, ""), Ok(()));
        assert!(matches!(read(200, ""), Err(Refused::Unknown { .. })));
        assert!(matches!(read(503, ""), Err(Refused::Unknown { .. })));
        assert!(matches!(read(429, ""), Err(Refused::Later { after: RATE_LIMITED, .. })));
        assert!(matches!(read(400, "'summary' is missing"), Err(Refused::Never { .. })));
        assert!(matches!(read(400, "Invalid routing key"), Err(Refused::Secret { .. })));
    }
}
