//! The clients that read a cluster.

use std::error::Error;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use super::place::Place;
use crate::person::{Connected, Failure, Signed, failed};

/// Clients of one account and region.
#[derive(Debug)]
pub(crate) struct Clients {
    pub(crate) region: String,
    pub(crate) endpoint_url: Option<String>,
    pub(crate) ecs: aws_sdk_ecs::Client,
    pub(crate) scaling: aws_sdk_applicationautoscaling::Client,
    pub(crate) cloudwatch: aws_sdk_cloudwatch::Client,
    pub(crate) events: aws_sdk_eventbridge::Client,
    /// Elastic Load Balancing, whose SDK is no part of this program.
    pub(crate) balancing: Signed,
}

impl Clients {
    /// Finds credentials and region; no call is made.
    pub(crate) async fn connect(place: &Place) -> Result<Self, Failure> {
        let Connected { config, region } = place.caller().connect().await?;
        let balancing = Signed::of("elasticloadbalancing", "ELASTIC_LOAD_BALANCING_V2", &config, &region)?;
        Ok(Self {
            balancing,
            region,
            endpoint_url: place.endpoint_url.clone(),
            ecs: aws_sdk_ecs::Client::new(&config),
            scaling: aws_sdk_applicationautoscaling::Client::new(&config),
            cloudwatch: aws_sdk_cloudwatch::Client::new(&config),
            events: aws_sdk_eventbridge::Client::new(&config),
        })
    }

    /// A failed call; `action` is what it needs and how it is called.
    pub(crate) fn failed<E>(&self, action: &'static str, error: &SdkError<E, HttpResponse>) -> Failure
    where
        E: ProvideErrorMetadata + Error + 'static,
    {
        let place = self.endpoint_url.clone().unwrap_or_else(|| format!("AWS in {}", self.region));
        failed(action, place, error)
    }
}
