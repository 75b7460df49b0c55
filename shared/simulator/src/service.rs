//! One ECS service: its tasks under its load, second by second, and what it publishes.

use headroom_core::id::ServiceId;

use crate::cloudwatch::{Metrics, Minute};
use crate::deploy::Deployments;
use crate::load::{Demand, Load};
use crate::queue::{Mixture, Response, Server};
use crate::random::Random;
use crate::scaling::Target;
use crate::tasks::{Account, Ending, Noted, Stage, TaskStatus, Tasks};

/// While tasks run out of memory, the next look at it is so many seconds away.
const MEMORY_LOOK: i64 = 10;
/// What happened to tasks and is not taken is bounded: the oldest goes.
const NOTED_KEPT: usize = 4_096;

/// Failed starts in a row after which ECS says that a service cannot start its tasks (our assumption).
const IMPAIRED_AFTER: u32 = 3;
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

impl Spec {
    fn respond(&self, arrivals: f64, work_ms: f64) -> Response {
        // A worker per whole vCPU; less than one vCPU is one slower worker.
        let workers = (self.vcpu.floor() as u32).max(1);
        let free = (self.vcpu - self.background_vcpu).max(WORK_MS_MIN);
        let rate = free / f64::from(workers) / (work_ms / 1_000.0);
        let server = Server { workers, rate, elsewhere: self.elsewhere, timeout: self.timeout };
        server.respond(arrivals)
    }

    /// Memory of a task of a group, so many minutes after it began to run.
    fn memory_of(&self, group: &Group, age: f64) -> f64 {
        // Little's law: requests in flight are those served in a second times how long each takes.
        let in_flight = group.response.served * group.response.mean;
        self.memory_base_mib + self.memory_per_request_mib * in_flight + group.leak * age
    }
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

/// The healthy tasks of one revision that serve.
#[derive(Debug, Clone, Copy)]
struct Group {
    revision: usize,
    count: u32,
    arrivals: f64,
    work_ms: f64,
    response: Response,
    /// Requests that fail although they are answered, 0 to 1.
    errors: f64,
    leak: f64,
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
    /// Its deployments.
    pub deploys: Deployments,
    /// Whether what happens is kept until it is taken.
    pub(crate) listened: bool,
    pub(crate) noted: Vec<Noted>,
    load: Load,
    random: Random,
    clock: i64,
    demand: Demand,
    sums: Sums,
    /// Healthy tasks by revision with their load, as of the last segment.
    groups: Vec<Group>,
    changed: bool,
    impaired: bool,
    quantiles: Option<(Response, [Option<f64>; 3])>,
}

impl Service {
    /// A service at rest.
    #[must_use]
    pub fn new(spec: Spec, load: Load, tasks: Tasks, target: Target, account: usize, random: Random) -> Self {
        let demand = Demand { requests: 0.0, work_ms: 0.0 };
        let (metrics, sums) = (Metrics::default(), Sums::default());
        let deploys = Deployments::at_rest(&spec.id.service, 0);
        Self {
            spec,
            tasks,
            target,
            metrics,
            account,
            deploys,
            listened: false,
            noted: Vec::new(),
            load,
            random,
            clock: 0,
            demand,
            sums,
            groups: Vec::new(),
            changed: false,
            impaired: false,
            quantiles: None,
        }
    }

    /// Puts it at the start of a run: nothing has happened before.
    pub(crate) fn start_at(&mut self, now: i64) {
        self.clock = now;
        let config = self.deploys.config.clone();
        self.deploys = Deployments::at_rest(&self.spec.id.service, now);
        self.deploys.config = config;
    }

    /// Begins a minute `second` seconds after the start of the run.
    pub fn begin(&mut self, now: i64, second: i64, midnight: i64) {
        self.clock = now;
        self.demand = self.load.at(second, midnight, &mut self.random);
    }

    /// Runs to a time, from one change of a task or a deployment to the next.
    pub fn run_to(&mut self, now: i64, account: &mut Account) {
        while self.clock < now {
            self.settle(self.clock, account);
            let next = [self.tasks.next_change(), self.deploys.next_change()].into_iter().flatten().min();
            let mut until = next.map_or(now, |next| next.clamp(self.clock + 1, now));
            let short = self.short_of_memory(self.clock);
            if short.is_some() {
                until = until.min(self.clock + MEMORY_LOOK);
            }
            self.segment((until - self.clock) as f64);
            self.clock = until;
            if let Some(id) = short {
                self.fail_task(id, Ending::OutOfMemory, account);
            }
        }
        self.settle(now, account);
    }

    /// Sets the desired count; tasks follow.
    pub fn want(&mut self, desired: u32, now: i64, account: &mut Account) {
        self.tasks.desired = desired;
        self.control(now, account);
    }

    /// Ends a task at once. Says whether there was one.
    pub fn fail_task(&mut self, id: u64, ending: Ending, account: &mut Account) -> bool {
        let (now, there) = (self.clock, self.tasks.fail(id, self.clock, ending, account));
        self.control(now, account);
        there
    }

    /// Brings tasks and deployments to where they are at `now`.
    fn settle(&mut self, now: i64, account: &mut Account) {
        let due = |at: Option<i64>| at.is_some_and(|at| at <= now);
        if due(self.tasks.next_change()) || due(self.deploys.next_change()) || self.changed {
            self.tasks.advance(now, account);
            self.control(now, account);
        }
    }

    /// The scheduler's look: what failed is counted, what is missing is started, what is too much is stopped.
    pub(crate) fn control(&mut self, now: i64, account: &mut Account) {
        self.changed = false;
        self.impaired &= self.tasks.failed_starts > 0;
        let ended = self.tasks.take_noted();
        for noted in &ended {
            let failed =
                noted.status == TaskStatus::Stopped && noted.task.ending.as_ref().is_some_and(Ending::is_failure);
            if failed {
                self.deploys.failed(noted.task.revision, &mut self.tasks, noted.at);
            }
        }
        self.note(ended);
        let unplaced = self.tasks.unplaced;
        self.deploys.step(&mut self.tasks, now);
        self.tasks.place(now, account);
        // A step may make room for the next one: a task that was pending is dropped at once, not after a drain.
        self.changed = !self.tasks.noted_is_empty();
        let begun = self.tasks.take_noted();
        self.note(begun);
        if self.tasks.unplaced && !unplaced {
            self.deploys.action(now, "ERROR", "SERVICE_TASK_PLACEMENT_FAILURE", Some("RESOURCE:CPU"));
            self.deploys.say(now, "was unable to place a task. Reason: You've reached the limit on the number of vCPUs you can run concurrently.".to_owned());
        }
        let impaired = self.tasks.failed_starts >= IMPAIRED_AFTER;
        if impaired && !std::mem::replace(&mut self.impaired, impaired) {
            self.deploys.action(now, "WARN", "SERVICE_TASK_START_IMPAIRED", None);
            self.deploys.say(now, "is unable to consistently start tasks successfully.".to_owned());
        }
        if !self.listened {
            drop(self.deploys.take_happened());
        }
    }

    fn note(&mut self, noted: Vec<Noted>) {
        if noted.is_empty() || !self.listened {
            return;
        }
        self.noted.extend(noted);
        let over = self.noted.len().saturating_sub(NOTED_KEPT);
        self.noted.drain(..over);
    }

    fn segment(&mut self, seconds: f64) {
        let idle = self.spec.background_vcpu / self.spec.vcpu;
        let arriving = self.demand.requests / 60.0;
        self.group(arriving);
        let healthy: u32 = self.groups.iter().map(|g| g.count).sum();
        self.sums.billed_seconds += f64::from(self.tasks.billed()) * seconds;
        self.sums.healthy_seconds += f64::from(healthy) * seconds;
        if healthy == 0 {
            self.sums.unanswered += arriving * seconds;
            self.tasks.work(seconds, |_| idle);
            return;
        }
        let groups = &self.groups;
        self.tasks.work(seconds, |task| {
            let group = groups.iter().find(|g| g.revision == task.revision && task.stage == Stage::Healthy);
            group.map_or(idle, |g| (idle + g.response.utilisation * (1.0 - idle)).min(1.0))
        });
        for group in &self.groups {
            let (count, response) = (f64::from(group.count), group.response);
            self.sums.requests += group.arrivals * count * seconds;
            self.sums.failed += (response.failed + response.served * group.errors) * count * seconds;
            self.sums.responses.add(group.arrivals * count * seconds, response);
            let used = self.spec.memory_of(group, self.mean_age(group));
            let share = count / f64::from(healthy);
            self.sums.memory_seconds += (used / self.spec.memory_mib).min(1.0) * seconds * share;
        }
    }

    /// Groups the healthy tasks that serve by their revision; every target gets the same share of what arrives.
    fn group(&mut self, arriving: f64) {
        let before = std::mem::take(&mut self.groups);
        for task in self.tasks.list().iter().filter(|t| t.stage == Stage::Healthy) {
            if let Some(group) = self.groups.iter_mut().find(|g| g.revision == task.revision) {
                group.count += 1;
            } else if self.deploys.serves(task.revision) {
                let release = self.deploys.release(task.revision);
                self.groups.push(Group {
                    revision: task.revision,
                    count: 1,
                    arrivals: 0.0,
                    work_ms: (self.demand.work_ms * release.map_or(1.0, |r| r.work_factor)).max(WORK_MS_MIN),
                    response: Response::default(),
                    errors: release.map_or(0.0, |r| r.errors_percent / 100.0),
                    leak: release.map_or(0.0, |r| r.leak_mib_per_minute),
                });
            }
        }
        let healthy: u32 = self.groups.iter().map(|g| g.count).sum();
        for group in &mut self.groups {
            group.arrivals = arriving / f64::from(healthy);
            let same = before.iter().find(|b| b.arrivals == group.arrivals && b.work_ms == group.work_ms);
            group.response = same.map_or_else(|| self.spec.respond(group.arrivals, group.work_ms), |b| b.response);
        }
    }

    /// Minutes that the tasks of a group have run, on average; only asked where memory grows with them.
    fn mean_age(&self, group: &Group) -> f64 {
        if group.leak <= 0.0 {
            return 0.0;
        }
        let serving = self.tasks.list().iter().filter(|t| t.revision == group.revision && t.stage == Stage::Healthy);
        let ages = serving.map(|t| self.clock.saturating_sub(t.running_since) as f64 / 60.0);
        ages.sum::<f64>() / f64::from(group.count.max(1))
    }

    /// The first task that uses more memory than it has.
    fn short_of_memory(&self, now: i64) -> Option<u64> {
        let over = |age: f64, group: &Group| self.spec.memory_of(group, age) > self.spec.memory_mib;
        let mut serving = self.tasks.list().iter().filter(|t| t.stage == Stage::Healthy);
        if self.groups.iter().all(|g| g.leak <= 0.0 && !over(0.0, g)) {
            return None;
        }
        let short = serving.find(|task| {
            let age = now.saturating_sub(task.running_since) as f64 / 60.0;
            let group = self.groups.iter().find(|g| g.revision == task.revision);
            group.is_some_and(|g| over(age, g))
        });
        short.map(|task| task.id)
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
