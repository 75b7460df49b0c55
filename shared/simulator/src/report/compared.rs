//! The run and the one before it, side by side.

use std::fmt::Write;

use super::summary::{Report, ServiceReport};
use super::text::{clock, milliseconds};

/// Both runs' hours and totals, for every service that both have.
pub(super) fn compared(out: &mut String, report: &Report) {
    let Some(before) = &report.before else { return };
    let _ = writeln!(out, "\nbefore: {}", before.title);
    for now in &report.services {
        if let Some(before) = before.service(&now.name) {
            hours(out, before, now);
            totals(out, before, now);
        }
    }
}

fn hours(out: &mut String, before: &ServiceReport, now: &ServiceReport) {
    let pairs: Vec<_> = before.hours.iter().zip(&now.hours).collect();
    if pairs.is_empty() {
        return;
    }
    let _ =
        writeln!(out, "\n{}\nhour         tasks before -> now  p95 ms before -> now  p99 ms before -> now", now.name);
    for (before, now) in pairs {
        let _ = writeln!(
            out,
            "{}  {:>12} -> {:<3}  {:>13} -> {:<6} {:>13} -> {}",
            clock(now.at).get(5..16).unwrap_or_default(),
            before.tasks,
            now.tasks,
            milliseconds(before.p95),
            milliseconds(now.p95),
            milliseconds(before.p99),
            milliseconds(now.p99),
        );
    }
}

fn totals(out: &mut String, before: &ServiceReport, now: &ServiceReport) {
    let percent = percent(before.task_hours, now.task_hours).map(|p| format!(" ({p:+.1} %)")).unwrap_or_default();
    let _ = writeln!(
        out,
        "{}: task-hours {:.2} -> {:.2}{percent}, minutes over 85 % CPU {} -> {}, errors {:.0} -> {:.0}",
        now.name,
        before.task_hours,
        now.task_hours,
        before.minutes_over_85_cpu,
        now.minutes_over_85_cpu,
        before.errors,
        now.errors,
    );
}

/// How much more it is now, in percent; `None` when there was nothing before.
pub(crate) fn percent(before: f64, now: f64) -> Option<f64> {
    (before > 0.0).then(|| (now / before - 1.0) * 100.0)
}
