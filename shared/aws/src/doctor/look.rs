//! Everything of one environment that is read beside the table and the quota.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_ecs::types::Service as EcsService;
use futures_util::future::join_all;
use headroom_core::doctor::{ServiceSight, Sight};
use headroom_core::fleet::Service;
use headroom_core::seen::Reading;
use headroom_core::time::Seconds;

use super::access::{Calls, of};
use super::dated::Dated;
use super::{draining, own, tasks};
use crate::inventory::{Clients, Place, Policies, Targets, policies, targets, with_account};
use crate::person::{Caller, Failure, runtime};

pub(super) const SERVICES: &str = "ecs:DescribeServices";
pub(super) const DEFINITION: &str = "ecs:DescribeTaskDefinition";
pub(super) const ALARMS: &str = "cloudwatch:DescribeAlarms";
pub(super) const RULES: &str = "events:ListRules";
const TARGETS: &str = "application-autoscaling:DescribeScalableTargets";
const POLICIES: &str = "application-autoscaling:DescribeScalingPolicies";
pub(super) const ATTRIBUTES: &str = "elasticloadbalancing:DescribeTargetGroupAttributes";

/// IAM actions that [`look`] uses; all of them read.
pub const ACTIONS: [&str; 7] = [SERVICES, DEFINITION, TARGETS, POLICIES, ALARMS, RULES, ATTRIBUTES];

/// Why what the caller reads is not known yet.
const LATER: &str = "not read";

/// A length of time by the ARN of what has it.
type ByName = BTreeMap<String, Reading<Seconds>>;

/// What was read of one cluster.
struct Cluster {
    services: Reading<BTreeMap<String, EcsService>>,
    policies: Reading<Policies>,
}

/// Looks at the services of one environment, and at what is installed beside them; changes nothing. What the table and the
/// quota say is left to the caller. Blocks until it is done.
///
/// # Errors
/// No credentials or no region: nothing could be read at all.
pub fn look(caller: &Caller, region: &str, services: &[&Service]) -> Result<Sight, Failure> {
    let Caller { profile, endpoint_url, .. } = caller.clone();
    let region = caller.region.clone().or_else(|| Some(region.to_owned()));
    let place = Place { cluster: String::new(), profile, region, endpoint_url };
    runtime()?.block_on(async {
        let clients = Clients::connect(&place).await?;
        Ok(looked(&clients, services).await)
    })
}

async fn looked(clients: &Clients, services: &[&Service]) -> Sight {
    let (mut calls, dated, quiet) = (Calls::default(), Dated::default(), |_| ());
    let names: BTreeSet<&str> = services.iter().map(|s| s.cluster.as_str()).collect();
    let mut clusters: BTreeMap<&str, Cluster> = BTreeMap::new();
    for cluster in names {
        let here: Vec<&str> = services.iter().filter(|s| s.cluster == cluster).map(|s| s.service.as_str()).collect();
        let services = calls.noted(SERVICES, tasks::services(clients, cluster, &here, &dated).await);
        let policies = calls.noted(POLICIES, policies(clients, cluster, &quiet).await);
        clusters.insert(cluster, Cluster { services, policies });
    }
    let resources: Vec<String> = services.iter().map(|s| s.resource_id()).collect();
    let targets = calls.noted(TARGETS, targets(clients, &resources).await);
    let stops = stop_timeouts(clients, &clusters, &mut calls).await;
    let delays = delays(clients, &clusters, &mut calls).await;
    let (alarms, own_alarms, rules) =
        tokio::join!(with_account(clients, &quiet), own::alarms(clients), own::rules(clients, &clients.events));
    let (own_alarms, rules) = (calls.noted(ALARMS, own_alarms), calls.noted(RULES, rules));
    let alarms = calls.noted(ALARMS, alarms);
    let sights = services
        .iter()
        .map(|service| sight(service, clusters.get(service.cluster.as_str()), &targets, (&stops, &delays)));
    Sight {
        account: account(&clusters, &alarms),
        clock: dated.read(),
        entries: Reading::Unreadable(LATER.to_owned()),
        put_back: Reading::Unreadable(LATER.to_owned()),
        rules,
        own_alarms,
        quota: Reading::Unreadable(LATER.to_owned()),
        services: sights.collect(),
        alarms: of(&alarms, |(_, alarms)| Reading::Known(alarms.clone())),
        access: calls.into_list(),
    }
}

/// `stopTimeout` by task definition, each read once.
async fn stop_timeouts(clients: &Clients, clusters: &BTreeMap<&str, Cluster>, calls: &mut Calls) -> ByName {
    let services = clusters.values().filter_map(|c| c.services.known()).flat_map(BTreeMap::values);
    let definitions: BTreeSet<&str> = services.filter_map(EcsService::task_definition).collect();
    let read = join_all(definitions.iter().map(|definition| tasks::stop_timeout(clients, definition))).await;
    definitions.iter().zip(read).map(|(name, read)| ((*name).to_owned(), calls.noted(DEFINITION, read))).collect()
}

/// Deregistration delay by target group, each read once.
async fn delays(clients: &Clients, clusters: &BTreeMap<&str, Cluster>, calls: &mut Calls) -> ByName {
    let services = clusters.values().filter_map(|c| c.services.known()).flat_map(BTreeMap::values);
    let groups: BTreeSet<&str> = services.flat_map(groups).collect();
    let read = join_all(groups.iter().map(|group| draining::delay(clients, group))).await;
    groups.iter().zip(read).map(|(name, read)| ((*name).to_owned(), calls.noted(ATTRIBUTES, read))).collect()
}

/// ARNs of a service's target groups.
fn groups(service: &EcsService) -> impl Iterator<Item = &str> {
    service.load_balancers().iter().filter_map(|balancer| balancer.target_group_arn())
}

/// The account, as the ARN of a service names it, else that of an alarm.
fn account<T>(clusters: &BTreeMap<&str, Cluster>, alarms: &Reading<(Option<String>, T)>) -> Reading<String> {
    let services = clusters.values().filter_map(|c| c.services.known()).flat_map(BTreeMap::values);
    let arns = services.filter_map(EcsService::service_arn);
    let by_service = arns.filter_map(|arn| arn.split(':').nth(4)).map(str::to_owned).next();
    let by_alarm = alarms.known().and_then(|(account, _)| account.clone());
    let nothing = || "no service and no alarm names it".to_owned();
    by_service.or(by_alarm).map_or_else(|| Reading::Unreadable(nothing()), Reading::Known)
}

fn sight(
    service: &Service,
    cluster: Option<&Cluster>,
    targets: &Reading<Targets>,
    (stops, delays): (&ByName, &ByName),
) -> ServiceSight {
    let later = || LATER.to_owned();
    let resource = service.resource_id();
    let tasks = cluster.map(|c| {
        of(&c.services, |found| match found.get(&service.service) {
            None => Reading::Absent,
            Some(found) => {
                let stop = found.task_definition().and_then(|definition| stops.get(definition)).cloned();
                let stop = stop.unwrap_or_else(|| Reading::Unreadable("no task definition".to_owned()));
                Reading::Known(tasks::sight(found, stop))
            }
        })
    });
    let of_groups = |found: &EcsService| groups(found).filter_map(|arn| delays.get(arn)).cloned().collect();
    let deregistration = cluster.map(|c| {
        of(&c.services, |found| {
            found.get(&service.service).map_or(Reading::Absent, |s| draining::longest(of_groups(s)))
        })
    });
    let policies =
        cluster.map(|c| of(&c.policies, |found| Reading::Known(found.get(&resource).cloned().unwrap_or_default())));
    ServiceSight {
        tasks: tasks.unwrap_or_else(|| Reading::Unreadable(later())),
        target: of(targets, |found| found.get(&resource).copied().map_or(Reading::Absent, Reading::Known)),
        policies: policies.unwrap_or_else(|| Reading::Unreadable(later())),
        state: Reading::Unreadable(later()),
        deregistration: deregistration.unwrap_or_else(|| Reading::Unreadable(later())),
    }
}
