//! A running task that shows to be sick, as something that wakes a remedy in the place of an alarm.
//!
//! Only what an event can say: that a task is stuck, nothing tells but time, so that is found when an alarm wakes the
//! remedy. A task that has stopped is none: ECS starts another by itself.

use serde::{Deserialize, Serialize};

use super::alarm::{AlarmEvent, AlarmState};
use super::task::TaskEvent;
use crate::id::ServiceId;
use crate::remedy::Sick;

/// What the fleet file calls it: `when: { event: sick-task }`.
pub const SICK_TASK: &str = "sick-task";

/// The task behind an event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SickTask {
    /// Its `version`, which with the ARN is the event's identity (SEMANTICS 16).
    pub version: u64,
    /// The service that its group names.
    pub service: ServiceId,
    /// What the event shows; what is done, the task as it is found then decides.
    pub sick: Sick,
}

impl AlarmEvent {
    /// From a task's event: firing, in the task's own name; `None` for one that is well, has stopped or is about to,
    /// or belongs to no service.
    #[must_use]
    pub fn of_task(task: &TaskEvent) -> Option<Self> {
        let sick = match (task.out_of_memory(), task.unhealthy) {
            _ if task.last_status != "RUNNING" || task.desired_status != "RUNNING" => return None,
            (Some(_), _) => Sick::OutOfMemory,
            (None, true) => Sick::Unhealthy,
            (None, false) => return None,
        };
        let service = task.service.clone()?;
        Some(Self {
            arn: task.task.clone(),
            doubt: None,
            name: task.task.rsplit('/').next().unwrap_or(&task.task).to_owned(),
            account: task.account.clone(),
            region: task.region.clone(),
            state: AlarmState::Alarm,
            previous: Some(AlarmState::Ok),
            suppressed_by: None,
            previously_suppressed_by: None,
            at: task.at,
            message: None,
            again: None,
            reason: None,
            datapoints: Vec::new(),
            threshold: None,
            metric: None,
            members: Vec::new(),
            composite: None,
            contributor: None,
            service_tag: None,
            mute: None,
            task: Some(SickTask { version: task.version, service, sick }),
        })
    }
}
