//! What holds for any numbers.

use std::collections::BTreeMap;

use headroom_core::rollback::{Evidence, Judged, Numbers, Series, Verdict, judge};
use jiff::Timestamp;
use proptest::prelude::*;

use super::watch::POLICY;

/// A whole minute.
const CREATED: i64 = 29_000_000 * 60;

/// Requests and errors of a minute; a missing minute is none.
type Counts = Option<(u32, u32)>;

fn minute(missing: bool) -> impl Strategy<Value = Counts> {
    let counts = (1_u32..3_000, 0.0..1.0_f64, 0..4_i32)
        .prop_map(|(requests, share, small)| (requests, (f64::from(requests) * share.powi(2 * small)) as u32));
    if missing { prop::option::weighted(0.9, counts).boxed() } else { counts.prop_map(Some).boxed() }
}

fn minutes(count: impl Into<prop::collection::SizeRange>) -> impl Strategy<Value = Vec<Counts>> {
    prop::collection::vec(minute(true), count)
}

/// The new revision serves from its creation on; judged when all of its minutes are settled.
fn judged(before: &[Counts], after: &[Counts]) -> Judged {
    let (mut requests, mut errors) = (BTreeMap::new(), BTreeMap::new());
    let begin = CREATED - before.len() as i64 * 60;
    for (at, counts) in (begin..).step_by(60).zip(before.iter().chain(after)) {
        if let Some((asked, failed)) = counts {
            requests.insert(at, f64::from(*asked));
            errors.insert(at, f64::from(*failed));
        }
    }
    let at = |second| Timestamp::from_second(second).unwrap();
    let now = at(CREATED + (after.len() as i64 + 2) * 60);
    let numbers = Numbers::Together(Series::new(requests, errors));
    judge(&Evidence { created_at: at(CREATED), first_traffic: Some(at(CREATED)), now, numbers }, &POLICY)
}

fn failed(judged: &Judged) -> bool {
    judged.verdict == Verdict::Fail
}

/// A deployment that is bad enough for many of the drawn ones to fail.
fn bad() -> impl Strategy<Value = (Vec<Counts>, Vec<Counts>)> {
    let low = (500_u32..3_000, 0_u32..20).prop_map(Some);
    let high = (500_u32..3_000, 20_u32..500).prop_map(Some);
    (prop::collection::vec(low, 30), prop::collection::vec(high, 3..58))
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// It may become a question for people, because one minute that is far worse is a burst, but never innocence.
    #[test]
    fn more_errors_after_never_acquit((before, after) in bad(), minute in any::<prop::sample::Index>(), more in 0.0..1.0_f64) {
        let mut worse = after.clone();
        let (requests, errors) = minute.get(&after).unwrap();
        worse[minute.index(after.len())] = Some((requests, errors + (f64::from(requests - errors) * more) as u32));
        if failed(&judged(&before, &after)) {
            let is = judged(&before, &worse).verdict;
            let innocent = matches!(is, Verdict::Pass | Verdict::Watching { lacks: None, .. });
            prop_assert!(!innocent, "{is:?}");
        }
    }

    #[test]
    fn more_errors_before_never_condemn(
        before in prop::collection::vec(minute(false), 30), after in minutes(3..58),
    ) {
        let calm: Vec<Counts> = before.iter().map(|m| m.map(|(requests, _)| (requests, 0))).collect();
        if failed(&judged(&before, &after)) {
            prop_assert!(failed(&judged(&calm, &after)), "a baseline without errors condemns what one with errors does");
        }
    }

    #[test]
    fn the_order_of_the_minutes_before_does_not_matter(
        (before, shuffled) in minutes(30).prop_flat_map(|m| (Just(m.clone()), Just(m).prop_shuffle())),
        after in minutes(0..58),
    ) {
        let (one, other) = (judged(&before, &after), judged(&shuffled, &after));
        prop_assert!((one.burstiness / other.burstiness - 1.0).abs() < 1e-9);
        prop_assert_eq!((one.before.requests, one.before.errors), (other.before.requests, other.before.errors));
        prop_assert_eq!(failed(&one), failed(&other));
    }

    #[test]
    fn missing_minutes_alone_never_condemn(before in minutes(30), after in minutes(3..58), kept in 0..3_usize) {
        let none: Vec<Counts> = vec![None; 30];
        prop_assert!(!failed(&judged(&none, &after)), "no baseline");
        let few: Vec<Counts> = after.iter().enumerate().map(|(n, m)| m.filter(|_| n < kept)).collect();
        prop_assert!(!failed(&judged(&before, &few)), "fewer than three minutes");
        let silent: Vec<Counts> = after.iter().copied().chain([None; 3]).collect();
        prop_assert!(!failed(&judged(&before, &silent)), "three minutes of silence");
    }

    #[test]
    fn bounds_hold_what_was_seen(before in minutes(30), after in minutes(0..58)) {
        let judged = judged(&before, &after);
        prop_assert!(judged.burstiness >= 1.0 && judged.burstiness.is_finite());
        for side in [judged.before, judged.after] {
            prop_assert!(0.0 <= side.lower && side.lower <= side.upper && side.upper <= 1.0);
            prop_assert!(side.requests == 0 || (side.lower <= side.rate + 1e-12 && side.rate <= side.upper + 1e-12));
        }
    }
}
