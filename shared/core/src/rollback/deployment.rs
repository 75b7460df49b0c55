//! What was seen of a service's deployments and revisions.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Deployed, Numbers, Series};
use crate::seen::{NeedSeen, Reading, ServiceSeen};

/// `ServiceDeploymentStatus` of the Amazon ECS API; there is no FAILED (AWS_FACTS 1.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum DeploymentStatus {
    /// Not begun.
    Pending,
    /// On its way.
    InProgress,
    /// Everything is in place.
    Successful,
    /// A newer deployment takes its place.
    StopRequested,
    /// A newer deployment took its place.
    Stopped,
    /// A way back was asked for; it can still end successful.
    RollbackRequested,
    /// ECS goes back to the last successful revision.
    RollbackInProgress,
    /// ECS went back.
    RollbackSuccessful,
    /// ECS could not go back.
    RollbackFailed,
}

impl DeploymentStatus {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Pending,
        Self::InProgress,
        Self::Successful,
        Self::StopRequested,
        Self::Stopped,
        Self::RollbackRequested,
        Self::RollbackInProgress,
        Self::RollbackSuccessful,
        Self::RollbackFailed,
    ];

    /// AWS's name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Pending => "PENDING",
            Self::InProgress => "IN_PROGRESS",
            Self::Successful => "SUCCESSFUL",
            Self::StopRequested => "STOP_REQUESTED",
            Self::Stopped => "STOPPED",
            Self::RollbackRequested => "ROLLBACK_REQUESTED",
            Self::RollbackInProgress => "ROLLBACK_IN_PROGRESS",
            Self::RollbackSuccessful => "ROLLBACK_SUCCESSFUL",
            Self::RollbackFailed => "ROLLBACK_FAILED",
        }
    }

    /// From AWS's name; one that AWS adds later is none of these.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.name() == name)
    }

    /// Whether nothing more becomes of it.
    #[must_use]
    pub fn is_final(self) -> bool {
        matches!(self, Self::Successful | Self::Stopped | Self::RollbackSuccessful | Self::RollbackFailed)
    }

    /// Whether StopServiceDeployment still means something, and nobody has asked for it (SEMANTICS 10).
    #[must_use]
    pub fn stoppable(self) -> bool {
        matches!(self, Self::Pending | Self::InProgress)
    }
}

/// A service deployment. Its ARN is the only identity of a deployment (SEMANTICS 19).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DeploymentSeen {
    /// ARN.
    pub arn: String,
    /// Status.
    pub status: DeploymentStatus,
    /// When somebody asked for it.
    pub created_at: Timestamp,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
    /// ARN of the service revision that it puts in place.
    pub target: String,
    /// What only DescribeServiceDeployments says; read of the newest ones.
    pub detail: Option<Detail>,
}

/// What DescribeServiceDeployments adds.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Detail {
    /// ARNs of the revisions that had tasks when it began.
    pub sources: Vec<String>,
    /// ARN of the revision that ECS goes back to, once it does.
    pub rollback_to: Option<String>,
    /// Why ECS goes back, in its words.
    pub rollback_reason: Option<String>,
    /// Traffic is shifted from one target group to another: blue/green, linear, canary.
    pub staged: bool,
    /// Running tasks of the target revision.
    pub running: u32,
    /// Share of production traffic that the target revision is asked to have, in percent; staged deployments only.
    pub weight: Option<f64>,
    /// Id of the PAUSE hook that waits for an answer.
    pub hook: Option<String>,
}

impl DeploymentSeen {
    /// Whether its target revision serves users now. On the way back the weight says so, not the stage
    /// (AWS_FACTS 1.4).
    #[must_use]
    pub fn serves(&self) -> bool {
        match &self.detail {
            None => false,
            Some(detail) if detail.staged => detail.weight.is_some_and(|weight| weight > 0.0),
            Some(detail) => detail.running > 0,
        }
    }
}

/// An image of a revision.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ImageSeen {
    /// Name of the container.
    pub container: String,
    /// As the task definition names it: `repository:tag`, or with `@sha256:...`.
    pub image: String,
    /// The digest that ECS resolved it to when the revision was made.
    pub digest: Option<String>,
    /// The digest that the name stands for now.
    pub now: Reading<String>,
}

impl ImageSeen {
    /// Whether the name itself holds the digest: it can never stand for anything else.
    #[must_use]
    pub fn pinned(&self) -> bool {
        self.image.contains("@sha256:")
    }
}

/// A service revision.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RevisionSeen {
    /// ARN.
    pub arn: String,
    /// ARN of its task definition.
    pub task_definition: String,
    /// Whether the task definition is ACTIVE: only then can it be deployed.
    pub active: Reading<bool>,
    /// Its images.
    pub images: Vec<ImageSeen>,
    /// Everything else that a revision holds, by member: load balancers, network, platform and so on.
    pub rest: BTreeMap<String, String>,
}

/// The balancer before a service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Balancer {
    /// `LoadBalancer` dimension.
    pub load_balancer: String,
    /// `TargetGroup` dimension of the service; of the new revision, where each has its own.
    pub target_group: String,
    /// That of the old revision, where each has its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub old_target_group: Option<String>,
    /// No other target group has traffic by it: what the balancer answers itself is this service's (SEMANTICS 8).
    pub alone: bool,
}

/// An alarm, and since when it is what it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlarmSince {
    /// Its name.
    pub name: String,
    /// Whether it fires now.
    pub firing: bool,
    /// StateTransitionedTimestamp.
    pub since: Option<Timestamp>,
}

/// Everything that one look reads.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DeploymentsSeen {
    /// The service.
    pub service: Reading<ServiceSeen>,
    /// `ECS`, `CODE_DEPLOY` or `EXTERNAL`.
    pub controller: String,
    /// Newest first: the newest twenty, and the newest twenty successful ones.
    pub deployments: Vec<DeploymentSeen>,
    /// The balancer, once it is known.
    pub balancer: Reading<Balancer>,
    /// What it counted.
    pub numbers: Reading<Numbers>,
    /// The alarms that woke the watch.
    pub alarms: Vec<AlarmSince>,
    /// Dependencies that must not be high.
    pub needs: Vec<NeedSeen>,
}

/// What is read once more before a deployment is rolled back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BackSeen {
    /// The revisions that were asked for, as far as ECS knows them.
    pub revisions: Vec<RevisionSeen>,
    /// What was counted for the other target groups of the same balancer and of the environment, by `TargetGroup`
    /// dimension.
    pub siblings: Reading<BTreeMap<String, Series>>,
    /// Deployments of the services that this one depends on, since the start of what is counted.
    pub needed: Reading<Vec<Deployed>>,
}
