//! The property: whatever happens, what SEMANTICS 30 promises holds.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use super::draw::story;
use super::life::{Lived, live};
use super::observer::Numbers;
use super::story::Story;
use crate::golden::say;

/// What each simulated day has at least: what is below it proves little.
const EVENTS_MIN: u64 = 20;
const FAULTS_MIN: u64 = 5;
/// Service-days in every run of the tests; `PROOF_SERVICE_DAYS` asks for more.
const SERVICE_DAYS: f64 = 1_000.0;

fn wanted() -> f64 {
    std::env::var("PROOF_SERVICE_DAYS").ok().and_then(|n| n.parse().ok()).unwrap_or(SERVICE_DAYS)
}

fn first_seed() -> u64 {
    std::env::var("PROOF_SEED").ok().and_then(|n| n.parse().ok()).unwrap_or(1)
}

/// Lives stories by their seeds until so many service-days are simulated, or one fails.
fn search(service_days: f64) -> (Numbers, Option<(Story, Lived)>) {
    let (next, total, failed) = (AtomicU64::new(first_seed()), Mutex::new(Numbers::default()), Mutex::new(None));
    let workers = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                while failed.lock().unwrap().is_none() && total.lock().unwrap().service_days() < service_days {
                    let story = story(next.fetch_add(1, Ordering::Relaxed), 1);
                    let lived = live(&story);
                    total.lock().unwrap().add(&lived.numbers);
                    if lived.violation.is_some() {
                        failed.lock().unwrap().get_or_insert((story, lived));
                    }
                }
            });
        }
    });
    (total.into_inner().unwrap(), failed.into_inner().unwrap())
}

#[test]
fn random_worlds_hold_the_invariants() {
    let begun = Instant::now();
    let (numbers, failed) = search(wanted());
    let seconds = begun.elapsed().as_secs_f64();
    for line in numbers.to_string().lines() {
        say(&format!("proof {line}"));
    }
    say(&format!("proof {:.0} service-days a second", numbers.service_days() / seconds));
    if let Some((story, lived)) = failed {
        let lines = lived.lines.join("\n");
        panic!("seed {}\n{story}\n{lines}\n{:?}", story.seed, lived.violation);
    }
    let poorest = numbers.poorest();
    assert!(poorest.events >= EVENTS_MIN && poorest.faults >= FAULTS_MIN, "{poorest:?}");
    // A proof of a Headroom that does nothing would hold too.
    let each = numbers.service_days() / 10.0;
    assert!(numbers.claims as f64 > each && numbers.calls as f64 > each && numbers.returns.len() >= 3, "{numbers}");
    assert!(numbers.service_days() >= wanted());
}
