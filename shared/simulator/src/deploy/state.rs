//! The deployments of one service and their step from one moment to the next.

use std::collections::VecDeque;

use super::config::{Config, Lifecycle, Strategy};
use super::happened::Happened;
use super::record::{Deployment, Revision, Status, Watch};
use super::release::Release;
use crate::tasks::{Ending, Tasks};

/// Deployments that are remembered. ECS keeps 90 days (AWS_FACTS 1.1), a run here is a month at most.
const HISTORY_KEPT: usize = 256;
/// Messages that DescribeServices shows.
const MESSAGES_KEPT: usize = 100;
/// How long alarms are watched after the last task of a rolling deployment. ECS computes it from the alarm, under
/// five minutes in common cases (AWS_FACTS 1.3); this is our assumption.
const ALARMS_WATCHED: i64 = 240;

/// Deployments, revisions, configuration.
#[derive(Debug, Clone)]
pub struct Deployments {
    /// deploymentConfiguration.
    pub config: Config,
    /// Every revision, oldest first.
    pub revisions: Vec<Revision>,
    /// Deployments, oldest first.
    pub history: VecDeque<Deployment>,
    /// The revision that new tasks have, as an index.
    pub primary: usize,
    /// The revision that production traffic goes to in a blue/green deployment, as an index; what of it has moved to the
    /// deployment's target already does not.
    pub production: usize,
    /// The target group beside the service's own, between which deployments that shift traffic alternate.
    pub alternate: Option<String>,
    pub(super) moved: u32,
    /// A deployment failed and nothing was there to return to: no task is started any more.
    pub stalled: bool,
    /// Messages, oldest first, with their times.
    pub messages: VecDeque<(i64, String)>,
    pub(super) service: String,
    pub(super) made: u64,
    pub(super) happened: Vec<(i64, Happened)>,
    steady: bool,
}

impl Deployments {
    /// A service at rest: its first revision was deployed with success.
    #[must_use]
    pub fn at_rest(service: &str, now: i64) -> Self {
        let image = format!("{service}:1");
        let release = Release::sound(&super::digest_of(&image));
        let mut deployments = Self {
            config: Config::default(),
            revisions: Vec::new(),
            history: VecDeque::new(),
            primary: 0,
            production: 0,
            alternate: None,
            moved: 0,
            stalled: false,
            messages: VecDeque::new(),
            service: service.to_owned(),
            made: 0,
            happened: Vec::new(),
            steady: true,
        };
        let number = deployments.number();
        let task_definition = format!("{service}:1");
        deployments.revisions.push(Revision {
            number,
            task_definition,
            image,
            release,
            created: now,
            alternate: false,
        });
        let deployment = deployments.record(0, Vec::new(), 0, now);
        let status = Status::Successful;
        deployments.history.push_back(Deployment { status, finished: Some(now), ..deployment });
        deployments
    }

    /// A number like AWS's, that only depends on the service and how many there were before.
    pub(super) fn number(&mut self) -> u64 {
        self.made += 1;
        let name = format!("{}/{}", self.service, self.made);
        let hash = name
            .bytes()
            .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3));
        // Nineteen digits, as AWS's have.
        1_000_000_000_000_000_000 + hash % 8_000_000_000_000_000_000
    }

    pub(super) fn record(&mut self, target: usize, sources: Vec<usize>, desired: u32, now: i64) -> Deployment {
        let watch = |on: bool| if on { Watch::Monitoring } else { Watch::Disabled };
        Deployment {
            number: self.number(),
            ecs: self.number(),
            status: Status::InProgress,
            reason: String::new(),
            created: now,
            finished: None,
            updated: now,
            sources,
            target,
            strategy: self.config.strategy,
            failures: 0,
            failures_max: Config::failures_max(desired),
            breaker: watch(self.config.breaker.is_some()),
            alarms: watch(self.config.alarms.is_some()),
            triggered: Vec::new(),
            rollback: None,
            stage: Lifecycle::ReconcileService,
            stage_until: None,
            continued: Vec::new(),
            paused: None,
        }
    }

    pub(super) fn remember(&mut self, deployment: Deployment) {
        if self.history.len() == HISTORY_KEPT {
            // The one that a rollback returns to stays, however many have failed since.
            let good = self.history.iter().rposition(|d| d.status == Status::Successful);
            self.history.remove(usize::from(good == Some(0)));
        }
        self.history.push_back(deployment);
    }

    /// The revision that a rollback returns to: that of the most recent successful deployment (AWS_FACTS 1.2).
    pub(super) fn good(&self) -> Option<usize> {
        self.history.iter().rev().find(|d| d.status == Status::Successful).map(|d| d.target)
    }

    /// The deployment that is not over yet.
    #[must_use]
    pub fn active(&self) -> Option<&Deployment> {
        self.history.back().filter(|d| !d.status.is_final())
    }

    pub(super) fn active_mut(&mut self) -> Option<&mut Deployment> {
        self.history.back_mut().filter(|d| !d.status.is_final())
    }

    /// The number behind `ecs-svc/` of what the scheduler does now.
    #[must_use]
    pub fn ecs(&self) -> u64 {
        self.history.back().map_or(0, |d| d.ecs)
    }

    /// What the tasks of a revision run.
    #[must_use]
    pub fn release(&self, revision: usize) -> Option<&Release> {
        self.revisions.get(revision).map(|r| &r.release)
    }

    /// Whether tasks of a revision get production traffic.
    #[must_use]
    pub fn serves(&self, revision: usize) -> bool {
        self.share(revision).is_none_or(|share| share > 0.0)
    }

    /// The share of production traffic that goes to a revision, 0 to 1, however many tasks it has; `None`: every task gets
    /// as much as another.
    #[must_use]
    pub fn share(&self, revision: usize) -> Option<f64> {
        let shifting = self.history.back().filter(|d| d.strategy != Strategy::Rolling);
        let target = shifting.filter(|d| self.stalled || !d.status.is_final())?.target;
        Some(self.weight(revision, target) / 100.0)
    }

    /// requestedProductionTrafficWeight of a revision in a deployment that shifts traffic to `target`, in percent.
    #[must_use]
    pub fn weight(&self, revision: usize, target: usize) -> f64 {
        let moved = f64::from(self.moved) / 10.0;
        if revision == self.production {
            100.0 - moved
        } else if revision == target {
            moved
        } else {
            0.0
        }
    }

    /// When a stage ends by itself.
    #[must_use]
    pub fn next_change(&self) -> Option<i64> {
        self.active().and_then(|d| d.stage_until)
    }

    /// What happened since this was last asked.
    pub(crate) fn take_happened(&mut self) -> Vec<(i64, Happened)> {
        std::mem::take(&mut self.happened)
    }

    pub(crate) fn say(&mut self, now: i64, message: String) {
        if self.messages.len() == MESSAGES_KEPT {
            self.messages.pop_front();
        }
        self.messages.push_back((now, format!("(service {}) {message}", self.service)));
    }

    /// Brings the tasks a step closer to what is wanted; asked whenever something changed.
    pub(crate) fn step(&mut self, tasks: &mut Tasks, now: i64) {
        let turned = tasks.take_turned();
        self.turned_healthy(&turned);
        match self.active().map(|d| (d.status, d.stage_until, d.strategy)) {
            None => self.keep(tasks, now),
            Some((Status::RollbackRequested, Some(until), _)) if now < until => {}
            Some((Status::RollbackRequested, _, _)) => {
                self.roll_back(tasks, now, None);
                return self.step(tasks, now);
            }
            Some((_, until, Strategy::Rolling)) => {
                if self.roll(tasks, now) {
                    self.rolled(until, now);
                }
            }
            Some((_, _, Strategy::BlueGreen { .. } | Strategy::Linear { .. } | Strategy::Canary { .. })) => {
                self.blue_green(tasks, now);
            }
        }
        self.look(tasks, now);
    }

    /// Between deployments: as many tasks of the primary revision as desired.
    fn keep(&mut self, tasks: &mut Tasks, now: i64) {
        let (primary, ending) = (self.primary, Ending::Scheduler(self.ecs()));
        if self.stalled {
            let there = tasks.wanted(|_| true);
            tasks.stop(there.saturating_sub(tasks.desired), now, &ending, |_| true);
            return;
        }
        let there = tasks.wanted(|r| r == primary);
        if there < tasks.desired {
            tasks.start(primary, tasks.desired - there, now);
        } else if there > tasks.desired {
            tasks.stop(there - tasks.desired, now, &ending, |t| t.revision == primary);
        }
        if self.revisions.len() > 1 {
            tasks.stop(u32::MAX, now, &ending, |t| t.revision != primary);
        }
    }

    /// A rolling deployment has put everything in place: it is done, or its alarms are watched a little longer.
    fn rolled(&mut self, until: Option<i64>, now: i64) {
        let Some(active) = self.active_mut() else { return };
        let back = active.rollback.is_some();
        if back || active.alarms != Watch::Monitoring {
            self.finish(if back { Status::RollbackSuccessful } else { Status::Successful }, now);
            return;
        }
        match until {
            None => active.stage_until = Some(now + ALARMS_WATCHED),
            Some(until) if now >= until => self.finish(Status::Successful, now),
            Some(_) => {}
        }
    }

    pub(super) fn finish(&mut self, status: Status, now: i64) {
        let Some(active) = self.active_mut() else { return };
        active.status = status;
        (active.finished, active.updated, active.stage_until, active.paused) = (Some(now), now, None, None);
        let complete = |watch: Watch| if watch == Watch::Monitoring { Watch::Complete } else { watch };
        (active.breaker, active.alarms) = (complete(active.breaker), complete(active.alarms));
        let ecs = active.ecs;
        self.moved = 0;
        if matches!(status, Status::Successful | Status::RollbackSuccessful) {
            self.production = self.primary;
            let reason = format!("ECS deployment ecs-svc/{ecs} completed.");
            self.happened.push((now, Happened::Deployment { name: "SERVICE_DEPLOYMENT_COMPLETED", ecs, reason }));
            self.say(now, format!("(deployment ecs-svc/{ecs}) deployment completed."));
        }
    }

    /// Says once that a steady state was reached, and that a task could not be placed or started.
    fn look(&mut self, tasks: &Tasks, now: i64) {
        let desired = tasks.desired;
        let steady = self.active().is_none()
            && !self.stalled
            && tasks.healthy() == desired
            && tasks.list().len() as u64 == u64::from(desired);
        if steady && !self.steady {
            self.action(now, "INFO", "SERVICE_STEADY_STATE", None);
            self.say(now, "has reached a steady state.".to_owned());
        }
        self.steady = steady;
    }

    pub(crate) fn action(&mut self, now: i64, level: &'static str, name: &'static str, reason: Option<&'static str>) {
        self.happened.push((now, Happened::Action { level, name, reason }));
    }
}
