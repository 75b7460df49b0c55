//! A service that works off a queue: jobs arrive, wait, and are taken by tasks.
//!
//! A fluid queue: what arrives and is not taken is carried from minute to minute. There is no load balancer before it,
//! so it has no requests, response times or 5xx.

use super::state::Service;

/// A queue and how its workers take from it.
#[derive(Debug, Clone, PartialEq)]
pub struct Queue {
    /// Its name.
    pub name: String,
    /// Jobs that a task works on at a time.
    pub at_a_time: u32,
    /// How long a job takes, in seconds.
    pub seconds: f64,
    /// Jobs that wait.
    pub depth: f64,
}

impl Service {
    /// Works off the queue for a while with the healthy tasks. Says whether there is a queue.
    pub(super) fn take_jobs(&mut self, seconds: f64) -> bool {
        let Some(queue) = &mut self.queue else { return false };
        let idle = self.spec.background_vcpu / self.spec.vcpu;
        let tasks = f64::from(self.tasks.healthy());
        self.sums.billed_seconds += f64::from(self.tasks.billed()) * seconds;
        let room = tasks * f64::from(queue.at_a_time) * seconds / queue.seconds;
        let there = queue.depth + self.demand.requests / 60.0 * seconds;
        let taken = there.min(room);
        queue.depth = there - taken;
        let busy = if room > 0.0 { taken / room } else { 0.0 };
        let work = taken * self.demand.work_ms / 1_000.0;
        let used = if tasks > 0.0 { work / (self.spec.vcpu * tasks * seconds) } else { 0.0 };
        self.tasks.work(seconds, |task| {
            if task.stage == crate::tasks::Stage::Healthy { (idle + used).min(1.0) } else { idle }
        });
        let jobs = f64::from(queue.at_a_time) * busy;
        let memory = self.spec.memory_base_mib + self.spec.memory_per_request_mib * jobs;
        self.sums.memory_seconds += (memory / self.spec.memory_mib).min(1.0) * seconds;
        true
    }

    /// Jobs that wait, and those for each running task; all of them where no task runs.
    #[must_use]
    pub fn queued(&self) -> Option<(f64, f64)> {
        let depth = self.queue.as_ref()?.depth;
        Some((depth, depth / f64::from(self.tasks.running().max(1))))
    }
}
