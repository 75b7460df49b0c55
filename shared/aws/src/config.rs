//! The SDK's configuration: credentials and region from the function's environment, nothing else.

use std::time::Duration;

use aws_config::environment::{EnvironmentVariableCredentialsProvider, EnvironmentVariableRegionProvider};
use aws_config::profile::profile_file;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, SdkConfig};

use crate::http;
use crate::start_error::StartError;

/// One attempt. Short, because a function ends after 30 s and its lock after 60 s (SEMANTICS 6).
const ATTEMPT: Duration = Duration::from_secs(5);
/// One operation with its retries.
const OPERATION: Duration = Duration::from_secs(15);
/// Attempts of one operation.
const ATTEMPTS: u32 = 3;

/// Loads the configuration.
///
/// # Errors
/// No region is set, or the trust store cannot be used.
pub(crate) async fn load() -> Result<SdkConfig, StartError> {
    let (retry, timeout) = pace();
    let config = aws_config::defaults(BehaviorVersion::v2026_01_12())
        .http_client(http::client()?)
        .profile_files(no_profile())
        .credentials_provider(EnvironmentVariableCredentialsProvider::new())
        .region(EnvironmentVariableRegionProvider::new())
        .retry_config(retry)
        .timeout_config(timeout)
        .load()
        .await;
    if config.region().is_none() {
        return Err(StartError::Missing { variable: "AWS_REGION", meaning: "region of the services" });
    }
    Ok(config)
}

/// How long, and how often, whoever may hold a lock tries a call.
pub(crate) fn pace() -> (RetryConfig, TimeoutConfig) {
    let timeout = TimeoutConfig::builder().operation_attempt_timeout(ATTEMPT).operation_timeout(OPERATION).build();
    (RetryConfig::standard().with_max_attempts(ATTEMPTS), timeout)
}

/// A function has no profile; an empty one keeps the SDK from looking for files.
#[expect(deprecated, reason = "the type's new home is a crate that nothing else here needs")]
fn no_profile() -> profile_file::ProfileFiles {
    profile_file::ProfileFiles::builder().with_contents(profile_file::ProfileFileKind::Config, "").build()
}
