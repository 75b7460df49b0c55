//! One ECS service: second by second, and what it publishes.

use super::dependency::Dependency;
use super::queue::Queue;
use super::spec::Spec;
use super::sums::Sums;
use super::traffic::Group;
use crate::cloudwatch::{Alternate, Metrics, Minute};
use crate::deploy::Deployments;
use crate::load::{Demand, Load};
use crate::queue::{Mixture, Response};
use crate::random::Random;
use crate::scaling::Target;
use crate::tasks::{Account, Ending, Noted, TaskStatus, Tasks};

/// While tasks run out of memory, the next look at it is so many seconds away.
const MEMORY_LOOK: i64 = 10;
/// What happened to tasks and is not taken is bounded: the oldest goes.
const NOTED_KEPT: usize = 4_096;

/// Failed starts in a row after which ECS says that a service cannot start its tasks (our assumption).
const IMPAIRED_AFTER: u32 = 3;

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
    /// Jobs that wait at its end, and those for each task.
    pub queued: Option<(f64, f64)>,
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
    /// The queue that it works off, instead of answering requests.
    pub queue: Option<Queue>,
    /// What its requests need.
    pub dependencies: Vec<Dependency>,
    /// Whether it publishes Container Insights.
    pub insights: bool,
    /// Desired counts that somebody sets by hand, by the second after the first midnight.
    pub manual: Vec<(i64, u32)>,
    /// Latency and errors that its dependencies add at the moment.
    pub(super) troubled: (f64, f64),
    load: Load,
    random: Random,
    pub(super) clock: i64,
    pub(super) demand: Demand,
    pub(super) sums: Sums,
    /// Healthy tasks by revision with their load, as of the last segment.
    pub(super) groups: Vec<Group>,
    /// Second of the run and midnight of its start, as of the last minute.
    begun: (i64, i64),
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
            queue: None,
            dependencies: Vec::new(),
            insights: false,
            manual: Vec::new(),
            troubled: (0.0, 0.0),
            load,
            random,
            clock: 0,
            demand,
            sums,
            groups: Vec::new(),
            begun: (0, 0),
            changed: false,
            impaired: false,
            quantiles: None,
        }
    }

    /// Puts it at the start of a run: nothing has happened before.
    pub(crate) fn start_at(&mut self, now: i64) {
        self.clock = now;
        let (config, alternate) = (self.deploys.config.clone(), self.deploys.alternate.clone());
        self.deploys = Deployments::at_rest(&self.spec.id.service, now);
        (self.deploys.config, self.deploys.alternate) = (config, alternate);
    }

    /// Begins a minute `second` seconds after the start of the run.
    pub fn begin(&mut self, now: i64, second: i64, midnight: i64) {
        self.clock = now;
        self.begun = (second, midnight);
        self.demand = self.load.at(second, midnight, &mut self.random);
        self.depend(second + midnight);
    }

    /// What somebody sets by hand in the minute that has just begun.
    pub(crate) fn set_by_hand(&self) -> Option<u32> {
        let begun = self.begun.0 + self.begun.1;
        self.manual.iter().find(|(at, _)| (begun..begun + 60).contains(at)).map(|(_, desired)| *desired)
    }

    /// Changes its load from now on.
    pub(crate) fn set_load(&mut self, load: Load) {
        self.load = load;
        self.demand = self.load.at(self.begun.0, self.begun.1, &mut self.random);
    }

    /// What arrives in this minute.
    #[must_use]
    pub fn demand(&self) -> Demand {
        self.demand
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
            if noted.status == TaskStatus::Stopped && noted.task.ending == Some(Ending::Unhealthy) {
                let (task, group) = (self.task_id(noted.task.id), self.target_group_arn());
                self.deploys.say(noted.at, format!("(task {task}) (port 80) is unhealthy in (target-group {group}) due to (reason Health checks failed with these codes: [503])."));
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
            let (reason, why) = account.refusal();
            self.deploys.action(now, "ERROR", "SERVICE_TASK_PLACEMENT_FAILURE", Some(reason));
            self.deploys.say(now, format!("was unable to place a task. Reason: {why}"));
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
        let (errors, unanswered) = (sums.failed.round(), sums.unanswered.round());
        let published = |count: f64| (count > 0.0).then_some(count);
        let alternate = self.deploys.alternate.as_ref().map(|_| Alternate {
            requests: published(sums.alternate.0.round()),
            errors: published(sums.alternate.1.round()),
        });
        let running = self.tasks.running();
        let samples = u32::try_from(reports.len()).unwrap_or(u32::MAX);
        let minute = Minute {
            at,
            cpu: mean(reports.iter().sum::<f64>() * 100.0, f64::from(samples)),
            cpu_samples: samples,
            cpu_extremes: (samples > 0).then(|| extremes(&reports)),
            memory: (samples > 0).then_some(sums.memory_seconds / 60.0 * 100.0),
            requests,
            requests_per_target: requests.and_then(|r| mean(r, targets)),
            targets,
            unhealthy: (running > 0 || targets > 0.0).then(|| f64::from(running.saturating_sub(self.tasks.healthy()))),
            response_avg: sums.responses.mean(),
            response_p50,
            response_p95,
            response_p99,
            errors: (errors > 0.0).then_some(errors),
            unanswered: (unanswered > 0.0).then_some(unanswered),
            alternate,
            responses: Mixture::default(),
        };
        self.metrics.publish(Minute { responses: sums.responses.clone(), ..minute.clone() });
        let Sums { responses, unanswered, billed_seconds, .. } = sums;
        Ended { minute, responses, unanswered, billed_seconds, queued: self.queued() }
    }
}

/// The lowest and the highest CPU that a task reported, in percent.
fn extremes(reports: &[f64]) -> (f64, f64) {
    let percent = reports.iter().map(|r| r * 100.0);
    percent.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), r| (low.min(r), high.max(r)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::load::{Row, Shape, Table};
    use crate::random::Lengths;
    use crate::tasks::Life;
    use headroom_core::id::ServiceId;

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
