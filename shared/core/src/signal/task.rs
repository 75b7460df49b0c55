//! ECS Task State Change (Amazon ECS developer guide, "Task state change events").
//!
//! Order and identity are the task's ARN and `version`, which grows with each change: AWS promises no order of
//! delivery (SEMANTICS 16). Out of memory shows in a container's reason, not in exit code 137 (TRAPS 20).

use jiff::Timestamp;
use serde_json::{Value, json};

use super::decode::{By, Signal, Source};
use super::read::{Envelope, Reader};
use super::refused::NotASignal;
use super::service;
use crate::id::ServiceId;

const SOURCE: &str = "aws.ecs";
const DETAIL_TYPE: &str = "ECS Task State Change";
const TASK_ARN: &str = "an ARN of an ECS task";
/// What a group begins with when a service started the task; RunTask's tasks have `family:`.
const OF_A_SERVICE: &str = "service:";
/// What ECS's reason begins with when the kernel killed a container.
const OUT_OF_MEMORY: &str = "OutOfMemoryError";
/// What `healthStatus` says of a task whose essential containers fail their checks.
const UNHEALTHY: &str = "UNHEALTHY";
/// A task definition may name 10 containers (ECS quotas); agents that AWS adds come on top.
const CONTAINERS_MAX: usize = 20;

/// One file, one source.
pub(super) const TASK: Source = Source {
    name: "ECS task",
    by: By::Envelope(SOURCE, &[DETAIL_TYPE]),
    pattern: Some(pattern),
    decode: |event| decode(event).map(|t| Signal::Task(Box::new(t))),
};

/// Running tasks of services that show to be sick, and that ECS wants to run on: a container was killed for its memory, or
/// health checks fail. One that starts or runs well is no reason to do something, and in the place of one that stopped
/// ECS starts another by itself.
#[must_use]
pub fn pattern() -> Value {
    json!({
        "source": [SOURCE],
        "detail-type": [DETAIL_TYPE],
        "detail": {
            "lastStatus": ["RUNNING"],
            "desiredStatus": ["RUNNING"],
            "group": [{ "prefix": OF_A_SERVICE }],
            "$or": [
                { "containers": { "reason": [{ "prefix": OUT_OF_MEMORY }] } },
                { "healthStatus": [UNHEALTHY] },
            ],
        }
    })
}

/// A task changed its state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskEvent {
    /// ARN of the task.
    pub task: String,
    /// Grows with each change of the task: the order of its events.
    pub version: u64,
    /// Account of the envelope.
    pub account: String,
    /// Region of the envelope.
    pub region: String,
    /// The service, when `group` names one; `startedBy` alone does not.
    pub service: Option<ServiceId>,
    /// For example `RUNNING` or `STOPPED`.
    pub last_status: String,
    /// What ECS wants it to be.
    pub desired_status: String,
    /// For example `EssentialContainerExited` or `TaskFailedToStart`; absent while it runs.
    pub stop_code: Option<String>,
    /// ECS's sentence.
    pub stopped_reason: Option<String>,
    /// `family:revision` of the task definition, when the event names it.
    pub task_definition: Option<String>,
    /// Whether its container health checks fail; false where it has none, or nothing is said.
    pub unhealthy: bool,
    /// Its containers, in the event's order.
    pub containers: Vec<Container>,
    /// When it changed.
    pub at: Timestamp,
}

/// A container of a task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Container {
    /// Its name in the task definition.
    pub name: String,
    /// Absent while it runs, and when it never started.
    pub exit_code: Option<i64>,
    /// Why it ended, when ECS says so.
    pub reason: Option<String>,
}

impl TaskEvent {
    /// Whether it has stopped.
    #[must_use]
    pub fn stopped(&self) -> bool {
        self.last_status == "STOPPED"
    }

    /// The first container that was killed for its memory.
    #[must_use]
    pub fn out_of_memory(&self) -> Option<&str> {
        let killed = |c: &&Container| c.reason.as_deref().is_some_and(|r| r.starts_with(OUT_OF_MEMORY));
        self.containers.iter().find(killed).map(|c| c.name.as_str())
    }
}

fn decode(event: &Value) -> Result<TaskEvent, NotASignal> {
    let envelope = Envelope::read(DETAIL_TYPE, event)?;
    let read = envelope.read;
    // Some events carry the ARN in `resources` only.
    let named = read.at("detail.taskArn").is_some();
    let place = if named { "detail.taskArn" } else { "resources[0]" };
    let arn = envelope.arn(place, TASK_ARN)?;
    if !arn.resource.starts_with("task/") || arn.service != "ecs" {
        return Err(read.refuse(place, TASK_ARN));
    }
    let task = read.text(place)?;
    if named && read.at("resources[0]").is_some() {
        read.agree("detail.taskArn", task, "resources[0]", read.text("resources[0]")?)?;
    }
    let cluster = service::cluster(&envelope, "detail.clusterArn")?;
    let of = read.id("detail.group").and_then(|g| Some(g.strip_prefix(OF_A_SERVICE)?.to_owned()));
    let definition = read.id("detail.taskDefinitionArn");
    Ok(TaskEvent {
        task: task.to_owned(),
        version: read.count("detail.version").ok_or_else(|| read.refuse("detail.version", "a whole number"))?,
        account: envelope.account.to_owned(),
        region: envelope.region.to_owned(),
        service: of.filter(|name| !name.is_empty()).map(|name| service::named(&envelope, cluster, &name)),
        last_status: read.text("detail.lastStatus")?.to_owned(),
        desired_status: read.text("detail.desiredStatus")?.to_owned(),
        stop_code: read.id("detail.stopCode"),
        stopped_reason: read.sentence("detail.stoppedReason"),
        task_definition: definition.and_then(|arn| Some(arn.rsplit_once('/')?.1.to_owned())),
        unhealthy: read.id("detail.healthStatus").is_some_and(|health| health == UNHEALTHY),
        containers: containers(event),
        at: read.time("detail.updatedAt")?,
    })
}

fn containers(event: &Value) -> Vec<Container> {
    let list = event.get("detail").and_then(|d| d.get("containers")).and_then(Value::as_array);
    let read = |event| {
        let read = Reader { kind: DETAIL_TYPE, event };
        let exit_code = read.at("exitCode").and_then(Value::as_i64);
        Some(Container { name: read.id("name")?, exit_code, reason: read.sentence("reason") })
    };
    list.map(|list| list.iter().take(CONTAINERS_MAX).filter_map(read).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signal::decode as decode_any;

    fn event() -> Value {
        json!({
            "source": SOURCE, "detail-type": DETAIL_TYPE, "account": "222222222222", "region": "eu-west-1",
            "resources": ["arn:aws:ecs:eu-west-1:222222222222:task/prod-eu-cluster/0c0a0d55efda4a08a8a7bf0adb8b3ad3"],
            "detail": {
                "clusterArn": "arn:aws:ecs:eu-west-1:222222222222:cluster/prod-eu-cluster",
                "taskArn": "arn:aws:ecs:eu-west-1:222222222222:task/prod-eu-cluster/0c0a0d55efda4a08a8a7bf0adb8b3ad3",
                "taskDefinitionArn": "arn:aws:ecs:eu-west-1:222222222222:task-definition/prod-eu-web:142",
                "group": "service:prod-eu-web", "lastStatus": "STOPPED", "desiredStatus": "STOPPED",
                "stopCode": "EssentialContainerExited", "stoppedReason": "Essential container in task exited",
                "containers": [
                    { "name": "log-router", "exitCode": 0 },
                    { "name": "web", "exitCode": 1,
                      "reason": "OutOfMemoryError: Container killed due to memory usage" },
                    { "name": "agent", "exitCode": 143, "cpu": "null" }
                ],
                "updatedAt": "2026-11-23T02:10:44.98Z", "version": 6
            }
        })
    }

    fn decoded(event: &Value) -> TaskEvent {
        match decode_any(event) {
            Ok(Signal::Task(task)) => *task,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn out_of_memory_is_told_by_the_reason_and_not_by_the_exit_code() {
        let task = decoded(&event());
        assert_eq!(task.out_of_memory(), Some("web"));
        assert_eq!((task.version, task.containers.len()), (6, 3));
        assert_eq!(task.task_definition.as_deref(), Some("prod-eu-web:142"));
        let mut killed = event();
        killed["detail"]["containers"][1] = json!({ "name": "web", "exitCode": 137 });
        assert_eq!(decoded(&killed).out_of_memory(), None);
    }

    #[test]
    fn only_the_group_names_a_service() {
        assert_eq!(decoded(&event()).service.unwrap().resource_id(), "service/prod-eu-cluster/prod-eu-web");
        for group in [json!("family:job"), json!("task-group"), json!("service:"), json!(null), json!(7)] {
            let mut other = event();
            other["detail"]["group"] = group.clone();
            other["detail"]["startedBy"] = json!("ecs-svc/9223370556150183303");
            assert_eq!(decoded(&other).service, None, "{group}");
        }
    }

    #[test]
    fn the_arn_is_taken_from_the_resources_when_the_detail_has_none_and_both_must_agree() {
        let mut short = event();
        short["detail"].as_object_mut().unwrap().remove("taskArn");
        assert_eq!(decoded(&short).task, decoded(&event()).task);
        let mut two = event();
        two["resources"][0] = json!("arn:aws:ecs:eu-west-1:222222222222:task/prod-eu-cluster/other");
        assert!(matches!(decode_any(&two), Err(NotASignal::Contradiction { .. })));
    }

    #[test]
    fn a_part_that_a_decision_needs_is_named_when_it_is_missing() {
        for (pointer, place) in [
            ("/detail/taskArn", "detail.taskArn"),
            ("/detail/clusterArn", "detail.clusterArn"),
            ("/detail/version", "detail.version"),
            ("/detail/lastStatus", "detail.lastStatus"),
            ("/detail/desiredStatus", "detail.desiredStatus"),
            ("/detail/updatedAt", "detail.updatedAt"),
        ] {
            let mut broken = event();
            *broken.pointer_mut(pointer).unwrap() = json!([]);
            match decode_any(&broken) {
                Err(NotASignal::Malformed { place: named, .. }) => assert_eq!(named, place),
                other => panic!("{pointer}: {other:?}"),
            }
        }
    }
}
