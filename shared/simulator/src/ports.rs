//! The five ports, so that Headroom runs in the world as it runs in AWS.

use headroom_core::at_max::Points;
use headroom_core::capacity::Change;
use headroom_core::fleet::Metric;
use headroom_core::id::ServiceId;
use headroom_core::notice::Notice;
use headroom_core::remedy::Disrupts;
use headroom_core::schedule::{Stopped, UsualQuestion};
use headroom_core::seen::{
    AlarmSeen, Load, LoadQuestion, NOT_ASKED, NeedQuestion, NeedSeen, PolicySeen, Primary, Question, Reading, Seen,
    ServiceSeen, TROUBLES_MAX, TargetSeen, TaskSeen, Trouble, graded, lowest_of,
};
use headroom_pipeline::{
    Act, Ask, Clock, Disrupted, Due, Journal, Keys, Loaded, Notify, Permit, PortError, Retry, Write, Written,
};
use jiff::Timestamp;

use crate::cloudwatch::{
    GetMetricData, MetricDataQuery, MetricKey, MetricStat, Place, Queried, ScanBy, Statistic, load_balancer_dimension,
    target_group_dimension,
};
use crate::ecs::Update;
use crate::scaling::{Adjustment, Register};
use crate::service::Service;
use crate::tasks::{Noted, Stage, Task};
use crate::world::World;

fn time(seconds: i64) -> Timestamp {
    Timestamp::from_second(seconds).unwrap_or(Timestamp::MIN)
}

impl Clock for World {
    fn now(&self) -> Timestamp {
        time(self.seconds())
    }
}

impl Ask for World {
    async fn ask(&self, questions: &[Question]) -> Result<Vec<Seen>, PortError> {
        Ok(questions.iter().map(|q| self.see(q)).collect())
    }

    async fn stopped(&self, service: &ServiceId) -> Reading<Vec<Stopped>> {
        let index = self.index_of(service);
        let found = self.read(|all| index.and_then(|index| all.get(index)).map(stopped));
        found.map_or(Reading::Absent, Reading::Known)
    }

    /// The world keeps two hours: of earlier weeks it knows nothing, and says so.
    async fn usual(&self, questions: &[UsualQuestion]) -> Vec<Vec<Reading<Points>>> {
        questions.iter().map(|q| q.follows.iter().map(|_| Reading::Absent).collect()).collect()
    }
}

impl Journal for World {
    async fn load(&self, keys: &Keys) -> Result<Loaded, PortError> {
        self.inner.borrow().journal.load(keys)
    }

    async fn due(&self, now: Timestamp) -> Result<Due, PortError> {
        Ok(self.inner.borrow().journal.due(now))
    }

    async fn write(&self, write: &Write) -> Result<Written, PortError> {
        self.inner.borrow_mut().journal.write(write)
    }
}

impl Act for World {
    async fn apply(&self, _permit: &Permit, service: &ServiceId, change: &Change) -> Result<(), PortError> {
        let refused = |cause: String| PortError {
            place: "application-autoscaling RegisterScalableTarget".to_owned(),
            cause,
            retry: Retry::Never,
        };
        let index = self.inner.borrow().by_id.get(service).copied();
        let index = index.ok_or_else(|| refused(format!("ValidationException: {}", service.resource_id())))?;
        let call = match change {
            Change::Desired { to, .. } => {
                let update = Update { desired: Some(*to), ..Update::default() };
                self.update_service(index, update).map_err(|e| refused(format!("{}: {e}", e.code())))?;
                self.inner.borrow_mut().changes.push((self.seconds(), index, *change));
                return Ok(());
            }
            Change::Min { to, .. } => Register { min: Some(*to), ..Register::default() },
            Change::Max { to, .. } => Register { max: Some(*to), ..Register::default() },
            Change::Suspend { to, .. } => Register { suspended: Some(*to), ..Register::default() },
        };
        self.register(index, call).map_err(refused)?;
        self.inner.borrow_mut().changes.push((self.seconds(), index, *change));
        Ok(())
    }

    async fn disrupt(&self, _permit: &Permit, service: &ServiceId, what: &Disrupts) -> Result<Disrupted, PortError> {
        let refused = |cause: String| PortError { place: "ecs".to_owned(), cause, retry: Retry::Never };
        let index = self.index_of(service).ok_or_else(|| refused("ServiceNotFoundException".to_owned()))?;
        let done = match what {
            Disrupts::ForceNewDeployment { primary, .. } => {
                let found = self.read(|all| all.get(index).map(Service::primary)).unwrap_or_default().id;
                if found != *primary {
                    return Ok(Disrupted::Conflict { expected: primary.clone(), found });
                }
                self.update_service(index, Update { force: true, ..Update::default() }).map(|_number| ())
            }
            Disrupts::StopTask { task, sick } => {
                let known = |service: &Service| {
                    service.tasks.list().iter().find(|t| service.task_arn(t.id) == *task).map(|t| t.id)
                };
                let Some(id) = self.read(|all| all.get(index).and_then(known)) else {
                    return Ok(Disrupted::Conflict { expected: task.clone(), found: "no such task".to_owned() });
                };
                self.stop_task(index, id, &format!("Headroom: {sick}"))
            }
        };
        done.map(|()| Disrupted::Done).map_err(|e| refused(format!("{}: {e}", e.code())))
    }
}

impl Notify for World {
    async fn publish(&self, notice: &Notice) -> Result<(), PortError> {
        self.inner.borrow_mut().notices.push((self.seconds(), notice.clone()));
        Ok(())
    }
}

impl World {
    fn see(&self, question: &Question) -> Seen {
        let inner = self.inner.borrow();
        let found = inner.by_id.get(&question.service).and_then(|i| inner.services.get(*i));
        let Some(service) = found else {
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
        let target = &service.target;
        let place = || Place::of(&question.service);
        let alarm = question.alarm.as_ref().and_then(|name| inner.alarms.state_of(&place(), name));
        let load = question.load.as_ref().and_then(|q| self.load_of(service, q));
        Seen {
            service: Reading::Known(ServiceSeen {
                arn: service.arn(),
                created_at: Some(Timestamp::UNIX_EPOCH),
                desired: service.tasks.desired,
                running: service.tasks.running(),
                deployments_in_progress: service.deployments_in_progress(),
                daemon: false,
                troubles: troubles(service),
                target_groups: match service.deploys.alternate {
                    Some(_) => Vec::new(),
                    None => vec![service.target_group_arn()],
                },
                primary: Some(service.primary()),
            }),
            target: Reading::Known(TargetSeen {
                min: target.min,
                max: target.max,
                suspended: target.suspended,
                by_desired: false,
            }),
            policies: Reading::Known(policies(service)),
            load: graded(load, self.now()),
            alarm: alarm.map_or(Reading::Absent, |(state, actions_enabled)| {
                Reading::Known(AlarmSeen { state, actions_enabled })
            }),
            scheduled: target.scheduled.iter().filter(|_| question.scheduled).map(|s| (s.min, s.max)).collect(),
            needs: question.needs.iter().map(|need| self.need(&place(), need)).collect(),
            at_max: None,
            quota: if question.quota { self.vcpu_quota(&place()) } else { Reading::Unreadable(NOT_ASKED.to_owned()) },
            tasks: if question.tasks {
                Reading::Known(service.tasks.list().iter().map(|t| service.task_seen(t)).collect())
            } else {
                Reading::Unreadable("not asked".to_owned())
            },
        }
    }

    /// By the world's own DescribeAlarms and GetMetricData: a scenario or a client puts what stands for a cache.
    pub(crate) fn need(&self, place: &Place, need: &NeedQuestion) -> NeedSeen {
        let not_asked = || "not asked".to_owned();
        let alarm = match &need.alarm {
            None => Reading::Unreadable(not_asked()),
            Some(name) => match self.inner.borrow().alarms.state_of(place, name) {
                Some((state, actions_enabled)) => Reading::Known(AlarmSeen { state, actions_enabled }),
                None => Reading::Absent,
            },
        };
        let load = need.load.as_ref().map_or_else(|| Reading::Unreadable(not_asked()), |q| self.lowest(place, q));
        NeedSeen { name: need.name.clone(), load, alarm }
    }

    fn lowest(&self, place: &Place, question: &LoadQuestion) -> Reading<Load> {
        let minutes = question.lowest_of.unwrap_or(1);
        let end = self.seconds().div_euclid(60) * 60;
        let Some(statistic) = Statistic::from_name(&question.stat) else {
            return Reading::Unreadable(format!("statistic {}", question.stat));
        };
        let metric = MetricKey::with(question.namespace.clone(), question.name.clone(), question.dimensions.clone());
        let queried = Queried::Stat(MetricStat { metric, statistic, period: 60 });
        let request = GetMetricData {
            queries: vec![MetricDataQuery { id: "m".to_owned(), queried, label: None, return_data: true }],
            start: end - (i64::from(minutes) + 10) * 60,
            end,
            scan_by: ScanBy::TimestampAscending,
            max_datapoints: None,
            next_token: None,
        };
        match self.get_metric_data(place, request) {
            Ok(answer) => {
                let points = answer.results.into_iter().flat_map(|r| r.timestamps.into_iter().zip(r.values)).collect();
                lowest_of(&points, minutes, self.now())
            }
            Err(error) => Reading::Unreadable(error.to_string()),
        }
    }

    fn load_of(&self, service: &Service, question: &LoadQuestion) -> Option<Load> {
        let asked = (question.namespace.as_str(), question.name.as_str(), question.stat.as_str());
        let metric = Metric::ALL.into_iter().find(|m| m.cloudwatch() == Some(asked))?;
        let (at, value, _) = service.metrics.newest(metric, self.seconds(), self.delays)?;
        let tasks = question.tasks_of.as_ref().and_then(|_| service.metrics.samples(at));
        Some(Load { value, tasks, at: time(at) })
    }
}

impl Service {
    pub(crate) fn primary(&self) -> Primary {
        let revision = self.deploys.revisions.get(self.deploys.primary);
        let name = revision.map_or("", |r| r.task_definition.as_str());
        Primary { id: format!("ecs-svc/{}", self.deploys.ecs()), task_definition: self.task_definition_arn(name) }
    }

    /// As `DescribeTasks` shows it. A task that fails its checks or runs out of memory is ended at once here, as an
    /// essential container is.
    fn task_seen(&self, task: &Task) -> TaskSeen {
        let last_status = match task.stage {
            Stage::Pending | Stage::Starting(_) => "PENDING",
            Stage::Running(_) | Stage::Healthy => "RUNNING",
            Stage::Draining(_) => "DEACTIVATING",
        };
        TaskSeen {
            arn: self.task_arn(task.id),
            last_status: last_status.to_owned(),
            desired_status: if task.ending.is_some() { "STOPPED" } else { "RUNNING" }.to_owned(),
            unhealthy: false,
            out_of_memory: false,
            protected: false,
            created: Some(time(task.created)),
        }
    }

    /// As `DescribeServices` lists them: the new revision until its rollout is complete, an old one until it is gone.
    pub(crate) fn deployments_in_progress(&self) -> u32 {
        let old = self.tasks.count(|t| t.revision != self.deploys.primary);
        u32::from(self.deploys.active().is_some()) + u32::from(old > 0)
    }
}

fn policies(service: &Service) -> Vec<PolicySeen> {
    let policies = &service.target.policies;
    let tracking = policies.tracking.iter().map(|p| PolicySeen {
        name: p.name.clone(),
        tracks: p.predefined().map(str::to_owned),
        target: Some(p.target),
        scales_in: p.scales_in(),
        label: matches!(p.predefined(), Some("ALBRequestCountPerTarget")).then(|| label(service)),
        predictive: false,
    });
    let step = policies.step.iter().map(|p| PolicySeen {
        name: p.name.clone(),
        tracks: None,
        target: None,
        // An exact capacity may be fewer tasks than there are.
        scales_in: p.adjustment == Adjustment::Exact || p.steps.iter().any(|s| s.adjust < 0),
        label: None,
        predictive: false,
    });
    tracking.chain(step).collect()
}

/// What its newest messages tell of trouble, the newest first, as DescribeServices lists them.
fn troubles(service: &Service) -> Vec<Trouble> {
    let told = service.deploys.messages.iter().rev();
    told.filter_map(|(at, message)| Trouble::read(time(*at), message)).take(TROUBLES_MAX).collect()
}

/// As DescribeTasks shows them.
fn stopped(service: &Service) -> Vec<Stopped> {
    let of = |noted: &Noted| {
        let ending = noted.task.ending.as_ref()?;
        let container = ending.container_reason().map(|reason| format!(" ({reason})")).unwrap_or_default();
        Some(Stopped { at: Some(time(noted.at)), reason: format!("{}{container}", ending.reason(service)) })
    };
    service.tasks.stopped().filter_map(of).collect()
}

fn label(service: &Service) -> String {
    let (balancer, group) = (load_balancer_dimension(&service.spec.id.cluster), &service.spec.target_group);
    format!("{balancer}/{}", target_group_dimension(group))
}
