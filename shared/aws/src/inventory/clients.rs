//! The three clients that read a cluster.

use std::error::Error;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use super::place::Place;
use crate::person::{Connected, Failure, failed};

/// Clients of one account and region.
#[derive(Debug)]
pub(super) struct Clients {
    pub(super) region: String,
    pub(super) endpoint_url: Option<String>,
    pub(super) ecs: aws_sdk_ecs::Client,
    pub(super) scaling: aws_sdk_applicationautoscaling::Client,
    pub(super) cloudwatch: aws_sdk_cloudwatch::Client,
}

impl Clients {
    /// Finds credentials and region; no call to the three services is made.
    pub(super) async fn connect(place: &Place) -> Result<Self, Failure> {
        let Connected { config, region } = place.caller().connect().await?;
        Ok(Self {
            region,
            endpoint_url: place.endpoint_url.clone(),
            ecs: aws_sdk_ecs::Client::new(&config),
            scaling: aws_sdk_applicationautoscaling::Client::new(&config),
            cloudwatch: aws_sdk_cloudwatch::Client::new(&config),
        })
    }

    /// A failed call; `action` is what it needs and how it is called.
    pub(super) fn failed<E>(&self, action: &'static str, error: &SdkError<E, HttpResponse>) -> Failure
    where
        E: ProvideErrorMetadata + Error + 'static,
    {
        let place = self.endpoint_url.clone().unwrap_or_else(|| format!("AWS in {}", self.region));
        failed(action, place, error)
    }
}
