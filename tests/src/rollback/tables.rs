//! The tables of `docs/rollback-gate.md`.

use std::fmt::Write;

use super::figures::Figures;
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
