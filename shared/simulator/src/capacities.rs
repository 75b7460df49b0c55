//! What the function that watches capacity reads, as `ports.rs` is for the rest.

use std::collections::{BTreeMap, BTreeSet};

use headroom_core::at_max::{ActivitySeen, CapacityQuestion, CapacitySeen, CountsSeen, Points, Screened, Tracked};
use headroom_core::fleet::Metric;
use headroom_core::id::{CaseKey, ServiceId};
use headroom_core::seen::{Question, Reading};
use headroom_core::time::Seconds;
use headroom_pipeline::{Ask, Capacities, PortError};
use jiff::Timestamp;

use crate::cloudwatch::{Delays, Place};
use crate::scaling::{Activity, Outcome, StepPolicy, Tracked as Follows};
use crate::service::Service;
use crate::world::World;

/// DescribeServices takes ten services, DescribeScalableTargets fifty, GetMetricData five hundred metrics.
const CALLS_FOR: [(usize, usize); 3] = [(1, 10), (1, 50), (2, 500)];
const HOUR: usize = 60;
/// As far back as a failed activity is looked for; each minute looks.
const FAILED_SINCE: i64 = 180;
/// The world keeps two hours of minutes; what it says about two weeks is what is left of them.
const KEPT: usize = 128;
const FIVE_MINUTES: i64 = 300;

fn time(seconds: i64) -> Timestamp {
    Timestamp::from_second(seconds).unwrap_or(Timestamp::MIN)
}

impl Capacities for World {
    async fn screen(&self, services: &[ServiceId]) -> Result<Screened, PortError> {
        let mut counts = Vec::with_capacity(services.len());
        for id in services {
            let seen = self.plain(id).await?;
            let (tasks, cpu) = self.hour(id);
            counts.push(CountsSeen { service: seen.service, target: seen.target, tasks, cpu });
        }
        let since = self.seconds() - FAILED_SINCE;
        let failed = self.read(|all| {
            let fails = |s: &&Service| s.target.activities.iter().any(|a| a.at >= since && seen(s, a).failed());
            all.iter().filter(fails).map(|s| s.spec.id.clone()).collect()
        });
        let calls: usize = CALLS_FOR.iter().map(|(each, most)| (services.len() * each).div_ceil(*most)).sum();
        let high = self.read(|all| {
            let since = |s: &Service| s.target.policies.tracking.iter().filter_map(|p| p.high_since()).min();
            all.iter().filter_map(|s| Some((s.spec.id.clone(), time(since(s)?)))).collect()
        });
        // And one page each of the account's activities and of the alarms of its policies.
        Ok(Screened { counts, failed, high, calls: u32::try_from(calls + 2).unwrap_or(u32::MAX) })
    }

    async fn capacity(&self, question: &CapacityQuestion) -> Result<CapacitySeen, PortError> {
        let plain = self.plain(&question.service).await?;
        let (tasks, _) = self.hour(&question.service);
        let (now, delays) = (self.seconds(), self.delays);
        let not_asked = || Reading::Unreadable("not asked".to_owned());
        let of = |read: &dyn Fn(&Service) -> Reading<Points>| {
            self.of(&question.service, |service| read(service)).unwrap_or(Reading::Absent)
        };
        let tracked = self.of(&question.service, |service| tracked(service, question.fortnight, now, delays));
        let tasks_fortnight = if question.fortnight {
            of(&|s| Reading::Known(fives(&samples(s, KEPT, now, delays))))
        } else {
            not_asked()
        };
        let activities = self.of(&question.service, |service| {
            // As the adapter reads them: those of the last hour, newest first.
            let recent = service.target.activities.iter().rev().take_while(|a| a.at >= now - HOUR as i64 * 60);
            recent.map(|a| seen(service, a)).collect::<Vec<_>>()
        });
        let mut beside = BTreeMap::new();
        for id in &question.beside {
            let desired = self.of(id, |service| service.tasks.desired).map_or(Reading::Absent, Reading::Known);
            beside.insert(id.resource_id(), desired);
        }
        Ok(CapacitySeen {
            service: plain.service,
            target: plain.target,
            tracked: tracked.map_or(Reading::Absent, Reading::Known),
            tasks,
            tasks_fortnight,
            activities: activities.map_or(Reading::Absent, Reading::Known),
            quota: self.vcpu_quota(&Place::of(&question.service)),
            beside,
        })
    }

    async fn episodes(&self, now: Timestamp) -> Result<Vec<CaseKey>, PortError> {
        Ok(self.inner.borrow().journal.episodes(now))
    }
}

impl World {
    async fn plain(&self, id: &ServiceId) -> Result<headroom_core::seen::Seen, PortError> {
        let question = Question {
            service: id.clone(),
            policies: false,
            scheduled: false,
            load: None,
            alarm: None,
            tasks: false,
            quota: false,
            needs: Vec::new(),
        };
        let seen = self.ask(&[question]).await?.into_iter().next();
        seen.ok_or_else(|| PortError {
            place: "world".to_owned(),
            cause: "no answer".to_owned(),
            retry: headroom_pipeline::Retry::Later,
        })
    }

    fn of<T>(&self, id: &ServiceId, read: impl FnOnce(&Service) -> T) -> Option<T> {
        let index = self.index_of(id)?;
        self.read(|all| all.get(index).map(read))
    }

    /// Tasks and CPU of the last hour.
    fn hour(&self, id: &ServiceId) -> (Reading<Points>, Reading<Points>) {
        let (now, delays) = (self.seconds(), self.delays);
        let read = |service: &Service| {
            (
                Reading::Known(samples(service, HOUR, now, delays)),
                Reading::Known(metric(service, Metric::Cpu, HOUR, now, delays)),
            )
        };
        self.of(id, read).unwrap_or((Reading::Absent, Reading::Absent))
    }
}

fn tracked(service: &Service, fortnight: bool, now: i64, delays: Delays) -> Vec<Tracked> {
    let policies = service.target.policies.tracking.iter();
    let each = policies.map(|policy| {
        let predefined = match policy.tracked {
            Follows::Service(metric) => Some(metric),
            Follows::Custom(..) => None,
        };
        let points = |minutes| match predefined {
            Some(of) => Reading::Known(metric(service, of, minutes, now, delays)),
            None => Reading::Unreadable("no predefined metric".to_owned()),
        };
        Tracked {
            policy: policy.name.clone(),
            metric: predefined,
            target: policy.target,
            hour: points(HOUR),
            fortnight: match points(KEPT) {
                Reading::Known(points) if fortnight => Reading::Known(fives(&points)),
                Reading::Known(_) => Reading::Unreadable("not asked".to_owned()),
                other @ (Reading::Absent | Reading::Unreadable(_) | Reading::Stale { .. }) => other,
            },
        }
    });
    // Steps have no target: that they are there is all that can be told.
    let out = |policy: &&StepPolicy| policy.steps.iter().any(|step| step.adjust > 0);
    let steps = service.target.policies.step.iter().filter(out).map(|policy| Tracked {
        policy: policy.name.clone(),
        metric: None,
        target: 0.0,
        hour: Reading::Unreadable("a policy of steps".to_owned()),
        fortnight: Reading::Unreadable("a policy of steps".to_owned()),
    });
    each.chain(steps).collect()
}

fn metric(service: &Service, metric: Metric, minutes: usize, now: i64, delays: Delays) -> Points {
    window(service, metric, minutes, now, delays, |(value, _)| value)
}

fn samples(service: &Service, minutes: usize, now: i64, delays: Delays) -> Points {
    window(service, Metric::Cpu, minutes, now, delays, |(_, tasks)| tasks)
}

fn window(
    service: &Service,
    metric: Metric,
    minutes: usize,
    now: i64,
    delays: Delays,
    of: impl Fn((f64, f64)) -> f64,
) -> Points {
    let newest = now.div_euclid(60) * 60 - 60;
    let found = service.metrics.window(metric, minutes, now, delays).enumerate();
    let at = |n: usize| newest - (minutes - 1 - n) as i64 * 60;
    let values = found.filter_map(|(n, value)| Some((at(n), of(value?)))).collect();
    Points { values, ..Points::by_minute() }
}

/// Means of five minutes, as CloudWatch has them of what is older than two weeks of minutes.
fn fives(points: &Points) -> Points {
    let starts: BTreeSet<i64> = points.values.keys().map(|at| at.div_euclid(FIVE_MINUTES) * FIVE_MINUTES).collect();
    let mean = |start: i64| {
        let values: Vec<f64> = points.values.range(start..start + FIVE_MINUTES).map(|(_, value)| *value).collect();
        (start, values.iter().sum::<f64>() / values.len().max(1) as f64)
    };
    Points { period: Seconds(300), values: starts.into_iter().map(mean).collect() }
}

fn seen(service: &Service, activity: &Activity) -> ActivitySeen {
    let to = match activity.outcome {
        Outcome::Scaled { to, .. } => Some(to),
        Outcome::NotScaled(_) => None,
    };
    ActivitySeen {
        id: activity.id(&service.spec.id.resource_id()),
        at: time(activity.at),
        status: activity.status.name().to_owned(),
        message: activity.status_message(),
        to,
        not_scaled: activity.not_scaled().map(|reason| reason.code.to_string()).into_iter().collect(),
    }
}
