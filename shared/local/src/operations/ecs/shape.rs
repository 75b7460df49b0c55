//! A service as DescribeServices and its like show it.

use headroom_simulator::deploy::{Deployment, digest_of};
use headroom_simulator::service::Service;
use headroom_simulator::tasks::Stage;

use super::common::container;
use super::config;
use crate::operations::call::Call;
use crate::value::{Map, Value};

/// Port of every container; the world knows no other.
const PORT: u32 = 80;

/// A service.
pub(super) fn service(call: &Call<'_>, service: &Service) -> Value {
    let (id, deploys, tasks) = (&service.spec.id, &service.deploys, &service.tasks);
    let status = match call.store.deleted.contains(id) {
        false => "ACTIVE",
        true if tasks.list().is_empty() => "INACTIVE",
        true => "DRAINING",
    };
    let definition = deploys.revisions.get(deploys.primary).map(|r| service.task_definition_arn(&r.task_definition));
    let current = deploys.active().map(|d| service.deployment_arn(d.number));
    Map::new()
        .with("serviceArn", service.arn())
        .with("serviceName", id.service.as_str())
        .with("clusterArn", service.cluster_arn())
        .with("loadBalancers", vec![balancer(service)])
        .with("serviceRegistries", Vec::<Value>::new())
        .with("status", status)
        .with("desiredCount", tasks.desired)
        .with("runningCount", tasks.running())
        .with("pendingCount", tasks.count(|t| matches!(t.stage, Stage::Starting(_))))
        .with("launchType", "FARGATE")
        .with("platformVersion", "1.4.0")
        .with("platformFamily", "Linux")
        .with("taskDefinition", definition)
        .with("deploymentConfiguration", config::shown(&deploys.config))
        .with("deployments", deployments(call, service))
        .with("events", events(service))
        .with("createdAt", call.time(deploys.revisions.first().map_or(call.started, |r| r.created)))
        .with("currentServiceDeployment", current)
        .with("currentServiceRevisions", revisions(service))
        .with("placementConstraints", Vec::<Value>::new())
        .with("placementStrategy", Vec::<Value>::new())
        .with("healthCheckGracePeriodSeconds", 0_u32)
        .with("schedulingStrategy", "REPLICA")
        .with("deploymentController", Map::new().with("type", "ECS"))
        .with("enableECSManagedTags", false)
        .with("propagateTags", "NONE")
        .with("enableExecuteCommand", false)
        .into()
}

/// What stands before a service: its target group, and the one that it alternates with, as somebody configured them.
pub(super) fn balancer(service: &Service) -> Map {
    let alternate = service.deploys.alternate.as_deref().map(|name| service.group_arn(name));
    Map::new()
        .with("targetGroupArn", service.target_group_arn())
        .with("containerName", container(service))
        .with("containerPort", PORT)
        .with("advancedConfiguration", alternate.map(|arn| Map::new().with("alternateTargetGroupArn", arn)))
}

/// PRIMARY is what new tasks are; every other revision that still has tasks is ACTIVE.
fn deployments(call: &Call<'_>, service: &Service) -> Vec<Map> {
    let (deploys, tasks) = (&service.deploys, &service.tasks);
    let newest = |revision: usize| deploys.history.iter().rev().find(|d| d.wanted() == revision);
    let others = (0..deploys.revisions.len()).rev();
    let others = others.filter(|r| *r != deploys.primary && tasks.count(|t| t.revision == *r) > 0);
    let all = std::iter::once(deploys.primary).chain(others);
    all.filter_map(|revision| {
        let definition = &deploys.revisions.get(revision)?.task_definition;
        let record = newest(revision)?;
        let primary = revision == deploys.primary;
        let (state, reason) = rollout(service, record);
        let wanted = if primary { tasks.desired } else { tasks.wanted(|r| r == revision) };
        Some(
            Map::new()
                .with("id", format!("ecs-svc/{}", record.ecs))
                .with("status", if primary { "PRIMARY" } else { "ACTIVE" })
                .with("taskDefinition", service.task_definition_arn(definition))
                .with("desiredCount", wanted)
                .with("pendingCount", starting(service, revision))
                .with("runningCount", running(service, revision))
                .with("failedTasks", record.failures)
                .with("createdAt", call.time(record.rollback.as_ref().map_or(record.created, |r| r.at)))
                .with("updatedAt", call.time(record.updated))
                .with("launchType", "FARGATE")
                .with("platformVersion", "1.4.0")
                .with("platformFamily", "Linux")
                .with("rolloutState", state)
                .with("rolloutStateReason", reason),
        )
    })
    .collect()
}

fn rollout(service: &Service, record: &Deployment) -> (&'static str, String) {
    let ecs = record.ecs;
    if !record.status.is_final() {
        return ("IN_PROGRESS", format!("ECS deployment ecs-svc/{ecs} in progress."));
    }
    if service.deploys.stalled && service.deploys.history.back().is_some_and(|last| last.number == record.number) {
        return ("FAILED", format!("ECS deployment ecs-svc/{ecs} failed: {}", record.reason));
    }
    ("COMPLETED", format!("ECS deployment ecs-svc/{ecs} completed."))
}

/// Tasks of a revision that are on their way up.
pub(super) fn starting(service: &Service, revision: usize) -> u32 {
    service.tasks.count(|t| t.revision == revision && matches!(t.stage, Stage::Starting(_)))
}

/// Tasks of a revision that run.
pub(super) fn running(service: &Service, revision: usize) -> u32 {
    service.tasks.count(|t| t.revision == revision && matches!(t.stage, Stage::Running(_) | Stage::Healthy))
}

/// Service revisions that have tasks.
fn revisions(service: &Service) -> Vec<Map> {
    let deploys = &service.deploys;
    let with_tasks = deploys.revisions.iter().enumerate();
    let with_tasks = with_tasks.filter(|(i, _)| *i == deploys.primary || service.tasks.count(|t| t.revision == *i) > 0);
    with_tasks
        .map(|(index, revision)| {
            let primary = index == deploys.primary;
            let requested = if primary { service.tasks.desired } else { service.tasks.wanted(|r| r == index) };
            Map::new()
                .with("arn", service.revision_arn(revision))
                .with("requestedTaskCount", requested)
                .with("runningTaskCount", running(service, index))
                .with("pendingTaskCount", starting(service, index))
        })
        .collect()
}

/// Messages, newest first.
fn events(service: &Service) -> Vec<Map> {
    let messages = service.deploys.messages.iter().enumerate().rev();
    messages
        .map(|(index, (at, message))| {
            let digest = digest_of(&format!("{}/{at}/{index}/{message}", service.arn()));
            let hex: String = digest.chars().skip("sha256:".len()).take(12).collect();
            Map::new()
                .with("id", format!("{:08x}-0000-4000-8000-{hex}", *at as u32))
                .with("createdAt", Value::second(*at))
                .with("message", message.as_str())
        })
        .collect()
}
