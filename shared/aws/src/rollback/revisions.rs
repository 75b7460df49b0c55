//! Service revisions: what a rollback by UpdateService would bring back.

use std::collections::BTreeMap;
use std::fmt::Debug;

use aws_sdk_ecs::types::{ServiceRevision, TaskDefinitionStatus};
use futures_util::future::{join_all, try_join_all};
use headroom_core::rollback::{ImageSeen, RevisionSeen};
use headroom_core::seen::Reading;
use headroom_pipeline::PortError;

use super::images::digest_now;
use crate::aws::Aws;
use crate::error::failed;

const REVISIONS: &str = "ecs DescribeServiceRevisions";
const DEFINITION: &str = "ecs DescribeTaskDefinition";

/// The revisions as ECS has them.
pub(super) async fn describe(aws: &Aws, arns: &[String]) -> Result<Vec<ServiceRevision>, PortError> {
    if arns.is_empty() {
        return Ok(Vec::new());
    }
    let answer = aws.ecs().describe_service_revisions().set_service_revision_arns(Some(arns.to_vec())).send().await;
    Ok(answer.map_err(|error| failed(REVISIONS, &error))?.service_revisions().to_vec())
}

/// With the state of their task definitions and what their tags stand for now.
pub(super) async fn revisions(aws: &Aws, arns: &[String]) -> Result<Vec<RevisionSeen>, PortError> {
    let found = describe(aws, arns).await?;
    try_join_all(found.iter().map(|revision| seen(aws, revision))).await
}

async fn seen(aws: &Aws, revision: &ServiceRevision) -> Result<RevisionSeen, PortError> {
    let task_definition = revision.task_definition().unwrap_or_default().to_owned();
    let images = join_all(revision.container_images().iter().map(async |image| {
        let name = image.image().unwrap_or_default().to_owned();
        ImageSeen {
            container: image.container_name().unwrap_or_default().to_owned(),
            digest: image.image_digest().map(str::to_owned),
            now: if name.contains("@sha256:") {
                Reading::Unreadable("pinned".to_owned())
            } else {
                digest_now(aws, &name).await
            },
            image: name,
        }
    }));
    let (active, images) = tokio::join!(active(aws, &task_definition), images);
    Ok(RevisionSeen {
        arn: revision.service_revision_arn().unwrap_or_default().to_owned(),
        task_definition,
        active,
        images,
        rest: rest(revision),
    })
}

async fn active(aws: &Aws, task_definition: &str) -> Reading<bool> {
    match aws.ecs().describe_task_definition().task_definition(task_definition).send().await {
        Ok(answer) => match answer.task_definition().and_then(|d| d.status()) {
            Some(status) => Reading::Known(*status == TaskDefinitionStatus::Active),
            None => Reading::Unreadable("no status".to_owned()),
        },
        Err(error) => Reading::Unreadable(failed(DEFINITION, &error).to_string()),
    }
}

/// Every member that a deployment can change, beside the task definition and its images. The values are compared, and
/// never shown.
fn rest(revision: &ServiceRevision) -> BTreeMap<String, String> {
    fn text(value: &impl Debug) -> String {
        format!("{value:?}")
    }
    [
        ("capacityProviderStrategy", text(&revision.capacity_provider_strategy())),
        ("launchType", text(&revision.launch_type())),
        ("platformVersion", text(&revision.platform_version())),
        ("platformFamily", text(&revision.platform_family())),
        ("loadBalancers", text(&revision.load_balancers())),
        ("serviceRegistries", text(&revision.service_registries())),
        ("networkConfiguration", text(&revision.network_configuration())),
        ("serviceConnectConfiguration", text(&revision.service_connect_configuration())),
        ("volumeConfigurations", text(&revision.volume_configurations())),
        ("fargateEphemeralStorage", text(&revision.fargate_ephemeral_storage())),
        ("vpcLatticeConfigurations", text(&revision.vpc_lattice_configurations())),
    ]
    .into_iter()
    .map(|(member, value)| (member.to_owned(), value))
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_outside_the_task_definition_shows_in_its_member_alone() {
        let revision = |platform: &str| ServiceRevision::builder().platform_version(platform).build();
        let (one, two) = (rest(&revision("1.4.0")), rest(&revision("1.3.0")));
        let differ: Vec<&String> = one.keys().filter(|k| one[*k] != two[*k]).collect();
        assert_eq!(differ, ["platformVersion"]);
    }
}
