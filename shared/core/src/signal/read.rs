//! Reading members of an event: each by its path, and the path is what a refusal names.

use jiff::Timestamp;
use serde_json::Value;

use super::arn::{Arn, is_account, is_region};
use super::refused::{NotASignal, found, quoted};
use crate::time::parse_aws;

/// The longest identifier that is read, in bytes: AWS's own limit for most names and ARNs.
const ID_BYTES_MAX: usize = 2_048;
/// How much of a sentence is kept, in characters; ECS and CloudWatch write at most about this much.
const SENTENCE_CHARS_MAX: usize = 1_024;
/// The longest name or value that is kept, in characters: a dimension's value has at most 1,024 (CloudWatch API,
/// `Dimension`), tags and names have fewer.
const TEXT_CHARS_MAX: usize = 1_024;

/// The beginning of a foreign text: whatever is kept of an event is small, for the journal's entry holds it and has at
/// most 400 KB (DynamoDB quotas). A text that was cut is longer than any name of ours.
pub(super) fn bounded(text: &str) -> String {
    text.chars().take(TEXT_CHARS_MAX).collect()
}

/// One event of one kind.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reader<'a> {
    /// What people call it.
    pub(super) kind: &'static str,
    /// The whole event.
    pub(super) event: &'a Value,
}

impl<'a> Reader<'a> {
    /// What stands at a path such as `detail.state.value` or `resources[0]`; null is as good as absent.
    pub(super) fn at(&self, place: &str) -> Option<&'a Value> {
        let mut value = self.event;
        for step in place.split('.') {
            let (key, index) = match step.split_once('[') {
                Some((key, index)) => (key, index.trim_end_matches(']').parse::<usize>().ok()),
                None => (step, None),
            };
            value = value.get(key)?;
            if let Some(index) = index {
                value = value.as_array()?.get(index)?;
            }
        }
        (!value.is_null()).then_some(value)
    }

    /// A refusal that quotes what stands there.
    pub(super) fn refuse(&self, place: &'static str, expected: &'static str) -> NotASignal {
        NotASignal::Malformed { kind: self.kind, place, found: found(self.at(place)), expected }
    }

    /// A text that is there, is not empty and is no longer than an identifier.
    pub(super) fn text(&self, place: &'static str) -> Result<&'a str, NotASignal> {
        let text = self.at(place).and_then(Value::as_str).filter(|t| !t.is_empty() && t.len() <= ID_BYTES_MAX);
        text.ok_or_else(|| self.refuse(place, "a text"))
    }

    /// An identifier that may be absent; anything but a text is absent.
    pub(super) fn id(&self, place: &str) -> Option<String> {
        let text = self.at(place)?.as_str()?;
        (!text.is_empty() && text.len() <= ID_BYTES_MAX).then(|| text.to_owned())
    }

    /// The beginning of a sentence that may be absent.
    pub(super) fn sentence(&self, place: &str) -> Option<String> {
        let text = self.at(place)?.as_str()?;
        (!text.is_empty()).then(|| text.chars().take(SENTENCE_CHARS_MAX).collect())
    }

    /// A whole number that may be absent, also when it was written as a text.
    pub(super) fn count(&self, place: &str) -> Option<u64> {
        let value = self.at(place)?;
        value.as_u64().or_else(|| value.as_str()?.parse().ok())
    }

    /// A time.
    pub(super) fn time(&self, place: &'static str) -> Result<Timestamp, NotASignal> {
        self.maybe_time(place).ok_or_else(|| self.refuse(place, "a time like 2026-06-03T15:46:15.662Z"))
    }

    /// A time that may be absent, or unreadable: unknown either way.
    pub(super) fn maybe_time(&self, place: &str) -> Option<Timestamp> {
        parse_aws(self.at(place)?.as_str()?)
    }

    /// Twelve digits.
    pub(super) fn account(&self, place: &'static str) -> Result<&'a str, NotASignal> {
        let text = self.at(place).and_then(Value::as_str).filter(|t| is_account(t));
        text.ok_or_else(|| self.refuse(place, "an account of 12 digits"))
    }

    /// A region.
    pub(super) fn region(&self, place: &'static str) -> Result<&'a str, NotASignal> {
        let text = self.at(place).and_then(Value::as_str).filter(|t| is_region(t));
        text.ok_or_else(|| self.refuse(place, "a region like eu-west-1"))
    }

    /// The name of a regional resource.
    pub(super) fn arn(&self, place: &'static str, expected: &'static str) -> Result<Arn<'a>, NotASignal> {
        self.at(place).and_then(Value::as_str).and_then(Arn::read).ok_or_else(|| self.refuse(place, expected))
    }

    /// Two members that must agree.
    pub(super) fn agree(
        &self,
        place: &'static str,
        found: &str,
        against: &'static str,
        other: &str,
    ) -> Result<(), NotASignal> {
        if found == other {
            return Ok(());
        }
        let (found, other) = (quoted(found), quoted(other));
        Err(NotASignal::Contradiction { kind: self.kind, place, found, against, other })
    }
}

/// What every EventBridge event has around its detail.
#[derive(Debug, Clone, Copy)]
pub(super) struct Envelope<'a> {
    /// The event.
    pub(super) read: Reader<'a>,
    /// `account`, twelve digits.
    pub(super) account: &'a str,
    /// `region`.
    pub(super) region: &'a str,
}

impl<'a> Envelope<'a> {
    /// Reads the envelope.
    pub(super) fn read(kind: &'static str, event: &'a Value) -> Result<Self, NotASignal> {
        let read = Reader { kind, event };
        let (account, region) = (read.account("account")?, read.region("region")?);
        if !event.get("detail").is_some_and(Value::is_object) {
            return Err(read.refuse("detail", "an object"));
        }
        Ok(Self { read, account, region })
    }

    /// The name of a resource of this account and region: an event about another's resource is refused, for its
    /// envelope and its detail do not tell of the same thing.
    pub(super) fn arn(&self, place: &'static str, expected: &'static str) -> Result<Arn<'a>, NotASignal> {
        let arn = self.read.arn(place, expected)?;
        self.read.agree(place, arn.account, "account", self.account)?;
        self.read.agree(place, arn.region, "region", self.region)?;
        Ok(arn)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_path_leads_to_its_member_and_null_is_absent() {
        let event = json!({ "a": { "b": [1, { "c": "x" }], "n": null } });
        let read = Reader { kind: "k", event: &event };
        assert_eq!(read.text("a.b[1].c"), Ok("x"));
        for place in ["a.b[2].c", "a.n", "a.x", "a.b[0].c", "x[0]"] {
            assert_eq!(read.at(place), None, "{place}");
        }
        assert_eq!(read.text("a.b[0]").unwrap_err().to_string(), "k: a.b[0] is 1, expected a text");
        assert_eq!(read.text("a.b").unwrap_err().to_string(), "k: a.b is a list, expected a text");
    }

    #[test]
    fn a_name_of_another_account_contradicts_the_envelope() {
        let event = json!({ "account": "111122223333", "region": "eu-west-1", "detail": {},
            "resources": ["arn:aws:ecs:eu-west-1:999999999999:service/c/s"] });
        let envelope = Envelope::read("k", &event).unwrap();
        let refused = envelope.arn("resources[0]", "an ARN").unwrap_err();
        assert_eq!(refused.to_string(), "k: resources[0] says 999999999999, but account says 111122223333");
    }
}
