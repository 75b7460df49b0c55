//! Service deployments: the newest, the newest successful ones, and what only describing them says.

use std::collections::BTreeMap;

use aws_sdk_ecs::types::{
    DeploymentLifecycleHookStatus, DeploymentLifecycleHookTargetType, DeploymentStrategy, ServiceDeployment,
    ServiceDeploymentBrief, ServiceDeploymentStatus,
};
use headroom_core::id::ServiceId;
use headroom_core::rollback::{DeploymentSeen, DeploymentStatus, Detail};
use headroom_pipeline::PortError;
use jiff::Timestamp;

use super::service::time;
use crate::aws::Aws;
use crate::error::failed;

const LIST: &str = "ecs ListServiceDeployments";
const DESCRIBE: &str = "ecs DescribeServiceDeployments";
/// Enough for a service that is deployed each half hour: half a day.
const NEWEST: i32 = 20;
/// Described each look: the one that is watched, and what came after it.
const DESCRIBED: usize = 5;

/// The newest deployments, newest first, and the newest successful ones among them.
pub(super) async fn list(aws: &Aws, service: &ServiceId) -> Result<Vec<DeploymentSeen>, PortError> {
    let call = |status: Option<ServiceDeploymentStatus>| {
        let call = aws.ecs().list_service_deployments().cluster(&service.cluster).service(&service.service);
        let call = match status {
            Some(status) => call.status(status),
            None => call,
        };
        async move {
            let answer = call.max_results(NEWEST).send().await.map_err(|error| failed(LIST, &error))?;
            Ok::<_, PortError>(answer.service_deployments().to_vec())
        }
    };
    let (newest, successful) = tokio::try_join!(call(None), call(Some(ServiceDeploymentStatus::Successful)))?;
    let mut all: BTreeMap<String, DeploymentSeen> = BTreeMap::new();
    for seen in newest.iter().chain(&successful).filter_map(brief) {
        all.entry(seen.arn.clone()).or_insert(seen);
    }
    let mut all: Vec<DeploymentSeen> = all.into_values().collect();
    all.sort_by_key(|d| std::cmp::Reverse(d.created_at));
    Ok(all)
}

/// ARN and creation of the newest deployments that began at or after a time, in whatever state they are.
pub(super) async fn since(
    aws: &Aws,
    service: &ServiceId,
    from: Timestamp,
) -> Result<Vec<(String, Timestamp)>, PortError> {
    let call = aws.ecs().list_service_deployments().cluster(&service.cluster).service(&service.service);
    let answer = call.max_results(NEWEST).send().await.map_err(|error| failed(LIST, &error))?;
    let each = answer.service_deployments().iter();
    let each = each.filter_map(|d| Some((d.service_deployment_arn()?.to_owned(), d.created_at().and_then(time)?)));
    Ok(each.filter(|(_, created_at)| *created_at >= from).collect())
}

/// A deployment whose state we do not know the name of is none that we may act on.
fn brief(brief: &ServiceDeploymentBrief) -> Option<DeploymentSeen> {
    Some(DeploymentSeen {
        arn: brief.service_deployment_arn()?.to_owned(),
        status: DeploymentStatus::from_name(brief.status()?.as_str())?,
        created_at: brief.created_at().and_then(time)?,
        finished_at: brief.finished_at().and_then(time),
        target: brief.target_service_revision_arn()?.to_owned(),
        detail: None,
    })
}

/// Adds what only describing says, to the newest ones.
pub(super) async fn describe(aws: &Aws, all: &mut [DeploymentSeen]) -> Result<(), PortError> {
    let arns: Vec<String> = all.iter().take(DESCRIBED).map(|d| d.arn.clone()).collect();
    if arns.is_empty() {
        return Ok(());
    }
    let answer = aws.ecs().describe_service_deployments().set_service_deployment_arns(Some(arns)).send().await;
    let answer = answer.map_err(|error| failed(DESCRIBE, &error))?;
    for described in answer.service_deployments() {
        let same = |d: &&mut DeploymentSeen| Some(d.arn.as_str()) == described.service_deployment_arn();
        let Some(seen) = all.iter_mut().find(same) else { continue };
        seen.detail = Some(detail(described));
        // Described after it was listed: the newer of the two.
        if let Some(status) = described.status().and_then(|s| DeploymentStatus::from_name(s.as_str())) {
            seen.status = status;
        }
        seen.finished_at = described.finished_at().and_then(time).or(seen.finished_at);
    }
    Ok(())
}

fn detail(described: &ServiceDeployment) -> Detail {
    let target = described.target_service_revision();
    let strategy = described.deployment_configuration().and_then(|c| c.strategy());
    let waits =
        |status: Option<&DeploymentLifecycleHookStatus>| status.is_some_and(|s| s.as_str() == "AWAITING_ACTION");
    let paused = described
        .lifecycle_hook_details()
        .iter()
        .find(|h| h.target_type() == Some(&DeploymentLifecycleHookTargetType::Pause) && waits(h.status()));
    Detail {
        sources: described.source_service_revisions().iter().filter_map(|r| r.arn().map(str::to_owned)).collect(),
        rollback_to: described.rollback().and_then(|r| r.service_revision_arn().map(str::to_owned)),
        rollback_reason: described.rollback().and_then(|r| r.reason().map(str::to_owned)),
        staged: described.lifecycle_stage().is_some() || strategy.is_some_and(|s| *s != DeploymentStrategy::Rolling),
        running: target.map_or(0, |r| u32::try_from(r.running_task_count()).unwrap_or(0)),
        weight: target.and_then(|r| r.requested_production_traffic_weight()),
        hook: paused.and_then(|h| h.hook_id().map(str::to_owned)),
    }
}
