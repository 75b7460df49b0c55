//! What a person who looks at the world sees: copies, so that nobody holds it while drawing.

mod alarm;

use headroom_core::capacity::{Change, ServiceState};
use headroom_core::entry::Entry;
use headroom_core::fleet::Metric;
use headroom_core::id::ServiceId;
use headroom_core::notice::Notice;
use headroom_pipeline::PortError;

use crate::deploy::{Deployment, Deployments, Strategy, Watch};
use crate::event::Event;
use crate::scaling::{Activity, BoundsSet, Outcome};
use crate::service::Service;
use crate::tasks::{Noted, Stage};
use crate::world::World;

pub use alarm::AlarmView;
use alarm::Index;

/// Minutes of a metric that are shown.
pub const HOUR: usize = 60;
/// A page shows so many of each list that grows with time.
const NEWEST: usize = 64;

/// The world at an instant.
#[derive(Debug, Clone)]
pub struct View {
    /// Now, in seconds since the epoch.
    pub now: i64,
    /// Services, in the order in which they came.
    pub services: Vec<ServiceView>,
    /// Alarms, in the order in which they came.
    pub alarms: Vec<AlarmView>,
    /// What Headroom remembers of each service; nothing when it runs outside of the world.
    pub states: Vec<(ServiceId, ServiceState)>,
    /// Its newest entries, oldest first.
    pub entries: Vec<Entry>,
    /// Its newest notices with their time, oldest first.
    pub notices: Vec<(i64, Notice)>,
    /// Its newest changes with their time and the service's place in the list, oldest first.
    pub changes: Vec<(i64, usize, Change)>,
    /// The newest events, oldest first.
    pub events: Vec<Event>,
}

/// A service.
#[derive(Debug, Clone)]
pub struct ServiceView {
    /// Its name in the scenario.
    pub name: String,
    /// Its name in AWS.
    pub id: ServiceId,
    /// Stage of each task, and its revision as an index.
    pub tasks: Vec<(Stage, usize)>,
    /// `family:revision` of each service revision; tasks and deployments name it by its index.
    pub revisions: Vec<String>,
    /// The newest deployments, oldest first.
    pub deployments: Vec<DeploymentView>,
    /// The newest tasks that failed: time, revision as an index, AWS's words for it; oldest first.
    pub failed: Vec<(i64, usize, String)>,
    /// Desired count.
    pub desired: u32,
    /// Running count.
    pub running: u32,
    /// Healthy targets.
    pub healthy: u32,
    /// Whether a scalable target is registered.
    pub is_scalable: bool,
    /// MinCapacity and MaxCapacity.
    pub bounds: (u32, u32),
    /// DynamicScalingInSuspended.
    pub scale_in_suspended: bool,
    /// The newest changes of the bounds, oldest first.
    pub bounds_set: Vec<BoundsSet>,
    /// The newest scaling activities, oldest first.
    pub activities: Vec<Activity>,
    /// What its target-tracking policies hold.
    pub targets: Vec<(Metric, f64)>,
    /// The newest value of each metric that can be read, with the start of its minute.
    pub newest: Vec<(Metric, i64, f64)>,
    /// The last hour of each metric, oldest first, for a service that was asked for.
    pub hour: Vec<(Metric, Vec<Option<f64>>)>,
}

impl ServiceView {
    /// A service that nothing is known of but its names.
    #[must_use]
    pub fn empty(name: &str, id: ServiceId) -> Self {
        Self {
            name: name.to_owned(),
            id,
            tasks: Vec::new(),
            revisions: Vec::new(),
            deployments: Vec::new(),
            failed: Vec::new(),
            desired: 0,
            running: 0,
            healthy: 0,
            is_scalable: true,
            bounds: (0, 0),
            scale_in_suspended: false,
            bounds_set: Vec::new(),
            activities: Vec::new(),
            targets: Vec::new(),
            newest: Vec::new(),
            hour: Vec::new(),
        }
    }

    /// Whether more was wanted than max allows, and that is still so.
    #[must_use]
    pub fn at_max(&self) -> bool {
        let newest = self.activities.last().map(|a| a.outcome);
        self.desired >= self.bounds.1
            && matches!(newest, Some(Outcome::NotScaled(crate::scaling::NotScaled::AlreadyAtMaxCapacity)))
    }
}

/// A deployment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeploymentView {
    /// Number behind `ecs-svc/`.
    pub ecs: u64,
    /// Its status, as AWS names it.
    pub status: &'static str,
    /// Whether nothing more becomes of it.
    pub is_over: bool,
    /// Why it was stopped or goes back; empty when it does neither.
    pub reason: String,
    /// When it began.
    pub began: i64,
    /// When it ended.
    pub ended: Option<i64>,
    /// The revision that it puts in place, or returns to, as an index.
    pub to: usize,
    /// Whether that is a way back.
    pub back: bool,
    /// Healthy tasks of that revision.
    pub healthy: u32,
    /// Tasks that failed.
    pub failures: u32,
    /// How many make the circuit breaker trip, when it is on.
    pub breaker: Option<u32>,
    /// Lifecycle stage of a blue/green deployment.
    pub stage: Option<&'static str>,
    /// Whether a pause hook waits for an answer.
    pub paused: bool,
}

impl World {
    /// How many services there are.
    #[must_use]
    pub fn services(&self) -> usize {
        self.inner.borrow().services.len()
    }

    /// A look at everything; `hour` says of which services the last hour is wanted too.
    ///
    /// # Errors
    /// A document of the journal is not what was written.
    pub fn view(&self, hour: impl Fn(&ServiceId) -> bool) -> Result<View, PortError> {
        let now = self.seconds();
        let inner = self.inner.borrow();
        let services = inner.services.iter().map(|s| self.service_view(s, hour(&s.spec.id))).collect();
        let (watched, all) = (Index::of(&inner.services), inner.alarms.all());
        let alarms = all.map(|alarm| watched.view(&alarm));
        Ok(View {
            now,
            services,
            alarms: alarms.collect(),
            states: inner.journal.states()?,
            entries: inner.journal.newest()?,
            notices: newest(&inner.notices),
            changes: newest(&inner.changes),
            events: inner.recent.iter().cloned().collect(),
        })
    }

    fn service_view(&self, service: &Service, hour: bool) -> ServiceView {
        let (now, delays, metrics) = (self.seconds(), self.delays, &service.metrics);
        let shown = Metric::ALL.into_iter();
        let newest = shown.clone().filter_map(|m| metrics.newest(m, now, delays).map(|(at, value, _)| (m, at, value)));
        let window = |m| metrics.window(m, HOUR, now, delays).map(|p| p.map(|(value, _)| value)).collect();
        let target = &service.target;
        ServiceView {
            name: service.spec.name.clone(),
            id: service.spec.id.clone(),
            tasks: service.tasks.list().iter().map(|t| (t.stage, t.revision)).collect(),
            revisions: service.deploys.revisions.iter().map(|r| r.task_definition.clone()).collect(),
            deployments: deployments(service),
            failed: failed(service),
            desired: service.tasks.desired,
            running: service.tasks.running(),
            healthy: service.tasks.healthy(),
            is_scalable: target.is_registered(),
            bounds: (target.min, target.max),
            scale_in_suspended: target.suspended.scale_in,
            bounds_set: target.bounds_set.iter().cloned().collect(),
            activities: target.activities.iter().rev().take(NEWEST).rev().cloned().collect(),
            targets: target.policies.tracking.iter().filter_map(|p| Some((p.tracked.metric()?, p.target))).collect(),
            newest: newest.collect(),
            hour: if hour { shown.map(|m| (m, window(m))).collect() } else { Vec::new() },
        }
    }
}

fn newest<T: Clone>(all: &[T]) -> Vec<T> {
    all[all.len().saturating_sub(NEWEST)..].to_vec()
}

fn deployments(service: &Service) -> Vec<DeploymentView> {
    // The first one was there when the run began.
    let history = service.deploys.history.iter().skip_while(|d| d.created == d.updated && d.sources.is_empty());
    let all: Vec<_> = history.map(|d| deployment(service, &service.deploys, d)).collect();
    newest(&all)
}

fn deployment(service: &Service, all: &Deployments, found: &Deployment) -> DeploymentView {
    let (to, rollback) = (found.wanted(), found.rollback.as_ref());
    let active = all.active().is_some_and(|a| a.number == found.number);
    DeploymentView {
        ecs: found.ecs,
        status: found.status.name(),
        is_over: found.status.is_final(),
        reason: rollback.map_or_else(|| found.reason.clone(), |r| r.reason.clone()),
        began: found.created,
        ended: found.finished,
        to,
        back: rollback.is_some(),
        healthy: service.tasks.count(|t| t.stage == Stage::Healthy && t.revision == to),
        failures: found.failures,
        breaker: (found.breaker != Watch::Disabled).then_some(found.failures_max),
        stage: (active && found.strategy != Strategy::Rolling).then(|| found.stage.name()),
        paused: found.paused.is_some(),
    }
}

fn failed(service: &Service) -> Vec<(i64, usize, String)> {
    let failure = |noted: &Noted| {
        let ending = noted.task.ending.as_ref().filter(|e| e.is_failure())?;
        let words = ending.container_reason().map_or_else(|| ending.reason(service), str::to_owned);
        Some((noted.at, noted.task.revision, words))
    };
    service.tasks.stopped().filter_map(failure).collect()
}
