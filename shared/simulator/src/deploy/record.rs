//! Service deployments and service revisions, as their history has them.

pub use headroom_core::rollback::DeploymentStatus as Status;

use super::config::{Lifecycle, Strategy};
use super::release::Release;

/// What the circuit breaker, or the alarms, of a deployment are doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Watch {
    /// DISABLED
    Disabled,
    /// MONITORING
    Monitoring,
    /// MONITORING_COMPLETE
    Complete,
    /// TRIGGERED
    Triggered,
}

impl Watch {
    /// AWS's name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Disabled => "DISABLED",
            Self::Monitoring => "MONITORING",
            Self::Complete => "MONITORING_COMPLETE",
            Self::Triggered => "TRIGGERED",
        }
    }
}

/// A service revision: what a deployment puts in place.
#[derive(Debug, Clone, PartialEq)]
pub struct Revision {
    /// Its number, the end of its ARN.
    pub number: u64,
    /// `family:revision` of the task definition.
    pub task_definition: String,
    /// The image as the task definition names it.
    pub image: String,
    /// The image that the name stood for when the revision was made; its tasks all run this one.
    pub release: Release,
    /// When it was made.
    pub created: i64,
    /// Its tasks are targets of the alternate target group, not of the service's own.
    pub alternate: bool,
}

/// A way back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rollback {
    /// Why.
    pub reason: String,
    /// Since when.
    pub at: i64,
    /// Index of the revision that it returns to.
    pub to: usize,
}

/// A service deployment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deployment {
    /// Its number, the end of its ARN.
    pub number: u64,
    /// Number behind `ecs-svc/`; a rollback gets another one (AWS_FACTS 1.5).
    pub ecs: u64,
    /// Status.
    pub status: Status,
    /// statusReason.
    pub reason: String,
    /// createdAt.
    pub created: i64,
    /// finishedAt, or when it was stopped.
    pub finished: Option<i64>,
    /// updatedAt.
    pub updated: i64,
    /// Revisions that had tasks when it began, as indexes.
    pub sources: Vec<usize>,
    /// The revision to put in place, as an index.
    pub target: usize,
    /// How.
    pub strategy: Strategy,
    /// Failed tasks of it.
    pub failures: u32,
    /// failureCount at which the circuit breaker trips.
    pub failures_max: u32,
    /// Circuit breaker.
    pub breaker: Watch,
    /// Alarms.
    pub alarms: Watch,
    /// Alarms that stopped it.
    pub triggered: Vec<String>,
    /// The way back, once it is taken.
    pub rollback: Option<Rollback>,
    /// Stage of a blue/green deployment.
    pub stage: Lifecycle,
    /// When this stage, or the time in which alarms are watched, ends.
    pub(super) stage_until: Option<i64>,
    /// The stages whose pause hook somebody has answered.
    pub(super) continued: Vec<Lifecycle>,
    /// The stage whose pause hook waits for an answer.
    pub paused: Option<Lifecycle>,
}

impl Deployment {
    /// The revision that its tasks should have now, as an index.
    #[must_use]
    pub fn wanted(&self) -> usize {
        self.rollback.as_ref().map_or(self.target, |r| r.to)
    }

    /// hookId of the pause that waits.
    #[must_use]
    pub fn hook(&self) -> Option<String> {
        self.paused.map(|stage| format!("{}-{}", stage.name().to_ascii_lowercase().replace('_', "-"), self.number))
    }
}
