//! Target tracking (AWS_FACTS 2.3): two alarms of its own, and the capacity that would meet the target.

use headroom_core::fleet::Metric;
use headroom_core::signal::AlarmState;

use super::alarm::{PolicyAlarm, Readings, Tracked, tracking_alarm};
use super::cooldown::Cooldown;
use super::dynamic::Capacity;
use crate::cloudwatch::Compare;

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
    /// The predefined metric, or the customized one.
    pub tracked: Tracked,
    /// Target value, in the metric's own unit.
    pub target: f64,
    /// Its cooldowns.
    pub cooldown: Cooldown,
    high: PolicyAlarm,
    low: Option<PolicyAlarm>,
    high_since: Option<i64>,
}

impl Tracking {
    /// A policy of a service with its alarms; `DisableScaleIn` makes only the high one (AWS_FACTS 2.3).
    #[must_use]
    pub fn new(resource_id: &str, name: String, tracked: Tracked, target: f64, scale_in: bool) -> Self {
        let alarm = |level: &str, compare, threshold, periods| {
            let alarm = tracking_alarm(resource_id, &name, level);
            PolicyAlarm::new(alarm, &tracked, compare, threshold, (periods, periods))
        };
        let high = alarm("High", Compare::Above, target, HIGH_PERIODS);
        let low = scale_in.then(|| alarm("Low", Compare::Below, target * LOW_SHARE, LOW_PERIODS));
        Self { name, tracked, target, cooldown: Cooldown::default(), high, low, high_since: None }
    }

    /// Its alarms: AlarmHigh, and AlarmLow unless scale-in is disabled.
    pub fn alarms(&self) -> impl Iterator<Item = &PolicyAlarm> {
        [Some(&self.high), self.low.as_ref()].into_iter().flatten()
    }

    /// Since when AlarmHigh is in ALARM.
    #[must_use]
    pub fn high_since(&self) -> Option<i64> {
        self.high_since
    }

    /// The alarm that calls for what it wants.
    #[must_use]
    pub fn calls(&self, want: Want) -> &PolicyAlarm {
        match want {
            Want::In(_) => self.low.as_ref().unwrap_or(&self.high),
            Want::Out(_) | Want::Stay | Want::Unknown => &self.high,
        }
    }

    /// With cooldowns of its own.
    #[must_use]
    pub fn with_cooldown(self, cooldown: Cooldown) -> Self {
        Self { cooldown, ..self }
    }

    /// The name of the predefined metric, as DescribeScalingPolicies has it.
    #[must_use]
    pub fn predefined(&self) -> Option<&'static str> {
        match self.tracked {
            Tracked::Service(Metric::Cpu) => Some("ECSServiceAverageCPUUtilization"),
            Tracked::Service(Metric::Memory) => Some("ECSServiceAverageMemoryUtilization"),
            Tracked::Service(Metric::RequestsPerTarget) => Some("ALBRequestCountPerTarget"),
            Tracked::Service(Metric::ResponseTimeAvg | Metric::ResponseTimeP95 | Metric::ErrorRate) => None,
            Tracked::Custom(..) => None,
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
    /// minute, tasks that have just started would be counted a second time as missing. A customized metric has no
    /// such number: n is the running count now.
    pub fn evaluate(&mut self, from: &Readings<'_>, found: Capacity) -> Want {
        self.high.evaluate(from);
        let in_alarm = self.high.state() == AlarmState::Alarm;
        self.high_since = in_alarm.then(|| self.high_since.unwrap_or(from.now));
        if let Some(low) = &mut self.low {
            low.evaluate(from);
        }
        let Some((value, over)) = self.high.newest(from) else { return Want::Unknown };
        if found.running == 0 && found.desired == 0 {
            // At capacity 0 one datapoint is awaited, then the smallest step (AWS_FACTS 2.2). That any value over zero
            // is demand is our assumption.
            return if value > 0.0 { Want::Out(1) } else { Want::Stay };
        }
        let over = over.unwrap_or(f64::from(found.running));
        let need = (over * value / self.target - ROUNDING).ceil().clamp(0.0, f64::from(u32::MAX)) as u32;
        match (self.high.state(), self.low.as_ref().map(PolicyAlarm::state)) {
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
    use crate::cloudwatch::{Delays, MetricKey, Metrics, Minute, Statistic};

    const NO_DELAY: Delays = Delays { ecs: 0, load_balancer: 0 };

    fn wants(cpu: &[Option<f64>], scale_in: bool) -> Vec<Want> {
        let mut policy = Tracking::new("service/c/s", "cpu".into(), Tracked::Service(Metric::Cpu), 70.0, scale_in);
        let mut metrics = Metrics::default();
        let minutes = cpu.iter().enumerate();
        minutes
            .map(|(i, cpu)| {
                let at = i as i64 * 60;
                metrics.publish(Minute { at, cpu: *cpu, cpu_samples: 2, ..Minute::default() });
                let from = Readings { metrics: &metrics, custom: &|_, _, _, _| None, now: at + 60, delays: NO_DELAY };
                policy.evaluate(&from, Capacity { desired: 2, running: 2, deploying: false })
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

    /// A policy on 30 jobs per worker, with a queue of so many jobs for so many workers in each minute.
    fn queue(minutes: &[(Option<f64>, u32)]) -> Vec<Want> {
        let key = MetricKey::new("Queue", "PerWorker", &[]);
        let tracked = Tracked::Custom(key, Statistic::Average);
        let mut policy = Tracking::new("service/c/s", "queue".into(), tracked, 30.0, true);
        let each = minutes.iter().enumerate().map(|(i, (_, workers))| {
            let read = |_: &MetricKey, _, at: i64, _| minutes.get(usize::try_from(at / 60).ok()?)?.0;
            let (now, metrics) = (i as i64 * 60 + 60, Metrics::default());
            let read = |key: &MetricKey, statistic: Statistic, from, to| {
                if from < 0 || from >= now { None } else { read(key, statistic, from, to) }
            };
            let from = Readings { metrics: &metrics, custom: &read, now, delays: NO_DELAY };
            policy.evaluate(&from, Capacity { desired: *workers, running: *workers, deploying: false })
        });
        each.collect()
    }

    #[test]
    fn a_customized_metric_scales_the_running_count_by_its_ratio_to_the_target() {
        assert_eq!(queue(&[(Some(75.0), 4); 3]), [Want::Unknown, Want::Unknown, Want::Out(10)]);
        assert_eq!(queue(&[(Some(3.0), 4); 15])[14], Want::In(1));
        assert_eq!(queue(&[(None, 4); 15])[14], Want::Unknown);
    }

    #[test]
    fn at_capacity_zero_one_datapoint_is_awaited_and_the_step_is_the_smallest() {
        assert_eq!(queue(&[(None, 0), (Some(0.0), 0), (Some(900.0), 0)]), [Want::Unknown, Want::Stay, Want::Out(1)]);
    }

    #[test]
    fn a_policy_has_the_two_alarms_that_aws_makes_by_their_names() {
        let policy = Tracking::new("service/c/s", "cpu".into(), Tracked::Service(Metric::Cpu), 70.0, true);
        let names: Vec<&str> = policy.alarms().map(PolicyAlarm::name).collect();
        assert!(names[0].starts_with("TargetTracking-service/c/s-AlarmHigh-"), "{names:?}");
        assert!(names[1].starts_with("TargetTracking-service/c/s-AlarmLow-"), "{names:?}");
    }
}
