//! The report as a person reads it.

use std::fmt::Write;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::compared::compared;
use super::summary::{Report, ServiceReport};
use super::timeline::LINES_KEPT;

/// Lines of the timeline that are printed; a storm of events is cut, and says so.
const TIMELINE_MAX: usize = 200;

/// `2026-11-23 02:03:31` in UTC.
#[must_use]
pub fn clock(at: i64) -> String {
    let at = Timestamp::from_second(at).unwrap_or(Timestamp::MIN);
    at.to_zoned(TimeZone::UTC).strftime("%Y-%m-%d %H:%M:%S").to_string()
}

/// The report: hours of each service, the timeline, expectations with what was found.
#[must_use]
pub fn text(report: &Report) -> String {
    let mut out = String::new();
    let start = clock(report.start);
    let days = report.days;
    let _ = writeln!(out, "{}\n{start} UTC, {days} {}, seed {}", report.title, plural(days, "day"), report.seed);
    for service in report.services.iter().filter(|s| !s.hours.is_empty()) {
        hours(&mut out, service);
    }
    others(&mut out, report);
    compared(&mut out, report);
    timeline(&mut out, report);
    checks(&mut out, report);
    out
}

/// The services whose hours are not kept, in one line.
fn others(out: &mut String, report: &Report) {
    let others: Vec<&ServiceReport> = report.services.iter().filter(|s| s.hours.is_empty()).collect();
    if others.is_empty() {
        return;
    }
    let sum = |of: &dyn Fn(&ServiceReport) -> u32| others.iter().map(|s| of(s)).sum::<u32>();
    let _ = writeln!(
        out,
        "\n{} more {}: task-hours {:.2}, scale-outs {}, scale-ins {}, turns {}, minutes over 85 % CPU {}",
        others.len(),
        plural(others.len() as u32, "service"),
        others.iter().map(|s| s.task_hours).sum::<f64>(),
        sum(&|s| s.scale_outs),
        sum(&|s| s.scale_ins),
        sum(&|s| s.flapping),
        sum(&|s| s.minutes_over_85_cpu),
    );
}

fn plural(n: u32, word: &str) -> String {
    if n == 1 { word.to_owned() } else { format!("{word}s") }
}

/// A number with so many decimals, or `-` where nothing was published.
pub(super) fn number(value: Option<f64>, decimals: usize) -> String {
    value.map_or_else(|| "-".to_owned(), |v| format!("{v:.decimals$}"))
}

pub(super) fn milliseconds(value: Option<f64>) -> String {
    number(value.map(|v| v * 1_000.0), 0)
}

fn hours(out: &mut String, service: &ServiceReport) {
    let _ = writeln!(
        out,
        "\n{}\nhour          tasks  most   cpu %   max %  req/target  p95 ms  p99 ms  errors",
        service.name
    );
    for hour in &service.hours {
        let _ = writeln!(
            out,
            "{}  {:>5}  {:>4}  {:>6}  {:>6}  {:>10}  {:>6}  {:>6}  {:>6.0}",
            clock(hour.at).get(5..16).unwrap_or_default(),
            hour.tasks,
            hour.tasks_max,
            number(hour.cpu, 1),
            number(hour.cpu_max, 1),
            number(hour.requests_per_target, 0),
            milliseconds(hour.p95),
            milliseconds(hour.p99),
            hour.errors,
        );
    }
    let _ = writeln!(
        out,
        "task-hours {:.2}, scale-outs {}, scale-ins {}, turns {}, minutes over 85 % CPU {}",
        service.task_hours, service.scale_outs, service.scale_ins, service.flapping, service.minutes_over_85_cpu
    );
}

fn timeline(out: &mut String, report: &Report) {
    if report.timeline.lines.is_empty() {
        return;
    }
    out.push_str("\nwhat happened\n");
    for line in report.timeline.lines.iter().take(TIMELINE_MAX) {
        let _ = writeln!(out, "{}  {:<8}  {}", clock(line.at).get(5..).unwrap_or_default(), line.kind, line.text);
    }
    let more = report.timeline.lines.len().saturating_sub(TIMELINE_MAX) as u64 + report.timeline.more;
    if more > 0 {
        let _ = writeln!(out, "... and {more} more; --json has the first {LINES_KEPT}");
    }
}

fn checks(out: &mut String, report: &Report) {
    if report.checks.is_empty() {
        return;
    }
    out.push_str("\nexpected\n");
    for check in &report.checks {
        let word = if check.holds { "ok  " } else { "FAIL" };
        let _ = writeln!(out, "{word}  {}   found {}", check.expected, check.found);
    }
    let failed = report.checks.iter().filter(|c| !c.holds).count();
    let _ = writeln!(out, "{} of {} hold", report.checks.len() - failed, report.checks.len());
}

/// Every minute of every service.
#[must_use]
pub fn minutes(report: &Report) -> String {
    let mut out = String::new();
    for service in &report.services {
        let header = "minute       desired  running  healthy  bounds   cpu %   mem %  req/target  p50 ms  p95 ms  p99 ms  errors";
        let _ = writeln!(out, "\n{}\n{header}", service.name);
        for row in &service.rows {
            let _ = writeln!(
                out,
                "{}  {:>7}  {:>7}  {:>7}  {:>6}  {:>6}  {:>6}  {:>10}  {:>6}  {:>6}  {:>6}  {:>6.0}",
                clock(row.at).get(5..16).unwrap_or_default(),
                row.desired,
                row.tasks,
                row.healthy,
                format!("{}..{}", row.min, row.max),
                number(row.cpu, 1),
                number(row.memory, 1),
                number(row.requests_per_target, 0),
                milliseconds(row.p50),
                milliseconds(row.p95),
                milliseconds(row.p99),
                row.errors,
            );
        }
    }
    out
}
