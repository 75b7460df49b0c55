//! Step scaling (AWS_FACTS 2.4).

use headroom_core::signal::AlarmState;

use super::alarm::{PolicyAlarm, Readings};
use super::tracking::Want;

/// MetricAggregationType: how the minutes that the alarm looked at become one value. AWS does not say which minutes
/// these are; that they are the alarm's N is our assumption.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Aggregation {
    /// Their mean; also when nothing is said (API reference, StepScalingPolicyConfiguration).
    #[default]
    Average,
    /// The smallest.
    Minimum,
    /// The largest.
    Maximum,
}

impl Aggregation {
    fn of(self, values: &[f64]) -> Option<f64> {
        match self {
            Self::Average => (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64),
            Self::Minimum => values.iter().copied().reduce(f64::min),
            Self::Maximum => values.iter().copied().reduce(f64::max),
        }
    }
}

/// AdjustmentType.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Adjustment {
    /// ChangeInCapacity.
    #[default]
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

/// A step-scaling policy.
#[derive(Debug, Clone, Default)]
pub struct StepPolicy {
    /// PolicyName.
    pub name: String,
    /// The alarm that calls it; none: one of CloudWatch's own does, through [`StepPolicy::call`].
    pub alarm: Option<PolicyAlarm>,
    /// How steps are meant.
    pub adjustment: Adjustment,
    /// MinAdjustmentMagnitude, for percent.
    pub magnitude_min: u32,
    /// Steps.
    pub steps: Vec<Step>,
    /// Cooldown in seconds, both ways.
    pub cooldown: u32,
    /// MetricAggregationType.
    pub aggregation: Aggregation,
    /// What an alarm of CloudWatch said last.
    pub called: Called,
}

/// An alarm's call.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Called {
    /// How far its metric was over its threshold, until this is heeded.
    over: Option<f64>,
    /// AlarmName.
    by: String,
}

impl StepPolicy {
    /// An alarm whose action this policy is was in ALARM in this minute: its name, and its metric minus its threshold.
    pub fn call(&mut self, alarm: &str, over: f64) {
        self.called = Called { over: Some(over), by: alarm.to_owned() };
    }

    /// Name of the alarm that calls it.
    #[must_use]
    pub fn caller(&self) -> &str {
        self.alarm.as_ref().map_or(&self.called.by, PolicyAlarm::name)
    }

    /// Evaluates its alarm and says what it wants from the running count (AWS_FACTS 2.2).
    pub fn evaluate(&mut self, from: &Readings<'_>, running: u32) -> Want {
        let Some(alarm) = &mut self.alarm else {
            return self.called.over.take().map_or(Want::Stay, |over| self.adjusted(over, running));
        };
        alarm.evaluate(from);
        match alarm.state() {
            AlarmState::Ok => Want::Stay,
            AlarmState::InsufficientData => Want::Unknown,
            AlarmState::Alarm => {
                let threshold = alarm.threshold();
                let value = self.aggregation.of(&alarm.values(from));
                value.map_or(Want::Unknown, |value| self.adjusted(value - threshold, running))
            }
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
        if running == 0 && adjust > 0 {
            // A percentage of no task is none: the smallest step, as AWS has it at capacity 0 (AWS_FACTS 2.2).
            return i64::from(self.magnitude_min.max(1));
        }
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

    fn policy(adjustment: Adjustment, magnitude_min: u32, steps: &[(f64, Option<f64>, i32)]) -> StepPolicy {
        let steps = steps.iter().map(|(l, upper, adjust)| Step { lower: Some(*l), upper: *upper, adjust: *adjust });
        let name = "p".to_owned();
        StepPolicy { name, adjustment, magnitude_min, steps: steps.collect(), cooldown: 300, ..StepPolicy::default() }
    }

    #[test]
    fn the_aggregation_of_the_alarms_minutes_chooses_the_step() {
        let of = |aggregation: Aggregation| aggregation.of(&[1_020.0, 1_200.0]);
        assert_eq!(of(Aggregation::default()), Some(1_110.0));
        assert_eq!([of(Aggregation::Minimum), of(Aggregation::Maximum)], [Some(1_020.0), Some(1_200.0)]);
        assert_eq!(Aggregation::Average.of(&[]), None);
    }

    #[test]
    fn at_capacity_zero_a_percentage_is_the_smallest_step() {
        assert_eq!(policy(Adjustment::Percent, 0, &[(0.0, None, 10)]).adjusted(1.0, 0), Want::Out(1));
        assert_eq!(policy(Adjustment::Percent, 0, &[(0.0, None, -10)]).adjusted(1.0, 0), Want::Stay);
    }

    #[test]
    fn an_alarm_of_cloudwatch_calls_a_policy_once_a_minute() {
        use crate::cloudwatch::{Delays, Metrics};
        let mut policy = policy(Adjustment::Change, 0, &[(0.0, None, 2)]);
        let metrics = Metrics::default();
        let from = Readings { metrics: &metrics, custom: &|_, _, _, _| None, now: 60, delays: Delays::default() };
        policy.call("queue-high", 5.0);
        assert_eq!((policy.evaluate(&from, 3), policy.caller()), (Want::Out(5), "queue-high"));
        assert_eq!(policy.evaluate(&from, 3), Want::Stay, "until it is called again");
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
