//! Target tracking (AWS_FACTS 2.3): two alarms of its own, and the capacity that would meet the target.

use headroom_core::fleet::Metric;
use headroom_core::signal::AlarmState;

use super::cooldown::Cooldown;
use crate::cloudwatch::{Alarm, Compare, Delays, Metrics};

/// AlarmHigh: 3 periods of 60 s (AWS_FACTS 2.3).
const HIGH_PERIODS: usize = 3;
/// AlarmLow: 15 periods of 60 s (AWS_FACTS 2.3).
const LOW_PERIODS: usize = 15;
/// AlarmLow's threshold is this share of the target (AWS_FACTS 2.3).
const LOW_SHARE: f64 = 0.9;
/// Below this a quotient counts as the whole number under it: 3 x 70 / 70 needs 3 tasks, not 4.
const ROUNDING: f64 = 1e-9;

/// What a policy wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Want {
    /// At least so many tasks.
    Out(u32),
    /// Agrees to as few as this.
    In(u32),
    /// Between its alarms: no scale-in.
    Stay,
    /// No data: no scaling either way, never read as low load (AWS_FACTS 2.3).
    Unknown,
}

/// A target-tracking policy.
#[derive(Debug, Clone)]
pub struct Tracking {
    /// PolicyName.
    pub name: String,
    /// The predefined metric.
    pub metric: Metric,
    /// Target value, in the metric's own unit.
    pub target: f64,
    /// Its cooldowns.
    pub cooldown: Cooldown,
    high: Alarm,
    low: Option<Alarm>,
}

impl Tracking {
    /// A policy of a service with its alarms; `DisableScaleIn` makes only the high one (AWS_FACTS 2.3).
    #[must_use]
    pub fn new(resource_id: &str, name: String, metric: Metric, target: f64, scale_in: bool) -> Self {
        let alarm = |level: &str, compare, threshold, periods| {
            let name = format!("TargetTracking-{resource_id}-Alarm{level}-{name}");
            Alarm::all_of(name, metric, compare, threshold, periods)
        };
        let high = alarm("High", Compare::Above, target, HIGH_PERIODS);
        let low = scale_in.then(|| alarm("Low", Compare::Below, target * LOW_SHARE, LOW_PERIODS));
        Self { name, metric, target, cooldown: Cooldown::default(), high, low }
    }

    /// With cooldowns of its own.
    #[must_use]
    pub fn with_cooldown(self, cooldown: Cooldown) -> Self {
        Self { cooldown, ..self }
    }

    /// The name of the predefined metric, as DescribeScalingPolicies has it.
    #[must_use]
    pub fn predefined(&self) -> Option<&'static str> {
        match self.metric {
            Metric::Cpu => Some("ECSServiceAverageCPUUtilization"),
            Metric::Memory => Some("ECSServiceAverageMemoryUtilization"),
            Metric::RequestsPerTarget => Some("ALBRequestCountPerTarget"),
            Metric::ResponseTimeAvg | Metric::ResponseTimeP95 | Metric::ErrorRate => None,
        }
    }

    /// Whether it may scale in.
    #[must_use]
    pub fn scales_in(&self) -> bool {
        self.low.is_some()
    }

    /// Evaluates its alarms and says what it wants. CloudWatch re-sends the action every period while ALARM
    /// (AWS_FACTS 2.3), so this is asked every minute.
    ///
    /// The capacity is `ceil(n x value / target)`, n the tasks that the datapoint is an average over: running ones,
    /// never desired ones (AWS_FACTS 2.2). AWS does not publish how it pairs the two; with the count of another
    /// minute, tasks that have just started would be counted a second time as missing.
    pub fn evaluate(&mut self, metrics: &Metrics, now: i64, delays: Delays) -> Want {
        let _changed = self.high.evaluate(metrics, now, delays);
        if let Some(low) = &mut self.low {
            let _changed = low.evaluate(metrics, now, delays);
        }
        let Some((_, value, over)) = metrics.newest(self.metric, now, delays) else { return Want::Unknown };
        let need = (over * value / self.target - ROUNDING).ceil().clamp(0.0, f64::from(u32::MAX)) as u32;
        match (self.high.state, self.low.as_ref().map(|l| l.state)) {
            (AlarmState::Alarm, _) => Want::Out(need),
            (_, Some(AlarmState::Alarm)) => Want::In(need),
            (AlarmState::InsufficientData, _) => Want::Unknown,
            (AlarmState::Ok, _) => Want::Stay,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cloudwatch::Minute;

    const NO_DELAY: Delays = Delays { ecs: 0, load_balancer: 0 };

    fn wants(cpu: &[Option<f64>], scale_in: bool) -> Vec<Want> {
        let mut policy = Tracking::new("service/c/s", "cpu".into(), Metric::Cpu, 70.0, scale_in);
        let mut metrics = Metrics::default();
        let minutes = cpu.iter().enumerate();
        minutes
            .map(|(i, cpu)| {
                let at = i as i64 * 60;
                metrics.publish(Minute { at, cpu: *cpu, cpu_samples: 2, ..Minute::default() });
                policy.evaluate(&metrics, at + 60, NO_DELAY)
            })
            .collect()
    }

    #[test]
    fn alarm_high_takes_three_minutes_over_the_target() {
        let wants = wants(&[Some(50.0), Some(95.0), Some(95.0), Some(95.0)], true);
        assert_eq!(wants, [Want::Stay, Want::Stay, Want::Stay, Want::Out(3)]);
    }

    #[test]
    fn alarm_low_takes_fifteen_minutes_under_ninety_percent_of_the_target() {
        let low = wants(&[&[Some(70.0)][..], &[Some(62.9); 15][..]].concat(), true);
        assert_eq!((low[14], low[15]), (Want::Stay, Want::In(2)));
        assert_eq!(wants(&[Some(63.1); 20], true)[19], Want::Stay, "63 % is 90 % of 70 %");
    }

    #[test]
    fn disable_scale_in_makes_only_the_high_alarm() {
        assert_eq!(wants(&[Some(10.0); 20], false)[19], Want::Stay);
    }

    #[test]
    fn insufficient_data_is_no_low_load() {
        assert_eq!(wants(&[None; 20], true)[19], Want::Unknown);
    }
}
