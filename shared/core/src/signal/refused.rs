//! Why a payload, or one record of it, is no signal of ours: one variant per reason, nothing is guessed.

use serde_json::Value;

/// How much of a foreign text is quoted in a reason, in characters.
const QUOTED_CHARS: usize = 60;

/// Why a payload is not a signal of ours. The text goes to the dead letter beside the payload.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotASignal {
    /// A text that is no JSON.
    #[error("{place} is not json: {why}")]
    NotJson {
        /// Where the text stood: `payload`, `body`, `Sns.Message`.
        place: &'static str,
        /// What the parser said.
        why: String,
    },
    /// The payload is not a JSON object.
    #[error("not a json object")]
    NotAnObject,
    /// More than AWS delivers; not looked into.
    #[error("too large: {found} {unit}, at most {max}")]
    TooLarge {
        /// How much there was, or the first count that passed the limit.
        found: usize,
        /// Of what: `bytes`, `records`, `levels`.
        unit: &'static str,
        /// The limit.
        max: usize,
    },
    /// An envelope around nothing.
    #[error("{envelope} without a record")]
    Empty {
        /// Which envelope.
        envelope: &'static str,
    },
    /// A payload of several events where one was asked for.
    #[error("{count} records where one event is expected")]
    Several {
        /// How many.
        count: usize,
    },
    /// An event that somebody put into an envelope which is not AWS's.
    #[error("an event inside {key:?}: that envelope is not AWS's and is not opened")]
    Wrapped {
        /// The member that holds the event.
        key: String,
    },
    /// An envelope of AWS that carries no event: a subscription confirmation, a record of a success.
    #[error("{envelope}: {place} is {found}, no event is inside")]
    Carries {
        /// Which envelope.
        envelope: &'static str,
        /// The member that says so.
        place: &'static str,
        /// What it says.
        found: String,
    },
    /// No discriminating key of any source: an answer of an API, a test event, another application's message.
    #[error("an object that no source here sends")]
    Unrecognised,
    /// Another source's event: no decoder here is its reader.
    #[error("no decoder for source {origin:?}, detail-type {detail_type:?}")]
    Unknown {
        /// `source` of the envelope, or what stood there.
        origin: String,
        /// `detail-type` of the envelope, or what stood there.
        detail_type: String,
    },
    /// A detail-type that only AWS sends, under a source that is not AWS's: injected by hand.
    #[error("{detail_type:?} comes from source {expected:?} only, found {origin:?}: injected by hand")]
    Injected {
        /// `source` of the envelope.
        origin: String,
        /// `detail-type` of the envelope.
        detail_type: String,
        /// The only source of it.
        expected: &'static str,
    },
    /// The right kind of event without a part that a decision needs.
    #[error("{kind}: {place} is {found}, expected {expected}")]
    Malformed {
        /// Kind of event.
        kind: &'static str,
        /// Path in the event.
        place: &'static str,
        /// What stood there.
        found: String,
        /// What should have.
        expected: &'static str,
    },
    /// Two members of one event that must agree and do not.
    #[error("{kind}: {place} says {found}, but {against} says {other}")]
    Contradiction {
        /// Kind of event.
        kind: &'static str,
        /// Path in the event.
        place: &'static str,
        /// What stood there.
        found: String,
        /// The other path.
        against: &'static str,
        /// What stood there.
        other: String,
    },
}

const NOT_QUOTED: &str = "(not quoted)";
/// What [`found`] says without quoting.
const WITHOUT_QUOTES: [&str; 4] = ["absent", "a list", "an object", "a text of json"];

impl NotASignal {
    /// The same reason without a word of the payload: what a log may hold, since nobody knows what a payload holds.
    /// The payload itself stands beside the dead letter.
    #[must_use]
    pub fn unquoted(&self) -> Self {
        let safe = |found: &str| {
            let fixed = WITHOUT_QUOTES.into_iter().find(|fixed| *fixed == found);
            fixed.unwrap_or(NOT_QUOTED).to_owned()
        };
        match self.clone() {
            Self::Wrapped { key: _ } => Self::Wrapped { key: NOT_QUOTED.to_owned() },
            Self::Carries { envelope, place, found } => Self::Carries { envelope, place, found: safe(&found) },
            Self::Unknown { origin, detail_type } => {
                Self::Unknown { origin: safe(&origin), detail_type: safe(&detail_type) }
            }
            Self::Injected { origin, detail_type, expected } => {
                Self::Injected { origin: safe(&origin), detail_type: safe(&detail_type), expected }
            }
            Self::Malformed { kind, place, found, expected } => {
                Self::Malformed { kind, place, found: safe(&found), expected }
            }
            Self::Contradiction { kind, place, found, against, other } => {
                Self::Contradiction { kind, place, found: safe(&found), against, other: safe(&other) }
            }
            plain @ (Self::NotJson { .. }
            | Self::NotAnObject
            | Self::TooLarge { .. }
            | Self::Empty { .. }
            | Self::Several { .. }
            | Self::Unrecognised) => plain,
        }
    }
}

/// What stands at a place, short enough for a message; how much is in a list or an object says nothing.
pub(super) fn found(value: Option<&Value>) -> String {
    match value {
        None => "absent".to_owned(),
        Some(Value::Array(_)) => "a list".to_owned(),
        Some(Value::Object(_)) => "an object".to_owned(),
        Some(Value::String(text)) if text.trim_start().starts_with('{') => "a text of json".to_owned(),
        Some(other) => quoted(&other.to_string()),
    }
}

/// The beginning of a foreign text, on one line.
pub(super) fn quoted(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(QUOTED_CHARS).collect()
}
