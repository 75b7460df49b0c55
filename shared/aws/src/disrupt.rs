//! Disruptive calls: UpdateService with a forced deployment, StopTask. Sent once each; the SDK never repeats them.

use aws_sdk_ecs::config::Config;
use aws_sdk_ecs::config::retry::RetryConfig;
use headroom_core::id::ServiceId;
use headroom_core::remedy::{Disrupts, Sick};
use headroom_core::seen::Primary;
use headroom_pipeline::{Disrupted, PortError};

use crate::ask;
use crate::aws::Aws;
use crate::error::{failed, unusable};
use crate::permission::{Permission, Resource};

/// What disrupting may call.
pub const PERMISSIONS: &[Permission] = &[Permission {
    sid: "StopSickTasks",
    actions: &["ecs:StopTask"],
    on: Resource::EcsTasks,
    mutates_fleet: true,
    reason: "one sick task is stopped; that it belongs to the service is checked before",
}];

const READ: &str = "ecs DescribeServices";
const DEPLOY: &str = "ecs UpdateService";
const STOP: &str = "ecs StopTask";
const PRIMARY: &str = "PRIMARY";

/// A second send after an unknown outcome is the flow's decision, after a look (SEMANTICS 17).
pub(crate) fn once() -> aws_sdk_ecs::config::Builder {
    Config::builder().retry_config(RetryConfig::disabled())
}

pub(crate) async fn disrupt(aws: &Aws, service: &ServiceId, what: &Disrupts) -> Result<Disrupted, PortError> {
    match what {
        Disrupts::ForceNewDeployment { primary, .. } => deploy(aws, service, primary).await,
        Disrupts::StopTask { task, sick } => stop(aws, service, task, *sick).await,
    }
}

/// UpdateService has no compare-and-set: the primary deployment is read once more, right before (SEMANTICS 18).
async fn deploy(aws: &Aws, service: &ServiceId, expected: &str) -> Result<Disrupted, PortError> {
    let found = primary(aws, service).await?.map(|primary| primary.id);
    if found.as_deref() != Some(expected) {
        let found = found.unwrap_or_else(|| "no primary deployment".to_owned());
        return Ok(Disrupted::Conflict { expected: expected.to_owned(), found });
    }
    let call =
        aws.ecs().update_service().cluster(&service.cluster).service(&service.service).force_new_deployment(true);
    let sent = call.customize().config_override(once()).send().await;
    sent.map(|_updated| Disrupted::Done).map_err(|error| failed(DEPLOY, &error))
}

/// The primary deployment now.
pub(crate) async fn primary(aws: &Aws, service: &ServiceId) -> Result<Option<Primary>, PortError> {
    let read = aws.ecs().describe_services().cluster(&service.cluster).services(&service.service).send().await;
    let read = read.map_err(|error| failed(READ, &error))?;
    let deployments = read.services().first().map(aws_sdk_ecs::types::Service::deployments).unwrap_or_default();
    let primary = deployments.iter().find(|d| d.status() == Some(PRIMARY));
    Ok(primary.and_then(ask::primary))
}

async fn stop(aws: &Aws, service: &ServiceId, task: &str, sick: Sick) -> Result<Disrupted, PortError> {
    let home = format!(":task/{}/", service.cluster);
    if !task.contains(&home) {
        return Err(unusable(STOP, format!("{task} is no task of cluster {}", service.cluster)));
    }
    let call = aws.ecs().stop_task().cluster(&service.cluster).task(task).reason(format!("Headroom: {sick}"));
    match call.customize().config_override(once()).send().await {
        Ok(_stopped) => Ok(Disrupted::Done),
        Err(error) => {
            let gone =
                error.as_service_error().and_then(|e| e.meta().message()).is_some_and(|m| m.contains("not found"));
            if gone {
                let found = "no such task".to_owned();
                return Ok(Disrupted::Conflict { expected: task.to_owned(), found });
            }
            Err(failed(STOP, &error))
        }
    }
}
