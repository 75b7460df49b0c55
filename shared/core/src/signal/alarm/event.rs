//! One change of an alarm, whatever channel told it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::composite::Composite;
use super::metric::WatchedMetric;
use super::state::AlarmState;
use crate::signal::SickTask;

/// Alarms of Application Auto Scaling's own target tracking: never remediated (TRAPS 3). The alarm of a step
/// policy is made and named by people; if a remedy names it, they mean it.
pub const SCALING_PREFIX: &str = "TargetTracking-";

/// A mute rule that was in force when the event was sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mute {
    /// ARN of the mute rule.
    pub by: String,
    /// When its window ends; absent when the event does not say.
    pub until: Option<Timestamp>,
}

/// The time series of a multi-series alarm that changed its state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contributor {
    /// CloudWatch's id of the series.
    pub id: String,
    /// What the query groups by, for example `ServiceName`.
    pub attributes: BTreeMap<String, String>,
}

/// One change of an alarm, or of one contributor of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AlarmEvent {
    /// ARN of the alarm.
    pub arn: String,
    /// Why nobody can tell whose it is: the event contradicts itself or names no ARN, or it came over another account's
    /// topic or queue. Read, and matched to nothing; account, region and ARN are then what it says, not more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub doubt: Option<String>,
    /// Name of the alarm, the same as in its ARN.
    pub name: String,
    /// Account of the alarm, the same as in its ARN.
    pub account: String,
    /// Region of the alarm, the same as in its ARN.
    pub region: String,
    /// The new state.
    pub state: AlarmState,
    /// The state before, when the event names it.
    pub previous: Option<AlarmState>,
    /// Who suppresses the actions now: `WaitPeriod`, `Alarm` or `ExtensionPeriod`.
    pub suppressed_by: Option<String>,
    /// Who suppressed them before.
    pub previously_suppressed_by: Option<String>,
    /// When the state changed; the case key counts in its milliseconds.
    pub at: Timestamp,
    /// Id of the message, present exactly when the event names no time of its own: then `at` is the time of
    /// delivery, and the case key counts in this id (SEMANTICS 16).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// Why it comes again, for a replay or a dead letter: never fresh, whatever its age.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub again: Option<String>,
    /// CloudWatch's sentence.
    pub reason: Option<String>,
    /// The newest datapoints that led here, oldest first.
    pub datapoints: Vec<f64>,
    /// The alarm's threshold.
    pub threshold: Option<f64>,
    /// The metric, when it is one metric and no expression.
    pub metric: Option<WatchedMetric>,
    /// The metrics of an expression or of an anomaly detection band; empty beside `metric`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub members: Vec<WatchedMetric>,
    /// The children of a composite alarm.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub composite: Option<Composite>,
    /// The contributor that changed; absent for the alarm itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contributor: Option<Contributor>,
    /// Value of the alarm tag `headroom:service`, when tags are sent.
    pub service_tag: Option<String>,
    /// The mute rule in force.
    pub mute: Option<Mute>,
    /// The task that woke it, in the place of an alarm: then the ARN and the name are the task's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub task: Option<SickTask>,
}

impl AlarmEvent {
    /// What makes two deliveries the same transition, whatever the channel (SEMANTICS 16).
    pub(crate) fn identity(&self) -> Vec<String> {
        if let Some(task) = &self.task {
            return vec!["task".to_owned(), self.arn.clone(), task.version.to_string()];
        }
        let firing = if self.firing() { "firing" } else { "quiet" };
        let moment = self.at.as_millisecond().to_string();
        let parts = match (&self.contributor, &self.message) {
            (None, None) => vec!["alarm", &self.arn, firing, &moment],
            (Some(contributor), None) => vec!["contributor", &self.arn, &contributor.id, firing, &moment],
            (contributor, Some(message)) => {
                let contributor = contributor.as_ref().map_or("", |c| &c.id);
                vec!["alarm message", &self.arn, contributor, firing, message]
            }
        };
        parts.into_iter().map(str::to_owned).collect()
    }

    /// Firing means ALARM with nothing suppressing its actions (SEMANTICS 11).
    #[must_use]
    pub fn firing(&self) -> bool {
        self.state == AlarmState::Alarm && self.suppressed_by.is_none()
    }

    /// Whether it was firing before. A contributor's event does not say: it is sent when that changed.
    #[must_use]
    pub fn was_firing(&self) -> bool {
        match self.previous {
            Some(previous) => previous == AlarmState::Alarm && self.previously_suppressed_by.is_none(),
            None => self.contributor.is_some() && !self.firing(),
        }
    }

    /// An edge is a change of *firing*; anything else is no reason to do something. A new suppression is none,
    /// and neither is INSUFFICIENT_DATA: missing data starts and ends nothing.
    #[must_use]
    pub fn is_edge(&self) -> bool {
        let quiet = self.state == AlarmState::Ok;
        self.firing() != self.was_firing() && (self.firing() || quiet)
    }
}
