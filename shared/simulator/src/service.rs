//! One ECS service: its tasks under its load, second by second, and what it publishes.

use headroom_core::id::ServiceId;

use crate::cloudwatch::{Metrics, Minute};
use crate::load::{Demand, Load};
use crate::queue::{Mixture, Response, Server};
use crate::random::Random;
use crate::scaling::Target;
use crate::tasks::{Account, Tasks};

/// Requests without work would make a worker infinitely fast. Milliseconds of one vCPU.
const WORK_MS_MIN: f64 = 0.001;

/// What a service is.
#[derive(Debug, Clone, PartialEq)]
pub struct Spec {
    /// Its name in the scenario.
    pub name: String,
    /// Its name in AWS.
    pub id: ServiceId,
    /// Target group, by name.
    pub target_group: String,
    /// vCPU of a task.
    pub vcpu: f64,
    /// Memory of a task.
    pub memory_mib: f64,
    /// vCPU that a task uses without any request.
    pub background_vcpu: f64,
    /// Memory that a task uses without any request.
    pub memory_base_mib: f64,
    /// Memory of each request in flight.
    pub memory_per_request_mib: f64,
    /// Time of a request that is not CPU, in seconds.
    pub elsewhere: f64,
    /// Longer than this is a 5xx, in seconds.
    pub timeout: f64,
}

/// A minute's sums.
#[derive(Debug, Clone, Default)]
struct Sums {
    requests: f64,
    failed: f64,
    unanswered: f64,
    memory_seconds: f64,
    healthy_seconds: f64,
    billed_seconds: f64,
    responses: Mixture,
}

/// A minute as it was published, with what only the simulator knows.
#[derive(Debug, Clone)]
pub struct Ended {
    /// What CloudWatch has.
    pub minute: Minute,
    /// Response times.
    pub responses: Mixture,
    /// Requests that no target could take: the load balancer's own 5xx, without a target group (AWS_FACTS 3).
    pub unanswered: f64,
    /// Paid task time in seconds.
    pub billed_seconds: f64,
}

/// A service.
#[derive(Debug)]
pub struct Service {
    /// What it is.
    pub spec: Spec,
    /// Its tasks.
    pub tasks: Tasks,
    /// Its scalable target.
    pub target: Target,
    /// What it published.
    pub metrics: Metrics,
    /// Index of its account's limits.
    pub account: usize,
    load: Load,
    random: Random,
    clock: i64,
    demand: Demand,
    sums: Sums,
    last: Option<(f64, f64, Response)>,
    quantiles: Option<(Response, [Option<f64>; 3])>,
}

impl Service {
    /// A service at rest.
    #[must_use]
    pub fn new(spec: Spec, load: Load, tasks: Tasks, target: Target, account: usize, random: Random) -> Self {
        let demand = Demand { requests: 0.0, work_ms: 0.0 };
        let (metrics, sums) = (Metrics::default(), Sums::default());
        let (last, quantiles) = (None, None);
        Self { spec, tasks, target, metrics, account, load, random, clock: 0, demand, sums, last, quantiles }
    }

    /// Puts it at the start of a run: nothing has happened before.
    pub(crate) fn start_at(&mut self, now: i64) {
        self.clock = now;
    }

    /// Begins a minute `second` seconds after the start of the run.
    pub fn begin(&mut self, now: i64, second: i64, midnight: i64) {
        self.clock = now;
        self.demand = self.load.at(second, midnight, &mut self.random);
    }

    /// Runs to a time, from one change of a task to the next.
    pub fn run_to(&mut self, now: i64, account: &mut Account) {
        while self.clock < now {
            self.tasks.advance(self.clock, account);
            let until = self.tasks.next_change().map_or(now, |next| next.clamp(self.clock + 1, now));
            self.segment((until - self.clock) as f64);
            self.clock = until;
        }
        self.tasks.advance(now, account);
    }

    /// Sets the desired count and places what is missing.
    pub fn want(&mut self, desired: u32, now: i64, account: &mut Account) {
        self.tasks.want(desired, now);
        self.tasks.place(now, account);
    }

    fn segment(&mut self, seconds: f64) {
        let healthy = self.tasks.healthy();
        let idle = self.spec.background_vcpu / self.spec.vcpu;
        let arriving = self.demand.requests / 60.0;
        self.sums.billed_seconds += f64::from(self.tasks.billed()) * seconds;
        self.sums.healthy_seconds += f64::from(healthy) * seconds;
        if healthy == 0 {
            self.sums.unanswered += arriving * seconds;
            self.tasks.work(seconds, idle, idle);
            return;
        }
        let count = f64::from(healthy);
        let response = self.response(arriving / count);
        self.tasks.work(seconds, (idle + response.utilisation * (1.0 - idle)).min(1.0), idle);
        self.sums.requests += arriving * seconds;
        self.sums.failed += response.failed * count * seconds;
        self.sums.responses.add(arriving * seconds, response);
        // Little's law: requests in flight are those served in a second times how long each takes.
        let in_flight = response.served * response.mean;
        let used = self.spec.memory_base_mib + self.spec.memory_per_request_mib * in_flight;
        self.sums.memory_seconds += (used / self.spec.memory_mib).min(1.0) * seconds;
    }

    fn response(&mut self, arrivals: f64) -> Response {
        let work_ms = self.demand.work_ms.max(WORK_MS_MIN);
        if let Some((known, work, response)) = self.last
            && known == arrivals
            && work == work_ms
        {
            return response;
        }
        // A worker per whole vCPU; less than one vCPU is one slower worker.
        let workers = (self.spec.vcpu.floor() as u32).max(1);
        let free = (self.spec.vcpu - self.spec.background_vcpu).max(WORK_MS_MIN);
        let rate = free / f64::from(workers) / (work_ms / 1_000.0);
        let server = Server { workers, rate, elsewhere: self.spec.elsewhere, timeout: self.spec.timeout };
        let response = server.respond(arrivals);
        self.last = Some((arrivals, work_ms, response));
        response
    }

    /// p50, p95 and p99; a minute without a change has those of the minute before.
    fn percentiles(&mut self, responses: &Mixture) -> [Option<f64>; 3] {
        let found = || [0.50, 0.95, 0.99].map(|share| responses.quantile(share));
        let Some(only) = responses.only() else { return found() };
        if let Some((known, percentiles)) = self.quantiles
            && known == only
        {
            return percentiles;
        }
        let percentiles = found();
        self.quantiles = Some((only, percentiles));
        percentiles
    }

    /// Ends the minute that began then, and publishes it.
    pub fn end(&mut self, at: i64) -> Ended {
        let sums = std::mem::take(&mut self.sums);
        let reports = self.tasks.report(at);
        let targets = sums.healthy_seconds / 60.0;
        let mean = |all: f64, n: f64| (n > 0.0).then(|| all / n);
        let requests = (targets > 0.0).then(|| sums.requests.round());
        let [response_p50, response_p95, response_p99] = self.percentiles(&sums.responses);
        let errors = sums.failed.round();
        let samples = u32::try_from(reports.len()).unwrap_or(u32::MAX);
        let minute = Minute {
            at,
            cpu: mean(reports.iter().sum::<f64>() * 100.0, f64::from(samples)),
            cpu_samples: samples,
            memory: (samples > 0).then_some(sums.memory_seconds / 60.0 * 100.0),
            requests,
            requests_per_target: requests.and_then(|r| mean(r, targets)),
            targets,
            response_avg: sums.responses.mean(),
            response_p50,
            response_p95,
            response_p99,
            errors: (errors > 0.0).then_some(errors),
        };
        self.metrics.publish(minute.clone());
        Ended { minute, responses: sums.responses, unanswered: sums.unanswered, billed_seconds: sums.billed_seconds }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::load::{Row, Shape, Table};
    use crate::random::Lengths;
    use crate::tasks::Life;

    fn service(requests: f64, work_ms: f64, tasks: u32) -> (Service, Account) {
        let mut account = Account::default();
        let id = ServiceId { account: "1".into(), region: "r".into(), cluster: "c".into(), service: "s".into() };
        let spec = Spec {
            name: "web".into(),
            id,
            target_group: "web".into(),
            vcpu: 2.0,
            memory_mib: 4_096.0,
            background_vcpu: 0.0,
            memory_base_mib: 1_024.0,
            memory_per_request_mib: 0.0,
            elsewhere: 0.0,
            timeout: 60.0,
        };
        let life = Life { start: Lengths::Uniform { least: 20, most: 20 }, healthy_after: 10, drain: 30 };
        let tasks = Tasks::at_rest(tasks, life, 2.0, Random::new(1, 1), &mut account);
        let rows = vec![Row { at: 0, demand: Demand { requests, work_ms } }];
        let load = Load { shape: Shape::Table(Table { rows, linear: false }), noise: 0.0 };
        (Service::new(spec, load, tasks, Target::default(), 0, Random::new(1, 2)), account)
    }

    fn minute(service: &mut Service, account: &mut Account, at: i64) -> Ended {
        service.begin(at, at, 0);
        service.run_to(at + 60, account);
        service.end(at)
    }

    #[test]
    fn cpu_is_work_over_task_size_and_falls_with_more_tasks() {
        let (mut web, mut account) = service(1_700.0, 134.118, 2);
        let first = minute(&mut web, &mut account, 0).minute;
        assert!((first.cpu.unwrap() - 95.0).abs() < 0.01, "{:?}", first.cpu);
        assert_eq!((first.requests_per_target, first.cpu_samples), (Some(850.0), 2));
        web.want(3, 60, &mut account);
        minute(&mut web, &mut account, 60);
        let third = minute(&mut web, &mut account, 120).minute;
        assert!((third.cpu.unwrap() - 63.33).abs() < 0.01, "{:?}", third.cpu);
        assert_eq!(third.memory, Some(25.0));
    }

    #[test]
    fn overload_is_a_hundred_percent_cpu_slow_answers_and_errors() {
        let (mut web, mut account) = service(3_000.0, 134.118, 2);
        let over = minute(&mut web, &mut account, 0).minute;
        assert_eq!(over.cpu, Some(100.0));
        assert!(over.errors.unwrap() > 1_000.0 && over.response_p95.unwrap() > 5.0, "{over:?}");
    }

    #[test]
    fn without_a_healthy_target_nothing_is_published_and_nothing_is_answered() {
        let (mut web, mut account) = service(600.0, 10.0, 0);
        let ended = minute(&mut web, &mut account, 0);
        assert_eq!((ended.minute.cpu, ended.minute.requests, ended.minute.errors), (None, None, None));
        assert!((ended.unanswered - 600.0).abs() < 1e-9);
    }
}
