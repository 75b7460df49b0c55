//! Scalable targets, fifty a call.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_applicationautoscaling::types::{ScalableDimension, ScalableTarget, ServiceNamespace};
use futures_util::future::try_join_all;
use headroom_core::seen::{Suspended, TargetSeen};
use headroom_pipeline::PortError;

use crate::aws::Aws;
use crate::error::{failed, unusable};

const PLACE: &str = "application-autoscaling DescribeScalableTargets";
/// DescribeScalableTargets takes no more.
const A_CALL: usize = 50;
/// Pages of one call's answer: there is one target for each id, so one page is the rule.
const PAGES: u32 = 10;

/// Targets by resource id; what is not among them does not exist.
pub(super) type Targets = BTreeMap<String, TargetSeen>;

pub(super) async fn targets(aws: &Aws, wanted: &BTreeSet<String>) -> Result<Targets, PortError> {
    let ids: Vec<&String> = wanted.iter().collect();
    let calls = ids.chunks(A_CALL).map(|batch| describe(aws, batch));
    Ok(try_join_all(calls).await?.into_iter().flatten().collect())
}

async fn describe(aws: &Aws, ids: &[&String]) -> Result<Targets, PortError> {
    let mut targets = Targets::new();
    let mut token = None;
    for _ in 0..PAGES {
        let page = aws
            .scaling()
            .describe_scalable_targets()
            .service_namespace(ServiceNamespace::Ecs)
            .scalable_dimension(ScalableDimension::EcsServiceDesiredCount)
            .set_resource_ids(Some(ids.iter().map(|id| (*id).clone()).collect()))
            .set_next_token(token)
            .send()
            .await
            .map_err(|error| failed(PLACE, &error))?;
        for target in page.scalable_targets() {
            targets.insert(target.resource_id().to_owned(), seen(target)?);
        }
        token = page.next_token;
        if token.is_none() {
            return Ok(targets);
        }
    }
    Err(unusable(PLACE, format!("more than {PAGES} pages")))
}

/// Bounds and suspensions of a target.
pub(crate) fn seen(target: &ScalableTarget) -> Result<TargetSeen, PortError> {
    let tasks = |n: i32| u32::try_from(n).map_err(|_| unusable(PLACE, format!("a bound of {n} tasks")));
    let suspended = target.suspended_state().map_or_else(Suspended::default, |state| Suspended {
        scale_in: state.dynamic_scaling_in_suspended() == Some(true),
        scale_out: state.dynamic_scaling_out_suspended() == Some(true),
        scheduled: state.scheduled_scaling_suspended() == Some(true),
    });
    Ok(TargetSeen {
        min: tasks(target.min_capacity())?,
        max: tasks(target.max_capacity())?,
        suspended,
        by_desired: false,
    })
}
