//! Blue/green, linear and canary: a second set of tasks, then traffic moves at once or in steps, then the first set goes
//! (AWS_FACTS 1.4).

use super::config::{ALL_TRAFFIC, Lifecycle};
use super::happened::{Happened, HookAction};
use super::record::{Deployment, Status};
use super::state::Deployments;
use crate::tasks::{Ending, Stage, Tasks};

impl Deployments {
    pub(super) fn blue_green(&mut self, tasks: &mut Tasks, now: i64) {
        let Some((target, back)) = self.active().map(|d| (d.wanted(), d.rollback.is_some())) else { return };
        let desired = tasks.desired;
        if back {
            complete(target, tasks, now);
            self.return_to(target, tasks, now);
            return;
        }
        let healthy = |tasks: &Tasks| tasks.count(|t| t.revision == target && t.stage == Stage::Healthy);
        while let Some(stage) = self.active().map(|d| d.stage) {
            self.keep_both(target, stage, tasks, now);
            if self.pauses_at(stage, now) {
                return;
            }
            match stage {
                Lifecycle::ScaleUp => {
                    complete(target, tasks, now);
                    if healthy(tasks) < desired {
                        return;
                    }
                }
                Lifecycle::ProductionTrafficShift if !self.shifted(target, now) => return,
                Lifecycle::BakeTime if !self.baked(now) => return,
                Lifecycle::CleanUp => {
                    self.remove_others(target, tasks, now);
                    if tasks.list().iter().all(|t| t.revision == target) {
                        self.finish(Status::Successful, now);
                    }
                    return;
                }
                Lifecycle::ReconcileService
                | Lifecycle::PreScaleUp
                | Lifecycle::PostScaleUp
                | Lifecycle::TestTrafficShift
                | Lifecycle::PostTestTrafficShift
                | Lifecycle::ProductionTrafficShift
                | Lifecycle::PostProductionTrafficShift
                | Lifecycle::BakeTime => {}
            }
            let Some(active) = self.active_mut() else { return };
            (active.stage, active.updated) = (stage.next().unwrap_or(stage), now);
        }
    }

    /// Until the old set goes both are as large as desired: a scale-out goes on (AWS_FACTS 2.2), and what ends is
    /// replaced by a task of its own revision. That blue/green does it as rolling deployments do since November 2025
    /// (AWS, "Amazon ECS improves Service Availability during Rolling deployments") is our assumption.
    fn keep_both(&self, target: usize, stage: Lifecycle, tasks: &mut Tasks, now: i64) {
        if stage > Lifecycle::ScaleUp {
            complete(target, tasks, now);
        }
        for old in [Some(self.production), self.good()].into_iter().flatten() {
            if old != target && stage < Lifecycle::CleanUp && tasks.wanted(|r| r == old) > 0 {
                complete(old, tasks, now);
            }
        }
    }

    /// Whether a pause hook holds the deployment at a stage. An answer that does not come in time is given by the
    /// hook's own configuration.
    fn pauses_at(&mut self, stage: Lifecycle, now: i64) -> bool {
        let pause = self.config.pauses.iter().find(|p| p.stage == stage).copied();
        let Some(active) = self.active_mut() else { return true };
        let Some(pause) = pause.filter(|_| !active.continued.contains(&stage)) else { return false };
        let (number, over) = (active.number, active.stage_until.is_some_and(|until| now >= until));
        if active.paused.is_none() {
            active.paused = Some(stage);
            active.stage_until = Some(now + i64::from(pause.timeout_minutes) * 60);
            let hook = active.hook().unwrap_or_default();
            self.happened.push((now, Happened::Paused { number, hook, stage: stage.name() }));
            return true;
        }
        if !over {
            return true;
        }
        let hook = active.hook().unwrap_or_default();
        let action = if pause.rollback { HookAction::Rollback } else { HookAction::Continue };
        let _it_waits = self.answer(number, &hook, action, now);
        pause.rollback
    }

    /// Whether all production traffic has moved; the first look moves the first share of it.
    fn shifted(&mut self, target: usize, now: i64) -> bool {
        let has = self.moved;
        let Some(active) = self.active_mut() else { return false };
        if active.stage_until.is_some_and(|until| now < until) {
            return false;
        }
        let (share, wait) = active.strategy.next_share(has);
        let all = share == ALL_TRAFFIC;
        (active.stage_until, active.updated) = ((!all).then_some(now + i64::from(wait)), now);
        (self.production, self.moved) = if all { (target, 0) } else { (self.production, share) };
        all
    }

    /// Whether the bake time is over; the first look begins it.
    fn baked(&mut self, now: i64) -> bool {
        let Some(active) = self.active_mut() else { return false };
        let until = *active.stage_until.get_or_insert(now + i64::from(active.strategy.bake()));
        if now >= until {
            active.stage_until = None;
        }
        now >= until
    }

    /// Traffic goes back as soon as the old set can take it; then the new set goes.
    fn return_to(&mut self, target: usize, tasks: &mut Tasks, now: i64) {
        if tasks.count(|t| t.revision == target && t.stage == Stage::Healthy) < tasks.desired {
            return;
        }
        (self.production, self.moved) = (target, 0);
        self.remove_others(target, tasks, now);
        if tasks.list().iter().all(|t| t.revision == target) {
            self.finish(Status::RollbackSuccessful, now);
        }
    }

    fn remove_others(&mut self, target: usize, tasks: &mut Tasks, now: i64) {
        let ending = Ending::Scheduler(self.active().map_or(0, |d: &Deployment| d.ecs));
        tasks.stop(u32::MAX, now, &ending, |t| t.revision != target);
    }
}

/// Starts what is missing of a set.
fn complete(revision: usize, tasks: &mut Tasks, now: i64) {
    let there = tasks.wanted(|of| of == revision);
    tasks.start(revision, tasks.desired.saturating_sub(there), now);
}
