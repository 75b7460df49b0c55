//! A service's deployments as a person sees them, and takes one back with their own credentials.

use std::future::Future;

use headroom_core::id::ServiceId;
use headroom_core::rollback::{BackQuestion, BackSeen, Call, DeploymentsQuestion, DeploymentsSeen};
use headroom_pipeline::{Disrupted, PortError, Releases as _};
use tokio::runtime::Runtime;

use super::caller::Caller;
use super::failure::Failure;
use super::run::runtime;
use crate::aws::Aws;
use crate::rollback;

/// IAM actions that looking needs.
pub const LOOKING: [&str; 6] = [
    "ecs:DescribeServices",
    "ecs:ListServiceDeployments",
    "ecs:DescribeServiceDeployments",
    "ecs:DescribeServiceRevisions",
    "ecs:DescribeTaskDefinition",
    "ecr:DescribeImages",
];
/// IAM actions of which taking back needs one.
pub const TAKING_BACK: [&str; 3] = ["ecs:StopServiceDeployment", "ecs:ContinueServiceDeployment", "ecs:UpdateService"];

/// ECS with a person's credentials.
#[derive(Debug)]
pub struct Deployments {
    runtime: Runtime,
    aws: Aws,
}

impl Deployments {
    /// Finds credentials and region; ECS is not called yet.
    ///
    /// # Errors
    /// Why not, in a sentence for a person.
    pub fn connect(caller: &Caller, service: &ServiceId) -> Result<Self, Failure> {
        let runtime = runtime()?;
        let region = caller.region.clone().or_else(|| Some(service.region.clone()));
        let connected = runtime.block_on(Caller { region, ..caller.clone() }.connect())?;
        Ok(Self { aws: Aws::of(connected.config, String::new(), String::new()), runtime })
    }

    /// Reads the deployments. Blocks until it is done.
    ///
    /// # Errors
    /// Why not, in a sentence for a person.
    pub fn seen(&self, question: &DeploymentsQuestion) -> Result<DeploymentsSeen, Failure> {
        self.wait(self.aws.deployments(question))
    }

    /// Reads what going back must know.
    ///
    /// # Errors
    /// Why not, in a sentence for a person.
    pub fn back(&self, question: &BackQuestion) -> Result<BackSeen, Failure> {
        self.wait(self.aws.back(question))
    }

    /// Takes a deployment back, as the person who asks; once, after reading again that what it expects is there.
    ///
    /// # Errors
    /// Why not, in a sentence for a person.
    pub fn take_back(&self, service: &ServiceId, call: &Call) -> Result<Disrupted, Failure> {
        self.wait(rollback::by_hand(&self.aws, service, call))
    }

    fn wait<T>(&self, read: impl Future<Output = Result<T, PortError>>) -> Result<T, Failure> {
        self.runtime.block_on(read).map_err(Failure::Ask)
    }
}
