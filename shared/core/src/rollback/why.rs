//! Every way of not knowing, with its numbers.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::time::Seconds;

/// Why nobody can say whether the deployment is to blame. People are asked, and nothing is rolled back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "kebab-case")]
pub enum Why {
    /// The new revision served nothing, or nothing that was counted.
    #[error("no request to the new revision was counted")]
    NoTraffic,
    /// Too short.
    #[error("the new revision has {seen} whole minutes of traffic, {needed} are needed")]
    TooFewMinutes {
        /// Minutes with data.
        seen: u32,
        /// Needed.
        needed: u32,
    },
    /// Too little.
    #[error("the new revision has served {seen} requests, {needed} are needed")]
    TooFewRequests {
        /// Requests counted.
        seen: u64,
        /// Needed.
        needed: u64,
    },
    /// Nothing to compare with.
    #[error("nothing to compare with: {seen} requests were counted before the deployment, {needed} are needed")]
    NoBaseline {
        /// Requests counted.
        seen: u64,
        /// Needed.
        needed: u64,
    },
    /// More errors, and so bursty that it may be chance.
    #[error(
        "errors rose from {:.2} % to {:.2} %, but minutes vary so much that it may be chance",
        before * 100.0,
        after * 100.0
    )]
    MayBeChance {
        /// Share that failed before, 0 to 1.
        before: f64,
        /// Share that failed after, 0 to 1.
        after: f64,
    },
    /// The alarm fired before the deployment was created.
    #[error("the alarm {alarm} fired at {fired:.0}, before the deployment was created at {created:.0}")]
    AlarmBefore {
        /// Name of the alarm.
        alarm: String,
        /// Its `StateTransitionedTimestamp`.
        fired: Timestamp,
        /// `createdAt` of the deployment.
        created: Timestamp,
    },
    /// Errors began before the deployment.
    #[error("the errors began at {onset:.0}, before the deployment was created at {created:.0}")]
    BeganBefore {
        /// The first of the minutes with errors.
        onset: Timestamp,
        /// `createdAt` of the deployment.
        created: Timestamp,
    },
    /// Errors were over the threshold before.
    #[error(
        "{:.2} % of requests failed already in the half hour before the deployment, over the threshold of {:.2} %",
        rate * 100.0,
        threshold * 100.0
    )]
    HighBefore {
        /// Share that failed before, 0 to 1.
        rate: f64,
        /// The threshold, 0 to 1.
        threshold: f64,
    },
    /// Another deployment of this service may be the cause.
    #[error("another deployment of this service started at {started:.0}: either may be the cause")]
    AnotherDeployment {
        /// ARN of the service deployment.
        deployment: String,
        /// When it started.
        started: Timestamp,
    },
    /// A deployment of a dependency may be the cause.
    #[error("{dependency}, on which this service depends, was deployed at {started:.0}: either may be the cause")]
    DependencyDeployed {
        /// Its name in the fleet file.
        dependency: String,
        /// ARN of the service deployment.
        deployment: String,
        /// When it started.
        started: Timestamp,
    },
    /// The deployment changed nothing.
    #[error("the deployment started the revision that ran before: going back would change nothing")]
    SameRevision,
    /// The revision to return to was hardly tried.
    #[error("the revision to return to stood for {stood} only, {needed} are needed to know that it is good")]
    HardlyTried {
        /// How long it stood.
        stood: Seconds,
        /// Needed.
        needed: Seconds,
    },
    /// Others have it too.
    #[error("errors rose at the same time in {}: a shared cause is likelier than this deployment", services.join(", "))]
    SharedCause {
        /// Names of the services.
        services: Vec<String>,
    },
}

impl Why {
    /// The same in a title.
    #[must_use]
    pub fn in_short(&self) -> &'static str {
        match self {
            Self::NoTraffic => "no request counted yet",
            Self::TooFewMinutes { .. } => "too early to tell",
            Self::TooFewRequests { .. } => "too few requests to tell",
            Self::NoBaseline { .. } => "nothing to compare with",
            Self::MayBeChance { .. } => "it may be chance",
            Self::AlarmBefore { .. } => "the alarm fired before it",
            Self::BeganBefore { .. } => "they began before it",
            Self::HighBefore { .. } => "they were high before it",
            Self::AnotherDeployment { .. } => "another deployment may be the cause",
            Self::DependencyDeployed { .. } => "a dependency was deployed, too",
            Self::SameRevision => "it changed nothing",
            Self::HardlyTried { .. } => "the revision before was hardly tried",
            Self::SharedCause { .. } => "other services have them, too",
        }
    }

    /// Whether time alone may bring what is missing.
    #[must_use]
    pub fn is_early(&self) -> bool {
        matches!(self, Self::NoTraffic | Self::TooFewMinutes { .. } | Self::TooFewRequests { .. })
    }
}
