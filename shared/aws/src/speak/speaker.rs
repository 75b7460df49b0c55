//! What the notifier speaks through.

use std::sync::OnceLock;

use aws_config::SdkConfig;
use headroom_pipeline::Clock;
use jiff::Timestamp;
use tokio::sync::OnceCell;

use super::secret::Cache;
use super::settings::SpeakSettings;
use super::web::{CALL, Web};
use crate::aws::Aws;
use crate::config;
use crate::settings::Settings;
use crate::start_error::StartError;

/// The notifier's ports. A client is built when it is first needed.
#[derive(Debug)]
pub struct Speaker {
    pub(super) aws: Aws,
    pub(super) settings: SpeakSettings,
    pub(super) web: Web,
    pub(super) secrets: Cache,
    config: SdkConfig,
    secretsmanager: OnceLock<aws_sdk_secretsmanager::Client>,
    sqs: OnceLock<aws_sdk_sqs::Client>,
    pub(super) queue_url: OnceCell<String>,
    pub(super) dead_letters_url: OnceCell<String>,
}

impl Speaker {
    /// With the environment of the function; no call is made.
    ///
    /// # Errors
    /// The environment lacks something; the error names it.
    pub async fn start(settings: &Settings, speak: SpeakSettings) -> Result<Self, StartError> {
        let config = config::load().await?;
        let aws = Aws::of(config.clone(), settings.table.clone(), settings.topic_arn.clone());
        Ok(Self::of(aws, config, speak, Web::new(CALL)?))
    }

    pub(super) fn of(aws: Aws, config: SdkConfig, settings: SpeakSettings, web: Web) -> Self {
        Self {
            aws,
            settings,
            web,
            secrets: Cache::default(),
            config,
            secretsmanager: OnceLock::new(),
            sqs: OnceLock::new(),
            queue_url: OnceCell::new(),
            dead_letters_url: OnceCell::new(),
        }
    }

    pub(super) fn secretsmanager(&self) -> &aws_sdk_secretsmanager::Client {
        self.secretsmanager.get_or_init(|| aws_sdk_secretsmanager::Client::new(&self.config))
    }

    pub(super) fn sqs(&self) -> &aws_sdk_sqs::Client {
        self.sqs.get_or_init(|| aws_sdk_sqs::Client::new(&self.config))
    }
}

impl Clock for Speaker {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}
