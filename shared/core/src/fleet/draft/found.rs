//! What was found in one cluster, as plain values.

use crate::seen::TargetSeen;

/// One ECS cluster with what scales and watches its services.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// Name of the cluster.
    pub cluster: String,
    /// Twelve digits.
    pub account: String,
    /// For example `eu-west-1`.
    pub region: String,
    /// Its services, in any order.
    pub services: Vec<FoundService>,
    /// Every alarm of the account and region, in any order.
    pub alarms: Vec<FoundAlarm>,
}

/// An ECS service.
#[derive(Debug, Clone, PartialEq)]
pub struct FoundService {
    /// ECS service name: up to 255 letters, digits, `-` and `_`.
    pub name: String,
    /// `ACTIVE`, `DRAINING` or `INACTIVE`.
    pub status: String,
    /// Scheduling strategy DAEMON: one task on each container instance.
    pub daemon: bool,
    /// Who deploys it.
    pub controller: Controller,
    /// Desired count.
    pub desired: u32,
    /// Target groups of its load balancers, in the order of the service.
    pub target_groups: Vec<TargetGroup>,
    /// Its scalable target, if it has one.
    pub target: Option<TargetSeen>,
    /// Scaling policies of that target.
    pub policies: Vec<FoundPolicy>,
}

/// Type of a service's deployment controller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Controller {
    /// ECS itself.
    Ecs,
    /// CodeDeploy, blue/green.
    CodeDeploy,
    /// A third party, by task sets.
    External,
}

/// A target group.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct TargetGroup {
    /// Its name.
    pub name: String,
    /// What CloudWatch calls it in the dimension `TargetGroup`: `targetgroup/<name>/<id>`.
    pub dimension: String,
}

impl TargetGroup {
    /// From its ARN, `arn:aws:elasticloadbalancing:<region>:<account>:targetgroup/<name>/<id>`.
    #[must_use]
    pub fn from_arn(arn: &str) -> Option<Self> {
        let dimension = arn.splitn(6, ':').nth(5)?;
        let name = dimension.strip_prefix("targetgroup/")?.split('/').next()?;
        (!name.is_empty()).then(|| Self { name: name.to_owned(), dimension: dimension.to_owned() })
    }
}

/// A scaling policy.
#[derive(Debug, Clone, PartialEq)]
pub struct FoundPolicy {
    /// PolicyName.
    pub name: String,
    /// What it does.
    pub does: Policy,
}

/// What a scaling policy does.
#[derive(Debug, Clone, PartialEq)]
pub enum Policy {
    /// Target tracking on one of AWS's own metrics.
    Tracks {
        /// PredefinedMetricType, for example `ECSServiceAverageCPUUtilization`.
        metric: String,
        /// In the metric's own unit.
        target: f64,
        /// Seconds; `None` when the policy names none.
        scale_out: Option<u32>,
        /// Seconds; `None` when the policy names none.
        scale_in: Option<u32>,
        /// False: `DisableScaleIn`.
        scales_in: bool,
    },
    /// Target tracking on another metric.
    TracksCustom {
        /// Its name, or words for an expression.
        metric: String,
        /// In the metric's own unit.
        target: f64,
    },
    /// Step scaling.
    Steps,
    /// Predictive scaling.
    Predicts,
    /// A type that this release does not know.
    Other {
        /// PolicyType.
        kind: String,
    },
}

/// An alarm.
#[derive(Debug, Clone, PartialEq)]
pub struct FoundAlarm {
    /// AlarmName.
    pub name: String,
    /// What it watches.
    pub watches: Watched,
    /// One of its actions is a scaling policy: it belongs to Application Auto Scaling.
    pub scales: bool,
}

/// What an alarm watches.
#[derive(Debug, Clone, PartialEq)]
pub enum Watched {
    /// One metric.
    Metric {
        /// The metric.
        metric: FoundMetric,
        /// How it is compared.
        comparison: Comparison,
        /// In the metric's own unit; `None` for an anomaly band.
        threshold: Option<f64>,
        /// Datapoints that must breach, of how many, of how many seconds each.
        datapoints: (u32, u32, u32),
    },
    /// An expression over these metrics.
    Math {
        /// Every metric of the expression.
        metrics: Vec<FoundMetric>,
    },
    /// Other alarms.
    Composite {
        /// AlarmRule.
        rule: String,
    },
}

/// A metric of CloudWatch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundMetric {
    /// For example `AWS/ECS`.
    pub namespace: String,
    /// For example `CPUUtilization`.
    pub name: String,
    /// Name and value of each dimension.
    pub dimensions: Vec<(String, String)>,
}

/// On which side of its threshold an alarm is in ALARM.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// `GreaterThanThreshold`, `GreaterThanOrEqualToThreshold`.
    Above,
    /// `LessThanThreshold`, `LessThanOrEqualToThreshold`.
    Below,
    /// An anomaly band, or a comparison that this release does not know.
    Other,
}

#[cfg(test)]
mod tests {
    use super::TargetGroup;

    #[test]
    fn a_target_group_is_named_by_its_arn() {
        let arn = "arn:aws:elasticloadbalancing:eu-west-1:222222222222:targetgroup/prod-eu-web/0123456789abcdef";
        let group = TargetGroup::from_arn(arn).unwrap();
        assert_eq!(group.name, "prod-eu-web");
        assert_eq!(group.dimension, "targetgroup/prod-eu-web/0123456789abcdef");
        for bad in ["", "prod-eu-web", "arn:aws:ecs:r:1:service/c/s", "arn:aws:elasticloadbalancing:r:1:targetgroup/"] {
            assert_eq!(TargetGroup::from_arn(bad), None, "{bad}");
        }
    }
}
