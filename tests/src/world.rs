//! A small world in memory behind the five ports: a table, one account's services and alarms, a topic.
//!
//! It counts effects at its far side, may fail or hang at any call, and lets concurrent flows interleave by a
//! seed. Everything that goes into its table is written and read as JSON, as the real table does it.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::future::pending;

use headroom_core::at_max::{CapacityQuestion, CapacitySeen, Points, Screened};
use headroom_core::capacity::{Change, State};
use headroom_core::channel::Ack;
use headroom_core::control::{Control, Pause};
use headroom_core::entry::{Entry, Status};
use headroom_core::id::{CaseKey, ServiceId};
use headroom_core::notice::Notice;
use headroom_core::quota::VcpuQuota;
use headroom_core::remedy::Disrupts;
use headroom_core::schedule::{Span, Stopped, UsualQuestion};
use headroom_core::seen::{
    AlarmSeen, Load, NOT_ASKED, NeedQuestion, NeedSeen, PolicySeen, Primary, Question, Reading, Seen, ServiceSeen,
    Suspended, TargetSeen, TaskSeen, Trouble, graded,
};
use headroom_core::signal::AlarmState;
use headroom_pipeline::person::{Acks, Switches};
use headroom_pipeline::{
    Act, Ask, Capacities, Clock, Disrupted, Due, Journal, Keys, Loaded, Notify, Permit, PortError, Retry, Write,
    Written,
};
use headroom_simulator::journal::MemoryJournal;
use jiff::Timestamp;

/// A transaction takes a hundred items.
const ITEMS_MAX: usize = 100;

/// A service as AWS has it.
#[derive(Debug, Clone)]
pub struct AwsService {
    /// Desired count.
    pub desired: u32,
    /// Running count.
    pub running: u32,
    /// MinCapacity.
    pub min: u32,
    /// MaxCapacity.
    pub max: u32,
    /// SuspendedState.
    pub suspended: Suspended,
    /// When it was created.
    pub created_at: Timestamp,
    /// Scaling policies.
    pub policies: Vec<PolicySeen>,
    /// Its own scheduled actions.
    pub scheduled: Vec<(Option<u32>, Option<u32>)>,
    /// Deployments in progress.
    pub deployments: u32,
    /// It has no scalable target.
    pub untargeted: bool,
    /// Scheduling strategy DAEMON.
    pub daemon: bool,
    /// The number behind the primary deployment's `ecs-svc/`.
    pub deployed: u32,
    /// What ECS says of tasks that it cannot start or keep.
    pub troubles: Vec<Trouble>,
    /// Tasks that stopped.
    pub stopped: Reading<Vec<Stopped>>,
    /// Its tasks, as far as a test names them.
    pub tasks: Vec<TaskSeen>,
    /// Metrics by name.
    pub metrics: BTreeMap<String, Load>,
}

/// How a port call goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It fails and had no effect.
    Fails,
    /// It took effect and fails all the same.
    EffectThenFails,
    /// It never returns and had no effect: the process dies here.
    Dies,
    /// It took effect and never returns.
    EffectThenDies,
}

impl Fault {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Fails, Self::EffectThenFails, Self::Dies, Self::EffectThenDies];
}

/// The world.
#[derive(Debug)]
pub struct World {
    now: Cell<Timestamp>,
    calls: Cell<u32>,
    /// Milliseconds that each call through a port takes, one after another.
    pace: Cell<i64>,
    at_once: Cell<u32>,
    at_once_max: Cell<u32>,
    fault: Cell<Option<(u32, Fault)>>,
    hung: tokio::sync::Notify,
    seed: Cell<u64>,
    interleave: bool,
    denied: Cell<bool>,
    pauses_at_look: RefCell<Option<(String, Vec<Pause>)>>,
    deploys_at_look: RefCell<Option<ServiceId>>,
    inner: RefCell<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    table: MemoryJournal,
    services: BTreeMap<ServiceId, AwsService>,
    alarms: BTreeMap<String, AlarmSeen>,
    mutations: Vec<(ServiceId, Change)>,
    mutated_at: Vec<Timestamp>,
    disruptions: Vec<(ServiceId, Disrupts)>,
    messages: Vec<Notice>,
    asked: u32,
    quota: Option<VcpuQuota>,
    acks: BTreeMap<String, Vec<Ack>>,
    history: BTreeMap<String, Points>,
}

impl World {
    /// An empty world at a time; with a seed, concurrent flows interleave by it.
    #[must_use]
    pub fn new(now: Timestamp, seed: Option<u64>) -> Self {
        Self {
            now: Cell::new(now),
            calls: Cell::new(0),
            pace: Cell::new(0),
            at_once: Cell::new(0),
            at_once_max: Cell::new(0),
            fault: Cell::new(None),
            hung: tokio::sync::Notify::new(),
            seed: Cell::new(seed.unwrap_or(1)),
            interleave: seed.is_some(),
            denied: Cell::new(false),
            pauses_at_look: RefCell::default(),
            deploys_at_look: RefCell::default(),
            inner: RefCell::default(),
        }
    }

    /// Puts a service at rest: desired and running at min, one policy on requests.
    #[must_use]
    pub fn with_service(self, id: &ServiceId, min: u32, max: u32) -> Self {
        let service = AwsService {
            desired: min,
            running: min,
            min,
            max,
            suspended: Suspended::default(),
            created_at: Timestamp::UNIX_EPOCH,
            policies: vec![PolicySeen {
                name: format!("{}-requests-tracking-policy", id.service),
                tracks: Some("ALBRequestCountPerTarget".into()),
                target: Some(1_000.0),
                scales_in: true,
                label: Some(format!("app/{}/1/targetgroup/{}/2", id.cluster, id.service)),
                predictive: false,
            }],
            scheduled: Vec::new(),
            deployments: 0,
            untargeted: false,
            daemon: false,
            deployed: 1,
            troubles: Vec::new(),
            stopped: Reading::Known(Vec::new()),
            tasks: Vec::new(),
            metrics: BTreeMap::new(),
        };
        self.inner.borrow_mut().services.insert(id.clone(), service);
        self
    }

    /// Moves the clock.
    pub fn advance(&self, seconds: i64) {
        let next = self.now.get().checked_add(jiff::SignedDuration::from_secs(seconds));
        self.now.set(next.unwrap_or(Timestamp::MAX));
    }

    /// Sets the clock.
    pub fn set_now(&self, now: Timestamp) {
        self.now.set(now);
    }

    /// From now on each call through a port takes so long, whatever runs beside it.
    pub fn takes(&self, milliseconds: i64) {
        self.pace.set(milliseconds);
    }

    /// The most calls that were under way at once; of a world whose flows interleave.
    #[must_use]
    pub fn at_once_max(&self) -> u32 {
        self.at_once_max.get()
    }

    /// When AWS saw each of [`World::mutations`].
    #[must_use]
    pub fn mutated_at(&self) -> Vec<Timestamp> {
        self.inner.borrow().mutated_at.clone()
    }

    /// AWS refuses every change, for good, until told otherwise.
    pub fn deny(&self, denied: bool) {
        self.denied.set(denied);
    }

    /// DescribeServices does not know the service any more.
    ///
    /// # Panics
    /// The world has no such service.
    pub fn remove(&self, id: &ServiceId) -> AwsService {
        self.inner.borrow_mut().services.remove(id).unwrap_or_else(|| panic!("no service {id}"))
    }

    /// A service appears.
    pub fn put(&self, id: &ServiceId, service: AwsService) {
        self.inner.borrow_mut().services.insert(id.clone(), service);
    }

    /// DescribeAlarms does not answer for this alarm.
    pub fn forget_alarm(&self, name: &str) {
        self.inner.borrow_mut().alarms.remove(name);
    }

    /// Makes the n-th port call from now (the first is 1) go wrong.
    pub fn fail_at(&self, call: u32, fault: Fault) {
        self.calls.set(0);
        self.fault.set(Some((call, fault)));
    }

    /// Nothing goes wrong any more. Returns whether the fault had happened.
    pub fn heal(&self) -> bool {
        let happened = self.fault.get().is_some_and(|(at, _)| self.calls.get() >= at);
        self.fault.set(None);
        happened
    }

    /// Port calls since the start, or since the last [`World::fail_at`].
    #[must_use]
    pub fn calls(&self) -> u32 {
        self.calls.get()
    }

    /// Resolves when a call died.
    pub async fn died(&self) {
        self.hung.notified().await;
    }

    /// Changes a service as a person, a deployment or Auto Scaling would.
    pub fn service(&self, id: &ServiceId, change: impl FnOnce(&mut AwsService)) {
        if let Some(service) = self.inner.borrow_mut().services.get_mut(id) {
            change(service);
        }
    }

    /// A service as AWS has it.
    ///
    /// # Panics
    /// The world has no such service.
    #[must_use]
    pub fn aws(&self, id: &ServiceId) -> AwsService {
        self.inner.borrow().services[id].clone()
    }

    /// Sets the vCPU that an account uses of its quota.
    pub fn quota(&self, used: f64, limit: f64) {
        self.inner.borrow_mut().quota = Some(VcpuQuota { used, limit });
    }

    /// Sets a metric of the present minute.
    pub fn metric(&self, id: &ServiceId, name: &str, value: f64, tasks: Option<u32>) {
        let at = self.now.get();
        self.service(id, |s| {
            s.metrics.insert(name.to_owned(), Load { value, tasks, at });
        });
    }

    /// Sets the past, and the future, of a metric, in sums of five minutes per minute.
    pub fn history(&self, name: &str, points: Points) {
        self.inner.borrow_mut().history.insert(name.to_owned(), points);
    }

    /// Sets an alarm.
    pub fn alarm(&self, name: &str, state: AlarmState) {
        self.inner.borrow_mut().alarms.insert(name.to_owned(), AlarmSeen { state, actions_enabled: true });
    }

    /// Switches an alarm's actions off or on.
    pub fn actions(&self, name: &str, enabled: bool) {
        if let Some(alarm) = self.inner.borrow_mut().alarms.get_mut(name) {
            alarm.actions_enabled = enabled;
        }
    }

    /// Stops or resumes an environment.
    pub fn stop(&self, environment: &str, stopped: bool) {
        self.inner.borrow_mut().table.stop(environment, stopped);
    }

    /// Pauses what these name in an environment, and nothing else.
    pub fn pause(&self, environment: &str, pauses: Vec<Pause>) {
        self.inner.borrow_mut().table.pause(environment, pauses);
    }

    /// Somebody deploys right after the next look at AWS.
    pub fn deploy_at_look(&self, id: &ServiceId) {
        *self.deploys_at_look.borrow_mut() = Some(id.clone());
    }

    /// Pauses an environment right after the next look at AWS: between what a plan stands on and the plan.
    pub fn pause_at_look(&self, environment: &str, pauses: Vec<Pause>) {
        *self.pauses_at_look.borrow_mut() = Some((environment.to_owned(), pauses));
    }

    /// Every change that AWS saw.
    #[must_use]
    pub fn mutations(&self) -> Vec<Change> {
        self.inner.borrow().mutations.iter().map(|(_, c)| *c).collect()
    }

    /// Every disruptive call that took effect.
    #[must_use]
    pub fn disruptions(&self) -> Vec<Disrupts> {
        self.inner.borrow().disruptions.iter().map(|(_, what)| what.clone()).collect()
    }

    /// Every message that the topic saw.
    #[must_use]
    pub fn messages(&self) -> Vec<Notice> {
        self.inner.borrow().messages.clone()
    }

    /// How often AWS was asked.
    #[must_use]
    pub fn asked(&self) -> u32 {
        self.inner.borrow().asked
    }

    /// Every journal entry.
    ///
    /// # Panics
    /// The table holds what cannot be read.
    #[must_use]
    pub fn entries(&self) -> Vec<Entry> {
        self.inner.borrow().table.entries().unwrap_or_else(|e| panic!("{e}"))
    }

    /// Entries of a status.
    #[must_use]
    pub fn with_status(&self, status: Status) -> Vec<Entry> {
        self.entries().into_iter().filter(|e| e.status == status).collect()
    }

    /// The state of a service.
    ///
    /// # Panics
    /// The table holds what cannot be read.
    #[must_use]
    pub fn state(&self, id: &ServiceId) -> State {
        let keys = Keys { service: Some(id.clone()), ..Keys::default() };
        self.inner.borrow().table.load(&keys).unwrap_or_else(|e| panic!("{e}")).state
    }

    /// One call through a port: may interleave, fail or die.
    async fn pass<T>(&self, place: &str, effect: impl FnOnce(&mut Inner) -> T) -> Result<T, PortError> {
        self.at_once.set(self.at_once.get() + 1);
        self.at_once_max.set(self.at_once_max.get().max(self.at_once.get()));
        if self.interleave {
            for _ in 0..self.random() % 4 {
                tokio::task::yield_now().await;
            }
        }
        self.at_once.set(self.at_once.get() - 1);
        let took = jiff::SignedDuration::from_millis(self.pace.get());
        self.now.set(self.now.get().checked_add(took).unwrap_or(Timestamp::MAX));
        let call = self.calls.get() + 1;
        self.calls.set(call);
        let fault = self.fault.get().filter(|(at, _)| *at == call).map(|(_, fault)| fault);
        let failed = || PortError { place: place.to_owned(), cause: "planted".to_owned(), retry: Retry::Unknown };
        match fault {
            None => Ok(effect(&mut self.inner.borrow_mut())),
            Some(Fault::Fails) => Err(failed()),
            Some(Fault::EffectThenFails) => {
                effect(&mut self.inner.borrow_mut());
                Err(failed())
            }
            Some(Fault::Dies) => {
                self.hung.notify_one();
                pending().await
            }
            Some(Fault::EffectThenDies) => {
                effect(&mut self.inner.borrow_mut());
                self.hung.notify_one();
                pending().await
            }
        }
    }

    /// SplitMix64: enough to shuffle, the same for the same seed.
    fn random(&self) -> u64 {
        let seed = self.seed.get().wrapping_add(0x9E37_79B9_7F4A_7C15);
        self.seed.set(seed);
        let z = (seed ^ (seed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }
}

impl Clock for World {
    fn now(&self) -> Timestamp {
        self.now.get()
    }
}

impl Ask for World {
    async fn ask(&self, questions: &[Question]) -> Result<Vec<Seen>, PortError> {
        let now = self.now.get();
        let seen = self
            .pass("ask", |inner| {
                inner.asked += 1;
                questions.iter().map(|q| inner.see(q, now)).collect()
            })
            .await;
        if let Some((environment, pauses)) = self.pauses_at_look.take() {
            self.pause(&environment, pauses);
        }
        // A reconciler without a service to look at asks nothing.
        if let Some(id) = self.deploys_at_look.borrow_mut().take_if(|_| !questions.is_empty()) {
            self.service(&id, |service| service.deployed += 1);
        }
        seen
    }

    async fn stopped(&self, service: &ServiceId) -> Reading<Vec<Stopped>> {
        let read = self.pass("stopped", |inner| inner.services.get(service).map(|found| found.stopped.clone())).await;
        read.map_or_else(|error| Reading::Unreadable(error.to_string()), |found| found.unwrap_or(Reading::Absent))
    }

    async fn usual(&self, questions: &[UsualQuestion]) -> Vec<Vec<Reading<Points>>> {
        let now = self.now.get();
        let read = self
            .pass("usual", |inner| {
                questions
                    .iter()
                    .map(|q| q.follows.iter().map(|f| inner.usual(f.name, &q.spans, now)).collect())
                    .collect()
            })
            .await;
        read.unwrap_or_else(|error| {
            let unread = || Reading::Unreadable(error.to_string());
            questions.iter().map(|q| q.follows.iter().map(|_| unread()).collect()).collect()
        })
    }
}

impl Journal for World {
    async fn load(&self, keys: &Keys) -> Result<Loaded, PortError> {
        self.pass("load", |inner| inner.table.load(keys)).await?
    }

    async fn due(&self, now: Timestamp) -> Result<Due, PortError> {
        self.pass("due", |inner| inner.table.due(now)).await
    }

    async fn write(&self, write: &Write) -> Result<Written, PortError> {
        if write.entries.len() + write.budgets.len() + 2 > ITEMS_MAX {
            let cause = "more than 100 items".to_owned();
            return Err(PortError { place: "write".to_owned(), cause, retry: Retry::Never });
        }
        self.pass("write", |inner| inner.table.write(write)).await?
    }
}

impl Switches for World {
    async fn switch(&self, environment: &str, control: &Control) -> Result<bool, PortError> {
        self.pass("switch", |inner| inner.table.switch(environment, control)).await
    }
}

impl Acks for World {
    async fn acks(&self, incident: &str) -> Result<Vec<Ack>, PortError> {
        self.pass("acks", |inner| inner.acks.get(incident).cloned().unwrap_or_default()).await
    }

    async fn put_acks(&self, incident: &str, acks: &[Ack], before: &[Ack]) -> Result<bool, PortError> {
        self.pass("put acks", |inner| {
            let held = inner.acks.entry(incident.to_owned()).or_default();
            let same = held == before;
            if same {
                *held = acks.to_vec();
            }
            same
        })
        .await
    }
}

impl Act for World {
    async fn apply(&self, _permit: &Permit, service: &ServiceId, change: &Change) -> Result<(), PortError> {
        if self.denied.get() {
            let cause = "AccessDeniedException".to_owned();
            return Err(PortError { place: "apply".to_owned(), cause, retry: Retry::Never });
        }
        self.pass("apply", |inner| {
            inner.mutated_at.push(self.now.get());
            inner.apply(service, change);
        })
        .await
    }

    async fn disrupt(&self, _permit: &Permit, service: &ServiceId, what: &Disrupts) -> Result<Disrupted, PortError> {
        if self.denied.get() {
            let cause = "AccessDeniedException".to_owned();
            return Err(PortError { place: "disrupt".to_owned(), cause, retry: Retry::Never });
        }
        self.pass("disrupt", |inner| inner.disrupt(service, what)).await
    }
}

/// It has no history of metrics: what stands at its max is played in the simulated world.
impl Capacities for World {
    async fn screen(&self, _services: &[ServiceId]) -> Result<Screened, PortError> {
        Err(not_played("screen"))
    }

    async fn capacity(&self, _question: &CapacityQuestion) -> Result<CapacitySeen, PortError> {
        Err(not_played("capacity"))
    }

    async fn episodes(&self, _now: Timestamp) -> Result<Vec<CaseKey>, PortError> {
        Err(not_played("episodes"))
    }
}

fn not_played(place: &str) -> PortError {
    PortError { place: place.to_owned(), cause: "not played in this world".to_owned(), retry: Retry::Never }
}

impl Notify for World {
    async fn publish(&self, notice: &Notice) -> Result<(), PortError> {
        self.pass("publish", |inner| inner.messages.push(notice.clone())).await
    }
}

impl Inner {
    /// What is over of a metric's past, within these spans.
    fn usual(&self, name: &str, spans: &[Span], now: Timestamp) -> Reading<Points> {
        let Some(points) = self.history.get(name) else { return Reading::Absent };
        let asked = |at: i64| spans.iter().any(|s| (s.from.as_second()..s.until.as_second()).contains(&at));
        let over = |at: i64| at + i64::from(points.period.0) <= now.as_second();
        let values =
            points.values.iter().filter(|(at, _)| asked(**at) && over(**at)).map(|(at, v)| (*at, *v)).collect();
        Reading::Known(Points { values, ..*points })
    }

    fn see(&self, question: &Question, now: Timestamp) -> Seen {
        let Some(service) = self.services.get(&question.service) else {
            return Seen {
                service: Reading::Absent,
                target: Reading::Absent,
                policies: Reading::Absent,
                load: Reading::Absent,
                alarm: Reading::Absent,
                scheduled: Vec::new(),
                tasks: Reading::Absent,
                needs: Vec::new(),
                quota: Reading::Absent,
                at_max: None,
            };
        };
        let load = question.load.as_ref().and_then(|l| service.metrics.get(&l.name)).copied();
        let alarm = question.alarm.as_ref().and_then(|name| self.alarms.get(name));
        Seen {
            service: Reading::Known(ServiceSeen {
                arn: format!("arn:aws:ecs:eu-west-1:222222222222:{}", question.service.resource_id()),
                created_at: Some(service.created_at),
                desired: service.desired,
                running: service.running,
                deployments_in_progress: service.deployments,
                daemon: service.daemon,
                troubles: service.troubles.clone(),
                target_groups: vec![format!(
                    "arn:aws:elasticloadbalancing:eu-west-1:222222222222:targetgroup/{}/2",
                    question.service.service
                )],
                primary: Some(Primary {
                    id: format!("ecs-svc/{}", service.deployed),
                    task_definition: "arn:aws:ecs:eu-west-1:222222222222:task-definition/web:41".to_owned(),
                }),
            }),
            target: if service.untargeted {
                Reading::Absent
            } else {
                let AwsService { min, max, suspended, .. } = *service;
                Reading::Known(TargetSeen { min, max, suspended, by_desired: false })
            },
            policies: Reading::Known(service.policies.clone()),
            load: graded(load, now),
            alarm: alarm.cloned().map_or(Reading::Absent, Reading::Known),
            scheduled: if question.scheduled { service.scheduled.clone() } else { Vec::new() },
            needs: question.needs.iter().map(|need| self.need(service, need, now)).collect(),
            at_max: None,
            quota: match (question.quota, self.quota) {
                (false, _) => Reading::Unreadable(NOT_ASKED.to_owned()),
                (true, None) => Reading::Absent,
                (true, Some(quota)) => Reading::Known(quota),
            },
            tasks: if question.tasks {
                Reading::Known(service.tasks.clone())
            } else {
                Reading::Unreadable("not asked".to_owned())
            },
        }
    }

    /// A dependency's metric is one of the service's, by its name.
    fn need(&self, service: &AwsService, need: &NeedQuestion, now: Timestamp) -> NeedSeen {
        let not_asked = || "not asked".to_owned();
        // Unless a test says otherwise, every task that runs is a healthy target.
        let healthy = Load { value: f64::from(service.running), tasks: None, at: now };
        let read = |name: &str| match service.metrics.get(name) {
            None if name == "HealthyHostCount" => Some(healthy),
            found => found.copied(),
        };
        let load = need.load.as_ref().map(|l| graded(read(&l.name), now));
        let alarm = need.alarm.as_ref().map(|name| self.alarms.get(name).cloned());
        NeedSeen {
            name: need.name.clone(),
            load: load.unwrap_or_else(|| Reading::Unreadable(not_asked())),
            alarm: match alarm {
                None => Reading::Unreadable(not_asked()),
                Some(found) => found.map_or(Reading::Absent, Reading::Known),
            },
        }
    }

    /// UpdateService with a forced deployment, or StopTask.
    fn disrupt(&mut self, id: &ServiceId, what: &Disrupts) -> Disrupted {
        let Some(service) = self.services.get_mut(id) else {
            return Disrupted::Conflict { expected: id.to_string(), found: "no service".to_owned() };
        };
        match what {
            Disrupts::ForceNewDeployment { primary, .. } => {
                let found = format!("ecs-svc/{}", service.deployed);
                if found != *primary {
                    return Disrupted::Conflict { expected: primary.clone(), found };
                }
                service.deployed += 1;
                service.deployments = 2;
            }
            Disrupts::StopTask { task, .. } => {
                let Some(at) = service.tasks.iter().position(|t| t.arn == *task) else {
                    return Disrupted::Conflict { expected: task.clone(), found: "no task".to_owned() };
                };
                service.tasks.remove(at);
            }
        }
        self.disruptions.push((id.clone(), what.clone()));
        Disrupted::Done
    }

    /// RegisterScalableTarget: keeps omitted members, and forces capacity into the bounds (AWS_FACTS 2.1).
    fn apply(&mut self, id: &ServiceId, change: &Change) {
        self.mutations.push((id.clone(), *change));
        let Some(service) = self.services.get_mut(id) else { return };
        match change {
            Change::Desired { to, .. } => {
                service.desired = *to;
                if service.untargeted {
                    return;
                }
            }
            Change::Min { to, .. } => service.min = *to,
            Change::Max { to, .. } => service.max = *to,
            Change::Suspend { to, .. } => service.suspended = *to,
        }
        service.desired = service.desired.clamp(service.min, service.max.max(service.min));
    }
}
