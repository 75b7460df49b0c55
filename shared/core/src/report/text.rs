//! A report for a terminal.

use std::fmt::Write;

use super::whole::Report;
use super::words::{added, alarms, at_max, counts, hours, quiet, reasons};
use crate::history::plain;
use crate::time::elapsed;

const HEADER: [&str; 13] = [
    "SERVICE",
    "REMEDY",
    "MODE",
    "DID",
    "WOULD",
    "WAITS",
    "REFUSED",
    "FAILED",
    "HELPED",
    "TASK-H",
    "USD",
    "WOULD-H",
    "WOULD-USD",
];
/// From here on columns are numbers.
const NUMBERS: usize = 3;

/// The table, and under it what no table can say.
#[must_use]
pub fn text(report: &Report) -> String {
    let span = elapsed(report.since, report.until);
    let mut out = format!(
        "{} to {} UTC ({span}), {} journal entries{}\n\n",
        report.since.strftime("%Y-%m-%d %H:%M"),
        report.until.strftime("%Y-%m-%d %H:%M"),
        report.entries,
        if report.older { "; there are older ones, which are not counted" } else { "" }
    );
    if !report.lines.is_empty() {
        table(&mut out, report);
        out.push('\n');
    }
    let mut say = |head: &str, text: &str| {
        let _infallible = writeln!(out, "{head:<11}{}", plain(text));
    };
    say("added", &added(report));
    say("refused", &reasons(&report.refusals));
    say("waited", &reasons(&report.waits));
    say("at max", &at_max(&report.at_max));
    say("pages", &report.total.pages.to_string());
    let none = || vec!["none: each remedy was woken".to_owned()];
    let never = report.quiet.as_ref().map(|list| list.iter().map(quiet).collect::<Vec<_>>());
    if let Some(lines) = never.map(|lines| if lines.is_empty() { none() } else { lines }) {
        block(&mut say, "not woken", &lines);
    }
    if let Some(found) = &report.alarms {
        block(&mut say, "alarms", &alarms(found));
    }
    out
}

fn block(say: &mut impl FnMut(&str, &str), head: &str, lines: &[String]) {
    for (n, line) in lines.iter().enumerate() {
        say(if n == 0 { head } else { "" }, line);
    }
}

fn table(out: &mut String, report: &Report) {
    let rows: Vec<Vec<String>> = report
        .lines
        .iter()
        .map(|line| {
            let mut row = vec![plain(&line.service), plain(&line.remedy), line.mode.to_string()];
            row.extend(counts(&line.did));
            row.extend(hours(line.task_hours, line.usd));
            row.extend(hours(line.would_task_hours, line.would_usd));
            row
        })
        .collect();
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count());
        cells.chain(HEADER.get(column).map(|h| h.len())).max().unwrap_or(0)
    };
    let header: Vec<String> = HEADER.iter().map(|h| (*h).to_owned()).collect();
    for row in std::iter::once(&header).chain(&rows) {
        let cells = row.iter().enumerate().map(|(n, cell)| {
            let width = width(n);
            if n < NUMBERS { format!("{cell:<width$}") } else { format!("{cell:>width$}") }
        });
        let _infallible = writeln!(out, "{}", cells.collect::<Vec<_>>().join("  ").trim_end());
    }
}
