//! Why Application Auto Scaling refuses a call, in its own error codes.

use std::fmt;

/// The code of an error, as in the service's model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Code {
    /// A member is missing or wrong.
    Validation,
    /// No such scalable target, policy or scheduled action.
    ObjectNotFound,
    /// A quota.
    LimitExceeded,
}

/// A refused call; nothing was changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// Its code.
    pub code: Code,
    /// Its message.
    pub message: String,
}

impl Code {
    /// As AWS names it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Validation => "ValidationException",
            Self::ObjectNotFound => "ObjectNotFoundException",
            Self::LimitExceeded => "LimitExceededException",
        }
    }
}

impl Refused {
    /// ValidationException. Its messages are ours: AWS does not publish them.
    pub(super) fn validation(message: impl Into<String>) -> Self {
        Self { code: Code::Validation, message: message.into() }
    }

    /// ObjectNotFoundException.
    pub(super) fn not_found(message: impl Into<String>) -> Self {
        Self { code: Code::ObjectNotFound, message: message.into() }
    }

    /// LimitExceededException.
    pub(super) fn limit(message: impl Into<String>) -> Self {
        Self { code: Code::LimitExceeded, message: message.into() }
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code.name(), self.message)
    }
}

impl std::error::Error for Refused {}

impl From<Refused> for String {
    fn from(refused: Refused) -> Self {
        refused.to_string()
    }
}
