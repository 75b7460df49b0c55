//! One record as `headroom decode` tells it: the signal, its key facts, whom it concerns, and its case; or why it
//! is none. It depends on the content alone.

use std::fmt;

use serde::Serialize;

use crate::decide::match_alarm;
use crate::fleet::{Fleet, Remedy, Service, When};
use crate::id::{CaseKey, ServiceId};
use crate::signal::{Again, AlarmEvent, Ec2Event, HookCall, Received, ScalingEvent, Signal, TaskEvent, belongs};

/// How much of a key is printed in a line; JSON has all of it.
const KEY_CHARS: usize = 16;
/// How much of an event's own words is printed, in characters; the longest names of ten containers need no more.
const WORDS_CHARS_MAX: usize = 1_000;
/// How a remedy names the event of a service at its max.
const AT_MAX: &str = "at-max";

/// One record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Decoded {
    /// `messageId` of the queue's record, when there is one.
    pub record: Option<String>,
    /// What it is; absent when it is no signal.
    pub signal: Option<&'static str>,
    /// Its key facts, or why it is no signal.
    pub facts: String,
    /// Whom it concerns: with a fleet the service and the remedy, or why nobody; without one, by what it would be
    /// matched.
    pub matched: Option<String>,
    /// The case: with a service and a remedy its key in the journal, else the key of the event alone.
    pub case: Option<Case>,
}

/// The key of a case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Case {
    /// The key.
    pub key: String,
    /// What people type; only of a case that the journal can hold.
    pub decision: Option<String>,
}

impl fmt::Display for Decoded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(record) = &self.record {
            write!(f, "record {record}  ")?;
        }
        write!(f, "{}  {}", self.signal.unwrap_or("none"), self.facts)?;
        if let Some(matched) = &self.matched {
            write!(f, "  {matched}")?;
        }
        match &self.case {
            Some(Case { key, decision }) => {
                let key: String = key.chars().take(KEY_CHARS).collect();
                match decision {
                    Some(decision) => write!(f, "  case {key} {decision}"),
                    None => write!(f, "  event {key}"),
                }
            }
            None if self.signal.is_some() => f.write_str("  no case: a wake-up only"),
            None => Ok(()),
        }
    }
}

/// Tells of one record.
#[must_use]
pub fn tell(received: &Received, fleet: Option<&Fleet>) -> Decoded {
    let record = received.record.as_deref().map(one_line);
    let signal = match &received.signal {
        Ok(signal) => signal,
        Err(why) => {
            let facts = one_line(&why.to_string());
            return Decoded { record, signal: None, facts, matched: None, case: None };
        }
    };
    let mut facts = facts(signal);
    if let Some(again) = &received.again {
        facts.push_str(&format!(", {again}: never fresh"));
    }
    let identity = signal.identity();
    let unmatched = identity.as_ref().map(|id| Case { key: CaseKey::unmatched(id).0, decision: None });
    let (matched, case) = match fleet {
        None => (by(signal), unmatched),
        Some(fleet) => match matched(signal, received.again.as_ref(), fleet) {
            Err(why) => (why, unmatched),
            Ok((service, None)) => (format!("{}, no remedy waits for it", service.label()), unmatched),
            Ok((service, Some(remedy))) => {
                let case = identity.as_ref().map(|id| {
                    let key = CaseKey::of_event(id, &ServiceId::of(service), &remedy.name);
                    Case { decision: Some(key.decision().0), key: key.0 }
                });
                (format!("{} {}, mode {}", service.label(), remedy.name, remedy.mode), case)
            }
        },
    };
    let (facts, matched) = (one_line(&facts), Some(one_line(&matched)));
    Decoded { record, signal: Some(signal.name()), facts, matched, case }
}

/// An event's own words on one line: no line break and no escape of a terminal gets out.
fn one_line(text: &str) -> String {
    let plain = text.chars().map(|c| if c.is_control() { ' ' } else { c });
    let mut line: String = plain.take(WORDS_CHARS_MAX).collect();
    if text.chars().nth(WORDS_CHARS_MAX).is_some() {
        line.push_str("...");
    }
    line
}

/// The service and the remedy, or why nobody.
fn matched<'a>(
    signal: &Signal,
    again: Option<&Again>,
    fleet: &'a Fleet,
) -> Result<(&'a Service, Option<&'a Remedy>), String> {
    let alarm = if let Signal::Alarm(alarm) | Signal::Contributor(alarm) = signal { Some(alarm) } else { None };
    // Whose it is cannot be asked of what says two things about it.
    if alarm.is_none_or(|alarm| alarm.doubt.is_none()) {
        belongs(signal, again, fleet).map_err(|why| format!("foreign: {why}"))?;
    }
    if let Signal::AlarmConfiguration(_) = signal {
        return Err("no transition: nothing is decided on it".to_owned());
    }
    if let Some(alarm) = alarm {
        let found = match_alarm(fleet, alarm).map_err(|why| format!("unmatched: {why}"))?;
        return Ok((found.service, Some(found.remedy)));
    }
    let id = signal.service().ok_or_else(|| "unmatched: it names no service".to_owned())?;
    let service = fleet.services.iter().find(|s| ServiceId::of(s) == *id);
    let service = service.ok_or_else(|| format!("unmatched: no {} in this fleet", id.resource_id()))?;
    let at_max = matches!(signal, Signal::Scaling(scaling) if scaling.scaled_to_max);
    if let Signal::Task(task) = signal
        && let Some(Ok(found)) = AlarmEvent::of_task(task).map(|event| match_alarm(fleet, &event))
    {
        return Ok((found.service, Some(found.remedy)));
    }
    let waits = |remedy: &&Remedy| at_max && matches!(&remedy.when, When::Event { event } if event == AT_MAX);
    Ok((service, service.remedies.iter().find(waits)))
}

/// By what it would be matched.
fn by(signal: &Signal) -> String {
    match (signal, signal.service()) {
        (Signal::Alarm(alarm) | Signal::Contributor(alarm), _) => alarm_by(alarm),
        (Signal::AlarmConfiguration(_), _) => "by nothing: it is no transition".to_owned(),
        (_, Some(service)) => format!("by {}", service.resource_id()),
        (_, None) => "by nothing: it names no service".to_owned(),
    }
}

fn alarm_by(alarm: &AlarmEvent) -> String {
    // Of several metrics the first that names something: whether all agree is seen with the fleet.
    let dimension = |name: &str| match &alarm.contributor {
        Some(contributor) => contributor.attributes.get(name).map(String::as_str),
        None => alarm.metric.iter().chain(&alarm.members).find_map(|m| m.dimension(name)),
    };
    if let Some(doubt) = &alarm.doubt {
        return format!("by nothing: {doubt}");
    }
    let children = alarm.composite.as_ref().map(|c| if c.triggering.is_empty() { &c.named } else { &c.triggering });
    if let Some(tag) = &alarm.service_tag {
        return format!("by tag headroom:service={tag}");
    }
    match (dimension("ClusterName"), dimension("ServiceName"), dimension("TargetGroup")) {
        (Some(cluster), Some(service), _) => format!("by service/{cluster}/{service}"),
        (_, _, Some(group)) => format!("by target group {group}"),
        _ => match children.filter(|children| !children.is_empty()) {
            Some(children) => format!("by its children {}", children.join(", ")),
            None => "by its name".to_owned(),
        },
    }
}

/// The key facts of a signal.
fn facts(signal: &Signal) -> String {
    match signal {
        Signal::Alarm(alarm) | Signal::Contributor(alarm) => alarm_facts(alarm),
        Signal::AlarmConfiguration(change) => format!("{} {change} at {}", change.name, change.at),
        Signal::Deployment(d) => format!("{} {} at {}", d.service.resource_id(), d.rollout.event_name(), d.at),
        Signal::ServiceAction(action) => {
            let reason = action.reason.as_deref().map(|r| format!(" ({r})")).unwrap_or_default();
            format!("{} {}{reason} at {}", action.service.resource_id(), action.name, action.at)
        }
        Signal::Task(task) => task_facts(task),
        Signal::Hook(hook) => {
            let (service, status) = (hook.service.resource_id(), hook.status.event_name());
            format!("{service} {status} {} at {}", hook.stage, hook.at)
        }
        Signal::HookCall(call) => call_facts(call),
        Signal::Scaling(scaling) => scaling_facts(scaling),
        Signal::Ec2(event) => ec2_facts(event),
        Signal::Tick(tick) => format!("{} at {}", tick.arn, tick.at),
        Signal::Minute => "the reconciler's own schedule".to_owned(),
    }
}

fn alarm_facts(alarm: &AlarmEvent) -> String {
    let previous = alarm.previous.map(|p| format!("{} -> ", p.name())).unwrap_or_default();
    let mut facts = format!("{} {previous}{} at {}", alarm.name, alarm.state.name(), alarm.at);
    facts.push_str(match (alarm.firing(), alarm.is_edge()) {
        (true, true) => ", firing",
        (true, false) => ", firing as before",
        (false, true) => ", quiet",
        (false, false) => ", quiet as before",
    });
    if let Some(by) = &alarm.suppressed_by {
        facts.push_str(&format!(", suppressed by {by}"));
    }
    if let Some(contributor) = &alarm.contributor {
        facts.push_str(&format!(", contributor {}", contributor.id));
    }
    if alarm.mute.is_some() {
        facts.push_str(", muted");
    }
    for metric in alarm.metric.iter().chain(&alarm.members) {
        facts.push_str(&format!(", {} {}", metric.namespace, metric.name));
    }
    if let Some(value) = alarm.datapoints.last() {
        facts.push_str(&format!(", datapoint {value}"));
    }
    if let Some(threshold) = alarm.threshold {
        facts.push_str(&format!(", threshold {threshold}"));
    }
    facts
}

fn task_facts(task: &TaskEvent) -> String {
    let id = task.task.rsplit('/').next().unwrap_or(&task.task);
    let whose = match &task.service {
        Some(service) => service.resource_id(),
        None => "no service".to_owned(),
    };
    let mut facts = format!("task {id} of {whose} {} version {} at {}", task.last_status, task.version, task.at);
    if let Some(code) = &task.stop_code {
        facts.push_str(&format!(", {code}"));
    }
    if let Some(container) = task.out_of_memory() {
        facts.push_str(&format!(", out of memory in {container}"));
    }
    let ended: Vec<String> = task
        .containers
        .iter()
        .filter_map(|c| c.exit_code.filter(|code| *code != 0).map(|code| format!("{} exit {code}", c.name)))
        .collect();
    if !ended.is_empty() {
        facts.push_str(&format!(", {}", ended.join(", ")));
    }
    facts
}

fn call_facts(call: &HookCall) -> String {
    let away = match call.moves_away() {
        Some(true) => ", traffic leaves the target: a rollback",
        Some(false) => ", traffic goes to the target",
        None => "",
    };
    format!("{} {}{away}", call.service.resource_id(), call.stage)
}

fn scaling_facts(scaling: &ScalingEvent) -> String {
    let number = |n: Option<u64>| n.map_or_else(|| "?".to_owned(), |n| n.to_string());
    let (from, to, max) = (number(scaling.from), number(scaling.to), number(scaling.max));
    let reached = if scaling.scaled_to_max { ", max reached" } else { "" };
    let at = scaling.ended.unwrap_or(scaling.started);
    format!("{} {from} -> {to} of max {max}, {} at {at}{reached}", scaling.resource, scaling.status)
}

fn ec2_facts(event: &Ec2Event) -> String {
    let instance = event.instance.as_deref().unwrap_or("an instance");
    let at = event.at.map_or_else(|| "an unknown time".to_owned(), |at| at.to_string());
    format!("group {} {} {instance} at {at}", event.group, event.change.name())
}
