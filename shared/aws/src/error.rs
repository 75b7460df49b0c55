//! The SDK's errors as the flow sees them: which call, AWS's words, what to do about it.

use std::error::Error;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use headroom_pipeline::{PortError, Retry};

/// Codes with which AWS asks to come back later.
const LATER: [&str; 11] = [
    "ConcurrentUpdateException",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "RequestThrottled",
    "RequestThrottledException",
    "SlowDown",
    "Throttled",
    "ThrottledException",
    "Throttling",
    "ThrottlingException",
    "TooManyRequestsException",
];
const UNAVAILABLE: u16 = 503;
const SERVER_ERRORS: u16 = 500;

/// A failed call as a port's error.
pub(crate) fn failed<E>(place: &str, error: &SdkError<E, HttpResponse>) -> PortError
where
    E: ProvideErrorMetadata + Error + 'static,
{
    let (cause, retry) = match error {
        SdkError::ServiceError(service) => {
            let status = service.raw().status().as_u16();
            let meta = service.err().meta();
            let code = meta.code().unwrap_or("no error code");
            let words = meta.message().unwrap_or("no message");
            (format!("{code}: {words} (HTTP {status})"), class(code, status))
        }
        SdkError::ConstructionFailure(_) => (chain(error), Retry::Never),
        SdkError::DispatchFailure(failure) if failure.is_user() => (chain(error), Retry::Never),
        SdkError::TimeoutError(_) | SdkError::DispatchFailure(_) | SdkError::ResponseError(_) | _ => {
            (chain(error), Retry::Unknown)
        }
    };
    PortError { place: place.to_owned(), cause, retry }
}

/// An error of our own about a call: what came back cannot be used, or the question cannot be asked.
pub(crate) fn unusable(place: &str, cause: impl Into<String>) -> PortError {
    PortError { place: place.to_owned(), cause: cause.into(), retry: Retry::Never }
}

fn class(code: &str, status: u16) -> Retry {
    if LATER.contains(&code) || status == UNAVAILABLE {
        Retry::Later
    } else if status >= SERVER_ERRORS {
        Retry::Unknown
    } else {
        Retry::Never
    }
}

/// The error's own words and those of its sources; never its debug form, which holds whole responses.
pub(crate) fn chain(error: &(dyn Error + 'static)) -> String {
    let mut words = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        let more = error.to_string();
        if !words.ends_with(&more) {
            words.push_str(": ");
            words.push_str(&more);
        }
        source = error.source();
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_ecs::operation::describe_services::DescribeServicesError;
    use aws_smithy_types::body::SdkBody;
    use aws_smithy_types::error::ErrorMetadata;

    fn answered(code: &str, status: u16) -> PortError {
        let meta = ErrorMetadata::builder().code(code).message("words").build();
        let raw = HttpResponse::new(status.try_into().unwrap(), SdkBody::empty());
        failed("ecs DescribeServices", &SdkError::service_error(DescribeServicesError::generic(meta), raw))
    }

    #[test]
    fn aws_own_words_are_kept_with_their_code() {
        let error = answered("AccessDeniedException", 400);
        assert_eq!(error.to_string(), "ecs DescribeServices: AccessDeniedException: words (HTTP 400)");
    }

    #[test]
    fn throttling_comes_later_and_a_server_error_may_have_taken_effect() {
        for (code, status, retry) in [
            ("ThrottlingException", 400, Retry::Later),
            ("ServiceUnavailable", 503, Retry::Later),
            ("InternalError", 500, Retry::Unknown),
            ("ValidationException", 400, Retry::Never),
        ] {
            assert_eq!(answered(code, status).retry, retry, "{code}");
        }
        let timeout: SdkError<DescribeServicesError, HttpResponse> = SdkError::timeout_error("5 s");
        assert_eq!(failed("x", &timeout).retry, Retry::Unknown);
    }
}
