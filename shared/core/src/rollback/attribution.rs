//! Whether the deployment is the cause (SEMANTICS 9).

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::compared::BEFORE;
use super::gate::BEARABLE;
use super::why::Why;
use crate::time::{Seconds, after, elapsed};

/// A revision that was replaced sooner was not seen to be good (SEMANTICS 9).
const STOOD_MIN: Seconds = Seconds(15 * 60);

/// What else happened around the deployment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Circumstances {
    /// `createdAt` of the service deployment.
    pub created_at: Timestamp,
    /// When the errors began that go on now ([`super::Evidence::onset`]); none when no rise was found.
    pub onset: Option<Timestamp>,
    /// The alarm that woke us; none when a deployment event did.
    pub alarm: Option<AlarmBeside>,
    /// Share that failed before the deployment, 0 to 1, as the gate counted it.
    pub rate_before: f64,
    /// Other deployments of this service and those of declared dependencies.
    pub others: Vec<Deployed>,
    /// ARN of the revision that ran before; none when ECS names none.
    pub source: Option<String>,
    /// ARN of the revision that the deployment started.
    pub target: String,
    /// The revision to return to; none when there is none, which the caller refuses for its own reason.
    pub return_to: Option<Revision>,
    /// Other services of the environment, without those that depend on this one: they fail because it does.
    pub siblings: Vec<Sibling>,
}

/// The alarm.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AlarmBeside {
    /// Its name.
    pub name: String,
    /// `StateTransitionedTimestamp`: when it last went into ALARM.
    pub fired: Timestamp,
    /// Its threshold where it watches a share of errors, 0 to 1.
    pub threshold: Option<f64>,
}

/// A deployment that is not the one being judged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deployed {
    /// Whose.
    pub whose: Whose,
    /// ARN of the service deployment.
    pub deployment: String,
    /// When it started.
    pub started: Timestamp,
}

/// Whose deployment it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Whose {
    /// This service's.
    Own,
    /// A declared dependency's, by its name in the fleet file.
    Dependency(String),
}

/// A service revision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Revision {
    /// ARN.
    pub arn: String,
    /// When its deployment succeeded.
    pub from: Timestamp,
    /// When the next deployment began.
    pub to: Timestamp,
}

/// Another service of the environment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sibling {
    /// Its name in the fleet file.
    pub service: String,
    /// When its own errors rose ([`super::onset`]); none when they did not.
    pub onset: Option<Timestamp>,
}

/// The first reason for which the deployment cannot be blamed; none when it can.
#[must_use]
pub fn attribute(seen: &Circumstances) -> Option<Why> {
    same_revision(seen)
        .or_else(|| alarm_before(seen))
        .or_else(|| high_before(seen))
        .or_else(|| began_before(seen))
        .or_else(|| another_deployment(seen))
        .or_else(|| hardly_tried(seen))
        .or_else(|| shared_cause(seen))
}

fn same_revision(seen: &Circumstances) -> Option<Why> {
    (seen.source.as_ref() == Some(&seen.target)).then_some(Why::SameRevision)
}

fn alarm_before(seen: &Circumstances) -> Option<Why> {
    let alarm = seen.alarm.as_ref().filter(|alarm| alarm.fired < seen.created_at)?;
    Some(Why::AlarmBefore { alarm: alarm.name.clone(), fired: alarm.fired, created: seen.created_at })
}

fn high_before(seen: &Circumstances) -> Option<Why> {
    let threshold = seen.alarm.as_ref()?.threshold?.max(BEARABLE);
    (seen.rate_before > threshold).then_some(Why::HighBefore { rate: seen.rate_before, threshold })
}

fn began_before(seen: &Circumstances) -> Option<Why> {
    // The minute in which it was created holds both.
    let onset = seen.onset.filter(|onset| after(*onset, Seconds(60)) <= seen.created_at)?;
    Some(Why::BeganBefore { onset, created: seen.created_at })
}

fn another_deployment(seen: &Circumstances) -> Option<Why> {
    let from = seen.created_at.checked_sub(BEFORE).unwrap_or(Timestamp::MIN);
    let other = seen.others.iter().find(|o| o.started >= from && seen.onset.is_none_or(|onset| o.started <= onset))?;
    let (deployment, started) = (other.deployment.clone(), other.started);
    Some(match &other.whose {
        Whose::Own => Why::AnotherDeployment { deployment, started },
        Whose::Dependency(name) => Why::DependencyDeployed { dependency: name.clone(), deployment, started },
    })
}

fn hardly_tried(seen: &Circumstances) -> Option<Why> {
    let stood = seen.return_to.as_ref().map(|revision| elapsed(revision.from, revision.to))?;
    (stood < STOOD_MIN).then_some(Why::HardlyTried { stood, needed: STOOD_MIN })
}

/// Errors that rise elsewhere within this time of ours have one cause.
const TOGETHER: SignedDuration = SignedDuration::from_mins(5);

fn shared_cause(seen: &Circumstances) -> Option<Why> {
    let ours = seen.onset?;
    let near = |theirs: Timestamp| theirs.duration_since(ours).abs() <= TOGETHER;
    let services: Vec<String> =
        seen.siblings.iter().filter(|s| s.onset.is_some_and(near)).map(|s| s.service.clone()).collect();
    (!services.is_empty()).then_some(Why::SharedCause { services })
}

#[cfg(test)]
mod tests;
