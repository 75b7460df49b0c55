//! What a service's deployments tell: events, and the messages that DescribeServices shows.

/// An answer to a pause hook (ContinueServiceDeployment).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HookAction {
    /// CONTINUE
    Continue,
    /// ROLLBACK
    Rollback,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Happened {
    /// ECS Deployment State Change.
    Deployment {
        /// `SERVICE_DEPLOYMENT_IN_PROGRESS`, `..._COMPLETED` or `..._FAILED`.
        name: &'static str,
        /// Number behind `ecs-svc/`.
        ecs: u64,
        /// AWS's sentence.
        reason: String,
    },
    /// ECS Service Action.
    Action {
        /// `INFO`, `WARN` or `ERROR`.
        level: &'static str,
        /// `SERVICE_STEADY_STATE` and its like.
        name: &'static str,
        /// `detail.reason`, where AWS gives one.
        reason: Option<&'static str>,
    },
    /// A blue/green deployment waits for an answer to a pause hook.
    Paused {
        /// Number of the deployment.
        number: u64,
        /// hookId.
        hook: String,
        /// Name of the stage.
        stage: &'static str,
    },
}
