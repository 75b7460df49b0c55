//! What a service publishes, by metric.
//!
//! Names, dimensions and which statistics mean something: Elastic Load Balancing User Guide for Application Load
//! Balancers, "CloudWatch metrics for your Application Load Balancer"; Amazon ECS Developer Guide, "Amazon ECS
//! CloudWatch metrics".

use super::key::{MetricKey, Place};
use super::metrics::{Delays, Metrics, Minute};
use super::statistic::{Datapoint, Statistic, Summary};
use crate::queue::Mixture;
use crate::service::Service;

/// A metric of a service. Most are counted at its target group, one at the load balancer before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Published {
    /// CPUUtilization; a sample is a task that reported.
    Cpu,
    /// MemoryUtilization.
    Memory,
    /// RequestCount; a sample is a request, so every statistic but Sum and SampleCount is 1.
    Requests,
    /// RequestCountPerTarget; only Sum means something.
    RequestsPerTarget,
    /// TargetResponseTime in seconds.
    ResponseTime,
    /// HTTPCode_Target_5XX_Count; only when not zero.
    TargetErrors,
    /// HealthyHostCount.
    HealthyHosts,
    /// UnHealthyHostCount.
    UnhealthyHosts,
    /// RequestCount of the alternate target group.
    AlternateRequests,
    /// HTTPCode_Target_5XX_Count of the alternate target group.
    AlternateErrors,
    /// HTTPCode_ELB_5XX_Count; only when not zero, and never with a target group (AWS_FACTS 3).
    BalancerErrors,
}

/// The `TargetGroup` dimension of a target group's metrics.
#[must_use]
pub fn target_group_dimension(name: &str) -> String {
    format!("targetgroup/{name}/0123456789abcdef")
}

/// The `LoadBalancer` dimension: here every cluster has one load balancer, named after it.
#[must_use]
pub fn load_balancer_dimension(cluster: &str) -> String {
    format!("app/{cluster}/0123456789abcdef")
}

impl Published {
    const OF_TARGET_GROUP: [(&'static str, Self); 6] = [
        ("RequestCount", Self::Requests),
        ("RequestCountPerTarget", Self::RequestsPerTarget),
        ("TargetResponseTime", Self::ResponseTime),
        ("HTTPCode_Target_5XX_Count", Self::TargetErrors),
        ("HealthyHostCount", Self::HealthyHosts),
        ("UnHealthyHostCount", Self::UnhealthyHosts),
    ];

    /// Which metric of which services a key names; nothing: nobody publishes it.
    pub(crate) fn resolve(place: &Place, key: &MetricKey, services: &[Service]) -> Option<(Self, Vec<usize>)> {
        let found = |fits: &dyn Fn(&Service) -> bool| {
            let here = |s: &Service| s.spec.id.account == place.account && s.spec.id.region == place.region;
            services.iter().enumerate().filter(|(_, s)| here(s) && fits(s)).map(|(i, _)| i).collect::<Vec<_>>()
        };
        let of_group = |metric: Option<Self>, group: &str, balancer: Option<&str>| {
            let metric = metric?;
            let services = found(&|s| {
                target_group_dimension(&s.spec.target_group) == group
                    && balancer.is_none_or(|b| load_balancer_dimension(&s.spec.id.cluster) == b)
            });
            Some((metric, services))
        };
        let of_alternate = |group: &str, balancer: Option<&str>| {
            let metric = match key.name.as_str() {
                "RequestCount" => Self::AlternateRequests,
                "HTTPCode_Target_5XX_Count" => Self::AlternateErrors,
                _ => return None,
            };
            let services = found(&|s| {
                s.deploys.alternate.as_ref().is_some_and(|name| target_group_dimension(name) == group)
                    && balancer.is_none_or(|b| load_balancer_dimension(&s.spec.id.cluster) == b)
            });
            Some((metric, services)).filter(|(_, services)| !services.is_empty())
        };
        let by_name = || Self::OF_TARGET_GROUP.iter().find(|(n, _)| *n == key.name).map(|(_, m)| *m);
        let resolved = match key.namespace.as_str() {
            "AWS/ECS" => {
                let [cluster, service] = key.exactly(["ClusterName", "ServiceName"])?;
                let metric = match key.name.as_str() {
                    "CPUUtilization" => Self::Cpu,
                    "MemoryUtilization" => Self::Memory,
                    _ => return None,
                };
                Some((metric, found(&|s| s.spec.id.cluster == cluster && s.spec.id.service == service)))
            }
            "AWS/ApplicationELB" => {
                if let Some([group]) = key.exactly(["TargetGroup"]) {
                    of_alternate(group, None).or_else(|| of_group(by_name(), group, None))
                } else if let Some([balancer, group]) = key.exactly(["LoadBalancer", "TargetGroup"]) {
                    of_alternate(group, Some(balancer)).or_else(|| of_group(by_name(), group, Some(balancer)))
                } else {
                    let [balancer] = key.exactly(["LoadBalancer"])?;
                    let services = found(&|s| load_balancer_dimension(&s.spec.id.cluster) == balancer);
                    (key.name == "HTTPCode_ELB_5XX_Count").then_some((Self::BalancerErrors, services))
                }
            }
            _ => None,
        };
        resolved.filter(|(_, services)| !services.is_empty())
    }

    pub(super) fn delay(self, delays: Delays) -> i64 {
        match self {
            Self::Cpu | Self::Memory => delays.ecs,
            Self::Requests
            | Self::RequestsPerTarget
            | Self::ResponseTime
            | Self::TargetErrors
            | Self::HealthyHosts
            | Self::UnhealthyHosts
            | Self::AlternateRequests
            | Self::AlternateErrors
            | Self::BalancerErrors => delays.load_balancer,
        }
    }
}

impl Minute {
    /// A metric's samples of this minute; `None`: not published.
    #[must_use]
    pub fn summary(&self, metric: Published) -> Option<Summary> {
        let samples = f64::from(self.cpu_samples);
        let ones = |count: f64| Summary::same(1.0, count);
        let hosts = |average: f64| Summary { count: 1.0, sum: average, min: average.floor(), max: average.ceil() };
        match metric {
            Published::Cpu => self.cpu.map(|mean| {
                let (min, max) = self.cpu_extremes.unwrap_or((mean, mean));
                Summary { count: samples, sum: mean * samples, min, max }
            }),
            // Tasks of a service share its requests evenly here, so all use the same memory.
            Published::Memory => self.memory.map(|mean| Summary::same(mean, samples)),
            Published::Requests => self.own(self.requests, |other| other.requests).map(ones),
            Published::AlternateRequests => self.alternate.and_then(|other| other.requests).map(ones),
            Published::AlternateErrors => self.alternate.and_then(|other| other.errors).map(ones),
            Published::RequestsPerTarget => self.requests_per_target.map(|r| Summary::same(r, 1.0)),
            Published::ResponseTime => {
                let (mean, count) = (self.response_avg?, self.responses.requests());
                // The expected extremes of so many samples: our assumption, nobody draws single requests here.
                let extreme = |share: f64| self.responses.quantile(share).unwrap_or(mean);
                let (min, max) = (extreme(1.0 / (count + 1.0)), extreme(count / (count + 1.0)));
                Some(Summary { count, sum: mean * count, min, max })
            }
            Published::TargetErrors => self.own(self.errors, |other| other.errors).map(ones),
            Published::HealthyHosts => self.unhealthy.map(|_| hosts(self.targets)),
            Published::UnhealthyHosts => self.unhealthy.map(hosts),
            Published::BalancerErrors => self.unanswered.map(ones),
        }
    }
}

impl Metrics {
    /// A statistic of `[from, to)` as it can be read at `now`; `to - from` is a multiple of 60.
    #[must_use]
    pub fn read(
        &self,
        metric: Published,
        statistic: Statistic,
        (from, to): (i64, i64),
        now: i64,
        delays: Delays,
    ) -> Option<Datapoint> {
        let visible_until = now - 60 - metric.delay(delays);
        if to - from == 60 {
            return if from <= visible_until { self.minute(from)?.read(metric, statistic) } else { None };
        }
        let minutes = (from..to.min(visible_until + 1)).step_by(60).filter_map(|at| self.minute(at));
        if let Statistic::Percentile(percent) = statistic {
            return percentile(metric, minutes, percent);
        }
        let whole = minutes.filter_map(|m| m.summary(metric)).reduce(Summary::and)?;
        whole.value(statistic).map(|value| Datapoint { value, samples: whole.count })
    }
}

/// Percentiles come from the distribution of all responses, never from percentiles of parts of them.
fn percentile<'a>(metric: Published, minutes: impl Iterator<Item = &'a Minute>, percent: f64) -> Option<Datapoint> {
    if metric != Published::ResponseTime {
        let parts: Vec<Summary> = minutes.filter_map(|m| m.summary(metric)).collect();
        let whole = parts.iter().copied().reduce(Summary::and)?;
        // Of other metrics only the extremes of each minute are known: exact when the samples are the same.
        return (whole.min == whole.max && whole.count > 0.0)
            .then_some(Datapoint { value: whole.min, samples: whole.count });
    }
    let mut all = Mixture::default();
    minutes.for_each(|m| all.merge(&m.responses));
    Some(Datapoint { value: all.quantile(percent / 100.0)?, samples: all.requests() })
}

impl Minute {
    /// A statistic of this minute alone, without working out what it does not need.
    fn read(&self, metric: Published, statistic: Statistic) -> Option<Datapoint> {
        let response = metric == Published::ResponseTime;
        match statistic {
            Statistic::Percentile(percent) if response => {
                Some(Datapoint { value: self.percentile(percent)?, samples: self.responses.requests() })
            }
            Statistic::Average if response => {
                Some(Datapoint { value: self.response_avg?, samples: self.responses.requests() })
            }
            Statistic::Percentile(percent) => percentile(metric, std::iter::once(self), percent),
            Statistic::Average | Statistic::Sum | Statistic::Minimum | Statistic::Maximum | Statistic::SampleCount => {
                let summary = self.summary(metric)?;
                summary.value(statistic).map(|value| Datapoint { value, samples: summary.count })
            }
        }
    }

    fn percentile(&self, percent: f64) -> Option<f64> {
        if percent == 50.0 {
            self.response_p50
        } else if percent == 95.0 {
            self.response_p95
        } else if percent == 99.0 {
            self.response_p99
        } else {
            self.responses.quantile(percent / 100.0)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::queue::Server;

    const NO_DELAY: Delays = Delays { ecs: 0, load_balancer: 0 };

    fn responses(parts: &[(f64, f64)]) -> Mixture {
        let mut mixture = Mixture::default();
        for (requests, arrivals) in parts {
            let server = Server { workers: 1, rate: 10.0, elsewhere: 0.0, timeout: 60.0 };
            mixture.add(*requests, server.respond(*arrivals));
        }
        mixture
    }

    fn minute(at: i64, parts: &[(f64, f64)]) -> Minute {
        let responses = responses(parts);
        Minute {
            at,
            cpu: Some(50.0),
            cpu_samples: 4,
            cpu_extremes: Some((40.0, 70.0)),
            requests: Some(100.0),
            unhealthy: Some(1.0),
            targets: 3.5,
            response_avg: responses.mean(),
            response_p95: responses.quantile(0.95),
            responses,
            ..Minute::default()
        }
    }

    fn read(metrics: &Metrics, metric: Published, statistic: &str, from: i64, to: i64) -> Option<f64> {
        let statistic = Statistic::from_name(statistic).unwrap();
        metrics.read(metric, statistic, (from, to), 100_000, NO_DELAY).map(|d| d.value)
    }

    #[test]
    fn percentiles_of_a_longer_period_come_from_all_responses_and_not_from_percentiles() {
        let mut metrics = Metrics::default();
        metrics.publish(minute(0, &[(900.0, 1.0)]));
        metrics.publish(minute(60, &[(100.0, 9.5)]));
        let at = |from, to| read(&metrics, Published::ResponseTime, "p95", from, to).unwrap();
        let expected = responses(&[(900.0, 1.0), (100.0, 9.5)]).quantile(0.95).unwrap();
        assert_eq!(at(0, 120), expected);
        assert!((at(0, 120) - (at(0, 60) + at(60, 120)) / 2.0).abs() > 0.1);
        let p999 = read(&metrics, Published::ResponseTime, "p99.9", 0, 60).unwrap();
        assert_eq!(p999, responses(&[(900.0, 1.0)]).quantile(0.999).unwrap());
    }

    #[test]
    fn statistics_of_a_service_are_over_its_samples() {
        let mut metrics = Metrics::default();
        metrics.publish(minute(0, &[(100.0, 1.0)]));
        metrics.publish(minute(60, &[(300.0, 1.0)]));
        for (metric, statistic, expected) in [
            (Published::Cpu, "Average", 50.0),
            (Published::Cpu, "SampleCount", 8.0),
            (Published::Cpu, "Minimum", 40.0),
            (Published::Cpu, "Maximum", 70.0),
            (Published::Requests, "Sum", 200.0),
            (Published::Requests, "Average", 1.0),
            (Published::HealthyHosts, "Average", 3.5),
            (Published::HealthyHosts, "Minimum", 3.0),
            (Published::UnhealthyHosts, "Maximum", 1.0),
            (Published::ResponseTime, "SampleCount", 400.0),
        ] {
            assert_eq!(read(&metrics, metric, statistic, 0, 120), Some(expected), "{metric:?} {statistic}");
        }
    }

    #[test]
    fn counts_of_5xx_are_not_published_when_zero_and_read_as_missing() {
        let mut metrics = Metrics::default();
        metrics.publish(minute(0, &[(100.0, 1.0)]));
        metrics.publish(Minute { errors: Some(3.0), unanswered: Some(2.0), ..minute(60, &[(100.0, 1.0)]) });
        for (metric, expected) in [(Published::TargetErrors, 3.0), (Published::BalancerErrors, 2.0)] {
            assert_eq!(read(&metrics, metric, "Sum", 0, 60), None);
            assert_eq!(read(&metrics, metric, "Sum", 60, 120), Some(expected));
            assert_eq!(read(&metrics, metric, "Sum", 0, 120), Some(expected));
        }
    }

    #[test]
    fn a_reading_before_its_delay_is_not_there() {
        let mut metrics = Metrics::default();
        metrics.publish(minute(0, &[(100.0, 1.0)]));
        let at = |metric, now| {
            metrics.read(metric, Statistic::Sum, (0, 60), now, Delays { ecs: 30, load_balancer: 60 }).is_some()
        };
        assert_eq!((at(Published::Cpu, 89), at(Published::Cpu, 90)), (false, true));
        assert_eq!((at(Published::Requests, 119), at(Published::Requests, 120)), (false, true));
    }
}
