//! Amazon ECS.

mod change;
mod common;
mod config;
mod definitions;
mod deployments;
mod services;
mod shape;
mod task_shape;
mod tasks;

use super::call::Operation;

/// What is served.
pub(super) const OPERATIONS: &[Operation] = &[
    Operation::changes("ContinueServiceDeployment", deployments::go_on),
    Operation::changes("CreateService", change::create),
    Operation::changes("DeleteService", change::delete),
    Operation::reads("DescribeClusters", services::clusters),
    Operation::reads("DescribeServiceDeployments", deployments::describe),
    Operation::reads("DescribeServiceRevisions", deployments::revisions),
    Operation::reads("DescribeServices", services::describe),
    Operation::reads("DescribeTaskDefinition", definitions::describe),
    Operation::reads("DescribeTasks", tasks::describe),
    Operation::reads("GetTaskProtection", tasks::protection),
    Operation::reads("ListServiceDeployments", deployments::list),
    Operation::reads("ListServices", services::list),
    Operation::reads("ListTasks", tasks::list),
    Operation::changes("RegisterTaskDefinition", definitions::register),
    Operation::changes("StopServiceDeployment", deployments::stop),
    Operation::changes("StopTask", tasks::stop),
    Operation::changes("UpdateService", change::update),
];
