//! What watching capacity may call.

use crate::permission::{Permission, Resource};

/// What watching capacity may call, beside what every function may. All of it reads.
pub const PERMISSIONS: &[Permission] = &[Permission {
    sid: "SeeScalingActivities",
    actions: &["application-autoscaling:DescribeScalingActivities"],
    on: Resource::Any,
    mutates_fleet: false,
    reason: "what Application Auto Scaling did, and its own words for what it did not do",
}];
