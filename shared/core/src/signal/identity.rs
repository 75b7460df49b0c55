//! What a signal is about: the event itself, so that two deliveries of it are one case; its order among its
//! siblings; the place that it comes from.

use jiff::Timestamp;

use super::decode::Signal;
use crate::id::ServiceId;

/// What makes two deliveries the same event, whatever the channel: never an id of a message.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Identity(Vec<String>);

impl Identity {
    /// Its parts, the kind first.
    #[must_use]
    pub fn parts(&self) -> Vec<&str> {
        self.0.iter().map(String::as_str).collect()
    }
}

/// Which of two events about the same thing is the newer one; arrival says nothing about it (SEMANTICS 16).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Order {
    /// By the time that the event tells of.
    Time(Timestamp),
    /// By a version that grows with each change.
    Version(u64),
}

/// Account and region that an event comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Home<'a> {
    /// Twelve digits.
    pub account: &'a str,
    /// `None` when the event does not say.
    pub region: Option<&'a str>,
}

impl Signal {
    /// What makes two deliveries the same event. `None` for what is no more than a wake-up: a deployment event,
    /// whose id joins to nothing (SEMANTICS 19), and the reconciler's minute.
    #[must_use]
    pub fn identity(&self) -> Option<Identity> {
        let ms = |at: Timestamp| at.as_millisecond().to_string();
        let parts = match self {
            Self::Alarm(alarm) | Self::Contributor(alarm) => alarm.identity(),
            Self::AlarmConfiguration(change) => {
                vec!["alarm-configuration".to_owned(), change.arn.clone(), ms(change.at)]
            }
            Self::Deployment(_) | Self::Minute => return None,
            Self::ServiceAction(action) => {
                vec!["service-action".to_owned(), action.service.to_string(), action.name.clone(), ms(action.at)]
            }
            Self::Task(task) => vec!["task".to_owned(), task.task.clone(), task.version.to_string()],
            Self::Hook(hook) => {
                let status = hook.status.event_name().to_owned();
                vec!["hook".to_owned(), hook.deployment.clone(), hook.hook.clone(), status]
            }
            Self::HookCall(call) => {
                vec!["hook-call".to_owned(), call.deployment.clone(), call.execution.clone(), call.stage.clone()]
            }
            Self::Scaling(scaling) => {
                let (account, region) = (scaling.account.clone(), scaling.region.clone());
                vec!["scaling".to_owned(), account, region, scaling.resource.clone(), ms(scaling.started)]
            }
            Self::Ec2(event) => {
                let change = event.change.name().to_owned();
                vec!["ec2".to_owned(), event.account.clone(), event.group.clone(), event.activity.clone(), change]
            }
            Self::Tick(tick) => vec!["tick".to_owned(), tick.arn.clone(), ms(tick.at)],
        };
        Some(Identity(parts))
    }

    /// Its order among events about the same thing; `None` when it has none.
    #[must_use]
    pub fn order(&self) -> Option<Order> {
        Some(match self {
            Self::Alarm(alarm) | Self::Contributor(alarm) => Order::Time(alarm.at),
            Self::AlarmConfiguration(change) => Order::Time(change.at),
            Self::Deployment(deployment) => Order::Time(deployment.at),
            Self::ServiceAction(action) => Order::Time(action.at),
            Self::Task(task) => Order::Version(task.version),
            Self::Hook(hook) => Order::Time(hook.at),
            Self::Scaling(scaling) => Order::Time(scaling.ended.unwrap_or(scaling.started)),
            Self::Ec2(event) => Order::Time(event.at?),
            Self::Tick(tick) => Order::Time(tick.at),
            Self::HookCall(_) | Self::Minute => return None,
        })
    }

    /// The ECS service that the event itself names; an alarm's is found by matching.
    #[must_use]
    pub fn service(&self) -> Option<&ServiceId> {
        match self {
            Self::Deployment(deployment) => Some(&deployment.service),
            Self::ServiceAction(action) => Some(&action.service),
            Self::Task(task) => task.service.as_ref(),
            Self::Hook(hook) => Some(&hook.service),
            Self::HookCall(call) => Some(&call.service),
            Self::Scaling(scaling) => scaling.service.as_ref(),
            Self::Alarm(_)
            | Self::Contributor(_)
            | Self::AlarmConfiguration(_)
            | Self::Ec2(_)
            | Self::Tick(_)
            | Self::Minute => None,
        }
    }

    /// Where it comes from; `None` for the reconciler's minute, which its own schedule sends.
    #[must_use]
    pub fn home(&self) -> Option<Home<'_>> {
        let (account, region) = match self {
            // A message that names no ARN may name no region either.
            Self::Alarm(alarm) | Self::Contributor(alarm) => {
                (&alarm.account, Some(&alarm.region).filter(|region| !region.is_empty()))
            }
            Self::AlarmConfiguration(change) => (&change.account, Some(&change.region)),
            Self::Task(task) => (&task.account, Some(&task.region)),
            Self::Scaling(scaling) => (&scaling.account, Some(&scaling.region)),
            Self::Ec2(event) => (&event.account, event.region.as_ref()),
            Self::Tick(tick) => (&tick.account, Some(&tick.region)),
            Self::Deployment(_) | Self::ServiceAction(_) | Self::Hook(_) | Self::HookCall(_) => {
                let service = self.service()?;
                (&service.account, Some(&service.region))
            }
            Self::Minute => return None,
        };
        Some(Home { account, region: region.map(String::as_str) })
    }
}
