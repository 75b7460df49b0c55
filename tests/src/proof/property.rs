//! The property: whatever happens, what SEMANTICS 30 promises holds.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use super::draw::story;
use super::life::{Lived, live};
use super::observer::Numbers;
use super::shrink::shrink;
use super::story::{Act, Happens, Story};
use crate::golden::say;

/// What each simulated day has at least: what is below it proves little.
const EVENTS_MIN: u64 = 20;
const FAULTS_MIN: u64 = 5;
const DEPLOYMENTS_MIN: u64 = 1;
/// Service-days in every run of the tests; `PROOF_SERVICE_DAYS` asks for more.
const SERVICE_DAYS: f64 = 1_000.0;
/// Lives that the search for a smaller failure may cost: under a minute.
const LIVES_MAX: u32 = 400;

fn from_environment<T: std::str::FromStr>(name: &str) -> Option<T> {
    let text = std::env::var(name).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{name}={text}: not a number")))
}

fn wanted() -> f64 {
    from_environment("PROOF_SERVICE_DAYS").unwrap_or(SERVICE_DAYS)
}

/// Lives stories by their seeds until so many service-days are simulated, or one fails.
fn search(service_days: f64) -> (Numbers, Option<(Story, Lived)>) {
    let next = AtomicU64::new(from_environment("PROOF_SEED").unwrap_or(1));
    let (total, failed) = (Mutex::new(Numbers::default()), Mutex::new(None));
    let workers = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                while failed.lock().unwrap().is_none() && total.lock().unwrap().service_days() < service_days {
                    let story = story(next.fetch_add(1, Ordering::Relaxed), 1);
                    let lived = live(&story);
                    if lived.violation.is_some() {
                        failed.lock().unwrap().get_or_insert((story, lived));
                    } else {
                        total.lock().unwrap().add(&lived.numbers);
                    }
                }
            });
        }
    });
    (total.into_inner().unwrap(), failed.into_inner().unwrap())
}

/// The same rule is broken, wherever and whenever.
fn breaks(story: &Story, rule: &str) -> bool {
    live(story).violation.is_some_and(|v| v.rule == rule)
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
        let violation = lived.violation.unwrap();
        say(&format!(
            "proof found {} after {:.0} service-days, {seconds:.0} s, seed {}",
            violation.rule,
            numbers.service_days(),
            story.seed
        ));
        let budget = from_environment("PROOF_SHRINK").unwrap_or(LIVES_MAX);
        let shrunk = shrink(&story, budget, &|smaller| breaks(smaller, violation.rule));
        let again = live(&shrunk.story);
        let lines = again.lines.join("\n");
        panic!(
            "seed {}, made smaller in {} lives\n{}\n{lines}\n{:?}\nthe same again: PROOF_SEED={} PROOF_SERVICE_DAYS=1",
            story.seed, shrunk.lives, shrunk.story, again.violation, story.seed
        );
    }
    let poorest = numbers.poorest();
    assert!(poorest.events >= EVENTS_MIN && poorest.faults >= FAULTS_MIN, "{poorest:?}");
    assert!(poorest.deployments >= DEPLOYMENTS_MIN, "{poorest:?}");
    // A proof of a Headroom that does nothing would hold too.
    let each = numbers.service_days() / 10.0;
    assert!(numbers.claims as f64 > each && numbers.calls as f64 > each && numbers.returns.len() >= 3, "{numbers}");
    assert_eq!(numbers.kinds.len(), 3, "floors, raises and holds: {:?}", numbers.kinds);
    assert!(numbers.charges as f64 > each, "{numbers}");
    assert!(numbers.service_days() >= wanted());
}

#[test]
fn the_same_story_gives_the_same_life() {
    let story = story(7, 1);
    let (one, two) = (live(&story), live(&story));
    assert_eq!((one.lines, one.numbers.calls), (two.lines, two.numbers.calls));
}

#[test]
fn a_failing_story_is_cut_to_what_makes_it_fail() {
    // An artificial rule: somebody parks a service at 0 while the metrics of another one are silent.
    let fails = |story: &Story| {
        let at = |wanted: fn(&Act) -> bool| story.acts.iter().filter(move |h| wanted(&h.act));
        let mut parks = at(|a| matches!(a, Act::Desired(0)));
        parks.any(|park| at(|a| *a == Act::Silence(true)).any(|s| s.service != park.service && s.at < park.at))
    };
    let (seed, found) = (1..200).map(|seed| (seed, story(seed, 1))).find(|(_, s)| fails(s)).unwrap();
    let shrunk = shrink(&found, LIVES_MAX, &fails);
    let acts: Vec<&Happens> = shrunk.story.acts.iter().collect();
    assert!(
        matches!(acts[..], [a, b] if a.act == Act::Silence(true) && b.act == Act::Desired(0)),
        "seed {seed}: {acts:?}"
    );
    assert_eq!((shrunk.story.services.len(), shrunk.story.faults.len()), (2, 0), "seed {seed}");
    assert!(shrunk.story.minutes * 60 > acts[1].at && shrunk.story.minutes < found.minutes, "seed {seed}");
    assert!(shrunk.lives <= LIVES_MAX && live(&shrunk.story).violation.is_none(), "what is left can be lived");
}

#[test]
fn a_failing_story_is_cut_for_so_many_lives_and_no_more() {
    let found = story(3, 1);
    let shrunk = shrink(&found, 5, &|_| true);
    assert_eq!(shrunk.lives, 5);
}
