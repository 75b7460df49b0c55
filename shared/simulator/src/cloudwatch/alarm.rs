//! One metric alarm on one-minute periods.

use headroom_core::fleet::Metric;
use headroom_core::signal::AlarmState;

use super::metrics::{Delays, Metrics};
use super::missing::{Missing, Point, RANGE_EXTRA, evaluate};

/// N may not be larger: metrics are kept for about two hours.
pub const POINTS_MAX: usize = 120;

/// How a value breaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compare {
    /// GreaterThanThreshold.
    Above,
    /// LessThanThreshold.
    Below,
}

/// An alarm with its state. It begins in INSUFFICIENT_DATA, as CloudWatch's do.
#[derive(Debug, Clone, PartialEq)]
pub struct Alarm {
    /// AlarmName.
    pub name: String,
    /// What it watches.
    pub metric: Metric,
    /// How.
    pub compare: Compare,
    /// Threshold, in the metric's own unit.
    pub threshold: f64,
    /// DatapointsToAlarm.
    pub m: usize,
    /// EvaluationPeriods, of 60 s.
    pub n: usize,
    /// TreatMissingData.
    pub missing: Missing,
    /// Its state.
    pub state: AlarmState,
}

/// A change of state.
#[derive(Debug, Clone, PartialEq)]
pub struct Changed {
    /// The state before.
    pub from: AlarmState,
    /// The known values that led here, oldest first, at most N.
    pub values: Vec<f64>,
}

impl Alarm {
    /// An alarm whose N points must all breach.
    #[must_use]
    pub fn all_of(name: String, metric: Metric, compare: Compare, threshold: f64, n: usize) -> Self {
        let state = AlarmState::InsufficientData;
        Self { name, metric, compare, threshold, m: n, n, missing: Missing::default(), state }
    }

    /// Evaluates it; CloudWatch does so every minute (AWS_FACTS 3.1).
    pub fn evaluate(&mut self, metrics: &Metrics, now: i64, delays: Delays) -> Option<Changed> {
        let range = || metrics.window(self.metric, self.n + RANGE_EXTRA, now, delays).map(|p| p.map(|(v, _)| v));
        let points: Vec<Point> = range().map(|p| p.map(|v| self.breaches(v))).collect();
        let state = evaluate(&points, self.m, self.n, self.missing, self.state);
        if state == self.state {
            return None;
        }
        let known: Vec<f64> = range().flatten().collect();
        let from = std::mem::replace(&mut self.state, state);
        Some(Changed { from, values: known[known.len().saturating_sub(self.n)..].to_vec() })
    }

    fn breaches(&self, value: f64) -> bool {
        match self.compare {
            Compare::Above => value > self.threshold,
            Compare::Below => value < self.threshold,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cloudwatch::Minute;

    #[test]
    fn an_alarm_changes_when_m_of_n_breach_and_says_from_what() {
        let mut alarm = Alarm::all_of("a".into(), Metric::Cpu, Compare::Above, 85.0, 2);
        let mut metrics = Metrics::default();
        let delays = Delays { ecs: 0, load_balancer: 0 };
        let mut states = Vec::new();
        for (i, cpu) in [50.0, 90.0, 91.0, 50.0].into_iter().enumerate() {
            let at = i as i64 * 60;
            metrics.publish(Minute { at, cpu: Some(cpu), ..Minute::default() });
            states.push(alarm.evaluate(&metrics, at + 60, delays));
        }
        assert_eq!(states[0].as_ref().map(|c| c.from), Some(AlarmState::InsufficientData), "one good point is enough");
        let fired = states[2].clone().unwrap();
        assert_eq!((fired.from, fired.values), (AlarmState::Ok, vec![90.0, 91.0]));
        assert_eq!(alarm.state, AlarmState::Ok);
    }
}
