//! Tasks.

use headroom_simulator::service::Service;
use headroom_simulator::tasks::{Stage, Task};

use super::common::{PAGING, absent, cluster, invalid, missing, refused, short};
use super::task_shape::{Seen, task};
use crate::failure::Failure;
use crate::operations::call::{Answer, Call};
use crate::operations::page::Paging;
use crate::value::Map;

/// DescribeTasks takes no more (AWS_FACTS 1.1).
const A_CALL: usize = 100;

/// ListTasks: `desiredStatus` is what is wanted of a task, so that one that is still starting is listed under
/// RUNNING, and PENDING matches none (AWS_FACTS 1.1).
pub(super) fn list(call: &mut Call<'_>) -> Answer {
    let cluster = cluster(call)?;
    let (service, family) = (call.input.text("serviceName")?, call.input.text("family")?);
    if let Some(name) = &service
        && call.service(&cluster, short(name)).is_none()
    {
        return Err(Failure::sender("ServiceNotFoundException", "Service not found."));
    }
    let status = call.input.text("desiredStatus")?.unwrap_or("RUNNING".into());
    let of_family = |s: &Service, t: &Task| {
        let definition = s.deploys.revisions.get(t.revision).map(|r| r.task_definition.as_str());
        family.as_ref().is_none_or(|f| definition.and_then(|d| d.rsplit_once(':')).is_some_and(|(name, _)| name == f))
    };
    let arns: Vec<String> = call.world.read(|all| {
        let here = all.iter().filter(|s| call.is_here(s) && s.spec.id.cluster == cluster);
        let here = here.filter(|s| service.as_ref().is_none_or(|name| s.spec.id.service == short(name)));
        here.flat_map(|s| {
            let seen = seen(s).into_iter().filter(|seen| seen.desired() == status && of_family(s, seen.task));
            seen.map(|seen| s.task_arn(seen.task.id)).collect::<Vec<_>>()
        })
        .collect()
    });
    let paging = Paging { usual: 100, ..PAGING };
    let (page, next) = paging.page(call.input, arns)?;
    Ok(Map::new().with("taskArns", page).with("nextToken", next).into())
}

/// The tasks of a service that ECS knows: what is not placed is none yet, and stopped ones stay for a while
/// (AWS_FACTS 1.1).
fn seen(service: &Service) -> Vec<Seen<'_>> {
    let placed = service.tasks.list().iter().filter(|t| t.stage != Stage::Pending);
    let stopped = service.tasks.stopped().map(|noted| Seen { task: &noted.task, stopped: Some(noted.at) });
    placed.map(|task| Seen { task, stopped: None }).chain(stopped).collect()
}

/// DescribeTasks: unknown tasks are failures of a good answer.
pub(super) fn describe(call: &mut Call<'_>) -> Answer {
    let cluster = cluster(call)?;
    let names = call.input.texts("tasks")?;
    if names.is_empty() {
        return Err(invalid("Tasks cannot be empty."));
    }
    if names.len() > A_CALL {
        return Err(invalid("Too many tasks: at most 100."));
    }
    let (mut found, mut failures) = (Vec::new(), Vec::new());
    for name in names.iter().map(|name| short(name)) {
        let shown = call.world.read(|all| {
            let here = all.iter().filter(|s| call.is_here(s) && s.spec.id.cluster == cluster);
            here.flat_map(|s| seen(s).into_iter().map(move |seen| (s, seen)))
                .find(|(s, seen)| s.task_id(seen.task.id) == name)
                .map(|(s, seen)| task(call, s, seen))
        });
        match shown {
            Some(task) => found.push(task),
            None => failures.push(absent(call.place.arn("ecs", &format!("task/{cluster}/{name}")))),
        }
    }
    Ok(Map::new().with("tasks", found).with("failures", failures).into())
}

/// GetTaskProtection: nobody protects a task here, so none of those that are named and known is.
pub(super) fn protection(call: &mut Call<'_>) -> Answer {
    let cluster = cluster(call)?;
    let names = call.input.texts("tasks")?;
    if names.len() > A_CALL {
        return Err(invalid("Too many tasks: at most 100."));
    }
    let known: Vec<(String, String)> = call.world.read(|all| {
        let here = all.iter().filter(|s| call.is_here(s) && s.spec.id.cluster == cluster);
        here.flat_map(|s| s.tasks.list().iter().map(|t| (s.task_id(t.id), s.task_arn(t.id)))).collect()
    });
    let (mut found, mut failures) = (Vec::new(), Vec::new());
    for name in names.iter().map(|name| short(name)) {
        match known.iter().find(|(id, _)| id == name) {
            Some((_, arn)) => found.push(Map::new().with("taskArn", arn.clone()).with("protectionEnabled", false)),
            None => failures.push(absent(call.place.arn("ecs", &format!("task/{cluster}/{name}")))),
        }
    }
    Ok(Map::new().with("protectedTasks", found).with("failures", failures).into())
}

/// StopTask: it drains, and the scheduler starts another one.
pub(super) fn stop(call: &mut Call<'_>) -> Answer {
    let cluster = cluster(call)?;
    let name = call.input.required("task", missing)?;
    let reason = call.input.text("reason")?.unwrap_or("Task stopped by user".into()).into_owned();
    let found = call.world.read(|all| {
        let here = all.iter().enumerate().filter(|(_, s)| call.is_here(s) && s.spec.id.cluster == cluster);
        here.flat_map(|(index, s)| s.tasks.list().iter().map(move |t| (index, s, t)))
            .find(|(_, s, t)| s.task_id(t.id) == short(&name))
            .map(|(index, _, t)| (index, t.id))
    });
    let (index, id) = found.ok_or_else(|| invalid("The referenced task was not found."))?;
    call.world.stop_task(index, id, &reason).map_err(|e| refused(&e))?;
    let shown = call.world.read(|all| {
        let service = all.get(index)?;
        let seen = seen(service).into_iter().find(|seen| seen.task.id == id)?;
        Some(task(call, service, seen))
    });
    Ok(Map::new().with("task", shown).into())
}
