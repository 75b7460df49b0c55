//! AWS as the flow sees it: five ports over lazily built clients.

use std::sync::OnceLock;

use aws_config::SdkConfig;
use headroom_core::id::ServiceId;
use headroom_pipeline::{PortError, Retry};
use jiff::Timestamp;

use crate::config;
use crate::settings::Settings;
use crate::start_error::StartError;

/// All five ports. A client is built when it is first needed: a duplicate event needs one of the five.
#[derive(Debug)]
pub struct Aws {
    config: SdkConfig,
    region: String,
    table: String,
    topic_arn: String,
    clock: fn() -> Timestamp,
    dynamodb: OnceLock<aws_sdk_dynamodb::Client>,
    ecr: OnceLock<aws_sdk_ecr::Client>,
    ecs: OnceLock<aws_sdk_ecs::Client>,
    events: OnceLock<aws_sdk_eventbridge::Client>,
    scaling: OnceLock<aws_sdk_applicationautoscaling::Client>,
    cloudwatch: OnceLock<aws_sdk_cloudwatch::Client>,
    sns: OnceLock<aws_sdk_sns::Client>,
}

impl Aws {
    /// Reads the function's environment; no call is made.
    ///
    /// # Errors
    /// The environment lacks something; the error names it.
    pub async fn start(settings: &Settings) -> Result<Self, StartError> {
        Ok(Self::of(config::load().await?, settings.table.clone(), settings.topic_arn.clone()))
    }

    /// With a configuration that is there; no call is made.
    pub(crate) fn of(config: SdkConfig, table: String, topic_arn: String) -> Self {
        Self {
            region: config.region().map(ToString::to_string).unwrap_or_default(),
            config,
            table,
            topic_arn,
            clock: Timestamp::now,
            dynamodb: OnceLock::new(),
            ecr: OnceLock::new(),
            ecs: OnceLock::new(),
            events: OnceLock::new(),
            scaling: OnceLock::new(),
            cloudwatch: OnceLock::new(),
            sns: OnceLock::new(),
        }
    }

    /// With another clock than the machine's: that of a world whose days pass in seconds.
    #[must_use]
    pub fn with_clock(self, clock: fn() -> Timestamp) -> Self {
        Self { clock, ..self }
    }

    pub(crate) fn clock(&self) -> Timestamp {
        (self.clock)()
    }

    pub(crate) fn table(&self) -> &str {
        &self.table
    }

    pub(crate) fn topic_arn(&self) -> &str {
        &self.topic_arn
    }

    pub(crate) fn dynamodb(&self) -> &aws_sdk_dynamodb::Client {
        self.dynamodb.get_or_init(|| aws_sdk_dynamodb::Client::new(&self.config))
    }

    pub(crate) fn region(&self) -> &str {
        &self.region
    }

    pub(crate) fn ecr(&self) -> &aws_sdk_ecr::Client {
        self.ecr.get_or_init(|| aws_sdk_ecr::Client::new(&self.config))
    }

    pub(crate) fn ecs(&self) -> &aws_sdk_ecs::Client {
        self.ecs.get_or_init(|| aws_sdk_ecs::Client::new(&self.config))
    }

    pub(crate) fn events(&self) -> &aws_sdk_eventbridge::Client {
        self.events.get_or_init(|| aws_sdk_eventbridge::Client::new(&self.config))
    }

    pub(crate) fn scaling(&self) -> &aws_sdk_applicationautoscaling::Client {
        self.scaling.get_or_init(|| aws_sdk_applicationautoscaling::Client::new(&self.config))
    }

    pub(crate) fn cloudwatch(&self) -> &aws_sdk_cloudwatch::Client {
        self.cloudwatch.get_or_init(|| aws_sdk_cloudwatch::Client::new(&self.config))
    }

    pub(crate) fn sns(&self) -> &aws_sdk_sns::Client {
        self.sns.get_or_init(|| aws_sdk_sns::Client::new(&self.config))
    }

    /// A service of another region is out of reach; its namesake here must not be taken for it.
    pub(crate) fn within_reach(&self, place: &str, service: &ServiceId) -> Result<(), PortError> {
        if service.region == self.region {
            return Ok(());
        }
        Err(PortError {
            place: place.to_owned(),
            cause: format!("{service} is in another region than this function, {}", self.region),
            retry: Retry::Never,
        })
    }
}
