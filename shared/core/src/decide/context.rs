//! What a decision stands on, and what it is.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::guard::{Answer, Guard};
use super::plan::Plan;
use super::refusal::Refusal;
use super::waiting::Waiting;
use crate::capacity::{Grant, State};
use crate::control::Control;
use crate::fleet::{Fleet, Remedy, Service};
use crate::id::CaseKey;
use crate::remedy::Arithmetic;
use crate::seen::Question;
use crate::signal::AlarmEvent;

/// Everything that a decision stands on, except what must be seen in AWS.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// The fleet.
    pub fleet: &'a Fleet,
    /// The service.
    pub service: &'a Service,
    /// The remedy.
    pub remedy: &'a Remedy,
    /// The event.
    pub event: &'a AlarmEvent,
    /// The case.
    pub key: &'a CaseKey,
    /// True when a deferred case is judged later: by the alarm's present state, whatever the event's age.
    pub later: bool,
    /// State of the service.
    pub state: &'a State,
    /// What people switched in the environment.
    pub control: &'a Control,
    /// Changes of the service and of its environment in this hour.
    pub used: (u32, u32),
    /// What added tasks of the fleet cost today, in the units of [`crate::capacity::cost`]; 0 where no cost is limited.
    pub spent: u32,
    /// Cases of the environment in this minute, this one with them unless it counted when it came.
    pub cases: u32,
    /// When the case came, and the cases of the environment in that minute with it.
    pub came: (Timestamp, u32),
    /// Now.
    pub now: Timestamp,
}

/// A decision.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[must_use]
pub enum Decision {
    /// Do this.
    Act(Plan),
    /// Judge again then.
    Wait {
        /// When.
        until: Timestamp,
        /// Why.
        why: Waiting,
    },
    /// Do nothing.
    Refuse(Refusal),
}

impl Decision {
    /// The lease that it grants, when it grants one.
    #[must_use]
    pub fn grant(&self) -> Option<&Grant> {
        match self {
            Self::Act(plan) => plan.grant(),
            Self::Wait { .. } | Self::Refuse(_) => None,
        }
    }
}

/// A decision with everything that led to it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Judgement {
    /// What the guards answered, in order, up to the first that stopped.
    pub guards: Vec<Answer>,
    /// The need with its numbers, when it was computed.
    pub need: Option<Arithmetic>,
    /// Name of the scaling policy that watches the same metric, when there is one.
    pub native: Option<String>,
    /// The decision.
    pub decision: Decision,
}

impl Judgement {
    /// A refusal for which no guard was asked.
    pub fn refused(why: Refusal) -> Self {
        Self { guards: Vec::new(), need: None, native: None, decision: Decision::Refuse(why) }
    }

    /// The same judgement after its plan was written and the minute turned out to be a storm's: held until then.
    pub fn held_by_storm(mut self, cases: u32, until: Timestamp) -> Self {
        let why = Waiting::Storm { cases };
        self.guards.push(Answer { guard: Guard::Storm, passed: false, saw: why.to_string() });
        self.decision = Decision::Wait { until, why };
        self
    }
}

/// What is known before AWS is asked.
#[derive(Debug, Clone, PartialEq)]
pub enum Ask {
    /// Event and table suffice.
    Nothing(Box<Judgement>),
    /// This must be seen.
    See(Box<Question>),
}
