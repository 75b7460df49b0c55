//! Why AWS could not be read for a person, and what to do.

use std::error::Error;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use crate::error::chain;
use crate::start_error::StartError;

/// Codes with which AWS says that the caller may not.
pub(super) const DENIED: [&str; 4] =
    ["AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "NotAuthorized"];
/// Codes with which AWS says that it does not know the caller, or no longer.
const UNKNOWN_CALLER: [&str; 8] = [
    "ExpiredToken",
    "ExpiredTokenException",
    "IncompleteSignature",
    "InvalidClientTokenId",
    "InvalidSignatureException",
    "MissingAuthenticationToken",
    "SignatureDoesNotMatch",
    "UnrecognizedClientException",
];

/// Why AWS could not be read.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The environment cannot be used.
    #[error(transparent)]
    Start(StartError),
    /// No runtime for the calls.
    #[error("no runtime for the calls: {0}")]
    Runtime(std::io::Error),
    /// No region is set anywhere, or something that is none.
    #[error("{}: give --region, set AWS_REGION, or set `region` in the profile", no_region(.found))]
    Region {
        /// What is set.
        found: Option<String>,
    },
    /// No credentials, or none that can be used.
    #[error("no credentials{}: {cause}. Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or give --profile", of(.profile))]
    Credentials {
        /// The profile that was asked for.
        profile: Option<String>,
        /// Why, in the SDK's words.
        cause: String,
    },
    /// The profile needs something that only the AWS CLI does.
    #[error(
        "profile {profile} needs {what}, which headroom does not do. Let the AWS CLI do it, and run this again without \
         --profile: eval \"$(aws configure export-credentials --profile {profile} --format env)\""
    )]
    Elsewhere {
        /// The profile.
        profile: String,
        /// What it needs.
        what: &'static str,
    },
    /// AWS does not know the caller.
    #[error("AWS does not take these credentials ({call}): {cause}. Are they of this account, and not expired?")]
    Caller {
        /// The call.
        call: &'static str,
        /// AWS's words.
        cause: String,
    },
    /// A permission is missing.
    #[error(
        "{action} is not allowed: {cause}. Somebody who may must allow it to you; the command's --help lists all that it needs"
    )]
    Denied {
        /// The IAM action.
        action: &'static str,
        /// AWS's words.
        cause: String,
    },
    /// Nothing answers.
    #[error("cannot reach {place} for {call}: {cause}")]
    Unreachable {
        /// The call.
        call: &'static str,
        /// Endpoint or region.
        place: String,
        /// The connection's words.
        cause: String,
    },
    /// What a decision stands on could not be read.
    #[error("{0}. The command's --help lists the permissions that it needs")]
    Ask(headroom_pipeline::PortError),
    /// It took as long as nothing that may hold a lock is allowed to.
    #[error(
        "not finished within {seconds} s. Run it again in a minute: what was begun is finished then, and nothing is done twice"
    )]
    TooLong {
        /// How long it was tried.
        seconds: u64,
    },
    /// There is no such cluster.
    #[error("no ECS cluster {cluster} in {region} of this account. `aws ecs list-clusters` shows those that are there")]
    NoCluster {
        /// Its name.
        cluster: String,
        /// Where it was looked for.
        region: String,
    },
    /// There is a cluster, and nothing in it.
    #[error("ECS cluster {cluster} in {region} has no service: nothing to write a fleet file about")]
    NoService {
        /// Its name.
        cluster: String,
        /// Where it is.
        region: String,
    },
    /// There is no such table.
    #[error(
        "no table {table} in {place}. `--table NAME` names another; the functions have its name as HEADROOM_TABLE, and \
         a stack of Headroom makes it in its own account and region"
    )]
    NoTable {
        /// Its name.
        table: String,
        /// Where it was looked for.
        place: String,
    },
    /// The table was made before it could be read by time and id.
    #[error(
        "table {table} in {place} has no index {index}: its stack is of an earlier version. Update the stack with the \
         template of this version; entries that are written from then on are found"
    )]
    NoIndex {
        /// The table's name.
        table: String,
        /// The index.
        index: &'static str,
        /// Where it was looked for.
        place: String,
    },
    /// AWS refused for another reason, or said something that cannot be used.
    #[error("{call}: {cause}")]
    Call {
        /// The call.
        call: &'static str,
        /// Why.
        cause: String,
    },
}

fn of(profile: &Option<String>) -> String {
    profile.as_ref().map_or_else(String::new, |profile| format!(" in profile {profile}"))
}

fn no_region(found: &Option<String>) -> String {
    found.as_ref().map_or_else(|| "no region".to_owned(), |found| format!("{found:?} is no region"))
}

impl Failure {
    /// What came back cannot be used.
    pub(crate) fn unusable(call: &'static str, cause: impl Into<String>) -> Self {
        Self::Call { call, cause: cause.into() }
    }
}

/// A failed call; `action` is what it needs and how it is called, `place` what was called.
pub(crate) fn failed<E>(action: &'static str, place: String, error: &SdkError<E, HttpResponse>) -> Failure
where
    E: ProvideErrorMetadata + Error + 'static,
{
    match error {
        SdkError::ServiceError(service) => {
            let meta = service.err().meta();
            let code = meta.code().unwrap_or("no error code");
            let words = meta.message().unwrap_or("no message").trim_end_matches('.').to_owned();
            if DENIED.contains(&code) {
                return Failure::Denied { action, cause: words };
            }
            if UNKNOWN_CALLER.contains(&code) {
                return Failure::Caller { call: action, cause: words };
            }
            let status = service.raw().status().as_u16();
            Failure::Call { call: action, cause: format!("{code}: {words} (HTTP {status})") }
        }
        SdkError::DispatchFailure(failure) if !failure.is_user() => {
            Failure::Unreachable { call: action, place, cause: chain(error) }
        }
        SdkError::TimeoutError(_) => Failure::Unreachable { call: action, place, cause: chain(error) },
        SdkError::ResponseError(response) => {
            let status = response.raw().status().as_u16();
            let cause = format!("{} (HTTP {status}). Is this an endpoint of AWS?", chain(error));
            Failure::Call { call: action, cause }
        }
        SdkError::DispatchFailure(_) | SdkError::ConstructionFailure(_) | _ => {
            Failure::Call { call: action, cause: chain(error) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_ecs::operation::list_services::ListServicesError;
    use aws_smithy_types::body::SdkBody;
    use aws_smithy_types::error::ErrorMetadata;

    fn answered(code: &str, status: u16) -> String {
        let meta = ErrorMetadata::builder().code(code).message("User x is not authorized.").build();
        let raw = HttpResponse::new(status.try_into().unwrap(), SdkBody::empty());
        let error = SdkError::service_error(ListServicesError::generic(meta), raw);
        failed("ecs:ListServices", "AWS in eu-west-1".to_owned(), &error).to_string()
    }

    #[test]
    fn a_missing_permission_is_named_with_what_to_do() {
        let told = answered("AccessDeniedException", 400);
        assert!(told.starts_with("ecs:ListServices is not allowed: User x is not authorized. Somebody"), "{told}");
        assert!(answered("ExpiredTokenException", 400).contains("not expired?"));
    }

    #[test]
    fn any_other_refusal_keeps_awss_words() {
        assert_eq!(answered("Odd", 400), "ecs:ListServices: Odd: User x is not authorized (HTTP 400)");
    }

    #[test]
    fn an_endpoint_that_does_not_answer_is_named() {
        let error: SdkError<ListServicesError, HttpResponse> = SdkError::timeout_error("10 s");
        let told = failed("ecs:ListServices", "http://127.0.0.1:1".to_owned(), &error).to_string();
        assert!(told.starts_with("cannot reach http://127.0.0.1:1 for ecs:ListServices: "), "{told}");
    }
}
