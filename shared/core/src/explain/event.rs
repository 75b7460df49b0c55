//! What came in, and what it matched.

use crate::entry::Entry;
use crate::signal::AlarmEvent;
use crate::time::elapsed;

/// The event's lines: which alarm, what change, how old when it was judged, and the number that it carries.
pub(super) fn event(entry: &Entry, event: &AlarmEvent) -> Vec<String> {
    if let Some(task) = &event.task {
        return vec![format!(
            "ECS task {} version {}, {} at {} UTC, {} old",
            event.name,
            task.version,
            task.sick,
            event.at.strftime("%Y-%m-%d %H:%M:%S"),
            elapsed(event.at, entry.at)
        )];
    }
    let previous = event.previous.map_or("unknown", |p| p.name());
    let mut lines = vec![format!(
        "CloudWatch alarm {}, {previous} -> {} at {} UTC, {} old",
        event.name,
        event.state.name(),
        event.at.strftime("%Y-%m-%d %H:%M:%S"),
        elapsed(event.at, entry.at)
    )];
    if let (Some(value), Some(threshold)) = (event.datapoints.last(), event.threshold) {
        let name = event.metric.as_ref().map_or("the metric", |m| m.name.as_str());
        lines.push(format!("{name} {value:.1} over {threshold:.0} in {} datapoints", event.datapoints.len()));
    }
    lines
}

/// Service, remedy and mode.
pub(super) fn matched(entry: &Entry) -> String {
    format!("{}, remedy {}, mode {}", entry.label, entry.remedy, entry.mode)
}

/// The same, with the place in the fleet file of that day; an entry of an earlier release does not know it.
pub(super) fn matched_where(entry: &Entry) -> String {
    match &entry.rule {
        Some(rule) => format!("{}          {}:{}", matched(entry), rule.file, rule.line),
        None => matched(entry),
    }
}
