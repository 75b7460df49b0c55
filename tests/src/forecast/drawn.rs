//! Traces of our own: ten weeks with the shape of a working week, and one thing each that a forecast may trip over.

use std::collections::BTreeMap;

use headroom_simulator::random::Random;

use super::trace::{DAY, PERIOD, Trace};

/// 2026-09-07, a Monday, 00:00 in UTC.
pub(super) const BEGINS: i64 = 1_788_739_200;
const WEEKS: i64 = 10;
/// Requests per minute of the busiest hour of a usual day.
const PEAK: f64 = 6_000.0;
/// Each five minutes up to so much more or less.
const NOISE: f64 = 0.08;

/// What happens beside the week's shape.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    Week,
    Growth,
    Step,
    Holiday,
    Bursts,
    Outage,
}

impl Shape {
    pub(super) const ALL: [Self; 6] = [Self::Week, Self::Growth, Self::Step, Self::Holiday, Self::Bursts, Self::Outage];

    fn name(self) -> &'static str {
        match self {
            Self::Week => "a steady week",
            Self::Growth => "3 % more each week",
            Self::Step => "twice as much from week 7 on",
            Self::Holiday => "week 6 at a third",
            Self::Bursts => "a burst of half an hour each day, at any time",
            Self::Outage => "no data on two days of week 6",
        }
    }

    /// How much of the usual there is; `None`: no data.
    fn times(self, week: i64, day: i64, burst: bool) -> Option<f64> {
        match self {
            Self::Week => Some(1.0),
            #[expect(clippy::cast_possible_truncation, reason = "ten weeks")]
            Self::Growth => Some(1.03_f64.powi(week as i32)),
            Self::Step => Some(if week >= 6 { 2.0 } else { 1.0 }),
            Self::Holiday => Some(if week == 5 { 1.0 / 3.0 } else { 1.0 }),
            Self::Bursts => Some(if burst { 2.5 } else { 1.0 }),
            Self::Outage => (week != 5 || !(1..3).contains(&day)).then_some(1.0),
        }
    }
}

/// The same for the same seed.
pub(super) fn drawn(shape: Shape, seed: u64) -> Trace {
    let mut random = Random::new(seed, shape as u64);
    let mut values = BTreeMap::new();
    for day in 0..WEEKS * 7 {
        let burst = random.unit() * (DAY - 1_800) as f64;
        for n in 0..DAY / PERIOD {
            let of_day = n * PERIOD;
            let noise = 1.0 + NOISE * (2.0 * random.unit() - 1.0);
            let bursts = (burst..burst + 1_800.0).contains(&(of_day as f64));
            if let Some(times) = shape.times(day / 7, day % 7, bursts) {
                values.insert(BEGINS + day * DAY + of_day, PEAK * curve(of_day, day % 7) * noise * times);
            }
        }
    }
    Trace::new(shape.name(), values)
}

/// How busy a time of the day is: least at four, most at two in the afternoon; a weekend has two fifths of it.
fn curve(of_day: i64, weekday: i64) -> f64 {
    let turn = std::f64::consts::TAU * (of_day as f64 / DAY as f64 - 14.0 / 24.0);
    let day = 0.55 + 0.45 * turn.cos();
    if weekday >= 5 { day * 0.4 } else { day }
}
