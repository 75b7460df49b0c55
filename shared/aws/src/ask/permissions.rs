//! What asking may call.

use crate::permission::{Permission, Resource};

/// What asking may call.
pub const PERMISSIONS: &[Permission] = &[
    Permission {
        sid: "SeeServices",
        actions: &["ecs:DescribeServices"],
        on: Resource::EcsServices,
        mutates_fleet: false,
        reason: "desired and running count are read before every decision and write",
    },
    Permission {
        sid: "SeeTasks",
        actions: &["ecs:DescribeTasks", "ecs:GetTaskProtection"],
        on: Resource::EcsTasks,
        mutates_fleet: false,
        reason: "which task is sick, and which is protected, is read before one is stopped; why others stopped, once a \
                 window is short",
    },
    Permission {
        sid: "ListTasks",
        actions: &["ecs:ListTasks"],
        on: Resource::Any,
        mutates_fleet: false,
        reason: "the tasks of a service are listed before they are described",
    },
    Permission {
        sid: "SeeScaling",
        actions: &[
            "application-autoscaling:DescribeScalableTargets",
            "application-autoscaling:DescribeScalingPolicies",
            "application-autoscaling:DescribeScheduledActions",
        ],
        on: Resource::Any,
        mutates_fleet: false,
        reason: "bounds, policies and scheduled actions are read before they are changed or respected",
    },
    Permission {
        sid: "SeeLoad",
        actions: &["cloudwatch:GetMetricData", "cloudwatch:DescribeAlarms"],
        on: Resource::Any,
        mutates_fleet: false,
        reason: "the need is computed from the metric, and an alarm's present state from the alarm itself",
    },
];
