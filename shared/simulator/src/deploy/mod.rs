//! Deployments of an ECS service, as AWS_FACTS 1 has them.

mod begin;
mod blue_green;
mod config;
mod happened;
mod record;
mod release;
mod rollback;
mod rolling;
mod state;

pub use begin::Begin;
pub use config::{Breaker, Config, DeploymentAlarms, Lifecycle, Pause, Strategy};
pub use happened::{Happened, HookAction};
pub use record::{Deployment, Revision, Rollback, Status, Watch};
pub use release::{Begins, Images, Release, digest_of};
pub use rollback::DeployError;
pub use state::Deployments;

#[cfg(test)]
mod tests;
