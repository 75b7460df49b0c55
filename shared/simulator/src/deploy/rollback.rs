//! Ways out of a deployment: circuit breaker, alarms, StopServiceDeployment, a hook's answer.

use super::config::{Config, Lifecycle};
use super::happened::{Happened, HookAction};
use super::record::{Rollback, Status, Watch};
use super::state::Deployments;
use crate::tasks::Tasks;

/// From the request to the rollback's beginning: StopServiceDeployment only requests (AWS_FACTS 1.1). The length is
/// our assumption.
const REQUEST_TAKES: i64 = 5;

/// Why a call was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DeployError {
    /// ServiceDeploymentNotFoundException
    #[error("Service deployment not found.")]
    NotFound,
    /// ConflictException
    #[error("The service deployment is {0} and cannot be stopped.")]
    Conflict(&'static str),
    /// InvalidParameterException
    #[error("{0}")]
    Invalid(String),
    /// LimitExceededException
    #[error("at most {0} revisions in one run")]
    TooMany(usize),
}

impl Deployments {
    /// A task of a revision failed.
    pub(crate) fn failed(&mut self, revision: usize, tasks: &mut Tasks, now: i64) {
        let trips = self.config.breaker;
        let Some(active) = self.active_mut().filter(|d| d.wanted() == revision) else { return };
        active.failures += 1;
        active.updated = now;
        let back = active.rollback.is_some();
        let watched = active.breaker == Watch::Monitoring || (back && trips.is_some());
        if !watched || active.failures < active.failures_max {
            return;
        }
        active.breaker = Watch::Triggered;
        let ecs = active.ecs;
        let reason = "ECS deployment circuit breaker: tasks failed to start.".to_owned();
        self.happened.push((now, Happened::Deployment { name: "SERVICE_DEPLOYMENT_FAILED", ecs, reason }));
        self.say(now, format!("(deployment ecs-svc/{ecs}) deployment failed: tasks failed to start."));
        match trips {
            Some(breaker) if breaker.rollback && !back => {
                let why = "Service deployment rolled back because the circuit breaker threshold was exceeded.";
                self.roll_back(tasks, now, Some(why.to_owned()));
            }
            Some(_) | None => self.stall(if back { Status::RollbackFailed } else { Status::Stopped }, now),
        }
    }

    /// resetOnHealthyTask, on by default: a task that reaches a healthy state makes the count of failures begin again,
    /// one that has been healthy for long does not (Amazon ECS API reference, DeploymentCircuitBreaker).
    pub(super) fn turned_healthy(&mut self, revisions: &[usize]) {
        if let Some(active) = self.active_mut().filter(|d| revisions.contains(&d.wanted())) {
            active.failures = 0;
        }
    }

    /// Alarms of the deployment configuration that are in ALARM now.
    pub(crate) fn alarming(&mut self, firing: &[String], tasks: &mut Tasks, now: i64) {
        let Some(alarms) = self.config.alarms.clone() else { return };
        let Some(active) = self.active_mut().filter(|d| d.alarms == Watch::Monitoring && d.rollback.is_none()) else {
            return;
        };
        let triggered: Vec<String> = alarms.names.into_iter().filter(|name| firing.contains(name)).collect();
        if triggered.is_empty() {
            return;
        }
        (active.alarms, active.triggered) = (Watch::Triggered, triggered);
        let ecs = active.ecs;
        let reason = "ECS deployment failed: alarm(s) detected.".to_owned();
        self.happened.push((now, Happened::Deployment { name: "SERVICE_DEPLOYMENT_FAILED", ecs, reason }));
        if alarms.rollback {
            let why = "Service deployment rolled back because an alarm was triggered.";
            self.roll_back(tasks, now, Some(why.to_owned()));
        } else {
            self.stall(Status::Stopped, now);
        }
    }

    /// StopServiceDeployment with ROLLBACK: works also where no rollback is configured, and is only a request
    /// (AWS_FACTS 1.1).
    ///
    /// # Errors
    /// There is no such deployment, or it is over.
    pub fn stop(&mut self, number: u64, now: i64) -> Result<(), DeployError> {
        let found = self.history.iter_mut().find(|d| d.number == number).ok_or(DeployError::NotFound)?;
        match found.status {
            Status::Pending | Status::InProgress => {
                (found.status, found.updated, found.paused) = (Status::RollbackRequested, now, None);
                found.reason = "Service deployment rollback was requested by StopServiceDeployment.".to_owned();
                found.stage_until = Some(now + REQUEST_TAKES);
                Ok(())
            }
            Status::StopRequested | Status::RollbackRequested | Status::RollbackInProgress => Ok(()),
            Status::Successful | Status::Stopped | Status::RollbackSuccessful | Status::RollbackFailed => {
                Err(DeployError::Conflict(found.status.name()))
            }
        }
    }

    /// ContinueServiceDeployment.
    ///
    /// # Errors
    /// There is no such deployment, or no such hook waits.
    pub fn answer(&mut self, number: u64, hook: &str, action: HookAction, now: i64) -> Result<(), DeployError> {
        let active = self.active_mut().filter(|d| d.number == number).ok_or(DeployError::NotFound)?;
        let waits: Option<Lifecycle> = active.paused.filter(|_| active.hook().as_deref() == Some(hook));
        let Some(stage) = waits else {
            return Err(DeployError::Invalid(format!(
                "No lifecycle hook {hook} is waiting for the service deployment."
            )));
        };
        (active.paused, active.updated, active.stage_until) = (None, now, None);
        active.continued.push(stage);
        if action == HookAction::Rollback {
            active.status = Status::RollbackRequested;
            active.reason = "Service deployment rolled back by a lifecycle hook.".to_owned();
            active.stage_until = Some(now);
        }
        Ok(())
    }

    /// Back to the revision of the most recent successful deployment; with none, the deployment stalls
    /// (AWS_FACTS 1.2).
    pub(super) fn roll_back(&mut self, tasks: &mut Tasks, now: i64, why: Option<String>) {
        let Some(to) = self.good() else {
            self.stall(Status::RollbackFailed, now);
            return;
        };
        let ecs = self.number();
        let Some(active) = self.active_mut() else { return };
        let reason = why.unwrap_or_else(|| active.reason.clone());
        let failed = active.ecs;
        active.status = Status::RollbackInProgress;
        (active.updated, active.ecs, active.stage_until, active.paused) = (now, ecs, None, None);
        (active.failures, active.failures_max) = (0, Config::failures_max(tasks.desired));
        active.reason.clone_from(&reason);
        active.rollback = Some(Rollback { reason, at: now, to });
        self.primary = to;
        tasks.unthrottle();
        self.in_progress(ecs, format!("ECS deployment ecs-svc/{failed} failed: rolling back to ecs-svc/{ecs}."), now);
        self.say(now, format!("rolling back to deployment ecs-svc/{ecs}."));
    }

    /// Nothing more is started; what runs stays.
    fn stall(&mut self, status: Status, now: i64) {
        self.stalled = true;
        self.finish(status, now);
    }
}
