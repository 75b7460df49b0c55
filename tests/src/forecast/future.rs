//! A forecast knows the past only.

use std::collections::BTreeMap;

use headroom_core::at_max::Points;

use super::drawn::{Shape, drawn};
use super::replay::{FIRST_DAYS, forecast, target};
use super::trace::{DAY, PERIOD, Trace};

/// What becomes of a later value.
type Change<'c> = &'c dyn Fn(i64, f64) -> Option<(i64, f64)>;

/// The same past, and another future: ten times as much, nothing, or everything an hour, half a day or four days later.
fn futures(points: &Points, now: i64) -> Vec<Points> {
    let mut past = points.values.clone();
    let future = past.split_off(&(now - PERIOD + 1));
    let changed: [Change<'_>; 5] = [
        &|at, value| Some((at, value * 10.0 + 1e6)),
        &|_, _| None,
        &|at, value| Some((at + 3_600, value)),
        &|at, value| Some((at + DAY / 2, value)),
        &|at, value| Some((at + 4 * DAY, value)),
    ];
    let with = |change: Change<'_>| {
        let later = future.iter().filter_map(|(at, value)| change(*at, *value));
        let values: BTreeMap<i64, f64> = past.clone().into_iter().chain(later).collect();
        Points { period: points.period, values }
    };
    changed.into_iter().map(with).collect()
}

/// One day in three of a trace, which meets every weekday, under every future; how many days had a forecast of their own.
fn same_under_any_future(trace: &Trace) -> usize {
    let Some(target) = target(trace) else { return 0 };
    let (first, end) = trace.days();
    let mut forecasts = 0;
    for opens in (first + DAY..end).step_by(3 * DAY as usize) {
        let made = forecast(&trace.points, opens, target);
        let now = made.made.as_second();
        for (n, points) in futures(&trace.points, now).into_iter().enumerate() {
            assert_eq!(
                forecast(&points, opens, target),
                made,
                "{}: day {}, future {n}",
                trace.name,
                (opens - first) / DAY
            );
        }
        forecasts += usize::from(made.hours.iter().any(|hour| hour.to_string().starts_with("p95 of")));
    }
    forecasts
}

#[test]
fn another_future_makes_the_same_forecasts() {
    for shape in Shape::ALL {
        let trace = drawn(shape, 1);
        let found = same_under_any_future(&trace);
        assert!(found >= 14, "{}: {found} forecasts say little", trace.name);
    }
}

#[test]
fn another_future_of_the_given_traces_makes_the_same_forecasts() {
    for trace in Trace::given().unwrap_or_default() {
        let found = same_under_any_future(&trace);
        let (first, end) = trace.days();
        assert!(found > 0 || end - first < (FIRST_DAYS + 1) * DAY, "{}: no forecast in it", trace.name);
    }
}
