//! A trace day by day: each day a window of its own, its forecast made ten minutes before it opens.

use headroom_core::at_max::Points;
use headroom_core::fleet::Metric;
use headroom_core::schedule::{Basis, Follows, Forecast, Usual, Window};
use headroom_core::seen::Reading;
use headroom_core::time::Seconds;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::trace::{DAY, PERIOD, Trace};

/// The usual load needs three of four weeks: before that every forecast is the fixed floor.
pub(super) const FIRST_DAYS: i64 = 21;
const LEAD: Seconds = Seconds(600);
/// Tasks that the p95 of the first days needs: the size of a usual service.
const TASKS: f64 = 8.0;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

/// The nearest rank.
fn p95(mut values: Vec<f64>) -> Option<f64> {
    values.sort_unstable_by(f64::total_cmp);
    let rank = (values.len() * 95).div_ceil(100).max(1);
    values.get(rank - 1).copied()
}

/// What one task carries: an eighth of the p95 of the first days. So a person who looked at these days would have set a
/// fixed floor of eight.
pub(super) fn target(trace: &Trace) -> Option<f64> {
    let (first, _) = trace.days();
    p95(trace.points.values.range(first..first + FIRST_DAYS * DAY).map(|(_, value)| *value).collect())
        .map(|p95| p95 / TASKS)
}

pub(super) fn fixed() -> u32 {
    TASKS as u32
}

/// The forecast of the day that begins then, from a history that may say anything about later.
pub(super) fn forecast(points: &Points, opens: i64, target: f64) -> Forecast {
    let follows = Follows {
        metric: Metric::RequestsPerTarget,
        target,
        namespace: "n",
        name: "RequestCount",
        dimensions: Vec::new(),
    };
    let usual = Usual {
        window: Window { opens: at(opens), closes: at(opens + DAY) },
        zone: &TimeZone::UTC,
        read: &[(follows, Reading::Known(points.clone()))],
        percent: 100,
        fixed: fixed(),
        fast: Some(false),
        others: &[],
        now: at(opens - i64::from(LEAD.0)),
    };
    usual.forecast()
}

/// What a floor came to.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Came {
    /// Minutes in which the load needed more tasks than the floor.
    pub(super) short: i64,
    /// Task-hours of the floor.
    pub(super) hours: f64,
}

impl Came {
    fn add(&mut self, floor: u32, need: u32) {
        self.short += if need > floor { PERIOD / 60 } else { 0 };
        self.hours += f64::from(floor) * PERIOD as f64 / 3_600.0;
    }
}

/// A trace under both floors.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Replayed {
    /// Days that were judged.
    pub(super) days: i64,
    /// Hours of them with a forecast, and all.
    pub(super) forecast_hours: (usize, usize),
    pub(super) by_forecast: Came,
    pub(super) by_fixed: Came,
}

pub(super) fn replay(trace: &Trace) -> Replayed {
    let mut replayed = Replayed::default();
    let Some(target) = target(trace) else { return replayed };
    let (first, end) = trace.days();
    for opens in (first + FIRST_DAYS * DAY..end).step_by(DAY as usize) {
        let forecast = forecast(&trace.points, opens, target);
        let usual = forecast.hours.iter().filter(|hour| matches!(hour.basis, Basis::Usual { .. })).count();
        replayed.days += 1;
        replayed.forecast_hours.0 += usual;
        replayed.forecast_hours.1 += forecast.hours.len();
        for (moment, value) in trace.points.values.range(opens..opens + DAY) {
            let need = (value / target).ceil() as u32;
            let floor = forecast.at(at(*moment), LEAD).map_or(fixed(), |hour| hour.tasks);
            replayed.by_forecast.add(floor, need);
            replayed.by_fixed.add(fixed(), need);
        }
    }
    replayed
}
