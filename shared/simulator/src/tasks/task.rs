//! One task.

use crate::deploy::Begins;
use crate::random::Lengths;

/// Where a task is in its life. Times are seconds since the epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Wanted, not placed yet: no quota, or not its turn to be launched.
    Pending,
    /// Placed; runs at this time.
    Starting(i64),
    /// Running, not yet healthy in the target group; is so, or has failed its checks, at this time.
    Running(i64),
    /// Serving.
    Healthy,
    /// Deregistered; gone at this time.
    Draining(i64),
}

/// Why a task ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ending {
    /// There are more than wanted, of this deployment's number behind `ecs-svc/`.
    Scheduler(u64),
    /// Its image could not be pulled.
    NotPulled,
    /// Its essential container exited.
    Exited,
    /// Its container used more memory than the task has.
    OutOfMemory,
    /// It failed the load balancer's health checks.
    Unhealthy,
    /// StopTask, with the caller's reason.
    User(String),
}

impl Ending {
    /// Whether a deployment counts it as a failed task.
    #[must_use]
    pub fn is_failure(&self) -> bool {
        match self {
            Self::NotPulled | Self::Exited | Self::OutOfMemory | Self::Unhealthy => true,
            Self::Scheduler(_) | Self::User(_) => false,
        }
    }
}

/// One task.
#[derive(Debug, Clone, PartialEq)]
pub struct Task {
    /// Its number in its service.
    pub id: u64,
    /// Its revision, as an index.
    pub revision: usize,
    /// Its stage.
    pub stage: Stage,
    /// Since when it is wanted.
    pub created: i64,
    /// Since when it runs.
    pub running_since: i64,
    /// CPU used in the minute so far, in seconds of its whole size.
    pub busy: f64,
    /// Why it is on its way out.
    pub ending: Option<Ending>,
    pub(super) begins: Begins,
}

/// A status that a task reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TaskStatus {
    /// PENDING
    Pending,
    /// RUNNING
    Running,
    /// DEACTIVATING
    Deactivating,
    /// STOPPED
    Stopped,
}

impl TaskStatus {
    /// AWS's name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Pending => "PENDING",
            Self::Running => "RUNNING",
            Self::Deactivating => "DEACTIVATING",
            Self::Stopped => "STOPPED",
        }
    }

    /// `version`, that grows with each change of a task's status (AWS_FACTS 1.5).
    #[must_use]
    pub fn version(self) -> u32 {
        match self {
            Self::Pending => 1,
            Self::Running => 3,
            Self::Deactivating => 4,
            Self::Stopped => 6,
        }
    }
}

/// What happened to a task.
#[derive(Debug, Clone, PartialEq)]
pub struct Noted {
    /// When.
    pub at: i64,
    /// The task as it is then.
    pub task: Task,
    /// The status that it reached.
    pub status: TaskStatus,
}

/// How tasks of a service live.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Life {
    /// From placed to running.
    pub start: Lengths,
    /// From running to healthy, in seconds.
    pub healthy_after: u32,
    /// From deregistered to stopped, in seconds.
    pub drain: u32,
}

pub(super) fn is_running(stage: Stage) -> bool {
    matches!(stage, Stage::Running(_) | Stage::Healthy)
}
