//! One service: tasks, bounds with their reasons, readings.

use headroom_core::fleet::{Metric, Service};
use headroom_core::signal::AlarmState;
use headroom_simulator::tasks::Stage;
use headroom_simulator::view::{AlarmView, ServiceView};
use serde_json::{Map, Value, json};

use super::deployment::{deployment, failed, newest, revisions, words};
use super::why::{Known, Member, why};
use super::words::rounded;

/// Marks of tasks that are drawn; more are a number.
const TASKS_SHOWN: usize = 60;

/// Metrics of the page with their short keys.
const SHOWN: [(Metric, &str); 4] = [
    (Metric::Cpu, "cpu"),
    (Metric::RequestsPerTarget, "requests"),
    (Metric::ResponseTimeP95, "p95"),
    (Metric::ErrorRate, "errors"),
];

/// Name of a stage, as the page draws it.
fn word(stage: Stage) -> &'static str {
    match stage {
        Stage::Pending => "pending",
        Stage::Starting(_) => "starting",
        Stage::Running(_) => "running",
        Stage::Healthy => "healthy",
        Stage::Draining(_) => "draining",
    }
}

/// Whether somebody should look at it, and the few words that say why.
pub(super) fn need(service: &ServiceView, alarms: &[&AlarmView], now: i64) -> (bool, &'static str, String) {
    if let Some(alarm) = alarms.iter().find(|a| a.state == AlarmState::Alarm) {
        return (true, "alarm", format!("ALARM {}", short(&alarm.name, &service.id.service)));
    }
    if service.at_max() {
        return (true, "warn", "at max, more is wanted".to_owned());
    }
    if let Some(running) = newest(service, now).filter(|d| !d.is_over) {
        return (true, if running.back { "warn" } else { "busy" }, words(service, running));
    }
    let missing = service.desired.saturating_sub(service.healthy);
    if missing > 0 {
        return (true, "busy", format!("{missing} of {} not healthy yet", service.desired));
    }
    if service.tasks.iter().any(|(stage, _)| matches!(stage, Stage::Draining(_))) {
        return (false, "busy", "draining".to_owned());
    }
    (false, "calm", "steady".to_owned())
}

/// An alarm's name without its service's in front.
fn short<'n>(alarm: &'n str, service: &str) -> &'n str {
    alarm.strip_prefix(service).and_then(|rest| rest.strip_prefix('-')).unwrap_or(alarm)
}

/// The service as the page draws it.
pub(super) fn service(
    view: &ServiceView,
    label: &str,
    listed: Option<&Service>,
    alarms: &[&AlarmView],
    known: Known<'_>,
    now: i64,
) -> Value {
    let (needs, tone, state) = need(view, alarms, now);
    let lost = failed(view, now);
    let living = view.tasks.iter().take(TASKS_SHOWN).map(|(stage, revision)| json!([word(*stage), revision]));
    let tasks: Vec<Value> = living.chain(lost.iter().map(|(_, r, _)| json!(["failed", r]))).collect();
    let mut json = json!({
        "id": key(view),
        "name": listed.map_or(view.id.service.as_str(), |s| s.name.as_str()),
        "label": label,
        "tasks": tasks,
        "tasks_more": view.tasks.len().saturating_sub(TASKS_SHOWN),
        "revisions": revisions(view),
        "failed": lost.last().map(|(at, _, why)| json!({"at": at, "why": why})),
        "deployment": deployment(view, now),
        "desired": view.desired,
        "running": view.running,
        "healthy": view.healthy,
        "scalable": view.is_scalable,
        "min": view.bounds.0,
        "max": view.bounds.1,
        "ceiling": listed.map(|s| s.capacity.ceiling).filter(|c| view.is_scalable && *c > view.bounds.1),
        "scale_in_suspended": view.scale_in_suspended,
        "why_min": why(Member::Min, view, known),
        "why_max": why(Member::Max, view, known),
        "needs": needs,
        "tone": tone,
        "state": state,
        "targets": targets(view),
    });
    if let Some(object) = json.as_object_mut() {
        for (metric, key) in SHOWN {
            let newest = view.newest.iter().find(|(m, _, _)| *m == metric);
            object.insert(key.to_owned(), newest.map_or(Value::Null, |(m, _, value)| rounded(*m, *value)));
        }
        if !view.hour.is_empty() {
            object.insert("hour".to_owned(), Value::Object(hour(view)));
        }
    }
    json
}

/// The name by which the page asks for details.
pub(super) fn key(view: &ServiceView) -> String {
    let id = &view.id;
    format!("{}/{}/{}/{}", id.account, id.region, id.cluster, id.service)
}

fn targets(view: &ServiceView) -> Map<String, Value> {
    let of = |metric| view.targets.iter().find(|(m, _)| *m == metric);
    SHOWN.iter().filter_map(|(metric, key)| of(*metric).map(|(_, t)| ((*key).to_owned(), json!(t)))).collect()
}

fn hour(view: &ServiceView) -> Map<String, Value> {
    let of = |metric| view.hour.iter().find(|(m, _)| *m == metric);
    let points = |metric, values: &[Option<f64>]| -> Value {
        values.iter().map(|v| v.map_or(Value::Null, |v| rounded(metric, v))).collect()
    };
    SHOWN.iter().filter_map(|(m, key)| of(*m).map(|(m, v)| ((*key).to_owned(), points(*m, v)))).collect()
}
