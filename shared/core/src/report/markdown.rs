//! A report as Markdown, for the page on which a team decides.

use std::fmt::Write;

use super::whole::Report;
use super::words::{added, alarms, at_max, counts, hours, quiet, reasons};
use crate::history::cell;
use crate::time::elapsed;

const HEADER: &str = "\
| service | remedy | mode | did | would | waits | refused | failed | helped | task-hours | USD | would | would USD |
|---|---|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|
";

/// The document.
#[must_use]
pub fn markdown(report: &Report) -> String {
    let mut out = format!(
        "# What Headroom did, and would have done\n\n{} to {} UTC ({}), {} journal entries{}.\n\n",
        report.since.strftime("%Y-%m-%d %H:%M"),
        report.until.strftime("%Y-%m-%d %H:%M"),
        elapsed(report.since, report.until),
        report.entries,
        if report.older { "; there are older ones, which are not counted" } else { "" }
    );
    if !report.lines.is_empty() {
        out.push_str(HEADER);
    }
    for line in &report.lines {
        let mut row = vec![cell(&line.service), cell(&line.remedy), line.mode.to_string()];
        row.extend(counts(&line.did));
        row.extend(hours(line.task_hours, line.usd));
        row.extend(hours(line.would_task_hours, line.would_usd));
        let _infallible = writeln!(out, "| {} |", row.join(" | "));
    }
    let mut list = |title: &str, lines: &[String]| {
        let _infallible = writeln!(out, "\n## {title}\n");
        for line in lines {
            let _infallible = writeln!(out, "- {}", cell(line));
        }
    };
    list("Added", &[added(report)]);
    list(
        "Not done",
        &[format!("refused: {}", reasons(&report.refusals)), format!("waited: {}", reasons(&report.waits))],
    );
    list("At max", &[at_max(&report.at_max)]);
    list("Pages", &[report.total.pages.to_string()]);
    if let Some(never) = report.quiet.as_ref().filter(|list| !list.is_empty()) {
        list("Remedies that nothing woke", &never.iter().map(quiet).collect::<Vec<_>>());
    }
    if let Some(found) = &report.alarms {
        list("Alarms that wake nothing", &alarms(found));
    }
    out
}
