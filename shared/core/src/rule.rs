//! The rule that an event woke, as the fleet file said it then: a decision is explained without the file of that day.

use serde::{Deserialize, Serialize};

use crate::fleet::{Action, Fleet, Metric, Remedy, Service, When};
use crate::price;

/// A remedy's place and what explains its decision.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Rule {
    /// Name of the fleet file.
    pub file: String,
    /// Line of the remedy in it.
    pub line: u32,
    /// What the remedy does.
    pub action: Action,
    /// The metric that it watches, when it watches one.
    pub metric: Option<Metric>,
    /// USD for one hour of one task ([`price::SOURCE`]); absent when the file does not say how large a task is.
    pub usd_task_hour: Option<f64>,
    /// Whether that is of a price file that was given.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub own_prices: bool,
    /// Whether the environment's texts stay inside: what is exported shows names, numbers and times only.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub redact: bool,
}

impl Rule {
    /// Of a remedy of a service.
    #[must_use]
    pub fn of(fleet: &Fleet, service: &Service, remedy: &Remedy) -> Self {
        let metric = match &remedy.when {
            When::Metric { metric, .. } => Some(*metric),
            When::Alarm { .. } | When::Contributor { .. } | When::Event { .. } => None,
        };
        Self {
            file: fleet.source.clone(),
            line: remedy.line,
            action: remedy.action,
            metric,
            usd_task_hour: service.task.as_ref().map(price::task_hour),
            own_prices: service.task.is_some_and(|task| task.usd_hour.is_some()),
            redact: fleet.environments.iter().any(|e| e.name == service.environment && e.redact),
        }
    }
}
