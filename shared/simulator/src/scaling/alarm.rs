//! The alarm that calls a policy: on a metric of the service, or on one that somebody puts.

use headroom_core::fleet::Metric;
use headroom_core::id::ServiceId;
use headroom_core::signal::AlarmState;

use crate::cloudwatch::{Alarm, Compare, Comparison, Delays, MetricKey, Metrics, Missing, Statistic, evaluate};

/// Periods more than N that are looked at, as for every alarm here.
const RANGE_EXTRA: usize = 2;

/// Reads a statistic of `[from, to)` of a metric that somebody put.
pub type ReadCustom<'a> = &'a dyn Fn(&MetricKey, Statistic, i64, i64) -> Option<f64>;

/// What a policy can read at an instant.
#[derive(Clone, Copy)]
pub struct Readings<'a> {
    /// What the service published.
    pub metrics: &'a Metrics,
    /// What somebody put.
    pub custom: ReadCustom<'a>,
    /// Seconds since the epoch.
    pub now: i64,
    /// When a minute can be read.
    pub delays: Delays,
}

/// What a policy watches.
#[derive(Debug, Clone, PartialEq)]
pub enum Tracked {
    /// A metric of the service.
    Service(Metric),
    /// CustomizedMetricSpecification: a metric and its statistic.
    Custom(MetricKey, Statistic),
}

impl Tracked {
    /// The metric, when it is the service's.
    #[must_use]
    pub fn metric(&self) -> Option<Metric> {
        match self {
            Self::Service(metric) => Some(*metric),
            Self::Custom(..) => None,
        }
    }
}

/// An alarm of a policy, on periods of 60 s.
#[derive(Debug, Clone, PartialEq)]
pub enum PolicyAlarm {
    /// On a metric of the service.
    Service(Alarm),
    /// On a metric that somebody puts.
    Custom(CustomAlarm),
}

/// An alarm on a metric that somebody puts.
#[derive(Debug, Clone, PartialEq)]
pub struct CustomAlarm {
    key: MetricKey,
    statistic: Statistic,
    name: String,
    compare: Compare,
    threshold: f64,
    m: usize,
    n: usize,
    missing: Missing,
    state: AlarmState,
}

impl PolicyAlarm {
    /// An alarm of M of N minutes; it begins in INSUFFICIENT_DATA.
    #[must_use]
    pub fn new(name: String, tracked: &Tracked, compare: Compare, threshold: f64, (m, n): (usize, usize)) -> Self {
        match tracked {
            Tracked::Service(metric) => {
                Self::Service(Alarm { m, ..Alarm::all_of(name, *metric, compare, threshold, n) })
            }
            Tracked::Custom(key, statistic) => {
                let (key, statistic, state) = (key.clone(), *statistic, AlarmState::InsufficientData);
                let missing = Missing::default();
                Self::Custom(CustomAlarm { key, statistic, name, compare, threshold, m, n, missing, state })
            }
        }
    }

    /// AlarmName.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Service(alarm) => &alarm.name,
            Self::Custom(alarm) => &alarm.name,
        }
    }

    /// Its state.
    #[must_use]
    pub fn state(&self) -> AlarmState {
        match self {
            Self::Service(alarm) => alarm.state,
            Self::Custom(alarm) => alarm.state,
        }
    }

    /// Threshold.
    #[must_use]
    pub fn threshold(&self) -> f64 {
        match self {
            Self::Service(alarm) => alarm.threshold,
            Self::Custom(alarm) => alarm.threshold,
        }
    }

    /// Evaluates it.
    pub(super) fn evaluate(&mut self, from: &Readings<'_>) {
        match self {
            Self::Service(alarm) => drop(alarm.evaluate(from.metrics, from.now, from.delays)),
            Self::Custom(alarm) => {
                let breaches = |value: f64| match alarm.compare {
                    Compare::Above => value > alarm.threshold,
                    Compare::Below => value < alarm.threshold,
                };
                let points = alarm.window(from, alarm.n + RANGE_EXTRA).map(|p| p.map(breaches)).collect::<Vec<_>>();
                alarm.state = evaluate(&points, alarm.m, alarm.n, alarm.missing, alarm.state);
            }
        }
    }

    /// The newest value, with the tasks that it is an average over where the metric says so.
    pub(super) fn newest(&self, from: &Readings<'_>) -> Option<(f64, Option<f64>)> {
        match self {
            Self::Service(alarm) => {
                let newest = from.metrics.newest(alarm.metric, from.now, from.delays);
                newest.map(|(_, value, over)| (value, Some(over)))
            }
            Self::Custom(alarm) => alarm.window(from, alarm.n).flatten().last().map(|value| (value, None)),
        }
    }

    /// The known values of the N minutes that it looks at, oldest first.
    pub(super) fn values(&self, from: &Readings<'_>) -> Vec<f64> {
        match self {
            Self::Service(alarm) => {
                let window = from.metrics.window(alarm.metric, alarm.n + RANGE_EXTRA, from.now, from.delays);
                let known: Vec<f64> = window.flatten().map(|(value, _)| value).collect();
                known[known.len().saturating_sub(alarm.n)..].to_vec()
            }
            Self::Custom(alarm) => alarm.window(from, alarm.n).flatten().collect(),
        }
    }
}

impl CustomAlarm {
    /// Name, metric, statistic, comparison, threshold, M and N.
    pub(crate) fn parts(&self) -> (&str, &MetricKey, Statistic, Comparison, f64, (u32, u32)) {
        let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        let comparison = match self.compare {
            Compare::Above => Comparison::Greater,
            Compare::Below => Comparison::Less,
        };
        let points = (count(self.m), count(self.n));
        (&self.name, &self.key, self.statistic, comparison, self.threshold, points)
    }

    fn window(&self, from: &Readings<'_>, length: usize) -> impl Iterator<Item = Option<f64>> {
        let newest = from.now.div_euclid(60) * 60 - 60;
        (0..length).rev().map(move |back| {
            let at = newest - back as i64 * 60;
            (from.custom)(&self.key, self.statistic, at, at + 60)
        })
    }
}

/// `TargetTracking-service/<cluster>/<service>-AlarmHigh-<uuid>` (AWS_FACTS 2.3). The id is made from the policy, so
/// that the same run has the same names.
pub(super) fn tracking_alarm(resource_id: &str, policy: &str, level: &str) -> String {
    format!("TargetTracking-{resource_id}-Alarm{level}-{}", uuid(&[resource_id, policy, level]))
}

/// PolicyARN.
#[must_use]
pub fn policy_arn(id: &ServiceId, policy: &str) -> String {
    let resource = id.resource_id();
    let uuid = uuid(&[&id.account, &id.region, &resource, policy]);
    format!(
        "arn:aws:autoscaling:{}:{}:scalingPolicy:{uuid}:resource/ecs/{resource}:policyName/{policy}",
        id.region, id.account
    )
}

/// A UUID of version 4 in form, made from words: FNV-1a, once forwards and once with another start.
pub(super) fn uuid(words: &[&str]) -> String {
    let hash = |start: u64| {
        let bytes = words.iter().flat_map(|word| word.bytes().chain([0]));
        bytes.fold(start, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3))
    };
    let (a, b) = (hash(0xcbf2_9ce4_8422_2325), hash(0x8422_2325_cbf2_9ce4));
    format!(
        "{:08x}-{:04x}-4{:03x}-8{:03x}-{:012x}",
        a >> 32,
        (a >> 16) & 0xffff,
        a & 0xfff,
        (b >> 48) & 0xfff,
        b & 0xffff_ffff_ffff
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_in_aws_form_the_same_each_time_and_another_for_each_policy() {
        let name = |policy| tracking_alarm("service/c/s", policy, "High");
        assert_eq!(name("cpu"), name("cpu"));
        assert_ne!(name("cpu"), name("memory"));
        let id = name("cpu").replace("TargetTracking-service/c/s-AlarmHigh-", "");
        assert_eq!(id.split('-').map(str::len).collect::<Vec<_>>(), [8, 4, 4, 4, 12], "{id}");
    }
}
