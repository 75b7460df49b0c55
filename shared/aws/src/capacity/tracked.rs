//! Target-tracking policies, each with the query of what it tracks.

use aws_sdk_applicationautoscaling::types::{ScalableDimension, ScalingPolicy, ServiceNamespace};
use headroom_core::at_max::Tracked;
use headroom_core::fleet::Metric;
use headroom_core::id::ServiceId;
use headroom_core::seen::Reading;
use headroom_core::time::Seconds;
use headroom_pipeline::PortError;

use super::series::{Of, own};
use crate::aws::Aws;
use crate::error::{failed, unusable};

const PLACE: &str = "application-autoscaling DescribeScalingPolicies";
/// A target holds at most 50 policies, ten a page; twice as many pages, for a last one that is empty.
const PAGES: u32 = 10;
/// Between the two names in a resource label: `app/NAME/ID/targetgroup/NAME/ID`.
const GROUP: &str = "/targetgroup/";

const CPU: &str = "ECSServiceAverageCPUUtilization";
const MEMORY: &str = "ECSServiceAverageMemoryUtilization";
const REQUESTS: &str = "ALBRequestCountPerTarget";
/// The same, of a service that reports every 20 seconds.
const CPU_FAST: &str = "ECSServiceAverageCPUUtilizationHighResolution";
const MEMORY_FAST: &str = "ECSServiceAverageMemoryUtilizationHighResolution";

/// A policy, and where its metric is; `None` for a customized one.
#[derive(Debug, Clone)]
pub(super) struct Policy {
    name: String,
    target: f64,
    metric: Option<(Metric, Vec<(String, String)>)>,
}

pub(super) async fn policies(aws: &Aws, id: &ServiceId) -> Result<Vec<Policy>, PortError> {
    let mut policies = Vec::new();
    let mut token = None;
    for _ in 0..PAGES {
        let page = aws
            .scaling()
            .describe_scaling_policies()
            .service_namespace(ServiceNamespace::Ecs)
            .scalable_dimension(ScalableDimension::EcsServiceDesiredCount)
            .resource_id(id.resource_id())
            .set_next_token(token)
            .send()
            .await
            .map_err(|error| failed(PLACE, &error))?;
        policies.extend(page.scaling_policies().iter().filter_map(|policy| read(policy, id)));
        token = page.next_token;
        if token.is_none() {
            return Ok(policies);
        }
    }
    Err(unusable(PLACE, format!("more than {PAGES} pages")))
}

fn read(policy: &ScalingPolicy, id: &ServiceId) -> Option<Policy> {
    let name = policy.policy_name().to_owned();
    let Some(tracking) = policy.target_tracking_scaling_policy_configuration() else {
        // Steps have no target: that they are there is what counts, for what they ask for nobody here can say.
        let steps = policy.step_scaling_policy_configuration()?;
        let out = steps.step_adjustments().iter().any(|step| step.scaling_adjustment() > 0);
        return out.then_some(Policy { name, target: 0.0, metric: None });
    };
    let predefined = tracking.predefined_metric_specification();
    let metric = predefined.and_then(|metric| match metric.predefined_metric_type().as_str() {
        CPU | CPU_FAST => Some((Metric::Cpu, own(id))),
        MEMORY | MEMORY_FAST => Some((Metric::Memory, own(id))),
        REQUESTS => {
            let (balancer, group) = metric.resource_label()?.split_once(GROUP)?;
            let dimensions = [("LoadBalancer", balancer.to_owned()), ("TargetGroup", format!("targetgroup/{group}"))];
            let dimensions = dimensions.map(|(name, value)| (name.to_owned(), value)).to_vec();
            Some((Metric::RequestsPerTarget, dimensions))
        }
        _ => None,
    });
    Some(Policy { name, target: tracking.target_value(), metric })
}

impl Policy {
    /// The query of what it tracks.
    pub(super) fn of(&self, query: String, period: Seconds) -> Option<Of<'static>> {
        let (metric, dimensions) = self.metric.as_ref()?;
        let (namespace, name, stat) = metric.cloudwatch()?;
        Some(Of { id: query, namespace, name, dimensions: dimensions.clone(), stat, period })
    }

    /// With its history.
    pub(super) fn tracked(
        self,
        hour: Option<Reading<headroom_core::at_max::Points>>,
        fortnight: Option<Reading<headroom_core::at_max::Points>>,
    ) -> Tracked {
        let unread = |why: &str| Reading::Unreadable(why.to_owned());
        Tracked {
            policy: self.name,
            metric: self.metric.map(|(metric, _)| metric),
            target: self.target,
            hour: hour.unwrap_or_else(|| unread("no predefined metric")),
            fortnight: fortnight.unwrap_or_else(|| unread("not asked")),
        }
    }
}
