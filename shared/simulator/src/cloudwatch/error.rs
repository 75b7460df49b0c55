//! How CloudWatch refuses.

/// A refusal, by the code that callers see. Codes are botocore's (service model of CloudWatch, 2010-08-01); where the
/// sentence is AWS's, a test says so, otherwise it is ours.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CloudWatchError {
    /// What has no code of its own.
    #[error("{0}")]
    Validation(String),
    /// A value out of range or of the wrong form.
    #[error("{0}")]
    InvalidParameterValue(String),
    /// Parameters that exclude each other.
    #[error("{0}")]
    InvalidParameterCombination(String),
    /// Nothing by that name.
    #[error("{0}")]
    ResourceNotFound(String),
    /// A quota, or a limit of this simulator; the sentence says which.
    #[error("{0}")]
    LimitExceeded(String),
    /// Text that is not of the form it has to be.
    #[error("{0}")]
    InvalidFormat(String),
    /// A token that no answer gave.
    #[error("{0}")]
    InvalidNextToken(String),
}

impl CloudWatchError {
    /// The error's code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Validation(_) => "ValidationError",
            Self::InvalidParameterValue(_) => "InvalidParameterValue",
            Self::InvalidParameterCombination(_) => "InvalidParameterCombination",
            Self::ResourceNotFound(_) => "ResourceNotFound",
            Self::LimitExceeded(_) => "LimitExceeded",
            Self::InvalidFormat(_) => "InvalidFormat",
            Self::InvalidNextToken(_) => "InvalidNextToken",
        }
    }

    /// The name of its shape in the service model, which the protocols with typed errors send.
    #[must_use]
    pub fn shape(&self) -> &'static str {
        match self {
            Self::Validation(_) => "ValidationError",
            Self::InvalidParameterValue(_) => "InvalidParameterValueException",
            Self::InvalidParameterCombination(_) => "InvalidParameterCombinationException",
            Self::ResourceNotFound(_) => "ResourceNotFound",
            Self::LimitExceeded(_) => "LimitExceededFault",
            Self::InvalidFormat(_) => "InvalidFormatFault",
            Self::InvalidNextToken(_) => "InvalidNextToken",
        }
    }

    /// HTTP status: 404 for what is not there, 400 otherwise (service model).
    #[must_use]
    pub fn http_status(&self) -> u16 {
        match self {
            Self::ResourceNotFound(_) => 404,
            Self::Validation(_)
            | Self::InvalidParameterValue(_)
            | Self::InvalidParameterCombination(_)
            | Self::LimitExceeded(_)
            | Self::InvalidFormat(_)
            | Self::InvalidNextToken(_) => 400,
        }
    }
}
