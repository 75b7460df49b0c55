//! Following a way back to its end (SEMANTICS 10).

use jiff::Timestamp;

use super::choice::Way;
use super::deployment::{DeploymentSeen, DeploymentStatus, DeploymentsSeen};
use super::end::End;
use super::watch::{Back, By, Watch};
use crate::time::{Seconds, elapsed};

/// A way back that has not ended by then is left to people.
const FOLLOWED_MAX: Seconds = Seconds(3_600);
/// A deployment that began this long before the plan may still be ours: clocks differ.
const CLOCKS_DIFFER: Seconds = Seconds(5);

/// What a look at a way back says.
#[derive(Debug, Clone, PartialEq)]
pub enum Followed {
    /// Look again.
    Wait,
    /// Nothing of it is there, and nothing else is: it may be sent.
    NotThere,
    /// It is under way; by our own deployment, when it is one.
    UnderWay {
        /// ARN of our own deployment.
        ours: Option<String>,
    },
    /// The good revision is alone again.
    Done {
        /// Since when.
        since: Timestamp,
        /// ARN of our own deployment.
        ours: Option<String>,
    },
    /// It was asked for, and the deployment ended successful all the same: judged again, and updated once.
    Outran,
    /// It ended otherwise.
    End(End),
}

/// Looks at a way back.
#[must_use]
pub fn follow(watch: &Watch, back: &Back, seen: &DeploymentsSeen, now: Timestamp) -> Followed {
    let Some(watched) = seen.deployments.iter().find(|d| d.arn == watch.deployment) else { return Followed::Wait };
    let newest = seen.deployments.iter().max_by_key(|d| d.created_at).unwrap_or(watched);
    let followed = match back.way {
        Way::Update => updated(watch, back, seen, watched, newest),
        Way::Stop | Way::Continue { .. } if newest.arn != watched.arn => stood_back(newest),
        Way::Stop | Way::Continue { .. } => stopped(back, watched, now),
    };
    let on_its_way = matches!(followed, Followed::Wait | Followed::UnderWay { .. });
    if on_its_way && elapsed(back.planned_at, now) >= FOLLOWED_MAX {
        let status = if back.way == Way::Update { newest.status } else { watched.status };
        let minutes = elapsed(back.planned_at, now).0 / 60;
        return Followed::End(End::NotFinished { minutes, status: status.name().to_owned() });
    }
    followed
}

fn stood_back(by: &DeploymentSeen) -> Followed {
    Followed::End(End::StoodBack { by: by.arn.clone() })
}

/// ECS goes back inside the deployment itself.
fn stopped(back: &Back, watched: &DeploymentSeen, now: Timestamp) -> Followed {
    let found = watched.detail.as_ref().and_then(|d| d.rollback_to.as_deref());
    let expected = Some(back.revision.as_str()).filter(|r| !r.is_empty());
    if let (Some(found), Some(expected)) = (found, expected)
        && found != expected
    {
        return Followed::End(End::WrongTarget { expected: expected.to_owned(), found: found.to_owned() });
    }
    match watched.status {
        DeploymentStatus::Pending | DeploymentStatus::InProgress => Followed::NotThere,
        DeploymentStatus::RollbackRequested | DeploymentStatus::RollbackInProgress => Followed::UnderWay { ours: None },
        DeploymentStatus::RollbackSuccessful => {
            Followed::Done { since: watched.finished_at.unwrap_or(now), ours: None }
        }
        DeploymentStatus::Successful if back.by == By::Headroom && !back.second => Followed::Outran,
        DeploymentStatus::Successful => {
            Followed::End(End::NotSent { why: "the deployment ended SUCCESSFUL".to_owned() })
        }
        DeploymentStatus::RollbackFailed => {
            let why = watched.detail.as_ref().and_then(|d| d.rollback_reason.clone()).unwrap_or_default();
            Followed::End(End::Failed { why })
        }
        DeploymentStatus::StopRequested | DeploymentStatus::Stopped => stood_back(watched),
    }
}

/// Our own deployment is the newest one, and its task definition is the one that we asked for.
fn updated(
    watch: &Watch,
    back: &Back,
    seen: &DeploymentsSeen,
    watched: &DeploymentSeen,
    newest: &DeploymentSeen,
) -> Followed {
    if newest.arn == watched.arn {
        return Followed::NotThere;
    }
    let primary = seen.service.known().and_then(|s| s.primary.as_ref());
    let known = back.ours.as_ref().is_some_and(|ours| *ours == newest.arn);
    let young = newest.created_at.as_second() + i64::from(CLOCKS_DIFFER.0) >= back.planned_at.as_second();
    let asked_for = primary.is_some_and(|p| p.task_definition == back.task_definition);
    if !(known || young && asked_for && back.ours.is_none()) {
        return stood_back(newest);
    }
    let Some(detail) = &newest.detail else { return Followed::Wait };
    if let Some(other) = detail.sources.iter().find(|source| **source != watch.target && **source != back.revision) {
        return Followed::End(End::Overtook { expected: watch.target.clone(), found: other.clone() });
    }
    let ours = Some(newest.arn.clone());
    match newest.status {
        DeploymentStatus::Pending | DeploymentStatus::InProgress => Followed::UnderWay { ours },
        DeploymentStatus::Successful => Followed::Done { since: newest.finished_at.unwrap_or(newest.created_at), ours },
        status @ (DeploymentStatus::StopRequested
        | DeploymentStatus::Stopped
        | DeploymentStatus::RollbackRequested
        | DeploymentStatus::RollbackInProgress
        | DeploymentStatus::RollbackSuccessful
        | DeploymentStatus::RollbackFailed) => Followed::End(End::Undone { status: status.name().to_owned() }),
    }
}
