//! A service's tasks under their load, between one change and the next.

use super::spec::WORK_MS_MIN;
use super::state::Service;
use crate::queue::Response;
use crate::tasks::Stage;

/// The healthy tasks of one revision that serve.
#[derive(Debug, Clone, Copy)]
pub(super) struct Group {
    pub(super) revision: usize,
    pub(super) count: u32,
    pub(super) arrivals: f64,
    pub(super) work_ms: f64,
    pub(super) response: Response,
    /// Requests that fail although they are answered, 0 to 1.
    errors: f64,
    pub(super) leak: f64,
    /// Behind the alternate target group.
    alternate: bool,
}

impl Service {
    pub(super) fn segment(&mut self, seconds: f64) {
        if self.take_jobs(seconds) {
            return;
        }
        let idle = self.spec.background_vcpu / self.spec.vcpu;
        let arriving = self.demand.requests / 60.0;
        let lost = self.group(arriving);
        let healthy: u32 = self.groups.iter().map(|g| g.count).sum();
        self.sums.billed_seconds += f64::from(self.tasks.billed()) * seconds;
        self.sums.healthy_seconds += f64::from(healthy) * seconds;
        if healthy == 0 {
            self.sums.unanswered += arriving * seconds;
            self.tasks.work(seconds, |_| idle);
            return;
        }
        self.sums.unanswered += arriving * lost * seconds;
        let groups = &self.groups;
        self.tasks.work(seconds, |task| {
            let group = groups.iter().find(|g| g.revision == task.revision && task.stage == Stage::Healthy);
            group.map_or(idle, |g| (idle + g.response.utilisation * (1.0 - idle)).min(1.0))
        });
        for group in &self.groups {
            let (count, response) = (f64::from(group.count), group.response);
            let requests = group.arrivals * count * seconds;
            let failed = (response.failed + response.served * (1.0 - (1.0 - group.errors) * (1.0 - self.troubled.1)))
                * count
                * seconds;
            self.sums.requests += requests;
            self.sums.failed += failed;
            if group.alternate {
                self.sums.alternate.0 += requests;
                self.sums.alternate.1 += failed;
            }
            self.sums.responses.add(group.arrivals * count * seconds, response);
            let used = self.spec.memory_of(group, self.mean_age(group));
            let share = count / f64::from(healthy);
            self.sums.memory_seconds += (used / self.spec.memory_mib).min(1.0) * seconds * share;
        }
    }

    /// Groups the healthy tasks that serve by their revision; every target gets the same share of what arrives, or of what
    /// a deployment sends to its revision. Returns the share that no target can take.
    fn group(&mut self, arriving: f64) -> f64 {
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
                    alternate: self.deploys.revisions.get(task.revision).is_some_and(|r| r.alternate),
                });
            }
        }
        let healthy: u32 = self.groups.iter().map(|g| g.count).sum();
        let mut taken = 0.0;
        for group in &mut self.groups {
            let share = self.deploys.share(group.revision);
            taken += share.unwrap_or(1.0);
            group.arrivals = match share {
                Some(share) => arriving * share / f64::from(group.count),
                None => arriving / f64::from(healthy),
            };
            let same = before.iter().find(|b| b.arrivals == group.arrivals && b.work_ms == group.work_ms);
            group.response = same.map_or_else(|| self.spec.respond(group.arrivals, group.work_ms), |b| b.response);
        }
        if self.groups.is_empty() { 1.0 } else { (1.0 - taken).max(0.0) }
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
    pub(super) fn short_of_memory(&self, now: i64) -> Option<u64> {
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
}
