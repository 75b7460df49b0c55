//! A task as DescribeTasks shows it.

use headroom_simulator::service::Service;
use headroom_simulator::tasks::{Stage, Task, TaskStatus};

use super::common::container;
use crate::operations::call::Call;
use crate::value::{Map, Value};

/// A task that ECS knows.
#[derive(Debug, Clone, Copy)]
pub(super) struct Seen<'a> {
    /// It.
    pub(super) task: &'a Task,
    /// When it stopped.
    pub(super) stopped: Option<i64>,
}

impl Seen<'_> {
    /// desiredStatus.
    pub(super) fn desired(&self) -> &'static str {
        if self.stopped.is_some() || self.task.ending.is_some() { "STOPPED" } else { "RUNNING" }
    }

    fn status(&self) -> TaskStatus {
        match (self.stopped, self.task.stage) {
            (Some(_), _) => TaskStatus::Stopped,
            (None, Stage::Pending | Stage::Starting(_)) => TaskStatus::Pending,
            (None, Stage::Running(_) | Stage::Healthy) => TaskStatus::Running,
            (None, Stage::Draining(_)) => TaskStatus::Deactivating,
        }
    }
}

/// A task.
pub(super) fn task(call: &Call<'_>, service: &Service, seen: Seen<'_>) -> Value {
    let Seen { task, stopped } = seen;
    let revision = service.deploys.revisions.get(task.revision);
    let status = seen.status().name();
    let ran = task.running_since < i64::MAX;
    let health = match task.stage {
        Stage::Healthy if stopped.is_none() => "HEALTHY",
        Stage::Pending | Stage::Starting(_) | Stage::Running(_) | Stage::Healthy | Stage::Draining(_) => "UNKNOWN",
    };
    let ending = task.ending.as_ref();
    let container = Map::new()
        .with(
            "containerArn",
            service.arn_of("ecs", &format!("container/{}/{}/0", service.spec.id.cluster, service.task_id(task.id))),
        )
        .with("taskArn", service.task_arn(task.id))
        .with("name", container(service))
        .with("image", revision.map(|r| r.image.as_str()))
        .with("imageDigest", revision.map(|r| r.release.digest.as_str()))
        .with("lastStatus", status)
        .with("exitCode", ending.filter(|_| stopped.is_some()).and_then(|e| e.exit_code()).map(i64::from))
        .with("reason", ending.filter(|_| stopped.is_some()).and_then(|e| e.container_reason()))
        .with("networkInterfaces", Vec::<Value>::new())
        .with("healthStatus", health)
        .with("cpu", "0");
    Map::new()
        .with("attachments", Vec::<Value>::new())
        .with("attributes", Vec::<Value>::new())
        .with("availabilityZone", format!("{}a", service.spec.id.region))
        .with("clusterArn", service.cluster_arn())
        .with("connectivity", ran.then_some("CONNECTED"))
        .with("containers", vec![container])
        .with("cpu", format!("{:.0}", service.spec.vcpu * 1_024.0))
        .with("createdAt", call.time(task.created))
        .with("desiredStatus", seen.desired())
        .with("enableExecuteCommand", false)
        .with("group", format!("service:{}", service.spec.id.service))
        .with("healthStatus", health)
        .with("lastStatus", status)
        .with("launchType", "FARGATE")
        .with("memory", format!("{:.0}", service.spec.memory_mib))
        .with("overrides", Map::new().with("containerOverrides", Vec::<Value>::new()))
        .with("platformVersion", "1.4.0")
        .with("platformFamily", "Linux")
        .with("startedAt", ran.then(|| call.time(task.running_since)))
        .with("startedBy", service.started_by(task.revision))
        .with("stopCode", ending.map(|e| e.code()))
        .with("stoppedReason", ending.map(|e| e.reason(service)))
        .with("stoppedAt", stopped.map(|at| call.time(at)))
        .with("tags", Vec::<Value>::new())
        .with("taskArn", service.task_arn(task.id))
        .with("taskDefinitionArn", revision.map(|r| service.task_definition_arn(&r.task_definition)))
        .with("version", seen.status().version())
        .into()
}
