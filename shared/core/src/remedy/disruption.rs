//! One disruptive call: what it replaces, and what it expects to find there.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::seen::{LoadQuestion, ServiceSeen};

/// A call that replaces what runs, with what its effect is judged by.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Disruption {
    /// The call.
    pub what: Disrupts,
    /// The incident that its notices belong to.
    pub incident: String,
    /// The metric whose recovery says that it helped; the alarm alone does where there is none.
    pub load: Option<LoadQuestion>,
    /// The alarm that it answers.
    pub alarm: String,
}

/// The calls that replace what runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Disrupts {
    /// `UpdateService` with `forceNewDeployment` and nothing else: never a desired count (SEMANTICS 18).
    ForceNewDeployment {
        /// The primary deployment that is expected; another one there means that it is done, by us or by somebody.
        primary: String,
        /// ARN of its task definition, which stays.
        task_definition: String,
    },
    /// `StopTask` of one task.
    StopTask {
        /// ARN of the task.
        task: String,
        /// Why this one; ECS keeps it as the task's stopped reason.
        sick: Sick,
    },
}

/// Why a task is stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sick {
    /// A container of it was killed for want of memory, and the task runs on.
    OutOfMemory,
    /// Its container health checks fail.
    Unhealthy,
    /// It has been on its way to RUNNING for too long.
    Stuck,
}

impl fmt::Display for Sick {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::OutOfMemory => "out of memory",
            Self::Unhealthy => "unhealthy",
            Self::Stuck => "stuck",
        })
    }
}

impl fmt::Display for Disrupts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ForceNewDeployment { task_definition, .. } => {
                write!(f, "force-new-deployment of {}", last(task_definition))
            }
            Self::StopTask { task, sick } => write!(f, "stop-task {}, {sick}", last(task)),
        }
    }
}

/// The part of an ARN that people say.
fn last(arn: &str) -> &str {
    arn.rsplit('/').next().unwrap_or(arn)
}

/// What a look at AWS says about a call whose outcome is not known (SEMANTICS 17).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It took effect, by our hand or by somebody's.
    Done,
    /// It did not, and may be sent again.
    NotDone,
    /// Something is on its way; look again.
    Pending,
}

impl Disrupts {
    /// Reads the outcome from the service, and for a task from whether ECS still wants it to run.
    #[must_use]
    pub fn outcome(&self, service: &ServiceSeen, task_wanted: Option<bool>) -> Outcome {
        match (self, task_wanted) {
            (Self::ForceNewDeployment { primary, .. }, _) => match &service.primary {
                Some(now) if now.id != *primary => Outcome::Done,
                Some(_) if service.deployments_in_progress == 0 => Outcome::NotDone,
                Some(_) | None => Outcome::Pending,
            },
            (Self::StopTask { .. }, Some(true)) => Outcome::NotDone,
            (Self::StopTask { .. }, Some(false)) => Outcome::Done,
            (Self::StopTask { .. }, None) => Outcome::Pending,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seen::Primary;

    fn service(primary: Option<&str>, deployments_in_progress: u32) -> ServiceSeen {
        let primary = primary.map(|id| Primary { id: id.into(), task_definition: "web:1".into() });
        ServiceSeen {
            arn: "arn".into(),
            created_at: None,
            desired: 2,
            running: 2,
            deployments_in_progress,
            daemon: false,
            troubles: Vec::new(),
            target_groups: Vec::new(),
            primary,
        }
    }

    #[test]
    fn another_primary_is_done_and_the_same_at_rest_is_not() {
        let deploy = Disrupts::ForceNewDeployment { primary: "ecs-svc/1".into(), task_definition: "web:1".into() };
        for (seen, outcome) in [
            (service(Some("ecs-svc/2"), 2), Outcome::Done),
            (service(Some("ecs-svc/2"), 0), Outcome::Done),
            (service(Some("ecs-svc/1"), 0), Outcome::NotDone),
            (service(Some("ecs-svc/1"), 1), Outcome::Pending),
            (service(None, 0), Outcome::Pending),
        ] {
            assert_eq!(deploy.outcome(&seen, None), outcome, "{seen:?}");
        }
    }

    #[test]
    fn a_task_that_ecs_no_longer_wants_is_stopped() {
        let stop = Disrupts::StopTask { task: "arn:t/1".into(), sick: Sick::Stuck };
        let seen = service(Some("ecs-svc/1"), 0);
        for (wanted, outcome) in
            [(Some(true), Outcome::NotDone), (Some(false), Outcome::Done), (None, Outcome::Pending)]
        {
            assert_eq!(stop.outcome(&seen, wanted), outcome);
        }
    }
}
