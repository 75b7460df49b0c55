//! The beginning of a deployment.

use super::config::Strategy;
use super::happened::Happened;
use super::record::{Revision, Status, Watch};
use super::release::Release;
use super::rollback::DeployError;
use super::state::Deployments;
use crate::tasks::Tasks;

/// Revisions of a service in one run; a run that makes more is in a loop.
const REVISIONS_MAX: usize = 10_000;

/// What a new deployment puts in place.
#[derive(Debug, Clone, PartialEq)]
pub struct Begin {
    /// `family:revision` of the task definition.
    pub task_definition: String,
    /// The image as the task definition names it.
    pub image: String,
    /// What that name stands for now.
    pub release: Release,
    /// Whether an alarm of the deployment configuration is in ALARM already: ECS then ignores alarms for the whole
    /// deployment (AWS_FACTS 1.3).
    pub alarming: bool,
}

impl Deployments {
    /// Begins a deployment; one that runs is stopped (AWS_FACTS 1.1). Returns its number.
    ///
    /// # Errors
    /// There were too many.
    pub fn begin(&mut self, call: Begin, tasks: &mut Tasks, now: i64) -> Result<u64, DeployError> {
        if self.revisions.len() == REVISIONS_MAX {
            return Err(DeployError::TooMany(REVISIONS_MAX));
        }
        let Begin { task_definition, image, release, alarming } = call;
        if let Some(running) = self.active_mut() {
            running.reason = "Service deployment stopped because a new deployment was created.".to_owned();
            self.finish(Status::Stopped, now);
        }
        let sources: Vec<usize> = (0..self.revisions.len()).filter(|r| tasks.wanted(|of| of == *r) > 0).collect();
        // A deployment that shifts traffic puts its tasks behind the target group that serves nobody now.
        let serving = self.revisions.get(self.production).is_some_and(|r| r.alternate);
        let shifts = self.config.strategy != Strategy::Rolling && self.alternate.is_some();
        let alternate = if shifts { !serving } else { serving };
        // The same task definition with the same image is the same service revision, deployed again.
        let same = self.revisions.get(self.primary).filter(|r| {
            r.task_definition == task_definition && r.release.digest == release.digest && r.alternate == alternate
        });
        let known = same.map(|r| (r.number, r.created));
        let (number, created) = known.unwrap_or_else(|| (self.number(), now));
        tasks.add_revision(&release);
        tasks.unthrottle();
        self.revisions.push(Revision { number, task_definition, image, release, created, alternate });
        let to = self.revisions.len() - 1;
        self.primary = to;
        self.stalled = false;
        let mut deployment = self.record(to, sources, tasks.desired, now);
        if alarming {
            deployment.alarms = Watch::Disabled;
        }
        let (number, ecs) = (deployment.number, deployment.ecs);
        self.remember(deployment);
        self.in_progress(ecs, format!("ECS deployment ecs-svc/{ecs} in progress."), now);
        Ok(number)
    }

    pub(super) fn in_progress(&mut self, ecs: u64, reason: String, now: i64) {
        self.happened.push((now, Happened::Deployment { name: "SERVICE_DEPLOYMENT_IN_PROGRESS", ecs, reason }));
    }
}
