//! The findings as a person reads them.

use std::fmt::Write as _;

use jiff::Timestamp;

use super::finding::{Finding, Verdict};
use crate::fleet::Environment;
use crate::history::plain;

/// One environment: a line a finding, the worst first within each check, and the counts last.
#[must_use]
pub fn render(environment: &Environment, findings: &[Finding], now: Timestamp) -> String {
    let Environment { name, account, region, .. } = environment;
    let mut out = format!("{name}   {account} {region}   {} UTC\n\n", now.strftime("%Y-%m-%d %H:%M"));
    let mut sorted: Vec<&Finding> = findings.iter().collect();
    sorted.sort_by_key(|f| (f.check, std::cmp::Reverse(f.verdict)));
    for Finding { check, verdict, text } in sorted {
        let _infallible = writeln!(out, "{:<7}  {:<11}  {}", verdict.word(), check.name(), plain(text));
    }
    let count = |verdict: Verdict| findings.iter().filter(|f| f.verdict == verdict).count();
    let (bad, warnings) = (count(Verdict::Bad), count(Verdict::Warning));
    let (unknown, good) = (count(Verdict::Unknown), count(Verdict::Good));
    let _infallible = writeln!(out, "\n{name}: {bad} bad, {warnings} warnings, {unknown} unknown, {good} ok");
    out
}
