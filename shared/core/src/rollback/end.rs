//! How a watch over a deployment ends.

use serde::{Deserialize, Serialize};

use crate::notice::Severity;

/// How it ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "kebab-case")]
pub enum End {
    /// The watch window passed without too many errors.
    #[error("passed: its errors stayed as they were before")]
    Passed,
    /// The watch window passed and nobody can tell.
    #[error("inconclusive to the end: {why}")]
    Unsure {
        /// Why.
        why: String,
    },
    /// A newer deployment took its place; that one is watched.
    #[error("superseded by {by}")]
    Superseded {
        /// ARN of the newer one, or its status when no newer one is seen.
        by: String,
    },
    /// The service or the deployment is not there any more.
    #[error("the deployment is not there any more")]
    Gone,
    /// Service or remedy left the fleet file.
    #[error("the service or the remedy left the fleet file")]
    LeftTheFleet,
    /// It would have been rolled back in mode `act`.
    #[error("would have been rolled back: observed only")]
    Observed,
    /// Nobody accepted the proposal.
    #[error("proposed to people, who did not accept it in time")]
    NotAccepted,
    /// Rolled back, and the errors are gone.
    #[error("rolled back, errors are gone: {errors} of {requests} requests since")]
    Recovered {
        /// Errors since.
        errors: u64,
        /// Requests since.
        requests: u64,
    },
    /// Rolled back, and the errors are still there.
    #[error("rolled back, and errors go on: {errors} of {requests} requests since")]
    NotRecovered {
        /// Errors since.
        errors: u64,
        /// Requests since.
        requests: u64,
    },
    /// Rolled back, and nobody can tell whether it helped.
    #[error("rolled back; whether it helped is unknown: {why}")]
    Unverified {
        /// Why.
        why: String,
    },
    /// ECS could not go back.
    #[error("ROLLBACK_FAILED: {why}")]
    Failed {
        /// ECS's words.
        why: String,
    },
    /// ECS goes back to another revision than the one that was chosen.
    #[error("ECS goes back to {found}, not to {expected}")]
    WrongTarget {
        /// Chosen.
        expected: String,
        /// ECS's own.
        found: String,
    },
    /// Our call came after somebody's deployment and undid it.
    #[error("overtook a deployment: ours began from {found}, not from {expected}")]
    Overtook {
        /// The revision that was to be replaced.
        expected: String,
        /// What ran when ours began.
        found: String,
    },
    /// Our own deployment was undone.
    #[error("the rollback's own deployment was undone: {status}")]
    Undone {
        /// Its status.
        status: String,
    },
    /// The revision is back by name, and runs another image (SEMANTICS 7).
    #[error("{container} runs {found} now, not {expected}")]
    OtherImage {
        /// The container.
        container: String,
        /// Digest that was to come back.
        expected: String,
        /// Digest that runs.
        found: String,
    },
    /// A person deployed meanwhile; what they want counts.
    #[error("somebody deployed meanwhile, {by}: standing back")]
    StoodBack {
        /// ARN of their deployment.
        by: String,
    },
    /// Nobody knows whether the call took effect, or AWS refused it.
    #[error("not rolled back: {why}")]
    NotSent {
        /// Why.
        why: String,
    },
    /// An hour passed, and the way back has not ended.
    #[error("the rollback has not ended after {minutes} minutes, status {status}")]
    NotFinished {
        /// How long it was followed.
        minutes: u32,
        /// Its status then.
        status: String,
    },
}

impl End {
    /// The name that people search for.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Unsure { .. } => "unsure",
            Self::Superseded { .. } => "superseded",
            Self::Gone => "gone",
            Self::LeftTheFleet => "left-the-fleet",
            Self::Observed => "observed",
            Self::NotAccepted => "not-accepted",
            Self::Recovered { .. } => "recovered",
            Self::NotRecovered { .. } => "not-recovered",
            Self::Unverified { .. } => "unverified",
            Self::Failed { .. } => "failed",
            Self::WrongTarget { .. } => "wrong-target",
            Self::Overtook { .. } => "overtook",
            Self::Undone { .. } => "undone",
            Self::OtherImage { .. } => "other-image",
            Self::StoodBack { .. } => "stood-back",
            Self::NotSent { .. } => "not-sent",
            Self::NotFinished { .. } => "not-finished",
        }
    }

    /// How loud people are told; `None` when there is nothing new to tell.
    #[must_use]
    pub fn severity(&self) -> Option<Severity> {
        match self {
            Self::Passed
            | Self::Unsure { .. }
            | Self::Superseded { .. }
            | Self::Gone
            | Self::LeftTheFleet
            | Self::Observed
            | Self::NotAccepted => None,
            Self::Recovered { .. } => Some(Severity::Info),
            Self::Unverified { .. } | Self::StoodBack { .. } => Some(Severity::Warn),
            Self::NotRecovered { .. }
            | Self::Failed { .. }
            | Self::WrongTarget { .. }
            | Self::Overtook { .. }
            | Self::Undone { .. }
            | Self::OtherImage { .. }
            | Self::NotSent { .. }
            | Self::NotFinished { .. } => Some(Severity::Page),
        }
    }
}
