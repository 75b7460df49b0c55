//! Tasks of one service that stopped: why, in ECS's words.

use aws_sdk_ecs::types::{Container, DesiredStatus, Task};
use headroom_core::id::ServiceId;
use headroom_core::schedule::Stopped;
use headroom_pipeline::PortError;
use jiff::Timestamp;

use crate::aws::Aws;
use crate::error::failed;

const LIST: &str = "ecs ListTasks";
const DESCRIBE: &str = "ecs DescribeTasks";
/// DescribeTasks takes no more; a batch fails for one or two reasons, however many tasks it has.
const TASKS_MAX: i32 = 100;

/// The tasks that stopped within the last hour: so long ECS shows them.
pub(super) async fn stopped(aws: &Aws, id: &ServiceId) -> Result<Vec<Stopped>, PortError> {
    let listed = aws
        .ecs()
        .list_tasks()
        .cluster(&id.cluster)
        .service_name(&id.service)
        .desired_status(DesiredStatus::Stopped)
        .max_results(TASKS_MAX)
        .send()
        .await
        .map_err(|error| failed(LIST, &error))?;
    let arns = listed.task_arns.unwrap_or_default();
    if arns.is_empty() {
        return Ok(Vec::new());
    }
    let described = aws
        .ecs()
        .describe_tasks()
        .cluster(&id.cluster)
        .set_tasks(Some(arns))
        .send()
        .await
        .map_err(|error| failed(DESCRIBE, &error))?;
    Ok(described.tasks().iter().filter_map(why).collect())
}

/// One that ECS gives no reason for, as while it still stops, says nothing.
fn why(task: &Task) -> Option<Stopped> {
    let at = task.stopped_at().or(task.stopping_at());
    let reason = task.stopped_reason()?;
    let container = task.containers().iter().find_map(Container::reason);
    let reason = match container.filter(|container| !reason.contains(container)) {
        Some(container) => format!("{reason} ({container})"),
        None => reason.to_owned(),
    };
    let at = at.and_then(|at| Timestamp::new(at.secs(), i32::try_from(at.subsec_nanos()).ok()?).ok());
    Some(Stopped { at, reason })
}

#[cfg(test)]
mod tests {
    use aws_sdk_ecs::primitives::DateTime;

    use super::*;

    #[test]
    fn the_reason_of_a_container_stands_beside_the_tasks() {
        let container = Container::builder().reason("OutOfMemoryError: Container killed due to memory usage").build();
        let task = Task::builder().stopped_reason("Essential container in task exited").containers(container);
        let read = why(&task.stopped_at(DateTime::from_secs(60)).build()).unwrap();
        assert_eq!(read.at, Timestamp::from_second(60).ok());
        assert_eq!(
            read.reason,
            "Essential container in task exited (OutOfMemoryError: Container killed due to memory usage)"
        );
    }

    #[test]
    fn a_task_without_a_reason_says_nothing_and_one_without_a_time_is_of_unknown_age() {
        assert_eq!(why(&Task::builder().build()), None);
        assert_eq!(why(&Task::builder().stopped_reason("stopped").build()).unwrap().at, None);
    }
}
