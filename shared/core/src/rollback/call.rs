//! The one call that begins a way back, with what it expects to find.

use std::fmt;

use super::choice::Way;
use super::watch::{Back, Watch};

/// One call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Call {
    /// `StopServiceDeployment` with `ROLLBACK`.
    Stop {
        /// ARN of the service deployment.
        deployment: String,
    },
    /// `ContinueServiceDeployment` with `ROLLBACK`; without an action AWS continues (TRAPS 11).
    Continue {
        /// ARN of the service deployment.
        deployment: String,
        /// Id of the hook that waits.
        hook: String,
    },
    /// `UpdateService` with a task definition and nothing else: never a desired count (SEMANTICS 18).
    Update {
        /// `ecs-svc/...` of the primary deployment that is expected.
        primary: String,
        /// ARN of the task definition that it is expected to run.
        replaces: String,
        /// ARN of the task definition to return to.
        task_definition: String,
    },
}

impl Call {
    /// The call of a way back.
    #[must_use]
    pub fn of(watch: &Watch, back: &Back) -> Self {
        let deployment = watch.deployment.clone();
        match &back.way {
            Way::Stop => Self::Stop { deployment },
            Way::Continue { hook } => Self::Continue { deployment, hook: hook.clone() },
            Way::Update => Self::Update {
                primary: back.primary.clone(),
                replaces: watch.task_definition.clone(),
                task_definition: back.task_definition.clone(),
            },
        }
    }

    /// The permission that it needs.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Stop { .. } => "StopServiceDeployment",
            Self::Continue { .. } => "ContinueServiceDeployment",
            Self::Update { .. } => "UpdateService",
        }
    }
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stop { .. } => f.write_str("StopServiceDeployment(ROLLBACK)"),
            Self::Continue { hook, .. } => write!(f, "ContinueServiceDeployment(ROLLBACK) of hook {hook}"),
            Self::Update { task_definition, .. } => {
                write!(f, "UpdateService to {}", task_definition.rsplit('/').next().unwrap_or(task_definition))
            }
        }
    }
}
