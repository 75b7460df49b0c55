//! Scheduled actions of one service's own target.

use aws_sdk_applicationautoscaling::types::{ScalableDimension, ServiceNamespace};
use headroom_pipeline::PortError;

use crate::aws::Aws;
use crate::error::{failed, unusable};

const PLACE: &str = "application-autoscaling DescribeScheduledActions";
/// A target holds at most 200 scheduled actions, 50 a page.
const PAGES: u32 = 10;

/// (min, max) of each.
pub(super) type Pairs = Vec<(Option<u32>, Option<u32>)>;

pub(super) async fn scheduled(aws: &Aws, resource_id: &str) -> Result<Pairs, PortError> {
    let mut pairs = Pairs::new();
    let mut token = None;
    for _ in 0..PAGES {
        let page = aws
            .scaling()
            .describe_scheduled_actions()
            .service_namespace(ServiceNamespace::Ecs)
            .scalable_dimension(ScalableDimension::EcsServiceDesiredCount)
            .resource_id(resource_id)
            .set_next_token(token)
            .send()
            .await
            .map_err(|error| failed(PLACE, &error))?;
        let tasks = |n: Option<i32>| n.and_then(|n| u32::try_from(n).ok());
        let actions = page.scheduled_actions().iter().filter_map(|a| a.scalable_target_action());
        pairs.extend(actions.map(|a| (tasks(a.min_capacity()), tasks(a.max_capacity()))));
        token = page.next_token;
        if token.is_none() {
            return Ok(pairs);
        }
    }
    Err(unusable(PLACE, format!("more than {PAGES} pages")))
}
