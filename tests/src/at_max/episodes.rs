//! The episode for any sequence of looks.

use headroom_core::at_max::{Episode, Look, Rules, Sight, Stage, Tell, Topic, advance};
use headroom_core::time::Seconds;
use jiff::Timestamp;
use proptest::prelude::*;

const START: i64 = 1_795_392_000;
const RULES: Rules = Rules { page_after: Some(Seconds(1_800)), again: Seconds(600), closes_after: Seconds(600) };

fn at(minute: usize) -> Timestamp {
    Timestamp::from_second(START + minute as i64 * 60).unwrap()
}

fn sight() -> impl Strategy<Value = Sight> {
    prop_oneof![
        4 => Just(Sight::Full { unmet: Some(true) }),
        1 => Just(Sight::Full { unmet: Some(false) }),
        1 => Just(Sight::Full { unmet: None }),
        1 => Just(Sight::Near),
        2 => Just(Sight::Over),
        1 => Just(Sight::Unknown),
    ]
}

/// Looks a minute apart; each kind lasts some minutes, so that long rows are drawn.
fn looks() -> impl Strategy<Value = Vec<(Sight, Option<bool>)>> {
    let possible = prop_oneof![3 => Just(Some(true)), 1 => Just(Some(false)), 1 => Just(None)];
    let row = (sight(), possible, 1_usize..40).prop_map(|(sight, possible, n)| vec![(sight, possible); n]);
    prop::collection::vec(row, 1..12).prop_map(|rows| rows.concat())
}

/// What is told at which minute.
fn told(looks: &[(Sight, Option<bool>)]) -> Vec<(usize, Tell)> {
    let mut episode = Episode::new(Topic::AtMax, at(0));
    let tell = |(minute, (sight, possible)): (usize, &(Sight, Option<bool>))| {
        let look = Look { sight: *sight, possible: *possible, now: at(minute) };
        advance(&mut episode, look, &RULES).map(|tell| (minute, tell))
    };
    looks.iter().enumerate().filter_map(tell).collect()
}

fn full(unmet: Option<bool>) -> (Sight, Option<bool>) {
    (Sight::Full { unmet }, Some(true))
}

#[test]
fn unmet_demand_is_told_edited_every_ten_minutes_and_paged_after_thirty() {
    let told = told(&[vec![full(Some(true)); 45], vec![(Sight::Over, Some(true)); 12]].concat());
    let expected = [
        (0, Tell::Opened),
        (10, Tell::Updated),
        (20, Tell::Updated),
        (30, Tell::Paged),
        (40, Tell::Updated),
        (55, Tell::Closed),
    ];
    assert_eq!(told, expected);
}

#[test]
fn where_nothing_can_be_proposed_it_pages_at_once_and_only_once() {
    let told = told(&[(Sight::Full { unmet: Some(true) }, Some(false)); 40]);
    assert_eq!(told[0], (0, Tell::Blocked));
    assert!(told[1..].iter().all(|(_, tell)| *tell == Tell::Updated), "{told:?}");
}

#[test]
fn at_max_with_its_demand_met_is_told_and_never_pages() {
    let told = told(&vec![full(Some(false)); 120]);
    assert!(told.iter().all(|(_, tell)| matches!(tell, Tell::Opened | Tell::Updated)), "{told:?}");
}

#[test]
fn a_dead_metric_hushes_no_page_and_closes_nothing() {
    let looks = [vec![full(Some(true)); 20], vec![(Sight::Unknown, None); 100]].concat();
    let told = told(&looks);
    assert_eq!(told.last(), Some(&(30, Tell::Paged)), "{told:?}");
}

#[test]
fn a_quiet_spell_begins_the_half_hour_anew_and_a_dip_of_a_minute_does_not() {
    let over = |minutes| vec![(Sight::Over, Some(true)); minutes];
    let unmet = |minutes| vec![full(Some(true)); minutes];
    let paged =
        |looks: Vec<_>| told(&looks).into_iter().find(|(_, tell)| *tell == Tell::Paged).map(|(minute, _)| minute);
    assert_eq!(paged([unmet(20), over(1), unmet(20)].concat()), Some(30), "a dip");
    assert_eq!(paged([unmet(20), over(6), unmet(29)].concat()), None, "what was unmet before counts no longer");
    assert_eq!(paged([unmet(20), over(6), unmet(40)].concat()), Some(56));
}

#[test]
fn max_that_is_near_is_warned_of_once_and_opens_the_same_episode() {
    let near = (Sight::Near, None);
    let told = told(&[vec![near; 5], vec![full(Some(true)); 3]].concat());
    assert_eq!(told, [(0, Tell::Near), (5, Tell::Opened)]);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn an_episode_opens_once_pages_once_and_says_nothing_after_its_end(looks in looks()) {
        let told = told(&looks);
        let count = |which: &[Tell]| told.iter().filter(|(_, tell)| which.contains(tell)).count();
        prop_assert!(count(&[Tell::Near]) <= 1);
        prop_assert!(count(&[Tell::Opened, Tell::Blocked]) <= 2 && count(&[Tell::Opened]) <= 1);
        prop_assert!(count(&[Tell::Paged, Tell::Blocked]) <= 1);
        if let Some(end) = told.iter().position(|(_, tell)| *tell == Tell::Closed) {
            prop_assert_eq!(end, told.len() - 1);
        }
        if let Some((_, first)) = told.first() {
            prop_assert!(matches!(first, Tell::Near | Tell::Opened | Tell::Blocked), "{:?}", first);
        }
    }

    #[test]
    fn it_closes_only_after_ten_minutes_that_were_all_found_over(looks in looks()) {
        for (minute, tell) in told(&looks) {
            if tell == Tell::Closed {
                let before = &looks[minute - 10..=minute];
                prop_assert!(before.iter().all(|(sight, _)| matches!(sight, Sight::Over | Sight::Near)), "{:?}", before);
            }
        }
    }

    #[test]
    fn it_pages_only_where_demand_is_unmet(looks in looks()) {
        for (minute, tell) in told(&looks) {
            let unmet = looks[..=minute].iter().rev().map(|(sight, _)| *sight).find_map(|sight| match sight {
                Sight::Full { unmet: Some(unmet) } => Some(unmet),
                Sight::Near => Some(false),
                Sight::Full { unmet: None } | Sight::Over | Sight::Unknown => None,
            });
            if matches!(tell, Tell::Paged | Tell::Blocked) {
                prop_assert_eq!(unmet, Some(true));
            }
            if tell == Tell::Paged {
                prop_assert!(minute >= 30);
            }
        }
    }

    #[test]
    fn what_is_told_again_is_told_at_most_every_ten_minutes(looks in looks()) {
        for pair in told(&looks).windows(2) {
            if pair[1].1 == Tell::Updated {
                prop_assert!(pair[1].0 - pair[0].0 >= 10, "{:?}", pair);
            }
        }
    }

    #[test]
    fn the_same_look_twice_in_a_moment_tells_once(looks in looks()) {
        let mut episode = Episode::new(Topic::AtMax, at(0));
        for (minute, (sight, possible)) in looks.iter().enumerate() {
            let look = Look { sight: *sight, possible: *possible, now: at(minute) };
            let first = advance(&mut episode, look, &RULES);
            let stage = episode.stage;
            let second = advance(&mut episode, look, &RULES);
            let later = first == Some(Tell::Near) || (first == Some(Tell::Opened) && stage == Stage::Opened);
            prop_assert!(second.is_none() || (later && matches!(second, Some(Tell::Paged))), "{:?} then {:?}", first, second);
        }
    }
}
