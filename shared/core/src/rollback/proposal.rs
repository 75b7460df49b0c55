//! What became of a way back that was proposed to people.

use jiff::Timestamp;

use super::choice::Way;
use super::deployment::{DeploymentStatus, DeploymentsSeen};
use super::end::End;
use super::follow::CLOCKS_DIFFER;
use super::look::by_ecs;
use super::watch::{Back, By, Watch};

/// What a look at a proposal says.
#[derive(Debug, Clone, PartialEq)]
pub enum Proposal {
    /// Nobody has done anything.
    Open,
    /// It is carried out, and followed from now on.
    Accepted(Back),
    /// Something else was done: the proposal is over.
    Over(End),
}

/// Looks whether somebody carried out a proposal, by whatever command: only what ECS shows counts.
#[must_use]
pub fn proposal(watch: &Watch, back: &Back, seen: &DeploymentsSeen, now: Timestamp) -> Proposal {
    let Some(watched) = seen.deployments.iter().find(|d| d.arn == watch.deployment) else { return Proposal::Open };
    let newest = seen.deployments.iter().max_by_key(|d| d.created_at).unwrap_or(watched);
    if newest.arn != watched.arn {
        let primary = seen.service.known().and_then(|s| s.primary.as_ref());
        let asked_for = primary.is_some_and(|p| p.task_definition == back.task_definition);
        let young = newest.created_at.as_second() + i64::from(CLOCKS_DIFFER.0) >= back.planned_at.as_second();
        if !(asked_for && young) {
            return Proposal::Over(End::Superseded { by: newest.arn.clone() });
        }
        let ours = Some(newest.arn.clone());
        let planned_at = newest.created_at;
        return Proposal::Accepted(Back { by: By::Person, way: Way::Update, planned_at, ours, ..back.clone() });
    }
    match watched.status {
        DeploymentStatus::RollbackRequested
        | DeploymentStatus::RollbackInProgress
        | DeploymentStatus::RollbackSuccessful
        | DeploymentStatus::RollbackFailed => Proposal::Accepted(by_ecs(watched, now)),
        DeploymentStatus::StopRequested | DeploymentStatus::Stopped => {
            Proposal::Over(End::Superseded { by: watched.status.name().to_owned() })
        }
        DeploymentStatus::Pending | DeploymentStatus::InProgress | DeploymentStatus::Successful => Proposal::Open,
    }
}
