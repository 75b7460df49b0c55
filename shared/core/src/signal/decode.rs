//! The one entrance for one event: JSON first, dispatch on the keys that discriminate, then the source's own
//! decoder. Envelopes with records in them are opened by [`super::receive`].

use serde_json::{Map, Value};

use super::alarm::configuration::CONFIGURATION;
use super::alarm::contributor::CONTRIBUTOR;
use super::alarm::lambda_action::LAMBDA_ACTION;
use super::alarm::sns::NOTIFICATION;
use super::alarm::state_change::STATE_CHANGE;
use super::alarm::{AlarmEvent, ConfigurationChange};
use super::deployment::{DEPLOYMENT, DeploymentEvent};
use super::ec2::{EC2, EC2_MESSAGE, Ec2Event};
use super::hook::{HOOK, HookEvent};
use super::hook_call::{HOOK_CALL, HookCall};
use super::limits;
use super::minute;
use super::refused::{NotASignal, found, quoted};
use super::scaling::{SCALING, ScalingEvent};
use super::service_action::{SERVICE_ACTION, ServiceAction};
use super::task::{TASK, TaskEvent};
use super::tick::{RULE_TICK, SCHEDULER_TICK, Tick, TickBy};

/// An incoming event, decoded once.
#[derive(Debug, Clone, PartialEq)]
pub enum Signal {
    /// A CloudWatch alarm changed its state, or its suppression did.
    Alarm(Box<AlarmEvent>),
    /// One time series of a multi-series alarm changed; its `contributor` is there.
    Contributor(Box<AlarmEvent>),
    /// An alarm was made, changed or deleted; never a transition.
    AlarmConfiguration(Box<ConfigurationChange>),
    /// A deployment of a service moved on.
    Deployment(Box<DeploymentEvent>),
    /// A task changed its state.
    Task(Box<TaskEvent>),
    /// A lifecycle hook of a deployment changed its status.
    Hook(Box<HookEvent>),
    /// ECS asks a Lambda hook whether a deployment may go on.
    HookCall(Box<HookCall>),
    /// The service scheduler tells of a service.
    ServiceAction(Box<ServiceAction>),
    /// Application Auto Scaling scaled something.
    Scaling(Box<ScalingEvent>),
    /// An EC2 Auto Scaling group changed its instances.
    Ec2(Box<Ec2Event>),
    /// A schedule came due.
    Tick(Box<Tick>),
    /// The reconciler's minute.
    Minute,
}

impl Signal {
    /// The signal of an alarm, or of its contributor.
    pub(super) fn of_alarm(alarm: AlarmEvent) -> Self {
        if alarm.contributor.is_some() { Self::Contributor(Box::new(alarm)) } else { Self::Alarm(Box::new(alarm)) }
    }

    /// What people call it.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Alarm(_) => STATE_CHANGE.name,
            Self::Contributor(_) => CONTRIBUTOR.name,
            Self::AlarmConfiguration(_) => CONFIGURATION.name,
            Self::Deployment(_) => DEPLOYMENT.name,
            Self::Task(_) => TASK.name,
            Self::Hook(_) => HOOK.name,
            Self::HookCall(_) => HOOK_CALL.name,
            Self::ServiceAction(_) => SERVICE_ACTION.name,
            Self::Scaling(_) => SCALING.name,
            Self::Ec2(_) => EC2.name,
            Self::Tick(tick) if tick.by == TickBy::Rule => RULE_TICK.name,
            Self::Tick(_) => SCHEDULER_TICK.name,
            Self::Minute => "reconciler's minute",
        }
    }
}

/// How the events of a source are told from all others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// `source` and one of the `detail-type`s of an EventBridge envelope.
    Envelope(&'static str, &'static [&'static str]),
    /// Top-level keys that are all there, of a payload without an EventBridge envelope.
    Keys(&'static [&'static str]),
}

/// One source of events.
#[derive(Debug, Clone, Copy)]
pub struct Source {
    /// What people call its events.
    pub name: &'static str,
    /// How they are told from others.
    pub by: By,
    /// The EventBridge pattern that selects what is worth waking for; `None` when it comes another way.
    pub pattern: Option<fn() -> Value>,
    /// Its decoder.
    pub decode: fn(&Value) -> Result<Signal, NotASignal>,
}

/// Every source. The order matters for [`By::Keys`] alone, where the first that matches decodes.
pub const SOURCES: &[Source] = &[
    STATE_CHANGE,
    CONTRIBUTOR,
    CONFIGURATION,
    LAMBDA_ACTION,
    NOTIFICATION,
    DEPLOYMENT,
    SERVICE_ACTION,
    TASK,
    HOOK,
    HOOK_CALL,
    SCALING,
    EC2,
    EC2_MESSAGE,
    RULE_TICK,
    SCHEDULER_TICK,
    Source {
        name: "reconciler's minute",
        by: By::Envelope(minute::SOURCE, &[minute::DETAIL_TYPE]),
        pattern: None,
        decode: |_| Ok(Signal::Minute),
    },
];

/// Decodes one event, without records and without an envelope around it.
///
/// # Errors
/// [`NotASignal`] says why it is none; nothing is guessed.
pub fn decode(event: &Value) -> Result<Signal, NotASignal> {
    limits::check(event)?;
    dispatch(event)
}

/// As [`decode`], of a payload whose size was looked at.
pub(super) fn dispatch(event: &Value) -> Result<Signal, NotASignal> {
    let keys = event.as_object().ok_or(NotASignal::NotAnObject)?;
    if keys.contains_key("source") && keys.contains_key("detail-type") {
        return enveloped(event, keys);
    }
    let by_keys = |source: &&Source| match source.by {
        By::Keys(wanted) => wanted.iter().all(|key| keys.contains_key(*key)),
        By::Envelope(..) => false,
    };
    match SOURCES.iter().find(by_keys) {
        Some(source) => (source.decode)(event),
        None => Err(nobodys(keys)),
    }
}

fn enveloped(event: &Value, keys: &Map<String, Value>) -> Result<Signal, NotASignal> {
    let text = |key: &str| keys.get(key).and_then(Value::as_str).unwrap_or_default();
    let (origin, detail_type) = (text("source"), text("detail-type"));
    let mut elsewhere = None;
    for source in SOURCES {
        let By::Envelope(from, types) = source.by else { continue };
        if types.contains(&detail_type) {
            if from == origin {
                return (source.decode)(event);
            }
            elsewhere = Some(from);
        }
    }
    let (origin, detail_type) = (quoted(origin), quoted(detail_type));
    Err(match elsewhere {
        Some(expected) => NotASignal::Injected { origin, detail_type, expected },
        None => NotASignal::Unknown { origin, detail_type },
    })
}

/// An object that no source sends.
pub(super) fn nobodys(keys: &Map<String, Value>) -> NotASignal {
    let event = |value: &Value| value.get("source").is_some() && value.get("detail-type").is_some();
    if let Some((key, _)) = keys.iter().find(|(_, value)| event(value)) {
        return NotASignal::Wrapped { key: quoted(key) };
    }
    if keys.contains_key("detail") {
        for (there, missing) in [("source", "detail-type"), ("detail-type", "source")] {
            if keys.contains_key(there) {
                let (kind, expected) = ("EventBridge event", "a text");
                return NotASignal::Malformed { kind, place: missing, found: found(None), expected };
            }
        }
    }
    NotASignal::Unrecognised
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_detail_type_of_aws_under_another_source_is_injected_by_hand() {
        let mut types = 0;
        for source in SOURCES {
            let By::Envelope(from, detail_types) = source.by else { continue };
            for detail_type in detail_types {
                types += 1;
                for origin in ["test", "", "aws", &from.to_uppercase(), &format!("{from} "), "my.application"] {
                    let event = json!({ "source": origin, "detail-type": detail_type, "detail": {} });
                    let refused = decode(&event);
                    let injected = matches!(refused, Err(NotASignal::Injected { .. }));
                    assert!(injected, "{origin} {detail_type}: {refused:?}");
                }
            }
        }
        assert!(types >= 10);
    }

    #[test]
    fn two_sources_that_send_the_same_detail_type_are_told_apart() {
        let event = |source: &str| json!({ "source": source, "detail-type": "Scheduled Event", "detail": {} });
        for source in ["aws.events", "aws.scheduler"] {
            assert!(matches!(decode(&event(source)), Err(NotASignal::Malformed { .. })), "{source} is read");
        }
    }
}
