//! What a service answered, and what that means for the notice.

use crate::time::Seconds;

/// An HTTP answer, whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// `Retry-After` in seconds, when there is one that can be read.
    pub retry_after: Option<Seconds>,
    /// The body; at most as much of it as the shell reads.
    pub body: String,
}

/// Why a call did not do what it was for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refused {
    /// Not taken, for sure: the same call later may be.
    Later {
        /// Not before so long.
        after: Seconds,
        /// The service's word.
        why: String,
    },
    /// Nobody knows whether it was taken: look first, where one can look.
    Unknown {
        /// What happened.
        why: String,
    },
    /// Not taken: the secret is wrong or old.
    Secret {
        /// The service's word.
        why: String,
    },
    /// Not taken: the message that it edits or answers is gone.
    Gone {
        /// The service's word.
        why: String,
    },
    /// Not taken: this shape of message is not; plain text may be.
    Shape {
        /// The service's word.
        why: String,
    },
    /// Not taken, and it will not be until a person changes something.
    Never {
        /// The service's word.
        why: String,
    },
}

impl Refused {
    /// The service's word, or what happened.
    #[must_use]
    pub fn why(&self) -> &str {
        match self {
            Self::Later { why, .. }
            | Self::Unknown { why }
            | Self::Secret { why }
            | Self::Gone { why }
            | Self::Shape { why }
            | Self::Never { why } => why,
        }
    }
}

/// A service's error code as it may be repeated: what it says beyond a short word may quote the message.
pub(super) fn word(text: &str) -> String {
    const CHARS_MAX: usize = 60;
    text.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | ' ' | '.')).take(CHARS_MAX).collect()
}
