//! The two agree.

use headroom_core::schedule::{Calendar, Window};
use headroom_core::time::Seconds;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::draw::{Place, Random, draw, offset, places};
use super::oracle::{DAY, DAYS, Found};

const SCHEDULES: usize = 100_000;
/// Days without a change, in each zone.
const PLAIN: usize = 3;
/// On each core a part: the walk is slow on purpose.
const SEEDS: [u64; 2] = [2_026, 2_027];

fn moment(place: &Place, i: usize) -> Timestamp {
    Timestamp::from_second((place.walk.start + i as i64) * 60).unwrap()
}

fn same(place: &Place, found: Option<Found>, window: Option<Window>) -> bool {
    match (found, window) {
        (Some(found), Some(window)) => {
            let closes = found.closes.map(|i| moment(place, i));
            moment(place, found.opens) == window.opens && closes.is_none_or(|at| at == window.closes)
        }
        (None, None) => true,
        (Some(_), None) | (None, Some(_)) => false,
    }
}

/// Minutes to look at: before, at and after each edge, and some others; from the third day on, when nothing that
/// opened before the walk is open.
fn samples(random: &mut Random, windows: &[Found]) -> Vec<usize> {
    let (least, most) = ((2 * DAY) as usize, (DAYS * DAY - 2) as usize);
    let mut samples = vec![least + random.index(most - least)];
    for _ in 0..2 {
        if !windows.is_empty() {
            let window = windows[random.index(windows.len())];
            let edge = if random.below(2) == 0 { window.opens } else { window.closes.unwrap_or(most) };
            samples.extend([edge - 1, edge]);
        }
    }
    samples.retain(|i| (least..most).contains(i));
    samples
}

/// Schedules of one part; returns how many looks found something open, how many not.
fn part(seed: u64, places: &[Place], zones: &[TimeZone]) -> (u32, u32) {
    let mut random = Random(seed);
    let (mut open, mut shut) = (0, 0);
    for n in 0..SCHEDULES / SEEDS.len() {
        let (place, zone) = (&places[n % places.len()], &zones[n % places.len()]);
        let (drawn, schedule) = draw(&mut random, place);
        let calendar = Calendar::new(&schedule, zone);
        let windows = place.walk.windows(&drawn);
        for i in samples(&mut random, &windows) {
            let now = moment(place, i) + Seconds(u32::try_from(random.below(60)).unwrap()).duration();
            let is_open = |found: &&Found| found.opens <= i && found.closes.is_none_or(|end| i < end);
            let expected = windows.iter().filter(is_open).max_by_key(|found| found.opens).copied();
            let next = windows.iter().filter(|found| found.opens > i).min_by_key(|found| found.opens).copied();
            let said = format!("{:?} {} at {now}: oracle {expected:?}, next {next:?}", schedule.opens, place.zone);
            assert!(same(place, expected, calendar.open_at(now)), "open: {said}, found {:?}", calendar.open_at(now));
            if n % 8 == 0 && next.is_some() {
                assert!(
                    same(place, next, calendar.next_after(now)),
                    "next: {said}, found {:?}",
                    calendar.next_after(now)
                );
            }
            if expected.is_some() {
                open += 1
            } else {
                shut += 1
            }
            if n % 4 != 0 {
                continue;
            }
            let lead = 2 + random.index(58);
            let soon = next.filter(|found| found.opens <= i + lead);
            let asked = calendar.asked_at(moment(place, i), Seconds(u32::try_from(lead * 60).unwrap()));
            if i + lead < (DAYS * DAY) as usize {
                assert!(same(place, expected.or(soon), asked), "asked {lead} min ahead: {said}, found {asked:?}");
            }
        }
    }
    (open, shut)
}

/// The two libraries carry a copy of the rules each: a difference between the copies is none of the arithmetic.
fn same_rules(place: &Place, zone: &TimeZone) {
    for i in (0..(DAYS * DAY) as usize).step_by(60) {
        let now = moment(place, i);
        let (jiff, chrono) =
            (i64::from(zone.to_offset(now).seconds()) / 60, offset(place.zone, place.walk.start + i as i64));
        assert_eq!(jiff, chrono, "{} at {now}: the copies of the time zone rules differ", place.zone);
    }
}

#[test]
fn a_hundred_thousand_schedules_agree_with_a_walk_minute_by_minute() {
    let (places, changes) = places(&mut Random(26), PLAIN);
    assert!(changes >= 110, "every change of three years in twenty zones: {changes}");
    let zones: Vec<TimeZone> = places.iter().map(|place| TimeZone::get(place.zone.name()).unwrap()).collect();
    places.iter().zip(&zones).for_each(|(place, zone)| same_rules(place, zone));
    let counts: Vec<(u32, u32)> = std::thread::scope(|scope| {
        let (places, zones) = (&places, &zones);
        let parts: Vec<_> = SEEDS.map(|seed| scope.spawn(move || part(seed, places, zones))).into();
        parts.into_iter().map(|part| part.join().unwrap()).collect()
    });
    let (open, shut) = counts.iter().fold((0, 0), |(a, b), (open, shut)| (a + open, b + shut));
    assert!(open > 100_000 && shut > 100_000, "{open} looks found a window, {shut} none");
}
