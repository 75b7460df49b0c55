//! The tasks of one service, and what ECS said lately about those that it cannot start or keep.

use std::fmt::Write as _;

use jiff::Timestamp;

use crate::history::plain;
use crate::seen::{Seen, TaskSeen};
use crate::time::elapsed;

/// A line a task, the oldest first; what cannot be read is said, never left out.
#[must_use]
pub fn tasks(seen: &Seen, now: Timestamp) -> String {
    let mut out = String::new();
    match seen.tasks.known() {
        None => {
            let _infallible = writeln!(out, "tasks cannot be read: {}", plain(&seen.tasks.why()));
        }
        Some(tasks) if tasks.is_empty() => out.push_str("no task\n"),
        Some(tasks) => {
            let mut sorted: Vec<&TaskSeen> = tasks.iter().collect();
            sorted.sort_by(|a, b| (a.created, &a.arn).cmp(&(b.created, &b.arn)));
            for task in sorted {
                let _infallible = writeln!(out, "{}", plain(&line(task, now)));
            }
        }
    }
    for trouble in seen.service.known().map(|s| s.troubles.as_slice()).unwrap_or_default() {
        let _infallible = writeln!(out, "ECS at {:.0}: {}", trouble.at, plain(&trouble.message));
    }
    out
}

fn line(task: &TaskSeen, now: Timestamp) -> String {
    let id = task.arn.rsplit('/').next().unwrap_or_default();
    let mut marks = Vec::new();
    if task.desired_status != task.last_status {
        marks.push(format!("wanted {}", task.desired_status));
    }
    if task.unhealthy {
        marks.push("UNHEALTHY".to_owned());
    }
    if task.out_of_memory {
        marks.push("OUT OF MEMORY".to_owned());
    }
    if task.protected {
        marks.push("protected from scale-in".to_owned());
    }
    let age = task.created.map_or_else(|| "age unknown".to_owned(), |created| format!("{} old", elapsed(created, now)));
    format!("{id}  {:<12}  {age}  {}", task.last_status, marks.join(", ")).trim_end().to_owned()
}
