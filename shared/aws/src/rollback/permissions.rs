//! What watching deployments and taking them back may call.

use crate::permission::{Permission, Resource};

/// What watching deployments and taking them back may call, beside what every function may.
pub const PERMISSIONS: &[Permission] = &[
    Permission {
        sid: "SeeDeployments",
        actions: &["ecs:ListServiceDeployments", "ecs:DescribeServiceDeployments", "ecs:DescribeServiceRevisions"],
        on: Resource::Deployments,
        mutates_fleet: false,
        reason: "deployments are watched by their ARN, and go back to a revision that is known",
    },
    Permission {
        sid: "SeeTaskDefinitions",
        actions: &["ecs:DescribeTaskDefinition"],
        on: Resource::Any,
        mutates_fleet: false,
        reason: "an INACTIVE task definition cannot be returned to",
    },
    Permission {
        sid: "SeeBalancers",
        actions: &["cloudwatch:ListMetrics"],
        on: Resource::Any,
        mutates_fleet: false,
        reason: "which balancer stands before a service, and whether it stands there for it alone",
    },
    Permission {
        sid: "SeeImages",
        actions: &["ecr:DescribeImages"],
        on: Resource::Repositories,
        mutates_fleet: false,
        reason: "whether a tag still stands for the image that the good revision ran",
    },
    Permission {
        sid: "AnnounceRollbacks",
        actions: &["events:PutEvents"],
        on: Resource::DefaultBus,
        mutates_fleet: false,
        reason: "pipelines hear on the default bus that a deployment is taken back, and how that ended",
    },
    Permission {
        sid: "TakeDeploymentsBack",
        actions: &["ecs:StopServiceDeployment", "ecs:ContinueServiceDeployment"],
        on: Resource::ServiceDeployments,
        mutates_fleet: true,
        reason: "a deployment on its way is stopped, or its hook answered, with ROLLBACK",
    },
    Permission {
        sid: "DeployTheGoodRevision",
        actions: &["ecs:UpdateService"],
        on: Resource::EcsServices,
        mutates_fleet: true,
        reason: "a deployment that ended is taken back by the task definition of the last successful one",
    },
];
