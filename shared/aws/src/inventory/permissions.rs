//! What a person who reads a cluster needs; no function has these for it.

/// IAM actions, in the order of the calls. Each works on `*`; the ECS ones can be narrowed to the cluster.
pub const ACTIONS: [&str; 5] = [
    "ecs:ListServices",
    "ecs:DescribeServices",
    "application-autoscaling:DescribeScalableTargets",
    "application-autoscaling:DescribeScalingPolicies",
    "cloudwatch:DescribeAlarms",
];
