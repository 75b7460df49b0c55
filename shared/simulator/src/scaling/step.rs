//! Step scaling (AWS_FACTS 2.4).

use headroom_core::signal::AlarmState;

use super::tracking::Want;
use crate::cloudwatch::{Alarm, Delays, Metrics};

/// AdjustmentType.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Adjustment {
    /// ChangeInCapacity.
    Change,
    /// PercentChangeInCapacity.
    Percent,
    /// ExactCapacity.
    Exact,
}

/// One step; bounds are relative to the alarm's threshold, in the metric's unit (AWS_FACTS 2.4).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Step {
    /// MetricIntervalLowerBound, included; none: minus infinity.
    pub lower: Option<f64>,
    /// MetricIntervalUpperBound, excluded; none: infinity.
    pub upper: Option<f64>,
    /// ScalingAdjustment.
    pub adjust: i32,
}

/// A step-scaling policy with the alarm that calls it.
#[derive(Debug, Clone)]
pub struct StepPolicy {
    /// PolicyName.
    pub name: String,
    /// The alarm.
    pub alarm: Alarm,
    /// How steps are meant.
    pub adjustment: Adjustment,
    /// MinAdjustmentMagnitude, for percent.
    pub magnitude_min: u32,
    /// Steps.
    pub steps: Vec<Step>,
    /// Cooldown in seconds, both ways.
    pub cooldown: u32,
}

impl StepPolicy {
    /// Evaluates its alarm and says what it wants from the running count (AWS_FACTS 2.2).
    pub fn evaluate(&mut self, metrics: &Metrics, running: u32, now: i64, delays: Delays) -> Want {
        let _changed = self.alarm.evaluate(metrics, now, delays);
        let Some((_, value, _)) = metrics.newest(self.alarm.metric, now, delays) else { return Want::Unknown };
        match self.alarm.state {
            AlarmState::Ok => Want::Stay,
            AlarmState::InsufficientData => Want::Unknown,
            AlarmState::Alarm => self.adjusted(value - self.alarm.threshold, running),
        }
    }

    fn adjusted(&self, over: f64, running: u32) -> Want {
        let fits = |s: &&Step| s.lower.is_none_or(|l| over >= l) && s.upper.is_none_or(|u| over < u);
        let Some(step) = self.steps.iter().find(fits) else { return Want::Stay };
        let adjust = i64::from(step.adjust);
        let change = match self.adjustment {
            Adjustment::Change => adjust,
            Adjustment::Percent => self.percent(adjust, running),
            Adjustment::Exact => adjust - i64::from(running),
        };
        let to = u32::try_from((i64::from(running) + change).max(0)).unwrap_or(u32::MAX);
        match change {
            1.. => Want::Out(to),
            0 => Want::Stay,
            _ => Want::In(to),
        }
    }

    /// Rounding as the Application Auto Scaling User Guide has it ("Step scaling policies", adjustment types):
    /// over 1 down, 0 to 1 up to 1, 0 to -1 to -1, under -1 towards zero.
    fn percent(&self, adjust: i64, running: u32) -> i64 {
        let exact = f64::from(running) * adjust as f64 / 100.0;
        let rounded = if exact == 0.0 { 0.0 } else { exact.abs().floor().max(1.0) * exact.signum() };
        let least = i64::from(self.magnitude_min);
        match rounded as i64 {
            0 => 0,
            n if n > 0 => n.max(least),
            n => n.min(-least),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cloudwatch::Compare;
    use headroom_core::fleet::Metric;

    fn policy(adjustment: Adjustment, magnitude_min: u32, steps: &[(f64, Option<f64>, i32)]) -> StepPolicy {
        let steps = steps.iter().map(|(l, upper, adjust)| Step { lower: Some(*l), upper: *upper, adjust: *adjust });
        StepPolicy {
            name: "p".into(),
            alarm: Alarm::all_of("a".into(), Metric::RequestsPerTarget, Compare::Above, 1_000.0, 1),
            adjustment,
            magnitude_min,
            steps: steps.collect(),
            cooldown: 300,
        }
    }

    #[test]
    fn step_bounds_are_relative_to_the_alarm_threshold() {
        // OpenWan: up to 10 % over the threshold +10 %, more than that +30 %.
        let policy = policy(Adjustment::Percent, 0, &[(0.0, Some(100.0), 10), (100.0, None, 30)]);
        assert_eq!(policy.adjusted(99.0, 10), Want::Out(11));
        assert_eq!(policy.adjusted(100.0, 10), Want::Out(13));
        assert_eq!(policy.adjusted(-1.0, 10), Want::Stay);
    }

    #[test]
    fn percent_is_rounded_as_the_guide_says_and_is_at_least_the_magnitude() {
        let percent = |adjust, running| policy(Adjustment::Percent, 0, &[]).percent(adjust, running);
        assert_eq!([percent(10, 3), percent(30, 9), percent(-10, 3), percent(-66, 10)], [1, 2, -1, -6]);
        assert_eq!(policy(Adjustment::Percent, 2, &[]).percent(10, 10), 2);
        assert_eq!(policy(Adjustment::Percent, 2, &[]).percent(-10, 10), -2);
    }

    #[test]
    fn change_and_exact_capacity_start_from_the_running_count() {
        assert_eq!(policy(Adjustment::Change, 0, &[(0.0, None, 2)]).adjusted(1.0, 3), Want::Out(5));
        assert_eq!(policy(Adjustment::Change, 0, &[(0.0, None, -5)]).adjusted(1.0, 3), Want::In(0));
        assert_eq!(policy(Adjustment::Exact, 0, &[(0.0, None, 4)]).adjusted(1.0, 3), Want::Out(4));
        assert_eq!(policy(Adjustment::Exact, 0, &[(0.0, None, 3)]).adjusted(1.0, 3), Want::Stay);
    }
}
