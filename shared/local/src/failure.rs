//! What goes wrong with a request, in the service's own words; each protocol has its own shape for it.

/// A failure as AWS answers it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// Name of the error's shape: `__type`.
    pub shape: &'static str,
    /// What it says.
    pub message: String,
    /// HTTP status.
    pub status: u16,
}

/// Names that the Query protocol has for shapes whose name is another one there (botocore's service models of
/// `cloudwatch` and `elbv2`, `error.code`); every other shape keeps its name.
const QUERY_CODES: &[(&str, &str)] = &[
    ("InternalServiceFault", "InternalServiceError"),
    ("InternalFailure", "InternalFailure"),
    ("InvalidFormatFault", "InvalidFormat"),
    ("InvalidParameterCombinationException", "InvalidParameterCombination"),
    ("InvalidParameterValueException", "InvalidParameterValue"),
    ("ListenerNotFoundException", "ListenerNotFound"),
    ("LoadBalancerNotFoundException", "LoadBalancerNotFound"),
    ("LimitExceededFault", "LimitExceeded"),
    ("MissingRequiredParameterException", "MissingParameter"),
    ("RuleNotFoundException", "RuleNotFound"),
    ("SerializationException", "MalformedQueryString"),
    ("TargetGroupNotFoundException", "TargetGroupNotFound"),
    ("ThrottlingException", "Throttling"),
    ("UnknownOperationException", "InvalidAction"),
    ("ValidationException", "ValidationError"),
];

impl Failure {
    /// The caller's mistake.
    pub fn sender(shape: &'static str, message: impl Into<String>) -> Self {
        Self { shape, message: message.into(), status: 400 }
    }

    /// Something that does not exist, where the service answers 404.
    pub fn absent(shape: &'static str, message: impl Into<String>) -> Self {
        Self { shape, message: message.into(), status: 404 }
    }

    /// A body that cannot be read as the request that it claims to be.
    pub fn malformed(message: impl Into<String>) -> Self {
        Self::sender("SerializationException", message)
    }

    /// An operation that is not served.
    pub fn unknown_operation(message: impl Into<String>) -> Self {
        Self::sender("UnknownOperationException", message)
    }

    /// Too many requests, in the words that all services share (AWS_FACTS 1.1).
    #[must_use]
    pub fn throttled() -> Self {
        Self::sender("ThrottlingException", "Rate exceeded")
    }

    /// The service's own mistake.
    pub fn server(shape: &'static str, message: impl Into<String>) -> Self {
        Self { shape, message: message.into(), status: 500 }
    }

    /// Its name in the Query protocol.
    #[must_use]
    pub fn query_code(&self) -> &'static str {
        QUERY_CODES.iter().find(|(shape, _)| *shape == self.shape).map_or(self.shape, |(_, code)| code)
    }

    /// Whose fault it is, in the words of `x-amzn-query-error` and of the Query protocol.
    #[must_use]
    pub fn fault(&self) -> &'static str {
        if self.status < 500 { "Sender" } else { "Receiver" }
    }
}
