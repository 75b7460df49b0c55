//! The tasks of one service: placed, starting, running, healthy, draining, stopped.

use crate::random::{Lengths, Random};

/// Where a task is in its life. Times are seconds since the epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Wanted, not placed yet: no quota, or not its turn to be launched.
    Pending,
    /// Placed; runs at this time.
    Starting(i64),
    /// Running, not yet healthy in the target group; is so at this time.
    Running(i64),
    /// Serving.
    Healthy,
    /// Deregistered; gone at this time.
    Draining(i64),
}

/// One task.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Task {
    /// Its stage.
    pub stage: Stage,
    /// Since when it runs.
    pub running_since: i64,
    /// CPU used in the minute so far, in seconds of its whole size.
    pub busy: f64,
}

/// How tasks of a service live.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Life {
    /// From placed to running.
    pub start: Lengths,
    /// From running to healthy, in seconds.
    pub healthy_after: u32,
    /// From deregistered to stopped, in seconds.
    pub drain: u32,
}

/// Fargate's limits of an account, shared by its services.
#[derive(Debug, Clone, Default)]
pub struct Account {
    /// On-demand vCPU that may run at a time; none: unlimited.
    pub vcpu_quota: Option<f64>,
    /// Tasks launched in a second; none: unlimited.
    pub launches_per_second: Option<u32>,
    used: f64,
    slot: (i64, u32),
}

impl Account {
    /// The second in which the next task is launched; `None` when the quota is spent.
    fn launch(&mut self, now: i64, vcpu: f64) -> Option<i64> {
        if self.vcpu_quota.is_some_and(|q| self.used + vcpu > q + 1e-9) {
            return None;
        }
        self.used += vcpu;
        let Some(rate) = self.launches_per_second else { return Some(now) };
        if self.slot.0 < now {
            self.slot = (now, 0);
        }
        if self.slot.1 >= rate {
            self.slot = (self.slot.0 + 1, 0);
        }
        self.slot.1 += 1;
        Some(self.slot.0)
    }

    /// vCPU in use.
    #[must_use]
    pub fn vcpu_used(&self) -> f64 {
        self.used
    }
}

/// The tasks of a service and the number that is wanted.
#[derive(Debug, Clone)]
pub struct Tasks {
    /// Desired count.
    pub desired: u32,
    list: Vec<Task>,
    life: Life,
    vcpu: f64,
    random: Random,
}

impl Tasks {
    /// A service at rest: all of them healthy.
    #[must_use]
    pub fn at_rest(count: u32, life: Life, vcpu: f64, random: Random, account: &mut Account) -> Self {
        account.used += vcpu * f64::from(count);
        let task = Task { stage: Stage::Healthy, running_since: i64::MIN, busy: 0.0 };
        Self { desired: count, list: vec![task; count as usize], life, vcpu, random }
    }

    /// Sets the desired count; what is missing is pending until placed, what is too much drains or is dropped.
    pub fn want(&mut self, desired: u32, now: i64) {
        self.desired = desired;
        let mut excess = self.wanted().saturating_sub(desired);
        // The least far first, then the newest; which tasks ECS stops is not documented beyond balance.
        for index in (0..self.list.len()).rev() {
            if excess > 0 && self.list.get(index).is_some_and(|t| t.stage == Stage::Pending) {
                self.list.remove(index);
                excess -= 1;
            }
        }
        for serving in [false, true] {
            for task in self.list.iter_mut().rev() {
                let fits = match task.stage {
                    Stage::Starting(_) | Stage::Running(_) => !serving,
                    Stage::Healthy => serving,
                    Stage::Pending | Stage::Draining(_) => false,
                };
                if excess > 0 && fits {
                    task.stage = Stage::Draining(now + i64::from(self.life.drain));
                    excess -= 1;
                }
            }
        }
        let missing = desired.saturating_sub(self.wanted());
        for _ in 0..missing {
            self.list.push(Task { stage: Stage::Pending, running_since: i64::MAX, busy: 0.0 });
        }
    }

    /// Places what is pending, as far as the account's limits allow.
    pub fn place(&mut self, now: i64, account: &mut Account) {
        for task in self.list.iter_mut().filter(|t| t.stage == Stage::Pending) {
            let Some(launched) = account.launch(now, self.vcpu) else { return };
            task.stage = Stage::Starting(launched + i64::from(self.life.start.draw(&mut self.random)));
        }
    }

    /// When the next task changes its stage.
    #[must_use]
    pub fn next_change(&self) -> Option<i64> {
        self.list
            .iter()
            .filter_map(|t| match t.stage {
                Stage::Starting(at) | Stage::Running(at) | Stage::Draining(at) => Some(at),
                Stage::Pending | Stage::Healthy => None,
            })
            .min()
    }

    /// Moves every task to where it is at `now`.
    pub fn advance(&mut self, now: i64, account: &mut Account) {
        for task in &mut self.list {
            if let Stage::Starting(at) = task.stage
                && at <= now
            {
                task.stage = Stage::Running(at + i64::from(self.life.healthy_after));
                task.running_since = at;
            }
            if let Stage::Running(at) = task.stage
                && at <= now
            {
                task.stage = Stage::Healthy;
            }
        }
        let before = self.list.len();
        self.list.retain(|t| !matches!(t.stage, Stage::Draining(at) if at <= now));
        account.used -= self.vcpu * (before - self.list.len()) as f64;
    }

    /// Gives every running task its share of CPU: `serving` for healthy ones, `idle` for the others.
    pub fn work(&mut self, seconds: f64, serving: f64, idle: f64) {
        for task in &mut self.list {
            match task.stage {
                Stage::Healthy => task.busy += seconds * serving,
                Stage::Running(_) => task.busy += seconds * idle,
                Stage::Pending | Stage::Starting(_) | Stage::Draining(_) => {}
            }
        }
    }

    /// Utilisation of each task that ran through the whole minute from `minute`, 0 to 1; begins the next minute.
    pub fn report(&mut self, minute: i64) -> Vec<f64> {
        let reports = self.list.iter().filter(|t| t.running_since <= minute && is_running(t.stage));
        let reports = reports.map(|t| t.busy / 60.0).collect();
        self.list.iter_mut().for_each(|t| t.busy = 0.0);
        reports
    }

    fn count(&self, which: impl Fn(Stage) -> bool) -> u32 {
        self.list.iter().filter(|t| which(t.stage)).count() as u32
    }

    /// Tasks that are not on their way out.
    fn wanted(&self) -> u32 {
        self.count(|s| !matches!(s, Stage::Draining(_)))
    }

    /// Running count, as DescribeServices has it.
    #[must_use]
    pub fn running(&self) -> u32 {
        self.count(is_running)
    }

    /// Healthy targets.
    #[must_use]
    pub fn healthy(&self) -> u32 {
        self.count(|s| s == Stage::Healthy)
    }

    /// Tasks that wait to be placed.
    #[must_use]
    pub fn pending(&self) -> u32 {
        self.count(|s| s == Stage::Pending)
    }

    /// Tasks that are paid for: from placement to the end of draining.
    #[must_use]
    pub fn billed(&self) -> u32 {
        self.count(|s| s != Stage::Pending)
    }
}

fn is_running(stage: Stage) -> bool {
    matches!(stage, Stage::Running(_) | Stage::Healthy)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIFE: Life = Life { start: Lengths::Uniform { least: 50, most: 50 }, healthy_after: 20, drain: 30 };

    fn two(account: &mut Account) -> Tasks {
        Tasks::at_rest(2, LIFE, 2.0, Random::new(1, 1), account)
    }

    #[test]
    fn a_task_is_placed_starts_turns_healthy_drains_and_stops() {
        let mut account = Account::default();
        let mut tasks = two(&mut account);
        tasks.want(3, 100);
        tasks.place(100, &mut account);
        let seen = |tasks: &Tasks| (tasks.running(), tasks.healthy(), tasks.billed());
        assert_eq!((seen(&tasks), tasks.next_change()), ((2, 2, 3), Some(150)));
        tasks.advance(150, &mut account);
        assert_eq!((seen(&tasks), tasks.next_change()), ((3, 2, 3), Some(170)));
        tasks.advance(170, &mut account);
        assert_eq!(seen(&tasks), (3, 3, 3));
        tasks.want(2, 200);
        assert_eq!((seen(&tasks), tasks.next_change()), ((2, 2, 3), Some(230)));
        tasks.advance(230, &mut account);
        assert_eq!((seen(&tasks), account.vcpu_used()), ((2, 2, 2), 4.0));
    }

    #[test]
    fn what_the_quota_has_no_room_for_stays_pending_and_is_placed_when_there_is_room() {
        let mut account = Account { vcpu_quota: Some(6.0), ..Account::default() };
        let mut tasks = two(&mut account);
        tasks.want(5, 0);
        tasks.place(0, &mut account);
        assert_eq!((tasks.pending(), tasks.billed()), (2, 3));
        account.vcpu_quota = Some(20.0);
        tasks.place(60, &mut account);
        assert_eq!(tasks.pending(), 0);
    }

    #[test]
    fn the_launch_rate_spreads_a_large_scale_out_over_seconds() {
        let mut account = Account { launches_per_second: Some(2), ..Account::default() };
        let mut tasks = two(&mut account);
        tasks.want(7, 0);
        tasks.place(0, &mut account);
        for (now, running) in [(50, 4), (51, 6), (52, 7)] {
            tasks.advance(now, &mut account);
            assert_eq!(tasks.running(), running, "at {now}");
        }
    }

    #[test]
    fn a_task_reports_only_minutes_that_it_ran_through() {
        let mut account = Account::default();
        let mut tasks = two(&mut account);
        tasks.want(3, 0);
        tasks.place(0, &mut account);
        tasks.advance(50, &mut account);
        tasks.work(10.0, 1.0, 0.0);
        assert_eq!(tasks.report(0).len(), 2);
        assert_eq!(tasks.report(60).len(), 3);
    }

    #[test]
    fn tasks_that_do_not_serve_yet_are_stopped_first() {
        let mut account = Account::default();
        let mut tasks = two(&mut account);
        tasks.want(4, 0);
        tasks.place(0, &mut account);
        tasks.want(2, 10);
        assert_eq!((tasks.healthy(), tasks.running()), (2, 2));
    }
}
