//! Scalable targets of the services, fifty a call.

use std::collections::BTreeMap;

use aws_sdk_applicationautoscaling::types::{ScalableDimension, ServiceNamespace};
use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};
use headroom_core::seen::TargetSeen;

use super::clients::Clients;
use super::find::CALLS_AT_ONCE;
use crate::ask::target_seen;
use crate::person::Failure;

const CALL: &str = "application-autoscaling:DescribeScalableTargets";
/// DescribeScalableTargets takes no more.
const A_CALL: usize = 50;
/// Pages of one call's answer: there is one target for each id, so one page is the rule.
const PAGES: u32 = 10;

/// Targets by resource id; what is not among them does not exist.
pub(crate) type Targets = BTreeMap<String, TargetSeen>;

pub(crate) async fn targets(clients: &Clients, resources: &[String]) -> Result<Targets, Failure> {
    let calls = resources.chunks(A_CALL).map(|batch| describe(clients, batch));
    let batches: Vec<Targets> = stream::iter(calls).buffered(CALLS_AT_ONCE).try_collect().await?;
    Ok(batches.into_iter().flatten().collect())
}

async fn describe(clients: &Clients, resources: &[String]) -> Result<Targets, Failure> {
    let mut targets = Targets::new();
    let mut token = None;
    for _ in 0..PAGES {
        let page = clients
            .scaling
            .describe_scalable_targets()
            .service_namespace(ServiceNamespace::Ecs)
            .scalable_dimension(ScalableDimension::EcsServiceDesiredCount)
            .set_resource_ids(Some(resources.to_vec()))
            .set_next_token(token)
            .send()
            .await
            .map_err(|error| clients.failed(CALL, &error))?;
        for target in page.scalable_targets() {
            let seen = target_seen(target).map_err(|error| Failure::unusable(CALL, error.cause))?;
            targets.insert(target.resource_id().to_owned(), seen);
        }
        token = page.next_token;
        if token.is_none() {
            return Ok(targets);
        }
    }
    Err(Failure::unusable(CALL, format!("more than {PAGES} pages")))
}
