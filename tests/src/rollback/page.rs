//! What is asked of the gate, and the page that shows how it does.

use super::figures::Figures;
use super::tables::{GUILTY, GUILTY_TELLABLE, HEALTHY, IN_TIME, asked, by_dispersion, by_traffic};
use crate::golden::{compare, say};

/// Deployments of each population in every run of the tests; `ROLLBACK_DEPLOYMENTS` asks for more.
const DEPLOYMENTS: usize = 1_000;
/// `ROLLBACK_SEED` begins elsewhere.
const SEED: u64 = 1;
/// Innocent deployments that may be condemned, of a thousand.
const CONDEMNED_MAX: usize = 1;
/// Guilty ones that must be condemned in time, in percent.
const IN_TIME_MIN: f64 = 99.0;

fn from_environment<T: std::str::FromStr>(name: &str) -> Option<T> {
    let text = std::env::var(name).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{name}={text}: not a number")))
}

#[test]
fn the_gate_spares_the_innocent_and_condemns_the_guilty_in_time() {
    let (wanted, other_seed) = (from_environment("ROLLBACK_DEPLOYMENTS"), from_environment("ROLLBACK_SEED"));
    let (count, seed) = (wanted.unwrap_or(DEPLOYMENTS), other_seed.unwrap_or(SEED));
    let [innocent, tellable, guilty] = [HEALTHY, GUILTY_TELLABLE, GUILTY].map(|range| Figures::of(range, seed, count));
    let table = asked(&[
        ("innocent", &innocent),
        ("guilty, dispersion 500 and more", &tellable),
        ("guilty, dispersion 50 and more", &guilty),
    ]);
    table.lines().for_each(say);
    assert!(innocent.failed.len() <= count * CONDEMNED_MAX / DEPLOYMENTS, "innocent: {:?}", innocent.failed);
    let in_time = tellable.percent(tellable.within(IN_TIME));
    assert!(in_time >= IN_TIME_MIN, "{in_time} % of the guilty condemned within {IN_TIME} minutes");
    if wanted.is_none() && other_seed.is_none() {
        let page = include_str!("page.md")
            .replace("{asked}\n", &table)
            .replace("{by traffic}\n", &by_traffic(seed))
            .replace("{by dispersion}\n", &by_dispersion(seed));
        compare("../docs/rollback-gate.md", &page);
    }
}
