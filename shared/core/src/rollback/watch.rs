//! What is remembered of a deployment that is watched.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::choice::Way;
use super::deployment::Balancer;
use super::end::End;
use super::judged::Judged;

/// A deployment that is watched: one entry of the journal each, whatever woke it and how often (SEMANTICS 19).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Watch {
    /// ARN of the service deployment.
    pub deployment: String,
    /// When somebody asked for it.
    pub created_at: Timestamp,
    /// ARN of the service revision that it puts in place.
    pub target: String,
    /// ARN of the task definition of that revision; empty when it was not the primary one when it was first seen.
    pub task_definition: String,
    /// Alarms that fired since, each once.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub alarms: Vec<String>,
    /// The balancer before the service, once it was found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub balancer: Option<Balancer>,
    /// When a look first saw its revision serve users.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_traffic: Option<Timestamp>,
    /// Desired count when the watch began: errors empty the CPU metric, and scale-in follows (SEMANTICS 18).
    pub desired: u32,
    /// Tasks that a lease keeps under min while the good revision returns: [`Self::desired`], bounded; `None` when
    /// none was taken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub floor: Option<u32>,
    /// Looks so far.
    pub looks: u32,
    /// What the newest look said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub judged: Option<Judged>,
    /// When the errors began that the newest look condemned it for; none while no rise was found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub onset: Option<Timestamp>,
    /// Errors in percent of requests, the newest minutes at the newest look, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub chart: Vec<f64>,
    /// Why the newest look did not go on, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held: Option<String>,
    /// What people were told, by name, each once.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub told: Vec<String>,
    /// How far it has come.
    pub stage: Stage,
    /// The way back, once it is taken or proposed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub back: Option<Back>,
    /// Since when the good revision is alone again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub back_since: Option<Timestamp>,
    /// How it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end: Option<End>,
}

/// How far a watch has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Its errors are counted.
    Watching,
    /// The way back is proposed to people.
    Proposed,
    /// The way back is written ahead; nobody knows whether the call took effect.
    Sent,
    /// The way back is under way.
    Following,
    /// The way back ended; its errors are counted.
    Verifying {
        /// Since when the good revision is alone again.
        since: Timestamp,
    },
    /// Nothing more is done.
    Ended,
}

/// Who goes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum By {
    /// Headroom asked for it.
    Headroom,
    /// ECS itself: its circuit breaker, its alarms, or a person's request.
    Ecs,
    /// A person, by a deployment of the revision that was proposed.
    Person,
}

/// A way back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Back {
    /// Who.
    pub by: By,
    /// How.
    pub way: Way,
    /// ARN of the revision to return to; empty when ECS has not said.
    pub revision: String,
    /// ARN of its task definition; empty when it was not read.
    pub task_definition: String,
    /// When that revision's successful deployment was asked for.
    pub good_since: Option<Timestamp>,
    /// When the way back was planned, or first seen.
    pub planned_at: Timestamp,
    /// `ecs-svc/...` of the primary deployment that UpdateService expects.
    pub primary: String,
    /// ARN of the deployment that our UpdateService began, once it is seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ours: Option<String>,
    /// This is the second way of one case: the first was asked for and the deployment ended successful all the same
    /// (SEMANTICS 10).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub second: bool,
}

impl Watch {
    /// A watch over a deployment that was just seen.
    #[must_use]
    pub fn new(
        deployment: String,
        created_at: Timestamp,
        target: String,
        task_definition: String,
        desired: u32,
    ) -> Self {
        Self {
            deployment,
            created_at,
            target,
            task_definition,
            alarms: Vec::new(),
            balancer: None,
            first_traffic: None,
            desired,
            floor: None,
            looks: 0,
            judged: None,
            onset: None,
            chart: Vec::new(),
            held: None,
            told: Vec::new(),
            stage: Stage::Watching,
            back: None,
            back_since: None,
            end: None,
        }
    }

    /// Who asks for [`Self::floor`]: one lease for each deployment, however often its rollback is planned.
    #[must_use]
    pub fn floor_source(&self, remedy: &str) -> String {
        format!("{remedy}@{}", self.deployment.rsplit('/').next().unwrap_or_default())
    }

    /// Whether this is told for the first time; it counts as told from now on.
    pub fn tells(&mut self, what: &str) -> bool {
        let first = self.told.iter().all(|told| told != what);
        if first {
            self.told.push(what.to_owned());
        }
        first
    }
}
