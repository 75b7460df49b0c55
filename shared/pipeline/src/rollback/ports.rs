//! What only the function that rolls back may do, beside the five ports.

use std::future::Future;

use headroom_core::id::{CaseKey, ServiceId};
use headroom_core::rollback::{BackQuestion, BackSeen, Call, DeploymentsQuestion, DeploymentsSeen, RollbackEvent};
use jiff::Timestamp;

use crate::permit::Permit;
use crate::ports::{Disrupted, PortError, Ports};

/// Deployments: seen, and taken back.
pub trait Releases {
    /// Reads a service's deployments and what its balancer counted. What is missing alone is unreadable.
    fn deployments(&self, question: &DeploymentsQuestion) -> impl Future<Output = Result<DeploymentsSeen, PortError>>;

    /// Reads what only a rollback must know: revisions with their images, and the errors of others.
    fn back(&self, question: &BackQuestion) -> impl Future<Output = Result<BackSeen, PortError>>;

    /// The watches that are due. They are in a part of the index of their own: the reconciler may not roll back.
    fn watches(&self, now: Timestamp) -> impl Future<Output = Result<Vec<CaseKey>, PortError>>;

    /// Sends one call, once, after reading again that what it expects is there.
    fn roll_back(
        &self,
        permit: &Permit,
        service: &ServiceId,
        call: &Call,
    ) -> impl Future<Output = Result<Disrupted, PortError>>;

    /// Puts an event for CI on the bus; at least once, with its id.
    fn announce(&self, event: &RollbackEvent) -> impl Future<Output = Result<(), PortError>>;
}

/// The five ports and this one.
pub trait RollbackPorts: Ports + Releases {}

impl<T: Ports + Releases> RollbackPorts for T {}
