//! Deployments for the flow that rolls back, as `ports.rs` is for the rest.

use std::collections::BTreeMap;

use headroom_core::id::{CaseKey, ServiceId};
use headroom_core::rollback::{
    AlarmSince, BackQuestion, BackSeen, Balancer, Call, Deployed, DeploymentSeen, DeploymentsQuestion, DeploymentsSeen,
    Detail, ECS, ImageSeen, Numbers, RevisionSeen, RollbackEvent, Series, Whose,
};
use headroom_core::seen::{Reading, ServiceSeen};
use headroom_core::signal::AlarmState;
use headroom_pipeline::{Disrupted, Permit, PortError, Releases, Retry};
use jiff::Timestamp;

use crate::cloudwatch::{
    AlarmFilter, GetMetricData, MetricDataQuery, MetricKey, MetricStat, Place, Queried, ScanBy, Statistic,
    load_balancer_dimension, target_group_dimension,
};
use crate::deploy::{Deployment, HookAction, Revision, Strategy};
use crate::ecs::Update;
use crate::service::Service;
use crate::tasks::Stage;
use crate::world::World;

const NAMESPACE: &str = "AWS/ApplicationELB";

fn time(seconds: i64) -> Timestamp {
    Timestamp::from_second(seconds).unwrap_or(Timestamp::MIN)
}

impl Releases for World {
    async fn deployments(&self, question: &DeploymentsQuestion) -> Result<DeploymentsSeen, PortError> {
        let place = Place::of(&question.service);
        let alarms = question.alarms.iter().map(|name| self.alarm_since(&place, name)).collect();
        let needs = question.needs.iter().map(|need| self.need(&place, need)).collect();
        let Some(index) = self.index_of(&question.service) else {
            return Ok(DeploymentsSeen {
                service: Reading::Absent,
                controller: ECS.to_owned(),
                deployments: Vec::new(),
                balancer: Reading::Absent,
                numbers: Reading::Absent,
                alarms,
                needs,
            });
        };
        // Found once: a later deployment moves traffic between the same two target groups the other way.
        let balancer = question.balancer.clone().unwrap_or_else(|| self.balancer(index));
        let numbers = match question.from {
            None => Reading::Unreadable("not asked".to_owned()),
            Some(from) => self.numbers(&place, &balancer, from).map_or_else(Reading::Unreadable, Reading::Known),
        };
        let seen = self.read(|all| {
            all.get(index).map(|service| {
                let deployments = service.deploys.history.iter().rev().map(|d| deployment(service, d)).collect();
                (service_seen(service), deployments)
            })
        });
        let (service, deployments) = seen.unwrap_or((Reading::Absent, Vec::new()));
        Ok(DeploymentsSeen {
            service,
            controller: ECS.to_owned(),
            deployments,
            balancer: Reading::Known(balancer),
            numbers,
            alarms,
            needs,
        })
    }

    async fn back(&self, question: &BackQuestion) -> Result<BackSeen, PortError> {
        let Some(index) = self.index_of(&question.service) else {
            return Ok(BackSeen { revisions: Vec::new(), siblings: Reading::Absent, needed: Reading::Absent });
        };
        let asked = |service: &Service| -> Vec<(String, Revision, String)> {
            let all = service.deploys.revisions.iter().map(|r| (service.revision_arn(r), r.clone()));
            let wanted = all.filter(|(arn, _)| question.revisions.contains(arn));
            wanted.map(|(arn, r)| (arn, r.clone(), service.task_definition_arn(&r.task_definition))).collect()
        };
        let found = self.read(|all| all.get(index).map(asked)).unwrap_or_default();
        let revisions = found.into_iter().map(|(arn, revision, task_definition)| RevisionSeen {
            arn,
            task_definition,
            active: Reading::Known(self.task_definition(&revision.task_definition).is_some()),
            images: vec![ImageSeen {
                container: "app".to_owned(),
                now: Reading::Known(self.image_now(&revision.image)),
                image: revision.image,
                digest: Some(revision.release.digest),
            }],
            rest: BTreeMap::new(),
        });
        let revisions = revisions.collect();
        let siblings = Reading::Known(self.siblings(index, question)?);
        Ok(BackSeen { revisions, siblings, needed: self.needed(question) })
    }

    async fn watches(&self, now: Timestamp) -> Result<Vec<CaseKey>, PortError> {
        Ok(self.inner.borrow().journal.watches(now))
    }

    async fn roll_back(&self, _permit: &Permit, service: &ServiceId, call: &Call) -> Result<Disrupted, PortError> {
        let refused = |cause: String| PortError { place: "ecs".to_owned(), cause, retry: Retry::Never };
        let index = self.index_of(service).ok_or_else(|| refused("ServiceNotFoundException".to_owned()))?;
        let number = |arn: &str| {
            let known =
                |s: &Service| s.deploys.history.iter().find(|d| s.deployment_arn(d.number) == arn).map(|d| d.number);
            self.read(|all| all.get(index).and_then(known)).unwrap_or_default()
        };
        let done = match call {
            Call::Stop { deployment } => self.stop_deployment(index, number(deployment)),
            Call::Continue { deployment, hook } => {
                self.answer_hook(index, number(deployment), hook, HookAction::Rollback)
            }
            Call::Update { primary, replaces, task_definition } => {
                let found = self.read(|all| all.get(index).map(Service::primary)).unwrap_or_default();
                if found.id != *primary || found.task_definition != *replaces {
                    return Ok(Disrupted::Conflict { expected: primary.clone(), found: found.id });
                }
                let name = task_definition.rsplit('/').next().unwrap_or(task_definition).to_owned();
                self.update_service(index, Update { task_definition: Some(name), ..Update::default() }).map(|_| ())
            }
        };
        done.map(|()| Disrupted::Done).map_err(|e| refused(format!("{}: {e}", e.code())))
    }

    async fn announce(&self, event: &RollbackEvent) -> Result<(), PortError> {
        self.inner.borrow_mut().announced.push(event.clone());
        Ok(())
    }
}

impl World {
    /// As the SDK's port reads them: a service that is not there leaves all of them unknown.
    fn needed(&self, question: &BackQuestion) -> Reading<Vec<Deployed>> {
        let mut all = Vec::new();
        for (name, service) in &question.needed {
            let Some(index) = self.index_of(service) else {
                return Reading::Unreadable("ecs ListServiceDeployments: ServiceNotFoundException".to_owned());
            };
            let found =
                self.read(|all| all.get(index).map(|s| s.deploys.history.iter().map(|d| deployment(s, d)).collect()));
            let found: Vec<DeploymentSeen> = found.unwrap_or_default();
            all.extend(found.into_iter().filter(|d| d.created_at >= question.from).map(|d| Deployed {
                whose: Whose::Dependency(name.clone()),
                deployment: d.arn,
                started: d.created_at,
            }));
        }
        Reading::Known(all)
    }

    fn alarm_since(&self, place: &Place, name: &str) -> AlarmSince {
        let filter =
            AlarmFilter { names: vec![name.to_owned()], metric: true, composite: true, ..AlarmFilter::default() };
        let described = self.describe_alarms(place, &filter).ok();
        let found =
            described.as_ref().and_then(|d| d.alarms.first().map(|a| (a.standing.value, a.standing.transitioned)));
        AlarmSince {
            name: name.to_owned(),
            firing: found.is_some_and(|(state, _)| state == AlarmState::Alarm),
            since: found.map(|(_, at)| time(at)),
        }
    }

    fn balancer(&self, index: usize) -> Balancer {
        self.read(|all| {
            let cluster = all.get(index).map(|s| s.spec.id.cluster.clone()).unwrap_or_default();
            let beside = all.iter().filter(|s| s.spec.id.cluster == cluster).count();
            let (new, old) = all.get(index).map(groups).unwrap_or_default();
            Balancer {
                load_balancer: load_balancer_dimension(&cluster),
                old_target_group: old.filter(|old| *old != new),
                target_group: new,
                alone: beside == 1,
            }
        })
    }

    /// Of two target groups nobody can say whose the balancer's own errors are.
    fn numbers(&self, place: &Place, balancer: &Balancer, from: Timestamp) -> Result<Numbers, String> {
        let of = |group: &str, alone: bool| self.counted(place, balancer, group, alone, from);
        Ok(match &balancer.old_target_group {
            None => Numbers::Together(of(&balancer.target_group, balancer.alone)?),
            Some(old) => Numbers::Apart { old: of(old, false)?, new: of(&balancer.target_group, false)? },
        })
    }

    /// By the world's own GetMetricData.
    fn counted(
        &self,
        place: &Place,
        balancer: &Balancer,
        group: &str,
        alone: bool,
        from: Timestamp,
    ) -> Result<Series, String> {
        let of_group = vec![
            ("LoadBalancer".to_owned(), balancer.load_balancer.clone()),
            ("TargetGroup".to_owned(), group.to_owned()),
        ];
        let of_balancer = vec![("LoadBalancer".to_owned(), balancer.load_balancer.clone())];
        let sum = |id: &str, name: &str, dimensions: &[(String, String)]| {
            let metric = MetricKey::with(NAMESPACE.to_owned(), name.to_owned(), dimensions.to_vec());
            let queried = Queried::Stat(MetricStat { metric, statistic: Statistic::Sum, period: 60 });
            MetricDataQuery { id: id.to_owned(), queried, label: None, return_data: true }
        };
        let mut queries = vec![sum("r", "RequestCount", &of_group), sum("e", "HTTPCode_Target_5XX_Count", &of_group)];
        if alone {
            queries.push(sum("b", "HTTPCode_ELB_5XX_Count", &of_balancer));
        }
        let request = GetMetricData {
            queries,
            start: from.as_second().div_euclid(60) * 60,
            end: self.seconds().div_euclid(60) * 60,
            scan_by: ScanBy::TimestampAscending,
            max_datapoints: None,
            next_token: None,
        };
        let answer = self.get_metric_data(place, request).map_err(|error| error.to_string())?;
        let points = |id: &str| {
            let of = answer.results.iter().filter(|r| r.id == id);
            of.flat_map(|r| r.timestamps.iter().copied().zip(r.values.iter().copied())).collect::<BTreeMap<i64, f64>>()
        };
        let series = Series::new(points("r"), points("e"));
        Ok(if alone { series.with_balancer_errors(points("b")) } else { series })
    }

    /// The other target groups of the same balancer.
    fn siblings(&self, index: usize, question: &BackQuestion) -> Result<BTreeMap<String, Series>, PortError> {
        let Some(balancer) = &question.balancer else { return Ok(BTreeMap::new()) };
        let cluster = question.service.cluster.clone();
        // By name behind whichever balancer: each cluster has one.
        let groups: Vec<(Balancer, String)> = self.read(|all| {
            let named = |s: &Service| s.spec.id.cluster == cluster || question.beside.contains(&s.spec.target_group);
            let beside = all.iter().enumerate().filter(|(i, s)| *i != index && named(s));
            let of = |s: &Service| Balancer {
                load_balancer: load_balancer_dimension(&s.spec.id.cluster),
                ..balancer.clone()
            };
            beside.map(|(_, s)| (of(s), target_group_dimension(&s.spec.target_group))).collect()
        });
        let place = Place::of(&question.service);
        let read = |(balancer, group): (Balancer, String)| {
            let series = self.counted(&place, &balancer, &group, false, question.from);
            let failed = |cause| PortError { place: "cloudwatch".to_owned(), cause, retry: Retry::Later };
            series.map(|series| (group, series)).map_err(failed)
        };
        groups.into_iter().map(read).collect()
    }
}

/// `TargetGroup` dimensions of the newest deployment's revision and, where it shifts traffic, of the one before it.
fn groups(service: &Service) -> (String, Option<String>) {
    let of = |revision: usize| {
        let arn = service.deploys.revisions.get(revision).map(|r| service.target_group_of(r))?;
        arn.rsplit(':').next().map(str::to_owned)
    };
    let newest = service.deploys.history.back().filter(|d| d.strategy != Strategy::Rolling);
    match newest {
        Some(d) => (of(d.target).unwrap_or_default(), d.sources.first().and_then(|source| of(*source))),
        None => (of(service.deploys.primary).unwrap_or_default(), None),
    }
}

fn service_seen(service: &Service) -> Reading<ServiceSeen> {
    Reading::Known(ServiceSeen {
        arn: service.arn(),
        created_at: Some(Timestamp::UNIX_EPOCH),
        desired: service.tasks.desired,
        running: service.tasks.running(),
        deployments_in_progress: service.deployments_in_progress(),
        daemon: false,
        troubles: Vec::new(),
        target_groups: Vec::new(),
        primary: Some(service.primary()),
    })
}

fn deployment(service: &Service, deployment: &Deployment) -> DeploymentSeen {
    let arn =
        |revision: usize| service.deploys.revisions.get(revision).map(|r| service.revision_arn(r)).unwrap_or_default();
    let staged = deployment.strategy != Strategy::Rolling;
    let target = deployment.target;
    DeploymentSeen {
        arn: service.deployment_arn(deployment.number),
        status: deployment.status,
        created_at: time(deployment.created),
        finished_at: deployment.finished.map(time),
        target: arn(target),
        detail: Some(Detail {
            sources: deployment.sources.iter().map(|r| arn(*r)).collect(),
            rollback_to: deployment.rollback.as_ref().map(|r| arn(r.to)),
            rollback_reason: deployment.rollback.as_ref().map(|r| r.reason.clone()),
            staged,
            running: service
                .tasks
                .count(|t| t.revision == target && matches!(t.stage, Stage::Running(_) | Stage::Healthy)),
            weight: staged.then(|| service.deploys.weight(target, target)),
            hook: deployment.hook(),
        }),
    }
}
