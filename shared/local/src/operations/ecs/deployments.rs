//! Service deployments and service revisions.

use headroom_simulator::deploy::{Deployment, HookAction, Revision, Strategy};
use headroom_simulator::service::Service;

use super::common::{PAGING, absent, invalid, missing, refused, service};
use super::{config, shape};
use crate::failure::Failure;
use crate::operations::call::{Answer, Call};
use crate::operations::page::Paging;
use crate::value::{Map, Value};

/// DescribeServiceDeployments and DescribeServiceRevisions take no more (AWS_FACTS 1.1).
const A_CALL: usize = 20;

/// ListServiceDeployments, newest first.
pub(super) fn list(call: &mut Call<'_>) -> Answer {
    let index = service(call)?;
    let wanted = call.input.texts("status")?;
    let created = call.input.map("createdAt")?;
    let bound = |name| created.map(|c| c.time(name)).transpose().map(Option::flatten);
    let (after, before) = (bound("after")?, bound("before")?);
    let briefs: Vec<Value> = call.world.read(|all| {
        let Some(service) = all.get(index) else { return Vec::new() };
        let fits = |d: &&Deployment| {
            let at = d.created as f64;
            (wanted.is_empty() || wanted.iter().any(|w| w == d.status.name()))
                && after.is_none_or(|after| at >= after)
                && before.is_none_or(|before| at <= before)
        };
        service.deploys.history.iter().rev().filter(fits).map(|d| listed(call, service, d)).collect()
    });
    let (page, next) = Paging { usual: 20, ..PAGING }.page(call.input, briefs)?;
    Ok(Map::new().with("serviceDeployments", page).with("nextToken", next).into())
}

fn listed(call: &Call<'_>, service: &Service, deployment: &Deployment) -> Value {
    let target = service.deploys.revisions.get(deployment.target).map(|r| service.revision_arn(r));
    brief(call, service, deployment).with("targetServiceRevisionArn", target).into()
}

fn brief(call: &Call<'_>, service: &Service, deployment: &Deployment) -> Map {
    Map::new()
        .with("serviceDeploymentArn", service.deployment_arn(deployment.number))
        .with("serviceArn", service.arn())
        .with("clusterArn", service.cluster_arn())
        .with("startedAt", call.time(deployment.created))
        .with("createdAt", call.time(deployment.created))
        .with("finishedAt", deployment.finished.map(|at| call.time(at)))
        .with("status", deployment.status.name())
        .with("statusReason", (!deployment.reason.is_empty()).then_some(deployment.reason.as_str()))
}

/// DescribeServiceDeployments: unknown ARNs are failures of a good answer.
pub(super) fn describe(call: &mut Call<'_>) -> Answer {
    let arns = named(call, "serviceDeploymentArns")?;
    let (mut found, mut failures) = (Vec::new(), Vec::new());
    for arn in arns {
        let shown = call.world.read(|all| {
            let (index, number) = deployment(call, &arn)?;
            let service = all.get(index)?;
            let deployment = service.deploys.history.iter().find(|d| d.number == number)?;
            Some(whole(call, service, deployment))
        });
        match shown {
            Some(deployment) => found.push(deployment),
            None => failures.push(absent(arn)),
        }
    }
    Ok(Map::new().with("serviceDeployments", found).with("failures", failures).into())
}

fn named(call: &Call<'_>, member: &str) -> Result<Vec<String>, Failure> {
    let arns = call.input.texts(member)?;
    if arns.is_empty() {
        return Err(missing(member));
    }
    if arns.len() > A_CALL {
        return Err(invalid(format!("{member}: at most {A_CALL}.")));
    }
    Ok(arns)
}

/// Index of the service and number of the deployment behind an ARN.
fn deployment(call: &Call<'_>, arn: &str) -> Option<(usize, u64)> {
    call.world.read(|all| {
        let here = all.iter().enumerate().filter(|(_, s)| call.is_here(s));
        here.flat_map(|(index, s)| s.deploys.history.iter().map(move |d| (index, s, d.number)))
            .find(|(_, s, number)| s.deployment_arn(*number) == arn)
            .map(|(index, _, number)| (index, number))
    })
}

fn whole(call: &Call<'_>, service: &Service, deployment: &Deployment) -> Value {
    let of = |revision: usize| {
        let found = service.deploys.revisions.get(revision)?;
        Some(revision_of(service, deployment, revision, found))
    };
    let sources: Vec<Map> = deployment.sources.iter().filter_map(|r| of(*r)).collect();
    let rollback = deployment.rollback.as_ref().map(|rollback| {
        let to = service.deploys.revisions.get(rollback.to).map(|r| service.revision_arn(r));
        Map::new()
            .with("reason", rollback.reason.as_str())
            .with("startedAt", call.time(rollback.at))
            .with("serviceRevisionArn", to)
    });
    let breaker = Map::new()
        .with("status", deployment.breaker.name())
        .with("failureCount", deployment.failures)
        .with("threshold", deployment.failures_max);
    let config = &service.deploys.config;
    let names = config.alarms.as_ref().map(|a| a.names.clone()).unwrap_or_default();
    let alarms = Map::new()
        .with("status", deployment.alarms.name())
        .with("alarmNames", names)
        .with("triggeredAlarmNames", deployment.triggered.clone());
    let staged = deployment.strategy != Strategy::Rolling;
    let hook = deployment.hook().map(|id| {
        let waits = Map::new().with("hookId", id).with("targetType", "PAUSE").with("status", "AWAITING_ACTION");
        vec![waits]
    });
    let stopped = deployment.status.name() == "STOPPED";
    brief(call, service, deployment)
        .with("stoppedAt", deployment.finished.filter(|_| stopped).map(|at| call.time(at)))
        .with("updatedAt", call.time(deployment.updated))
        .with("sourceServiceRevisions", sources)
        .with("targetServiceRevision", of(deployment.target))
        .with("lifecycleStage", staged.then(|| deployment.stage.name()))
        .with("lifecycleHookDetails", hook)
        .with("deploymentConfiguration", config::shown(config))
        .with("rollback", rollback)
        .with("deploymentCircuitBreaker", breaker)
        .with("alarms", alarms)
        .into()
}

/// A revision with its tasks, and its share of traffic where a deployment shifts it.
fn revision_of(service: &Service, deployment: &Deployment, index: usize, revision: &Revision) -> Map {
    let wanted = service.tasks.wanted(|r| r == index);
    let requested =
        if index == deployment.wanted() && !deployment.status.is_final() { service.tasks.desired } else { wanted };
    let weight = service.deploys.weight(index, deployment.target);
    let staged = deployment.strategy != Strategy::Rolling;
    Map::new()
        .with("arn", service.revision_arn(revision))
        .with("requestedTaskCount", requested)
        .with("runningTaskCount", shape::running(service, index))
        .with("pendingTaskCount", shape::starting(service, index))
        .with("requestedProductionTrafficWeight", staged.then_some(weight))
}

/// StopServiceDeployment: ROLLBACK, the only type that AWS documents as valid (AWS_FACTS 1.1).
pub(super) fn stop(call: &mut Call<'_>) -> Answer {
    let arn = call.input.required("serviceDeploymentArn", missing)?.into_owned();
    if call.input.text("stopType")?.is_some_and(|kind| kind != "ROLLBACK") {
        return Err(invalid("stopType: expected ROLLBACK."));
    }
    let (index, number) = deployment(call, &arn).ok_or_else(not_found)?;
    call.world.stop_deployment(index, number).map_err(|e| refused(&e))?;
    Ok(Map::new().with("serviceDeploymentArn", arn).into())
}

/// ContinueServiceDeployment: answers a PAUSE hook.
pub(super) fn go_on(call: &mut Call<'_>) -> Answer {
    let arn = call.input.required("serviceDeploymentArn", missing)?.into_owned();
    let hook = call.input.required("hookId", missing)?.into_owned();
    let action = match call.input.text("action")?.as_deref() {
        None | Some("CONTINUE") => HookAction::Continue,
        Some("ROLLBACK") => HookAction::Rollback,
        Some(other) => return Err(invalid(format!("action {other}: expected CONTINUE or ROLLBACK."))),
    };
    let (index, number) = deployment(call, &arn).ok_or_else(not_found)?;
    call.world.answer_hook(index, number, &hook, action).map_err(|e| refused(&e))?;
    Ok(Map::new().with("serviceDeploymentArn", arn).into())
}

fn not_found() -> Failure {
    Failure::sender("ServiceDeploymentNotFoundException", "Service deployment not found.")
}

/// DescribeServiceRevisions.
pub(super) fn revisions(call: &mut Call<'_>) -> Answer {
    let arns = named(call, "serviceRevisionArns")?;
    let (mut found, mut failures) = (Vec::new(), Vec::new());
    for arn in arns {
        let shown = call.world.read(|all| {
            let here = all.iter().filter(|s| call.is_here(s));
            here.flat_map(|s| s.deploys.revisions.iter().map(move |r| (s, r)))
                .find(|(s, r)| s.revision_arn(r) == arn)
                .map(|(s, r)| revision(call, s, r))
        });
        match shown {
            Some(revision) => found.push(revision),
            None => failures.push(absent(arn)),
        }
    }
    Ok(Map::new().with("serviceRevisions", found).with("failures", failures).into())
}

fn revision(call: &Call<'_>, service: &Service, revision: &Revision) -> Map {
    let group = Map::new().with("targetGroupArn", service.target_group_of(revision));
    let resolved = Map::new().with("loadBalancers", vec![group]);
    let image = Map::new()
        .with("containerName", super::common::container(service))
        .with("imageDigest", revision.release.digest.as_str())
        .with("image", revision.image.as_str());
    Map::new()
        .with("serviceRevisionArn", service.revision_arn(revision))
        .with("serviceArn", service.arn())
        .with("clusterArn", service.cluster_arn())
        .with("taskDefinition", service.task_definition_arn(&revision.task_definition))
        .with("launchType", "FARGATE")
        .with("platformVersion", "1.4.0")
        .with("platformFamily", "Linux")
        .with("containerImages", vec![image])
        .with("loadBalancers", vec![shape::balancer(service)])
        .with("resolvedConfiguration", resolved)
        .with("guardDutyEnabled", false)
        .with("createdAt", call.time(revision.created))
}
