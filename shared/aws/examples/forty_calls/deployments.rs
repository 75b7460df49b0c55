//! ECS: a deployment that begins, is stopped, and ends rolled back.

use aws_sdk_ecs::types::{ServiceDeployment, ServiceDeploymentStatus, StopServiceDeploymentStopType};
use serde_json::{Value as Json, json};

use crate::talk::{Failed, Talk, needed, none};

const NOBODYS: &str = "arn:aws:ecs:eu-west-1:123456789012:service-deployment/shop/web/nobodynobodynobodyno";

pub(crate) async fn run(talk: &Talk, definition: &str) -> Result<(), Failed> {
    let deployment = begin(talk, definition).await?;
    let begun = needed(described(talk, &deployment).await?, "serviceDeployments")?;
    stop(talk, &deployment).await?;
    stop(talk, NOBODYS).await?;
    talk.advance(600)?;
    described(talk, &deployment).await?;
    stop(talk, &deployment).await?;
    revisions(talk, begun).await
}

async fn begin(talk: &Talk, definition: &str) -> Result<String, Failed> {
    let answer = talk.ecs.update_service().cluster("shop").service("web").task_definition(definition).send().await;
    talk.tell("UpdateService", answer, |o| {
        let state = o.service().and_then(|s| s.deployments().first()?.rollout_state());
        json!({ "service.deployments.0.rolloutState": state.map(|s| s.as_str()) })
    })?;
    let answer = talk.ecs.update_service().cluster("shop").service("nobody").desired_count(3).send().await;
    talk.tell("UpdateService", answer, none)?;

    talk.advance(20)?;
    let running = ServiceDeploymentStatus::InProgress;
    let answer = talk.ecs.list_service_deployments().cluster("shop").service("web").status(running).send().await;
    let listed = talk.tell("ListServiceDeployments", answer, |o| {
        let status = o.service_deployments().first().and_then(|d| d.status());
        json!({ "serviceDeployments.0.status": status.map(|s| s.as_str()) })
    })?;
    let first = listed.and_then(|l| l.service_deployments?.into_iter().next());
    needed(first.and_then(|d| d.service_deployment_arn), "serviceDeploymentArn")
}

async fn described(talk: &Talk, arn: &str) -> Result<Option<ServiceDeployment>, Failed> {
    let answer = talk.ecs.describe_service_deployments().service_deployment_arns(arn).send().await;
    let described = talk.tell("DescribeServiceDeployments", answer, |o| {
        let status = o.service_deployments().first().and_then(|d| d.status());
        json!({ "serviceDeployments.0.status": status.map(|s| s.as_str()) })
    })?;
    Ok(described.and_then(|d| d.service_deployments?.into_iter().next()))
}

async fn stop(talk: &Talk, arn: &str) -> Result<(), Failed> {
    let rollback = StopServiceDeploymentStopType::Rollback;
    let answer = talk.ecs.stop_service_deployment().service_deployment_arn(arn).stop_type(rollback).send().await;
    talk.tell("StopServiceDeployment", answer, none)?;
    Ok(())
}

async fn revisions(talk: &Talk, begun: ServiceDeployment) -> Result<(), Failed> {
    let target = needed(begun.target_service_revision.and_then(|r| r.arn), "targetServiceRevision")?;
    let sources = begun.source_service_revisions.unwrap_or_default();
    let source = needed(sources.into_iter().next().and_then(|r| r.arn), "sourceServiceRevisions")?;
    let call = talk.ecs.describe_service_revisions().service_revision_arns(target).service_revision_arns(source);
    talk.tell("DescribeServiceRevisions", call.send().await, |o| -> Json {
        let image = o.service_revisions().first().and_then(|r| r.container_images().first()?.image());
        json!({ "serviceRevisions.0.containerImages.0.image": image })
    })?;
    Ok(())
}
