//! The list of a service's tasks.

use std::collections::VecDeque;

use super::account::Account;
use super::task::{Ending, Life, Noted, Stage, Task, TaskStatus, is_running};
use crate::deploy::{Begins, Release};
use crate::random::Random;

/// A target is unhealthy after so many seconds of failed checks: 3 checks, 30 s apart, the load balancer's defaults
/// being 2 and 30 s and ECS looking a little later (our assumption).
const UNHEALTHY_AFTER: i64 = 90;
/// First wait after a task that never ran; it doubles with each further one (Amazon ECS Developer Guide, "Service
/// throttle logic": the steps are not published).
const RESTART_WAIT: i64 = 10;
/// The guide's longest wait between restarts.
const RESTART_WAIT_MAX: i64 = 27 * 60;
/// Stopped tasks that are remembered; ECS shows them for an hour at least, a service in trouble stops some dozens.
const STOPPED_KEPT: usize = 64;
/// Tasks of a service, those that drain included: the quota "Tasks per service" (Amazon ECS Developer Guide, "Amazon
/// ECS service quotas"), so that no count which somebody sets fills the memory.
const TASKS_MAX: usize = 5_000;

/// The tasks of a service and the number that is wanted.
#[derive(Debug, Clone)]
pub struct Tasks {
    /// Desired count.
    pub desired: u32,
    /// Whether a task could not be placed the last time.
    pub unplaced: bool,
    /// Tasks that never ran, one after the other.
    pub failed_starts: u32,
    /// Whether tasks that come to run fail the load balancer's health checks, whatever their image.
    pub fails_checks: bool,
    list: Vec<Task>,
    stopped: VecDeque<Noted>,
    noted: Vec<Noted>,
    begins: Vec<(Begins, f64)>,
    made: u64,
    /// Revisions of the tasks that turned healthy and that nobody has asked for yet.
    turned: Vec<usize>,
    wait_until: i64,
    life: Life,
    vcpu: f64,
    random: Random,
}

impl Tasks {
    /// A service at rest: all of them healthy, of the first revision.
    #[must_use]
    pub fn at_rest(count: u32, life: Life, vcpu: f64, random: Random, account: &mut Account) -> Self {
        account.used += vcpu * f64::from(count);
        let task = |id| Task {
            id,
            revision: 0,
            stage: Stage::Healthy,
            created: i64::MIN,
            running_since: i64::MIN,
            busy: 0.0,
            ending: None,
            begins: Begins::Well,
        };
        Self {
            desired: count,
            unplaced: false,
            failed_starts: 0,
            fails_checks: false,
            list: (0..u64::from(count)).map(task).collect(),
            stopped: VecDeque::new(),
            noted: Vec::new(),
            begins: vec![(Begins::Well, 100.0)],
            made: u64::from(count),
            turned: Vec::new(),
            wait_until: i64::MIN,
            life,
            vcpu,
            random,
        }
    }

    /// Says how the tasks of the next revision begin.
    pub(crate) fn add_revision(&mut self, release: &Release) {
        self.begins.push((release.begins, release.begins_percent));
    }

    /// A new task definition ends the throttle at once (Amazon ECS Developer Guide, "Service throttle logic").
    pub(crate) fn unthrottle(&mut self) {
        (self.failed_starts, self.wait_until) = (0, i64::MIN);
    }

    /// Revisions of the tasks that turned healthy since this was last asked.
    pub(crate) fn take_turned(&mut self) -> Vec<usize> {
        std::mem::take(&mut self.turned)
    }

    /// Wants more tasks of a revision; they are pending until placed. What is over the quota never starts.
    pub fn start(&mut self, revision: usize, count: u32, now: i64) {
        for _ in 0..TASKS_MAX.saturating_sub(self.list.len()).min(count as usize) {
            self.made += 1;
            self.list.push(Task {
                id: self.made,
                revision,
                stage: Stage::Pending,
                created: now,
                running_since: i64::MAX,
                busy: 0.0,
                ending: None,
                begins: Begins::Well,
            });
        }
    }

    /// Ends up to `count` tasks of those chosen: what is pending is dropped, the others drain, the least far first,
    /// then the newest; which tasks ECS stops is not documented beyond balance. Returns how many.
    pub fn stop(&mut self, count: u32, now: i64, ending: &Ending, chosen: impl Fn(&Task) -> bool) -> u32 {
        let mut left = count;
        for index in (0..self.list.len()).rev() {
            if left > 0 && self.list.get(index).is_some_and(|t| t.stage == Stage::Pending && chosen(t)) {
                self.list.remove(index);
                left -= 1;
            }
        }
        for serving in [false, true] {
            for task in self.list.iter_mut().rev() {
                let fits = match task.stage {
                    Stage::Starting(_) | Stage::Running(_) => !serving,
                    Stage::Healthy => serving,
                    Stage::Pending | Stage::Draining(_) => false,
                };
                if left > 0 && fits && chosen(task) {
                    task.ending = Some(ending.clone());
                    task.stage = Stage::Draining(now + i64::from(self.life.drain));
                    self.noted.push(Noted { at: now, task: task.clone(), status: TaskStatus::Deactivating });
                    left -= 1;
                }
            }
        }
        count - left
    }

    /// Ends a task at once, as a crash does. Says whether there was one.
    pub fn fail(&mut self, id: u64, now: i64, ending: Ending, account: &mut Account) -> bool {
        let Some(index) = self.list.iter().position(|t| t.id == id && t.stage != Stage::Pending) else { return false };
        let mut task = self.list.remove(index);
        task.ending = Some(ending);
        self.gone(task, now, account);
        true
    }

    fn gone(&mut self, task: Task, at: i64, account: &mut Account) {
        account.used -= self.vcpu;
        let noted = Noted { at, task, status: TaskStatus::Stopped };
        if self.stopped.len() == STOPPED_KEPT {
            self.stopped.pop_front();
        }
        self.stopped.push_back(noted.clone());
        self.noted.push(noted);
    }

    /// Places what is pending, as far as the account's limits allow and unless restarts are throttled.
    pub fn place(&mut self, now: i64, account: &mut Account) {
        if now < self.wait_until {
            return;
        }
        self.wait_until = i64::MIN;
        self.unplaced = false;
        for task in self.list.iter_mut().filter(|t| t.stage == Stage::Pending) {
            let Some(launched) = account.launch(now, self.vcpu) else {
                self.unplaced = true;
                return;
            };
            task.stage = Stage::Starting(launched + i64::from(self.life.start.draw(&mut self.random)));
            if let Some((begins, percent)) = self.begins.get(task.revision)
                && *begins != Begins::Well
                && self.random.unit() * 100.0 < *percent
            {
                task.begins = *begins;
            }
            self.noted.push(Noted { at: now, task: task.clone(), status: TaskStatus::Pending });
        }
    }

    /// When the next task changes its stage, or may be started again.
    #[must_use]
    pub fn next_change(&self) -> Option<i64> {
        let stages = self.list.iter().filter_map(|t| match t.stage {
            Stage::Starting(at) | Stage::Running(at) | Stage::Draining(at) => Some(at),
            Stage::Pending => (self.wait_until > t.created).then_some(self.wait_until),
            Stage::Healthy => None,
        });
        let exits = self.list.iter().filter_map(|t| match (t.stage, t.begins) {
            (Stage::Running(_) | Stage::Healthy, Begins::Exits(after)) => Some(t.running_since + i64::from(after)),
            _ => None,
        });
        stages.chain(exits).min()
    }

    /// Moves every task to where it is at `now`.
    pub fn advance(&mut self, now: i64, account: &mut Account) {
        let mut ended = Vec::new();
        for task in &mut self.list {
            if let Stage::Starting(at) = task.stage
                && at <= now
            {
                if task.begins == Begins::NotAtAll {
                    ended.push((task.id, at, Ending::NotPulled));
                    continue;
                }
                if self.fails_checks && task.begins == Begins::Well {
                    task.begins = Begins::Unhealthy;
                }
                let unhealthy = task.begins == Begins::Unhealthy;
                let after = i64::from(self.life.healthy_after) + if unhealthy { UNHEALTHY_AFTER } else { 0 };
                task.stage = Stage::Running(at + after);
                task.running_since = at;
                self.noted.push(Noted { at, task: task.clone(), status: TaskStatus::Running });
            }
            if let (Stage::Running(_) | Stage::Healthy, Begins::Exits(after)) = (task.stage, task.begins)
                && task.running_since + i64::from(after) <= now
            {
                ended.push((task.id, task.running_since + i64::from(after), Ending::Exited));
                continue;
            }
            if let Stage::Running(at) = task.stage
                && at <= now
            {
                if task.begins == Begins::Unhealthy {
                    ended.push((task.id, at, Ending::Unhealthy));
                } else {
                    task.stage = Stage::Healthy;
                    self.turned.push(task.revision);
                    self.failed_starts = 0;
                }
            }
            if let Stage::Draining(at) = task.stage
                && at <= now
            {
                ended.push((task.id, at, task.ending.clone().unwrap_or(Ending::Scheduler(0))));
            }
        }
        for (id, at, ending) in ended {
            if ending == Ending::NotPulled {
                self.failed_starts += 1;
                let wait = RESTART_WAIT << (self.failed_starts - 1).min(16);
                self.wait_until = at + wait.min(RESTART_WAIT_MAX);
            }
            let _was_there = self.fail(id, at, ending, account);
        }
    }

    pub(crate) fn noted_is_empty(&self) -> bool {
        self.noted.is_empty()
    }

    /// What happened since this was last taken.
    pub(crate) fn take_noted(&mut self) -> Vec<Noted> {
        std::mem::take(&mut self.noted)
    }

    /// Gives every running task its share of CPU.
    pub fn work(&mut self, seconds: f64, share: impl Fn(&Task) -> f64) {
        for task in &mut self.list {
            if is_running(task.stage) {
                task.busy += seconds * share(task);
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

    /// The tasks that are wanted or not gone yet.
    #[must_use]
    pub fn list(&self) -> &[Task] {
        &self.list
    }

    /// The newest tasks that are gone, oldest first.
    pub fn stopped(&self) -> impl DoubleEndedIterator<Item = &Noted> {
        self.stopped.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Lengths;

    const LIFE: Life = Life { start: Lengths::Uniform { least: 50, most: 50 }, healthy_after: 20, drain: 30 };

    fn two(account: &mut Account) -> Tasks {
        Tasks::at_rest(2, LIFE, 2.0, Random::new(1, 1), account)
    }

    /// As a service at rest does.
    fn want(tasks: &mut Tasks, desired: u32, now: i64) {
        let there = tasks.wanted(|_| true);
        tasks.desired = desired;
        tasks.start(0, desired.saturating_sub(there), now);
        tasks.stop(there.saturating_sub(desired), now, &Ending::Scheduler(1), |_| true);
    }

    #[test]
    fn a_task_is_placed_starts_turns_healthy_drains_and_stops() {
        let mut account = Account::default();
        let mut tasks = two(&mut account);
        want(&mut tasks, 3, 100);
        tasks.place(100, &mut account);
        let seen = |tasks: &Tasks| (tasks.running(), tasks.healthy(), tasks.billed());
        assert_eq!((seen(&tasks), tasks.next_change()), ((2, 2, 3), Some(150)));
        tasks.advance(150, &mut account);
        assert_eq!((seen(&tasks), tasks.next_change()), ((3, 2, 3), Some(170)));
        tasks.advance(170, &mut account);
        assert_eq!(seen(&tasks), (3, 3, 3));
        want(&mut tasks, 2, 200);
        assert_eq!((seen(&tasks), tasks.next_change()), ((2, 2, 3), Some(230)));
        tasks.advance(230, &mut account);
        assert_eq!((seen(&tasks), account.vcpu_used()), ((2, 2, 2), 4.0));
    }

    #[test]
    fn what_the_quota_has_no_room_for_stays_pending_and_is_placed_when_there_is_room() {
        let mut account = Account { vcpu_quota: Some(6.0), ..Account::default() };
        let mut tasks = two(&mut account);
        want(&mut tasks, 5, 0);
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
        want(&mut tasks, 7, 0);
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
        want(&mut tasks, 3, 0);
        tasks.place(0, &mut account);
        tasks.advance(50, &mut account);
        tasks.work(10.0, |_| 1.0);
        assert_eq!(tasks.report(0).len(), 2);
        assert_eq!(tasks.report(60).len(), 3);
    }

    #[test]
    fn tasks_that_do_not_serve_yet_are_stopped_first() {
        let mut account = Account::default();
        let mut tasks = two(&mut account);
        want(&mut tasks, 4, 0);
        tasks.place(0, &mut account);
        want(&mut tasks, 2, 10);
        assert_eq!((tasks.healthy(), tasks.running()), (2, 2));
    }
}
