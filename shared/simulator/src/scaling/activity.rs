//! Scaling activities, with the reasons why nothing was scaled.

use std::fmt;

use headroom_core::id::ServiceId;
use jiff::Timestamp;
use serde_json::json;

use super::alarm::uuid;
use crate::event::Event;

/// Why a policy that was in breach scaled nothing (AWS_FACTS 2.7).
///
/// AutoScalingAnticipatedFlapping is not among them: a capacity computed by the formula is never one from which
/// the same datapoint would scale back. Nor is TargetServicePutResourceAsUnscalable: services here can be scaled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotScaled {
    /// More was wanted than max.
    AlreadyAtMaxCapacity,
    /// Less was wanted than min.
    AlreadyAtMinCapacity,
    /// What is wanted is there.
    AlreadyAtDesiredCapacity,
}

impl fmt::Display for NotScaled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::AlreadyAtMaxCapacity => "AlreadyAtMaxCapacity",
            Self::AlreadyAtMinCapacity => "AlreadyAtMinCapacity",
            Self::AlreadyAtDesiredCapacity => "AlreadyAtDesiredCapacity",
        })
    }
}

/// What became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The desired count was set.
    Scaled {
        /// Before.
        from: u32,
        /// After.
        to: u32,
    },
    /// It was not; only the first of a row is recorded (AWS_FACTS 2.7).
    NotScaled(NotScaled),
}

/// What began it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trigger {
    /// An alarm called the policy; its name.
    Alarm(String),
    /// A new MinCapacity forced the count up, or a new MaxCapacity down.
    Bounds,
}

/// StatusCode. Pending and Unfulfilled do not happen here: the service always takes a count at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// The running count is not there yet.
    InProgress,
    /// It is.
    Successful,
    /// Another activity set another count before it was.
    Overridden,
    /// Nothing was scaled (AWS_FACTS 2.7).
    Failed,
}

impl Status {
    /// As AWS names it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::InProgress => "InProgress",
            Self::Successful => "Successful",
            Self::Overridden => "Overridden",
            Self::Failed => "Failed",
        }
    }
}

/// One entry of DescribeScalingActivities.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Activity {
    /// Its number within the target, from 1.
    pub number: u64,
    /// StartTime, in seconds since the epoch.
    pub at: i64,
    /// EndTime; a not-scaled one has none (AWS_FACTS 2.7).
    pub ended: Option<i64>,
    /// The policy, the scheduled action, or `bounds` for a RegisterScalableTarget that forced the count.
    pub cause: String,
    /// What began it.
    pub trigger: Trigger,
    /// What became of it.
    pub outcome: Outcome,
    /// StatusCode.
    pub status: Status,
    /// MinCapacity and MaxCapacity then.
    pub bounds: (u32, u32),
    /// The desired count then.
    pub current: u32,
}

/// A member of NotScaledReasons.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotScaledReason {
    /// Code.
    pub code: NotScaled,
    /// MinCapacity, when that is the reason.
    pub min: Option<u32>,
    /// MaxCapacity, when that is the reason.
    pub max: Option<u32>,
    /// CurrentCapacity, when that is the reason.
    pub current: Option<u32>,
}

impl Activity {
    /// ActivityId, from the resource and the number: the same run has the same ids.
    #[must_use]
    pub fn id(&self, resource_id: &str) -> String {
        uuid(&[resource_id, "activity", &self.number.to_string()])
    }

    /// Description, in AWS's words (AWS_FACTS 2.7).
    #[must_use]
    pub fn description(&self) -> String {
        match self.outcome {
            Outcome::Scaled { to, .. } => format!("Setting desired count to {to}."),
            Outcome::NotScaled(_) => "Attempting to scale due to alarm triggered".to_owned(),
        }
    }

    /// Cause, in AWS's words: of an alarm from the Application Auto Scaling User Guide, "Scaling activities"; of a
    /// bound as in its samples for other services.
    #[must_use]
    pub fn cause_text(&self) -> String {
        match (&self.trigger, self.outcome) {
            (Trigger::Alarm(alarm), _) => {
                format!("monitor alarm {alarm} in state ALARM triggered policy {}", self.cause)
            }
            (Trigger::Bounds, Outcome::Scaled { from, to }) if to < from => {
                format!("maximum capacity was set to {}", self.bounds.1)
            }
            (Trigger::Bounds, Outcome::Scaled { .. } | Outcome::NotScaled(_)) => {
                format!("minimum capacity was set to {}", self.bounds.0)
            }
        }
    }

    /// StatusMessage; of a change under way, an overridden and a failed one the words are ours.
    #[must_use]
    pub fn status_message(&self) -> Option<String> {
        let Outcome::Scaled { to, .. } = self.outcome else { return None };
        let then = match self.status {
            Status::InProgress => "Waiting for change to be fulfilled by ecs.",
            Status::Successful => "Change successfully fulfilled by ecs.",
            Status::Overridden => "Change was overridden by another.",
            Status::Failed => return Some(format!("Failed to set desired count to {to}.")),
        };
        Some(format!("Successfully set desired count to {to}. {then}"))
    }

    /// NotScaledReasons, for a caller that asks for not-scaled activities.
    #[must_use]
    pub fn not_scaled(&self) -> Option<NotScaledReason> {
        let Outcome::NotScaled(code) = self.outcome else { return None };
        let (min, max) = self.bounds;
        Some(NotScaledReason {
            code,
            min: (code == NotScaled::AlreadyAtMinCapacity).then_some(min),
            max: (code == NotScaled::AlreadyAtMaxCapacity).then_some(max),
            current: (code == NotScaled::AlreadyAtDesiredCapacity).then_some(self.current),
        })
    }

    /// The event that AWS sends, best effort, when a scale-out has *reached* max; not while it stays there
    /// (AWS_FACTS 2.7).
    #[must_use]
    pub fn scaled_to_max(&self, id: &ServiceId) -> Option<Event> {
        let Outcome::Scaled { from, to } = self.outcome else { return None };
        let ended = self.ended.filter(|_| self.status == Status::Successful && from < to && to == self.bounds.1)?;
        let time = |at: i64| Timestamp::from_second(at).unwrap_or(Timestamp::UNIX_EPOCH).to_string();
        Some(Event {
            at: ended,
            number: 0,
            account: id.account.clone(),
            region: id.region.clone(),
            source: "aws.application-autoscaling",
            detail_type: "Application Auto Scaling Scaling Activity State Change",
            resources: Vec::new(),
            detail: json!({
                "startTime": time(self.at),
                "endTime": time(ended),
                "newDesiredCapacity": to,
                "oldDesiredCapacity": from,
                "minCapacity": self.bounds.0,
                "maxCapacity": self.bounds.1,
                "resourceId": id.resource_id(),
                "scalableDimension": "ecs:service:DesiredCount",
                "serviceNamespace": "ecs",
                "statusCode": self.status.name(),
                "scaledToMax": true,
                "direction": "scale-out",
            }),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn activity(outcome: Outcome, status: Status, ended: Option<i64>) -> Activity {
        let (cause, trigger) = ("cpu".to_owned(), Trigger::Alarm("high".to_owned()));
        Activity { number: 1, at: 60, ended, cause, trigger, outcome, status, bounds: (2, 6), current: 4 }
    }

    #[test]
    fn a_scaled_activity_has_the_words_of_the_guide() {
        let under_way = activity(Outcome::Scaled { from: 4, to: 6 }, Status::InProgress, None);
        assert_eq!(under_way.description(), "Setting desired count to 6.");
        assert_eq!(under_way.cause_text(), "monitor alarm high in state ALARM triggered policy cpu");
        let done = Activity { status: Status::Successful, ended: Some(120), ..under_way };
        let message = "Successfully set desired count to 6. Change successfully fulfilled by ecs.";
        assert_eq!(done.status_message().as_deref(), Some(message));
        let forced =
            |from, to| Activity { trigger: Trigger::Bounds, outcome: Outcome::Scaled { from, to }, ..done.clone() };
        assert_eq!(forced(1, 2).cause_text(), "minimum capacity was set to 2");
        assert_eq!(forced(9, 6).cause_text(), "maximum capacity was set to 6");
    }

    #[test]
    fn a_not_scaled_activity_is_failed_has_a_reason_with_its_capacity_and_no_end() {
        let failed = activity(Outcome::NotScaled(NotScaled::AlreadyAtMaxCapacity), Status::Failed, None);
        assert_eq!(failed.description(), "Attempting to scale due to alarm triggered");
        let reason = failed.not_scaled().unwrap();
        assert_eq!((reason.max, reason.min, reason.current), (Some(6), None, None));
        assert_eq!((failed.ended, failed.status_message()), (None, None));
    }

    #[test]
    fn scaled_to_max_is_sent_when_max_is_reached_and_not_while_it_stays_there() {
        let id = ServiceId { account: "1".into(), region: "r".into(), cluster: "c".into(), service: "s".into() };
        let sent = |outcome, status, ended| activity(outcome, status, ended).scaled_to_max(&id);
        let event = sent(Outcome::Scaled { from: 4, to: 6 }, Status::Successful, Some(120)).unwrap();
        assert_eq!(
            (event.at, &event.detail["scaledToMax"], &event.detail["resourceId"]),
            (120, &json!(true), &json!("service/c/s"))
        );
        assert_eq!(sent(Outcome::Scaled { from: 4, to: 6 }, Status::InProgress, None), None);
        assert_eq!(sent(Outcome::Scaled { from: 4, to: 5 }, Status::Successful, Some(120)), None);
        assert_eq!(sent(Outcome::Scaled { from: 9, to: 6 }, Status::Successful, Some(120)), None);
        assert_eq!(sent(Outcome::NotScaled(NotScaled::AlreadyAtMaxCapacity), Status::Failed, None), None);
    }
}
