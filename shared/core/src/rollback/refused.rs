//! Every way of not rolling back a deployment that the numbers condemn.

use serde::{Deserialize, Serialize};

/// Why a condemned deployment is not rolled back by Headroom. People are told, with the command that does it all the
/// same where there is one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "kebab-case")]
pub enum Refused {
    /// CodeDeploy or somebody else deploys this service.
    #[error("{controller} deploys this service: only it can go back")]
    Controller {
        /// `CODE_DEPLOY` or `EXTERNAL`.
        controller: String,
    },
    /// No earlier successful deployment is known that could be returned to.
    #[error("no earlier successful deployment is known: ECS keeps 90 days")]
    NoHistory,
    /// Every earlier successful revision is quarantined.
    #[error("every earlier successful revision is quarantined")]
    AllQuarantined,
    /// The task definition was deregistered.
    #[error("{task_definition} is INACTIVE: it cannot be deployed")]
    Inactive {
        /// ARN.
        task_definition: String,
    },
    /// The deployment brought the task definition that ran before: UpdateService to it would begin nothing.
    #[error("{task_definition} runs already: its revision differs in something else")]
    SameTaskDefinition {
        /// ARN.
        task_definition: String,
    },
    /// A tag no longer stands for the image that the good revision ran (SEMANTICS 7).
    #[error("{image} of {container} was {was} and is {now} now: deploying it again would not bring the old image back")]
    TagMoved {
        /// The container.
        container: String,
        /// `repository:tag`.
        image: String,
        /// Digest then.
        was: String,
        /// Digest now.
        now: String,
    },
    /// Nobody can say what a tag stands for.
    #[error("cannot tell whether {image} still is the image that ran: {why}")]
    TagUnknown {
        /// `repository:tag`.
        image: String,
        /// Why.
        why: String,
    },
    /// The revisions differ in more than the task definition, which UpdateService would not bring back.
    #[error("the deployment also changed {members}: a task definition alone does not bring that back")]
    MoreChanged {
        /// The members.
        members: String,
    },
    /// A reading that this needs is missing.
    #[error("cannot see {what}: {why}")]
    Unseen {
        /// Which.
        what: String,
        /// Why.
        why: String,
    },
    /// Something that the service needs is high: its errors may be its doing.
    #[error("{name}, on which this service depends, is high: it may be the cause")]
    DependencyHigh {
        /// Its name in the fleet file.
        name: String,
    },
    /// Somebody paused the service or the remedy.
    #[error("paused by {by}")]
    Paused {
        /// Who.
        by: String,
    },
    /// The environment is stopped.
    #[error("the environment is stopped")]
    Stopped,
    /// The day's limit is spent.
    #[error("limit reached: {scope} used {used} of {limit} rollbacks this day")]
    Limit {
        /// Service or environment.
        scope: String,
        /// Used.
        used: u32,
        /// Allowed.
        limit: u32,
    },
    /// The rollback of this deployment was sent as often as it may be.
    #[error("sent {times} times already")]
    SentBefore {
        /// How often.
        times: u32,
    },
}

impl Refused {
    /// The name that people search for.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Controller { .. } => "controller",
            Self::NoHistory => "no-history",
            Self::AllQuarantined => "all-quarantined",
            Self::Inactive { .. } => "inactive",
            Self::SameTaskDefinition { .. } => "same-task-definition",
            Self::TagMoved { .. } => "tag-moved",
            Self::TagUnknown { .. } => "tag-unknown",
            Self::MoreChanged { .. } => "more-changed",
            Self::Unseen { .. } => "unseen",
            Self::DependencyHigh { .. } => "dependency-high",
            Self::Paused { .. } => "paused",
            Self::Stopped => "stopped",
            Self::Limit { .. } => "limit",
            Self::SentBefore { .. } => "sent-before",
        }
    }
}
