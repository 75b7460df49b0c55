//! Tasks of one service: which are out of memory, unhealthy or stuck.

use std::collections::BTreeSet;

use aws_sdk_ecs::types::{Container, HealthStatus, ProtectedTask, Task};
use headroom_core::id::ServiceId;
use headroom_core::seen::{Reading, TaskSeen};
use headroom_pipeline::PortError;
use jiff::Timestamp;

use crate::aws::Aws;
use crate::error::failed;

const LIST: &str = "ecs ListTasks";
const DESCRIBE: &str = "ecs DescribeTasks";
const PROTECTION: &str = "ecs GetTaskProtection";
/// DescribeTasks takes no more, and a sick one among more than these is no fault of one task.
const TASKS_MAX: i32 = 100;
/// What ECS's reason begins with when a container was killed for want of memory (TRAPS 20).
const OUT_OF_MEMORY: &str = "OutOfMemoryError";

/// The tasks that ECS wants to run, up to a hundred; the filter is on the desired status, so that a task that is
/// still starting is among them.
pub(super) async fn tasks(aws: &Aws, id: &ServiceId) -> Result<Reading<Vec<TaskSeen>>, PortError> {
    let listed = aws
        .ecs()
        .list_tasks()
        .cluster(&id.cluster)
        .service_name(&id.service)
        .max_results(TASKS_MAX)
        .send()
        .await
        .map_err(|error| failed(LIST, &error))?;
    if listed.next_token.is_some() {
        return Ok(Reading::Unreadable(format!("more than {TASKS_MAX} tasks")));
    }
    let arns = listed.task_arns.unwrap_or_default();
    if arns.is_empty() {
        return Ok(Reading::Known(Vec::new()));
    }
    let describe = aws.ecs().describe_tasks().cluster(&id.cluster).set_tasks(Some(arns.clone())).send();
    let protection = aws.ecs().get_task_protection().cluster(&id.cluster).set_tasks(Some(arns)).send();
    let (described, protection) = tokio::join!(describe, protection);
    let described = described.map_err(|error| failed(DESCRIBE, &error))?;
    let protection = protection.map_err(|error| failed(PROTECTION, &error))?;
    let free: BTreeSet<&str> = protection
        .protected_tasks()
        .iter()
        .filter(|task| !task.protection_enabled())
        .filter_map(ProtectedTask::task_arn)
        .collect();
    let group = format!("service:{}", id.service);
    // StopTask is granted by cluster: whose task it is, is checked here (SEMANTICS 29).
    let own = described.tasks().iter().filter(|t| t.group() == Some(&group));
    Ok(Reading::Known(own.filter_map(|task| seen(task, &free)).collect()))
}

/// One that ECS does not say to be free is taken for protected: nobody knows what it does.
fn seen(task: &Task, free: &BTreeSet<&str>) -> Option<TaskSeen> {
    let killed = |c: &Container| c.reason().is_some_and(|reason| reason.starts_with(OUT_OF_MEMORY));
    Some(TaskSeen {
        arn: task.task_arn()?.to_owned(),
        last_status: task.last_status().unwrap_or_default().to_owned(),
        desired_status: task.desired_status().unwrap_or_default().to_owned(),
        unhealthy: task.health_status() == Some(&HealthStatus::Unhealthy),
        out_of_memory: task.containers().iter().any(killed),
        protected: !task.task_arn().is_some_and(|arn| free.contains(arn)),
        created: task
            .created_at()
            .and_then(|at| Timestamp::new(at.secs(), i32::try_from(at.subsec_nanos()).ok()?).ok()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn out_of_memory_is_read_from_a_containers_reason_and_not_from_its_exit_code() {
        let container = |reason: &str| Container::builder().reason(reason).exit_code(1).build();
        let task = |reason: &str| {
            Task::builder().task_arn("arn:t/1").last_status("RUNNING").containers(container(reason)).build()
        };
        assert!(
            seen(&task("OutOfMemoryError: Container killed due to memory usage"), &BTreeSet::new())
                .unwrap()
                .out_of_memory
        );
        assert!(!seen(&task("CannotPullContainerError: no"), &BTreeSet::new()).unwrap().out_of_memory);
    }

    #[test]
    fn health_that_nobody_checks_is_not_unhealthy() {
        let task = |health| Task::builder().task_arn("arn:t/1").health_status(health).build();
        assert!(seen(&task(HealthStatus::Unhealthy), &BTreeSet::new()).unwrap().unhealthy);
        assert!(!seen(&task(HealthStatus::from("UNKNOWN")), &BTreeSet::new()).unwrap().unhealthy);
        assert!(!seen(&Task::builder().task_arn("arn:t/1").build(), &BTreeSet::new()).unwrap().unhealthy);
    }

    #[test]
    fn a_task_whose_protection_nobody_knows_is_taken_for_protected() {
        let task = Task::builder().task_arn("arn:t/1").build();
        assert!(seen(&task, &BTreeSet::new()).unwrap().protected);
        assert!(!seen(&task, &BTreeSet::from(["arn:t/1"])).unwrap().protected);
    }
}
