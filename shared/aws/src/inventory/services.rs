//! Services of a cluster: their ARNs a hundred a page, then what they are, ten a call.

use aws_sdk_ecs::operation::list_services::ListServicesError;
use aws_sdk_ecs::types::{DeploymentControllerType, SchedulingStrategy, Service};
use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};
use headroom_core::fleet::draft::{Controller, FoundService, TargetGroup};

use super::clients::Clients;
use super::find::CALLS_AT_ONCE;
use super::progress::{Counted, Progress};
use crate::person::Failure;

const LIST: &str = "ecs:ListServices";
const DESCRIBE: &str = "ecs:DescribeServices";
/// ListServices gives no more a page.
const A_PAGE: i32 = 100;
/// Twice the pages of 5,000 services, the quota of a cluster.
const PAGES: u32 = 100;
/// DescribeServices takes no more (AWS_FACTS 1.1).
const A_CALL: usize = 10;

/// A service of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Listed {
    pub(super) account: String,
    pub(super) name: String,
}

/// Every service of a cluster.
pub(super) async fn list(clients: &Clients, cluster: &str) -> Result<Vec<Listed>, Failure> {
    let mut listed = Vec::new();
    let mut token = None;
    for _ in 0..PAGES {
        let page = clients.ecs.list_services().cluster(cluster).max_results(A_PAGE).set_next_token(token).send().await;
        let page = page.map_err(|error| match error.as_service_error() {
            Some(ListServicesError::ClusterNotFoundException(_)) => {
                Failure::NoCluster { cluster: cluster.to_owned(), region: clients.region.clone() }
            }
            Some(_) | None => clients.failed(LIST, &error),
        })?;
        for arn in page.service_arns() {
            listed.push(of_arn(arn).ok_or_else(|| Failure::unusable(LIST, format!("the service ARN {arn:?}")))?);
        }
        token = page.next_token;
        if token.is_none() {
            return Ok(listed);
        }
    }
    Err(Failure::unusable(LIST, format!("more than {PAGES} pages")))
}

/// `arn:aws:ecs:<region>:<account>:service/<cluster>/<name>`, or the older form without the cluster.
fn of_arn(arn: &str) -> Option<Listed> {
    let mut parts = arn.splitn(6, ':').skip(4);
    let account = parts.next()?.to_owned();
    let name = parts.next()?.strip_prefix("service/")?.rsplit('/').next()?.to_owned();
    (!name.is_empty()).then_some(Listed { account, name })
}

/// What the services are. One that was deleted meanwhile is not among them.
pub(super) async fn describe(
    clients: &Clients,
    cluster: &str,
    listed: &[Listed],
    tell: &dyn Fn(Progress),
) -> Result<Vec<FoundService>, Failure> {
    let counted = &Counted::new("services", Some(listed.len()), tell);
    let calls = listed.chunks(A_CALL).map(|batch| async move {
        let names = batch.iter().map(|service| service.name.clone()).collect();
        let answer = clients.ecs.describe_services().cluster(cluster).set_services(Some(names)).send().await;
        let answer = answer.map_err(|error| clients.failed(DESCRIBE, &error))?;
        counted.add(batch.len());
        answer.services().iter().map(found).collect::<Result<Vec<FoundService>, Failure>>()
    });
    let batches: Vec<Vec<FoundService>> = stream::iter(calls).buffered(CALLS_AT_ONCE).try_collect().await?;
    Ok(batches.into_iter().flatten().collect())
}

fn found(service: &Service) -> Result<FoundService, Failure> {
    let unusable = |what: &str| Failure::unusable(DESCRIBE, what);
    let name = service.service_name().ok_or_else(|| unusable("a service without name"))?.to_owned();
    let desired = u32::try_from(service.desired_count()).map_err(|_| unusable("a negative desired count"))?;
    let groups = service.load_balancers().iter().flat_map(|balancer| {
        // Blue/green by ECS has its second group here; by CodeDeploy it is not known to the service.
        let other = balancer.advanced_configuration().and_then(|a| a.alternate_target_group_arn());
        [balancer.target_group_arn(), other].into_iter().flatten()
    });
    let mut target_groups: Vec<TargetGroup> = Vec::new();
    for group in groups.filter_map(TargetGroup::from_arn) {
        if !target_groups.contains(&group) {
            target_groups.push(group);
        }
    }
    let controller = match service.deployment_controller().map(|controller| controller.r#type()) {
        Some(DeploymentControllerType::CodeDeploy) => Controller::CodeDeploy,
        Some(DeploymentControllerType::External) => Controller::External,
        Some(DeploymentControllerType::Ecs | _) | None => Controller::Ecs,
    };
    Ok(FoundService {
        name,
        status: service.status().unwrap_or("without status").to_owned(),
        daemon: service.scheduling_strategy() == Some(&SchedulingStrategy::Daemon),
        controller,
        desired,
        target_groups,
        target: None,
        policies: Vec::new(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_ecs::types::{AdvancedConfiguration, DeploymentController, LoadBalancer};

    #[test]
    fn a_service_arn_names_account_and_service_in_either_form() {
        let web = Some(Listed { account: "222222222222".to_owned(), name: "prod-eu-web".to_owned() });
        assert_eq!(of_arn("arn:aws:ecs:eu-west-1:222222222222:service/prod-eu-cluster/prod-eu-web"), web);
        assert_eq!(of_arn("arn:aws:ecs:eu-west-1:222222222222:service/prod-eu-web"), web);
        for bad in ["", "prod-eu-web", "arn:aws:ecs:eu-west-1:222222222222:cluster/c", "arn:aws:ecs:r:1:service/"] {
            assert_eq!(of_arn(bad), None, "{bad}");
        }
    }

    #[test]
    fn both_target_groups_of_a_blue_green_service_are_found_and_each_once() {
        let arn = |name: &str| format!("arn:aws:elasticloadbalancing:r:1:targetgroup/{name}/0123456789abcdef");
        let advanced = AdvancedConfiguration::builder().alternate_target_group_arn(arn("green")).build();
        let balancer = |name: &str| LoadBalancer::builder().target_group_arn(arn(name));
        let service = Service::builder()
            .service_name("web")
            .status("ACTIVE")
            .desired_count(2)
            .scheduling_strategy(SchedulingStrategy::Daemon)
            .deployment_controller(
                DeploymentController::builder().r#type(DeploymentControllerType::CodeDeploy).build().unwrap(),
            )
            .load_balancers(balancer("blue").advanced_configuration(advanced).build())
            .load_balancers(balancer("blue").build())
            .load_balancers(LoadBalancer::builder().load_balancer_name("classic").build())
            .build();
        let found = found(&service).unwrap();
        assert_eq!(found.target_groups.iter().map(|g| g.name.as_str()).collect::<Vec<_>>(), ["blue", "green"]);
        assert_eq!((found.desired, found.daemon, found.controller), (2, true, Controller::CodeDeploy));
    }
}
