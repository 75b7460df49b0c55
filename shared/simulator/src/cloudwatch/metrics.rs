//! What is published about a service, minute by minute, and when it can be read.

use std::collections::VecDeque;

use headroom_core::fleet::Metric;

use crate::queue::Mixture;

/// Two hours: longer than any alarm here looks back, and the memory of a service does not grow with time.
pub(super) const MINUTES_KEPT: usize = 128;

/// How long after its end a minute can be read. AWS promises nothing; both have been seen well under two minutes,
/// the age that Headroom allows for (`seen::LOAD_AGE_MAX`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Delays {
    /// Of `AWS/ECS`, in seconds.
    pub ecs: i64,
    /// Of `AWS/ApplicationELB`, in seconds.
    pub load_balancer: i64,
}

impl Default for Delays {
    fn default() -> Self {
        Self { ecs: 30, load_balancer: 60 }
    }
}

impl Delays {
    fn of(self, metric: Metric) -> i64 {
        match metric {
            Metric::Cpu | Metric::Memory => self.ecs,
            Metric::RequestsPerTarget | Metric::ResponseTimeAvg | Metric::ResponseTimeP95 | Metric::ErrorRate => {
                self.load_balancer
            }
        }
    }
}

/// One minute of a service. What was not published is `None`: silence is no zero.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Minute {
    /// Its start, in seconds since the epoch.
    pub at: i64,
    /// CPUUtilization, Average, percent of the task size.
    pub cpu: Option<f64>,
    /// CPUUtilization, SampleCount: tasks that ran through the whole minute.
    pub cpu_samples: u32,
    /// CPUUtilization, Minimum and Maximum.
    pub cpu_extremes: Option<(f64, f64)>,
    /// MemoryUtilization, Average, percent.
    pub memory: Option<f64>,
    /// RequestCount.
    pub requests: Option<f64>,
    /// RequestCountPerTarget.
    pub requests_per_target: Option<f64>,
    /// Healthy targets, averaged over the minute.
    pub targets: f64,
    /// Running tasks that are not healthy at the end of the minute; `None` without any target. A target in its first
    /// health checks counts: our assumption, AWS does not say.
    pub unhealthy: Option<f64>,
    /// TargetResponseTime, Average, seconds.
    pub response_avg: Option<f64>,
    /// TargetResponseTime, p50, seconds.
    pub response_p50: Option<f64>,
    /// TargetResponseTime, p95, seconds.
    pub response_p95: Option<f64>,
    /// TargetResponseTime, p99, seconds.
    pub response_p99: Option<f64>,
    /// HTTPCode_Target_5XX_Count; published only when not zero.
    pub errors: Option<f64>,
    /// HTTPCode_ELB_5XX_Count; published only when not zero.
    pub unanswered: Option<f64>,
    /// Of `requests` and `errors` those at the alternate target group, where the service has one. Everything else is not
    /// told apart: our assumption, nothing here reads it by such a group.
    pub alternate: Option<Alternate>,
    /// Response times of all requests.
    pub responses: Mixture,
}

/// What the alternate target group of a service publishes; nothing is published when it is zero.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Alternate {
    /// RequestCount.
    pub requests: Option<f64>,
    /// HTTPCode_Target_5XX_Count.
    pub errors: Option<f64>,
}

impl Minute {
    /// Of a count over both target groups what belongs to the service's own.
    pub(super) fn own(&self, all: Option<f64>, alternate: fn(Alternate) -> Option<f64>) -> Option<f64> {
        match self.alternate {
            None => all,
            Some(other) => all.map(|all| all - alternate(other).unwrap_or(0.0)).filter(|own| *own > 0.0),
        }
    }
}

impl Minute {
    /// A metric's value, with the tasks or targets that it is an average over.
    #[must_use]
    pub fn value(&self, metric: Metric) -> Option<(f64, f64)> {
        let (value, over) = match metric {
            Metric::Cpu => (self.cpu, f64::from(self.cpu_samples)),
            Metric::Memory => (self.memory, f64::from(self.cpu_samples)),
            Metric::RequestsPerTarget => (self.requests_per_target, self.targets),
            Metric::ResponseTimeAvg => (self.response_avg, self.targets),
            Metric::ResponseTimeP95 => (self.response_p95, self.targets),
            // 100 * FILL(errors, 0) / requests, as a metric-math alarm has it.
            Metric::ErrorRate => {
                let requests = self.requests.filter(|r| *r > 0.0);
                (requests.map(|r| self.errors.unwrap_or(0.0) / r * 100.0), self.targets)
            }
        };
        value.map(|v| (v, over))
    }
}

/// The newest minutes of a service.
#[derive(Debug, Clone, Default)]
pub struct Metrics {
    minutes: VecDeque<Minute>,
    /// While true nothing arrives: a minute is published without a value.
    pub silent: bool,
}

impl Metrics {
    /// Publishes a minute; the oldest makes room.
    pub fn publish(&mut self, minute: Minute) {
        if self.minutes.len() == MINUTES_KEPT {
            self.minutes.pop_front();
        }
        self.minutes.push_back(if self.silent { Minute { at: minute.at, ..Minute::default() } } else { minute });
    }

    /// The minutes of a metric that are complete at `now`, the newest last, one per minute; what is not published
    /// yet, or never was, is `None`.
    pub fn window(
        &self,
        metric: Metric,
        length: usize,
        now: i64,
        delays: Delays,
    ) -> impl Iterator<Item = Option<(f64, f64)>> {
        let newest = now.div_euclid(60) * 60 - 60;
        let visible_until = now - 60 - delays.of(metric);
        (0..length).rev().map(move |back| {
            let at = newest - back as i64 * 60;
            self.minute(at).filter(|_| at <= visible_until)?.value(metric)
        })
    }

    /// The minute that began then, as far as it is kept.
    #[must_use]
    pub fn minute(&self, at: i64) -> Option<&Minute> {
        let from_end = usize::try_from((self.minutes.back()?.at - at).div_euclid(60)).ok()?;
        let minute = self.minutes.get(self.minutes.len().checked_sub(from_end + 1)?)?;
        (minute.at == at).then_some(minute)
    }

    /// SampleCount of CPUUtilization in the minute that began then: tasks that ran through it.
    #[must_use]
    pub fn samples(&self, at: i64) -> Option<u32> {
        self.minutes.iter().rev().find(|m| m.at == at).map(|m| m.cpu_samples).filter(|n| *n > 0)
    }

    /// The newest value that can be read, with its minute's start and the tasks or targets behind it.
    #[must_use]
    pub fn newest(&self, metric: Metric, now: i64, delays: Delays) -> Option<(i64, f64, f64)> {
        let visible_until = now - 60 - delays.of(metric);
        self.minutes
            .iter()
            .rev()
            .filter(|m| m.at <= visible_until)
            .find_map(|m| m.value(metric).map(|(value, over)| (m.at, value, over)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn minute(at: i64, cpu: f64) -> Minute {
        Minute { at, cpu: Some(cpu), cpu_samples: 2, ..Minute::default() }
    }

    #[test]
    fn a_minute_can_be_read_only_after_its_delay() {
        let mut metrics = Metrics::default();
        metrics.publish(minute(0, 1.0));
        metrics.publish(minute(60, 2.0));
        let delays = Delays::default();
        let window =
            |now| -> Vec<_> { metrics.window(Metric::Cpu, 2, now, delays).map(|p| p.map(|(v, _)| v)).collect() };
        assert_eq!(window(149), [Some(1.0), None]);
        assert_eq!(window(150), [Some(1.0), Some(2.0)]);
        assert_eq!(metrics.newest(Metric::Cpu, 149, delays), Some((0, 1.0, 2.0)));
    }

    #[test]
    fn errors_are_published_only_when_not_zero_and_their_rate_fills_in_zero() {
        let clean = Minute { requests: Some(100.0), ..Minute::default() };
        assert_eq!((clean.errors, clean.value(Metric::ErrorRate)), (None, Some((0.0, 0.0))));
        assert_eq!(Minute::default().value(Metric::ErrorRate), None, "no requests: no rate");
    }

    #[test]
    fn the_memory_of_a_service_does_not_grow_with_time() {
        let mut metrics = Metrics::default();
        (0..1_000).for_each(|i| metrics.publish(minute(i * 60, 1.0)));
        assert_eq!(metrics.minutes.len(), MINUTES_KEPT);
    }
}
