//! Scaling activities, with the reasons for those that scaled nothing.

use std::collections::BTreeSet;

use aws_sdk_applicationautoscaling::types::{ScalableDimension, ScalingActivity, ServiceNamespace};
use headroom_core::at_max::ActivitySeen;
use headroom_core::id::ServiceId;
use headroom_pipeline::PortError;
use jiff::Timestamp;

use crate::aws::Aws;
use crate::error::failed;

const PLACE: &str = "application-autoscaling DescribeScalingActivities";
/// Fifty a page, the most that it gives: an hour of a service, or the last minutes of a fleet in a storm.
const A_PAGE: i32 = 50;
/// One service's last hour; more is flapping that is long recognised.
const PAGES: u32 = 3;
/// Of the whole account. A storm beyond that is seen closely by service.
const PAGES_OF_ALL: u32 = 10;
const SETTING: &str = "Setting desired count to ";

/// Those of one service since a time, newest first.
pub(super) async fn of_service(aws: &Aws, id: &ServiceId, since: Timestamp) -> Result<Vec<ActivitySeen>, PortError> {
    let (all, _) = read(aws, Some(id.resource_id()), since, PAGES).await?;
    Ok(newest_first(all.iter().map(seen).collect()))
}

/// The services of which one failed since a time, and the pages that it took.
pub(super) async fn failed_since(
    aws: &Aws,
    account: &str,
    since: Timestamp,
) -> Result<(Vec<ServiceId>, u32), PortError> {
    let (all, pages) = read(aws, None, since, PAGES_OF_ALL).await?;
    let failed: BTreeSet<&str> = all.iter().filter(|a| seen(a).failed()).map(ScalingActivity::resource_id).collect();
    let id = |resource: &str| {
        let mut parts = resource.split('/').skip(1).map(str::to_owned);
        Some(ServiceId {
            account: account.to_owned(),
            region: aws.region().to_owned(),
            cluster: parts.next()?,
            service: parts.next()?,
        })
    };
    Ok((failed.into_iter().filter_map(id).collect(), pages))
}

async fn read(
    aws: &Aws,
    resource: Option<String>,
    since: Timestamp,
    pages: u32,
) -> Result<(Vec<ScalingActivity>, u32), PortError> {
    let mut all: Vec<ScalingActivity> = Vec::new();
    let mut token = None;
    for page in 1..=pages {
        let answer = aws
            .scaling()
            .describe_scaling_activities()
            .service_namespace(ServiceNamespace::Ecs)
            .scalable_dimension(ScalableDimension::EcsServiceDesiredCount)
            .set_resource_id(resource.clone())
            .include_not_scaled_activities(true)
            .max_results(A_PAGE)
            .set_next_token(token)
            .send()
            .await
            .map_err(|error| failed(PLACE, &error))?;
        token = answer.next_token;
        let found = answer.scaling_activities.unwrap_or_default();
        let older = all_older(&found, since);
        all.extend(found.into_iter().filter(|a| a.start_time().secs() >= since.as_second()));
        if older || token.is_none() {
            return Ok((all, page));
        }
    }
    tracing::warn!(pages, resource = resource.as_deref().unwrap_or("all"), "more scaling activities than are read");
    Ok((all, pages))
}

/// Whether what follows is older, too. AWS shows the newest first and promises no order: a lone old one ends nothing.
fn all_older(page: &[ScalingActivity], since: Timestamp) -> bool {
    !page.is_empty() && page.iter().all(|activity| activity.start_time().secs() < since.as_second())
}

/// By StartTime; of one second, as AWS had them.
fn newest_first(mut activities: Vec<ActivitySeen>) -> Vec<ActivitySeen> {
    activities.sort_by_key(|activity| std::cmp::Reverse(activity.at));
    activities
}

fn seen(activity: &ScalingActivity) -> ActivitySeen {
    let count = |text: &str| text.trim_end_matches('.').parse().ok();
    ActivitySeen {
        id: activity.activity_id().to_owned(),
        at: Timestamp::from_second(activity.start_time().secs()).unwrap_or(Timestamp::MIN),
        status: activity.status_code().as_str().to_owned(),
        message: activity.status_message().map(str::to_owned),
        to: activity.description().strip_prefix(SETTING).and_then(count),
        not_scaled: activity.not_scaled_reasons().iter().map(|reason| reason.code().to_owned()).collect(),
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_applicationautoscaling::types::{NotScaledReason, ScalingActivityStatusCode};
    use aws_smithy_types::DateTime;

    use super::*;

    fn activity(description: &str, reasons: &[&str]) -> ActivitySeen {
        seen(&at(60, description, reasons))
    }

    fn at(second: i64, description: &str, reasons: &[&str]) -> ScalingActivity {
        let reasons = reasons.iter().map(|code| NotScaledReason::builder().code(*code).build().unwrap());
        ScalingActivity::builder()
            .activity_id("1")
            .service_namespace(ServiceNamespace::Ecs)
            .resource_id("service/c/s")
            .scalable_dimension(ScalableDimension::EcsServiceDesiredCount)
            .description(description)
            .cause("monitor alarm")
            .start_time(DateTime::from_secs(second))
            .status_code(ScalingActivityStatusCode::Failed)
            .set_not_scaled_reasons(Some(reasons.collect()))
            .build()
            .unwrap()
    }

    #[test]
    fn no_order_of_aws_is_assumed() {
        let seconds = |all: Vec<ActivitySeen>| all.iter().map(|a| a.at.as_second()).collect::<Vec<_>>();
        let mixed = [60, 180, 120].map(|second| at(second, "", &[]));
        assert_eq!(seconds(newest_first(mixed.iter().map(seen).collect())), [180, 120, 60]);
        let since = Timestamp::from_second(150).unwrap();
        assert!(!all_older(&mixed, since), "one of them is newer");
        assert!(all_older(&[at(60, "", &[]), at(149, "", &[])], since));
        assert!(!all_older(&[], since), "an empty page says nothing");
    }

    #[test]
    fn the_count_is_read_from_the_description_and_reasons_tell_a_failure_from_a_bound() {
        let failed = activity("Setting desired count to 5.", &[]);
        assert_eq!((failed.to, failed.failed()), (Some(5), true));
        let held = activity("Attempting to scale due to alarm triggered", &["AlreadyAtMaxCapacity"]);
        assert_eq!((held.to, held.failed()), (None, false));
        assert_eq!(activity("Setting desired count to many.", &[]).to, None);
    }
}
