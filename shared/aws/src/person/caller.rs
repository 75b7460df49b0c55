//! A person's own credentials and region: where a command of the console reads AWS, and as whom.

use std::time::Duration;

use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::provider_config::ProviderConfig;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_ecs::config::{Credentials, ProvideCredentials, SharedCredentialsProvider};

use super::failure::Failure;
use crate::error::chain;
use crate::{config, http};

/// One attempt. A page of alarms takes well under a second.
const ATTEMPT: Duration = Duration::from_secs(10);
/// A connection; a host that does not answer by then is not there.
const CONNECT: Duration = Duration::from_secs(3);
/// Attempts of one operation: throttled calls of a large account come through, and an endpoint that is not there is told
/// within ten seconds.
const ATTEMPTS: u32 = 6;
const BACKOFF_FIRST: Duration = Duration::from_millis(300);
const BACKOFF_MOST: Duration = Duration::from_secs(5);

/// Where to look, and as whom.
#[derive(Debug, Clone, Default)]
pub struct Caller {
    /// Profile of the AWS configuration files. It wins over credentials in the environment, as with the AWS CLI.
    pub profile: Option<String>,
    /// Region; else the environment's, else the profile's.
    pub region: Option<String>,
    /// Another endpoint for all services, for example that of `headroom local`; else `AWS_ENDPOINT_URL_<SERVICE>`,
    /// else `AWS_ENDPOINT_URL`, else AWS's own.
    pub endpoint_url: Option<String>,
}

/// A caller with credentials and a region.
#[derive(Debug)]
pub(crate) struct Connected {
    pub(crate) config: SdkConfig,
    pub(crate) region: String,
}

impl Caller {
    /// Finds credentials and region; none of the services that are read is called.
    pub(crate) async fn connect(&self) -> Result<Connected, Failure> {
        let retry = RetryConfig::standard()
            .with_max_attempts(ATTEMPTS)
            .with_initial_backoff(BACKOFF_FIRST)
            .with_max_backoff(BACKOFF_MOST);
        let timeout = TimeoutConfig::builder().connect_timeout(CONNECT).operation_attempt_timeout(ATTEMPT).build();
        self.connect_at(retry, timeout).await
    }

    /// The same for a writer: as impatient as a function, so that nothing of it is in flight once its lock has passed.
    pub(crate) async fn connect_to_act(&self) -> Result<Connected, Failure> {
        let (retry, timeout) = config::pace();
        self.connect_at(retry, timeout).await
    }

    async fn connect_at(&self, retry: RetryConfig, timeout: TimeoutConfig) -> Result<Connected, Failure> {
        let http = http::client().map_err(Failure::Start)?;
        let mut loader = aws_config::defaults(BehaviorVersion::v2026_01_12())
            .http_client(http.clone())
            .retry_config(retry)
            .timeout_config(timeout);
        if let Some(profile) = &self.profile {
            let own =
                ProviderConfig::default().with_http_client(http).with_region(self.region.clone().map(Region::new));
            let provider = ProfileFileCredentialsProvider::builder().configure(&own).profile_name(profile).build();
            loader = loader.profile_name(profile).credentials_provider(provider);
        }
        if let Some(region) = &self.region {
            loader = loader.region(Region::new(region.clone()));
        }
        if let Some(url) = &self.endpoint_url {
            loader = loader.endpoint_url(url);
        }
        let config = loader.load().await;
        let credentials = credentials(config.credentials_provider(), self.profile.as_deref()).await?;
        let region = region(config.region().map(ToString::to_string))?;
        let config = config.into_builder().credentials_provider(SharedCredentialsProvider::new(credentials)).build();
        Ok(Connected { config, region })
    }

    /// What is called, for a message: the endpoint that was asked for, or the region.
    pub(crate) fn place(&self, service: &str, region: &str) -> String {
        let set = |name: &str| std::env::var(name).ok().filter(|url| !url.is_empty());
        let endpoint = self.endpoint_url.clone();
        let endpoint =
            endpoint.or_else(|| set(&format!("AWS_ENDPOINT_URL_{service}"))).or_else(|| set("AWS_ENDPOINT_URL"));
        endpoint.unwrap_or_else(|| format!("AWS in {region}"))
    }
}

/// A region becomes part of a host's name; what can be none is told before the SDK does, in its own words.
fn region(found: Option<String>) -> Result<String, Failure> {
    let label = |text: &String| !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    match found {
        Some(region) if label(&region) => Ok(region),
        other => Err(Failure::Region { found: other.filter(|found| !found.is_empty()) }),
    }
}

/// Asked for before the first call, so that what is wrong with them is told as that and not as a failed call.
async fn credentials(
    provider: Option<SharedCredentialsProvider>,
    profile: Option<&str>,
) -> Result<Credentials, Failure> {
    let Some(provider) = provider else {
        return Err(no_credentials(profile, "nothing provides them"));
    };
    provider.provide_credentials().await.map_err(|error| no_credentials(profile, &chain(&error)))
}

/// Single sign-on and credential processes are features that the functions do without (decision 0003); the AWS CLI can
/// do both and hand the result over.
fn no_credentials(profile: Option<&str>, cause: &str) -> Failure {
    let needs = [("enabled: sso", "single sign-on"), ("enabled: credentials-process", "a credential process")];
    match needs.into_iter().find(|(words, _)| cause.contains(words)) {
        Some((_, what)) => {
            let of_environment = || std::env::var("AWS_PROFILE").ok().filter(|profile| !profile.is_empty());
            let profile = profile.map(str::to_owned).or_else(of_environment);
            Failure::Elsewhere { profile: profile.unwrap_or_else(|| "default".to_owned()), what }
        }
        None => {
            let words: Vec<&str> = cause.split_whitespace().collect();
            let cause = words.join(" ").trim_end_matches('.').to_owned();
            Failure::Credentials { profile: profile.map(str::to_owned), cause }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_be_no_region_is_told() {
        assert_eq!(region(Some("eu-west-1".to_owned())).unwrap(), "eu-west-1");
        for (found, words) in
            [(None, "no region: give"), (Some(""), "no region: give"), (Some("a b"), "\"a b\" is no region: give")]
        {
            let told = region(found.map(str::to_owned)).unwrap_err().to_string();
            assert!(told.starts_with(words), "{told}");
        }
    }

    #[test]
    fn what_the_aws_cli_can_do_and_this_cannot_is_told_with_the_way_round() {
        let sso = "profile: This behavior requires following cargo feature(s) enabled: sso. In order to";
        let told = no_credentials(Some("dev"), sso).to_string();
        assert!(told.contains("profile dev") && told.contains("export-credentials --profile dev"), "{told}");
        let process = "This behavior requires following cargo feature(s) enabled: credentials-process.";
        assert!(no_credentials(Some("dev"), process).to_string().contains("a credential process"));
        let other = no_credentials(Some("dev"), "profile `dev` was\n  not defined..").to_string();
        assert!(other.starts_with("no credentials in profile dev: profile `dev` was not defined. Set AWS_"), "{other}");
    }
}
