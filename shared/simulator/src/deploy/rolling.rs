//! Rolling: some new tasks, some old ones away, until only new ones are there.

use super::state::Deployments;
use crate::tasks::{Ending, Stage, Tasks};

impl Deployments {
    /// One step; true when only healthy tasks of the wanted revision are left.
    pub(super) fn roll(&mut self, tasks: &mut Tasks, now: i64) -> bool {
        let Some(target) = self.active().map(super::Deployment::wanted) else { return false };
        let (desired, ending) = (tasks.desired, Ending::Scheduler(self.ecs()));
        let new = tasks.wanted(|r| r == target);
        tasks.stop(new.saturating_sub(desired), now, &ending, |t| t.revision == target);
        // Old tasks that do not serve help nobody: they go first, whatever is healthy.
        tasks.stop(u32::MAX, now, &ending, |t| t.revision != target && t.stage != Stage::Healthy);
        let old = tasks.wanted(|r| r != target);
        let spare = (tasks.healthy()).saturating_sub(self.config.healthy_min(desired));
        tasks.stop(spare.min(old), now, &ending, |t| t.revision != target);
        let (new, old) = (tasks.wanted(|r| r == target), tasks.wanted(|r| r != target));
        let room = self.config.tasks_max(desired).saturating_sub(new + old);
        tasks.start(target, room.min(desired.saturating_sub(new)), now);
        let healthy = tasks.count(|t| t.revision == target && t.stage == Stage::Healthy);
        self.saw_healthy(healthy);
        healthy == desired && tasks.list().len() as u64 == u64::from(desired)
    }
}
