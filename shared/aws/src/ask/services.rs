//! ECS services, ten a call and one cluster a call.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_ecs::operation::describe_services::{DescribeServicesError, DescribeServicesOutput};
use aws_sdk_ecs::types::{Deployment, DeploymentRolloutState, LoadBalancer, SchedulingStrategy, Service, ServiceEvent};
use futures_util::future::try_join_all;
use headroom_core::id::ServiceId;
use headroom_core::seen::{Primary, Reading, ServiceSeen, TROUBLES_MAX, Trouble};
use headroom_pipeline::{PortError, Retry};
use jiff::Timestamp;

use crate::aws::Aws;
use crate::error::{failed, unusable};

const PLACE: &str = "ecs DescribeServices";
/// DescribeServices takes no more.
const A_CALL: usize = 10;
/// A service that was deleted stays visible for a while.
const INACTIVE: &str = "INACTIVE";
/// The reason of a failure for a name that ECS does not know.
const MISSING: &str = "MISSING";
const PRIMARY: &str = "PRIMARY";

pub(super) type Services = BTreeMap<ServiceId, Reading<ServiceSeen>>;

pub(super) async fn services(aws: &Aws, wanted: &BTreeSet<&ServiceId>) -> Result<Services, PortError> {
    let mut clusters: BTreeMap<&str, Vec<&ServiceId>> = BTreeMap::new();
    for id in wanted {
        clusters.entry(&id.cluster).or_default().push(id);
    }
    let calls =
        clusters.iter().flat_map(|(cluster, ids)| ids.chunks(A_CALL).map(move |batch| describe(aws, cluster, batch)));
    Ok(try_join_all(calls).await?.into_iter().flatten().collect())
}

async fn describe(aws: &Aws, cluster: &str, ids: &[&ServiceId]) -> Result<Services, PortError> {
    let names = ids.iter().map(|id| id.service.clone()).collect();
    match aws.ecs().describe_services().cluster(cluster).set_services(Some(names)).send().await {
        Ok(answer) => read(ids, &answer),
        Err(error) => match error.as_service_error() {
            Some(DescribeServicesError::ClusterNotFoundException(_)) => {
                Ok(ids.iter().map(|id| ((*id).clone(), Reading::Absent)).collect())
            }
            Some(_) | None => Err(failed(PLACE, &error)),
        },
    }
}

fn read(ids: &[&ServiceId], answer: &DescribeServicesOutput) -> Result<Services, PortError> {
    let mut services = Services::new();
    for id in ids {
        let found = answer.services().iter().find(|s| s.service_name() == Some(&id.service));
        let reading = match found {
            Some(service) if service.status() == Some(INACTIVE) => Reading::Absent,
            Some(service) => Reading::Known(seen(service)?),
            None => absent(id, answer)?,
        };
        services.insert((*id).clone(), reading);
    }
    Ok(services)
}

/// A name that is in neither list, or failed for another reason than being unknown, is not known absent.
fn absent(id: &ServiceId, answer: &DescribeServicesOutput) -> Result<Reading<ServiceSeen>, PortError> {
    let suffix = format!("/{}", id.service);
    let named = |arn: &str| arn == id.service || arn.ends_with(&suffix);
    let failure = answer.failures().iter().find(|f| f.arn().is_some_and(named));
    match failure.and_then(|f| f.reason()) {
        Some(MISSING) => Ok(Reading::Absent),
        other => Err(PortError {
            place: PLACE.to_owned(),
            cause: format!("{}: {}", id.service, other.unwrap_or("not answered")),
            retry: Retry::Later,
        }),
    }
}

pub(crate) fn seen(service: &Service) -> Result<ServiceSeen, PortError> {
    let count = |n: i32| u32::try_from(n).map_err(|_| unusable(PLACE, format!("{n} tasks")));
    let unfinished = service.deployments().iter().filter(|d| unfinished(d)).count();
    Ok(ServiceSeen {
        arn: service.service_arn().ok_or_else(|| unusable(PLACE, "a service without ARN"))?.to_owned(),
        created_at: service
            .created_at()
            .and_then(|at| Timestamp::new(at.secs(), i32::try_from(at.subsec_nanos()).ok()?).ok()),
        desired: count(service.desired_count())?,
        running: count(service.running_count())?,
        deployments_in_progress: u32::try_from(unfinished).unwrap_or(u32::MAX),
        daemon: service.scheduling_strategy() == Some(&SchedulingStrategy::Daemon),
        primary: service.deployments().iter().find(|d| d.status() == Some(PRIMARY)).and_then(primary),
        troubles: service.events().iter().filter_map(trouble).take(TROUBLES_MAX).collect(),
        target_groups: service.load_balancers().iter().filter_map(target_group).collect(),
    })
}

/// None where deployments shift traffic between two of them: which one serves, DescribeServices does not say.
fn target_group(balancer: &LoadBalancer) -> Option<String> {
    let advanced = balancer.advanced_configuration();
    let other = advanced.and_then(|advanced| advanced.alternate_target_group_arn());
    balancer.target_group_arn().filter(|_| other.is_none()).map(str::to_owned)
}

/// ECS gives the newest hundred events, newest first.
fn trouble(event: &ServiceEvent) -> Option<Trouble> {
    let at = event.created_at()?;
    let at = Timestamp::new(at.secs(), i32::try_from(at.subsec_nanos()).ok()?).ok()?;
    Trouble::read(at, event.message()?)
}

pub(crate) fn primary(deployment: &Deployment) -> Option<Primary> {
    Some(Primary {
        id: deployment.id()?.to_owned(),
        task_definition: deployment.task_definition().unwrap_or_default().to_owned(),
    })
}

/// The new revision until its rollout is complete, and the old one until it is gone: both report while both
/// run.
fn unfinished(deployment: &Deployment) -> bool {
    deployment.status() != Some(PRIMARY) || deployment.rollout_state() == Some(&DeploymentRolloutState::InProgress)
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_ecs::types::Failure;

    fn id(service: &str) -> ServiceId {
        ServiceId { account: "1".into(), region: "r".into(), cluster: "c".into(), service: service.into() }
    }

    fn service(name: &str, status: &str) -> Service {
        let deployment = |status: &str, state| Deployment::builder().status(status).rollout_state(state).build();
        Service::builder()
            .service_name(name)
            .service_arn(format!("arn:aws:ecs:r:1:service/c/{name}"))
            .status(status)
            .desired_count(2)
            .running_count(3)
            .deployments(deployment("PRIMARY", DeploymentRolloutState::InProgress))
            .deployments(deployment("ACTIVE", DeploymentRolloutState::Completed))
            .build()
    }

    fn failure(arn: &str, reason: &str) -> Failure {
        Failure::builder().arn(arn).reason(reason).build()
    }

    #[test]
    fn an_unknown_or_deleted_service_is_absent() {
        let answer = DescribeServicesOutput::builder()
            .services(service("web", "ACTIVE"))
            .services(service("old", "INACTIVE"))
            .failures(failure("arn:aws:ecs:r:1:service/c/typo", "MISSING"))
            .build();
        let (web, old, typo) = (id("web"), id("old"), id("typo"));
        let read = read(&[&web, &old, &typo], &answer).unwrap();
        assert_eq!(read[&old], Reading::Absent);
        assert_eq!(read[&typo], Reading::Absent);
        let seen = read[&web].known().unwrap();
        assert_eq!((seen.desired, seen.running, seen.deployments_in_progress), (2, 3, 2));
    }

    #[test]
    fn a_service_that_was_not_answered_is_never_called_absent() {
        let web = id("web");
        for answer in [
            DescribeServicesOutput::builder().build(),
            DescribeServicesOutput::builder().failures(failure("arn:x/web", "INTERNAL")).build(),
            DescribeServicesOutput::builder().failures(failure("arn:x/other-web", "MISSING")).build(),
        ] {
            assert_eq!(read(&[&web], &answer).unwrap_err().retry, Retry::Later);
        }
    }
}
