//! The tables of `docs/rollback-gate.md`.

use std::fmt::Write;

use super::figures::Figures;
use super::oracle::{MINUTES_MAX, Oracle, Seen};
use super::population::{BURSTIEST, Range, TELLABLE};

/// Requests per minute from which a rise must be found in time.
pub(super) const BUSY: f64 = 1_000.0;
/// Requests per minute, least and most of all.
pub(super) const TRAFFIC: (f64, f64) = (20.0, 5_000.0);
/// Minutes from the first request within which a guilty deployment is to be condemned.
pub(super) const IN_TIME: i64 = 7;
/// Deployments of each line.
const LINE: usize = 400;

/// Innocent deployments of every kind.
pub(super) const HEALTHY: Range =
    Range { traffic: TRAFFIC, dispersion_min: BURSTIEST, dispersion: None, guilty: false };
/// Guilty ones with enough traffic, of every kind.
pub(super) const GUILTY: Range = Range { traffic: (BUSY, TRAFFIC.1), guilty: true, ..HEALTHY };
/// Guilty ones whose bursts do not drown the rise.
pub(super) const GUILTY_TELLABLE: Range = Range { dispersion_min: TELLABLE, ..GUILTY };
/// Of those the calm ones: each request fails by its own chance.
pub(super) const GUILTY_CALM: Range = Range { dispersion: Some(f64::INFINITY), ..GUILTY };

/// What is asked of the gate, one line for each population.
pub(super) fn asked(lines: &[(&str, &Figures)]) -> String {
    let mut table =
        "| deployments | | condemned | within 7 min | onset before it | inconclusive after the hour |\n".to_owned();
    table += "|---|---:|---:|---:|---:|---:|\n";
    for (name, figures) in lines {
        let (all, failed, in_time) = (figures.deployments, figures.failed.len(), figures.within(IN_TIME));
        let (not_blamed, inconclusive) = (figures.not_blamed, figures.inconclusive);
        let _written = writeln!(table, "| {name} | {all} | {failed} | {in_time} | {not_blamed} | {inconclusive} |");
    }
    table
}

/// Detection by traffic; dispersion as in [`GUILTY_TELLABLE`].
pub(super) fn by_traffic(seed: u64) -> String {
    let edges = [20.0, 50.0, 100.0, 200.0, 500.0, 1_000.0, 2_000.0, 5_000.0];
    let line = |pair: &[f64]| {
        let traffic = (pair[0], pair[1]);
        let name = format!("{} to {} a minute", pair[0], pair[1]);
        line(&name, Range { traffic, ..HEALTHY }, Range { traffic, ..GUILTY_TELLABLE }, seed)
    };
    head("requests") + &edges.windows(2).map(line).collect::<String>()
}

/// Detection by dispersion, at 1,000 requests a minute and more.
pub(super) fn by_dispersion(seed: u64) -> String {
    let line = |dispersion: f64| {
        let name = if dispersion.is_finite() { dispersion.to_string() } else { "calm".to_owned() };
        let of = |range| Range { dispersion: Some(dispersion), ..range };
        line(&name, of(Range { guilty: false, ..GUILTY }), of(GUILTY), seed)
    };
    let all = [50.0, 100.0, 200.0, 300.0, 500.0, 1_000.0, 5_000.0, f64::INFINITY];
    head("dispersion") + &all.map(line).concat()
}

fn head(of: &str) -> String {
    format!("| {of} | innocent, condemned | guilty within 7 min | 10 min | 15 min | 55 min | median |\n")
        + "|---|---:|---:|---:|---:|---:|---:|\n"
}

fn line(name: &str, innocent: Range, guilty: Range, seed: u64) -> String {
    let innocent = Figures::of(innocent, seed, LINE);
    let found = Figures::of(guilty, seed, LINE);
    let within = [IN_TIME, 10, 15, 55].map(|minutes| format!("{:.1} %", found.percent(found.within(minutes))));
    let median = found.median().map_or("-".to_owned(), |minutes| format!("{minutes:.1} min"));
    let innocent = format!("{} of {}", innocent.failed.len(), innocent.deployments);
    format!("| {name} | {innocent} | {} | {median} |\n", within.join(" | "))
}

/// Guilty deployments of each line of the oracle's table.
const ORACLE_LINE: usize = 4_000;
/// One innocent deployment of a thousand.
pub(super) const BUDGET: f64 = 0.001;
/// The same, all of it spent on services with [`BUSY`] requests a minute: of the innocent ones these are ln 5 / ln 250.
pub(super) const BUSY_BUDGET: f64 = 0.003_43;

/// What a test finds that is told everything, by dispersion and by the minutes that it sees.
pub(super) fn by_oracle(seed: u64) -> String {
    let budgets = [BUDGET, BUSY_BUDGET].map(|budget| format!("as looked, {:.2} %", 100.0 * budget));
    let minutes: Vec<String> = (3..=MINUTES_MAX).map(|minutes| format!("{minutes} min")).collect();
    let mut table = format!("| dispersion | {} | {} |\n|---", budgets.join(" | "), minutes.join(" | "));
    table += &"|---:".repeat(budgets.len() + minutes.len());
    table += "|\n";
    for (name, range) in oracle_lines() {
        let oracle = Oracle::of(range, seed, ORACLE_LINE);
        let as_looked = [BUDGET, BUSY_BUDGET].map(|budget| (Seen::AsLooked, budget));
        let minutes = (3..=MINUTES_MAX).map(|minutes| (Seen::Minutes(minutes), BUDGET));
        let found = as_looked.into_iter().chain(minutes).map(|(seen, budget)| oracle.found(seen, budget).0);
        let found: Vec<String> = found.map(|share| format!("{:.1} %", 100.0 * share)).collect();
        let _written = writeln!(table, "| {name} | {} |", found.join(" | "));
    }
    table
}

fn oracle_lines() -> Vec<(String, Range)> {
    let of = |dispersion: f64| (dispersion.to_string(), Range { dispersion: Some(dispersion), ..GUILTY });
    let mut lines: Vec<_> = [50.0, 70.0, 100.0, 150.0, 200.0, 300.0, 500.0].map(of).into();
    lines.push(("50 and more, as drawn".to_owned(), GUILTY));
    lines.push(("500 and more, as drawn".to_owned(), GUILTY_TELLABLE));
    lines
}
