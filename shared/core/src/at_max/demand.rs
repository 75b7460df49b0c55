//! How many tasks a load asks for, minute by minute: what a scaling policy computes, kept as a fraction.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::points::Points;
use crate::fleet::Metric;
use crate::seen::Reading;
use crate::time::Seconds;

/// Below this a demand counts as the whole number under it, as in [`ratio`](crate::remedy::ratio).
const ROUNDING: f64 = 1e-9;
/// More tasks than any service has: a demand beyond is a target of nearly 0.
const TASKS_MAX: f64 = 1e6;

/// A target-tracking policy with the history of what it tracks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Tracked {
    /// PolicyName.
    pub policy: String,
    /// What it tracks; `None`: a metric that is no predefined one.
    pub metric: Option<Metric>,
    /// Its target value.
    pub target: f64,
    /// The last hour by minutes.
    pub hour: Reading<Points>,
    /// Two weeks, when asked for.
    pub fortnight: Reading<Points>,
}

/// Tasks asked for in each period in which tasks and a metric are known: of several policies the most, as Application
/// Auto Scaling takes the largest (AWS_FACTS 2.3).
#[must_use]
pub fn demand<'a>(series: impl Iterator<Item = (&'a Points, f64)>, tasks: &Points) -> Points {
    let mut asked: BTreeMap<i64, f64> = BTreeMap::new();
    for (points, target) in series.filter(|(_, target)| *target > 0.0) {
        for (at, value) in points.finite() {
            let Some(running) = tasks.values.get(&at).filter(|n| n.is_finite()) else { continue };
            let of_this = (running * value / target).clamp(0.0, TASKS_MAX);
            asked.entry(at).and_modify(|most| *most = most.max(of_this)).or_insert(of_this);
        }
    }
    Points { period: tasks.period, values: asked }
}

/// The whole number of tasks that would have carried every period; `None` when none is known.
#[must_use]
pub fn enough(demand: &Points) -> Option<u32> {
    let most = demand.finite().map(|(_, asked)| asked).reduce(f64::max)?;
    Some(whole(most))
}

/// Task-hours that more than `max` tasks would have run, had `to` been allowed.
#[must_use]
pub fn task_hours_above(demand: &Points, max: u32, to: u32) -> f64 {
    let hours = f64::from(demand.period.0) / f64::from(Seconds(3_600).0);
    demand.finite().map(|(_, asked)| f64::from(whole(asked).min(to).saturating_sub(max)) * hours).sum()
}

fn whole(asked: f64) -> u32 {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped before")]
    let tasks = (asked - ROUNDING).ceil().clamp(0.0, TASKS_MAX) as u32;
    tasks
}

#[cfg(test)]
mod tests {
    use super::*;

    fn points(values: &[(i64, f64)]) -> Points {
        Points { period: Seconds(300), values: values.iter().copied().collect() }
    }

    #[test]
    fn the_policy_that_asks_for_most_counts_and_a_missing_minute_asks_for_nothing() {
        let tasks = points(&[(0, 10.0), (300, 10.0), (900, 10.0)]);
        let cpu = points(&[(0, 70.0), (300, 84.0), (600, 99.0)]);
        let requests = points(&[(300, 1_210.0)]);
        let asked = demand([(&cpu, 70.0), (&requests, 1_000.0)].into_iter(), &tasks);
        assert_eq!(asked.values.keys().copied().collect::<Vec<_>>(), [0, 300], "minutes that both know");
        assert_eq!(enough(&asked), Some(13), "12 by CPU, 12.1 by requests");
        assert_eq!(enough(&points(&[])), None, "nobody knows is not 0");
    }

    #[test]
    fn hours_above_max_count_whole_tasks_up_to_what_would_have_been_allowed() {
        let asked = points(&[(0, 15.0), (300, 15.2), (600, 31.0)]);
        assert!((task_hours_above(&asked, 15, 20) - 6.0 / 12.0).abs() < 1e-12);
        assert!(task_hours_above(&asked, 31, 40).abs() < 1e-12);
    }
}
