//! Rolling: some new tasks, some old ones away, until only new ones are there.

use super::state::Deployments;
use crate::tasks::{Ending, Stage, Tasks};

impl Deployments {
    /// One step; true when only healthy tasks of the wanted revision are left.
    pub(super) fn roll(&mut self, tasks: &mut Tasks, now: i64) -> bool {
        let Some(target) = self.active().map(super::Deployment::wanted) else { return false };
        let (desired, ending) = (tasks.desired, Ending::Scheduler(self.ecs()));
        let (least, kept) = (self.config.healthy_min(desired), self.kept(target, tasks));
        let new = tasks.wanted(|r| r == target);
        tasks.stop(new.saturating_sub(desired), now, &ending, |t| t.revision == target);
        // Old tasks that do not serve help nobody: they go first, whatever is healthy.
        let useless = |r: usize| r != target && Some(r) != kept;
        tasks.stop(u32::MAX, now, &ending, |t| useless(t.revision) && t.stage != Stage::Healthy);
        let serving = tasks.healthy() + coming(kept, tasks);
        tasks.stop(serving.saturating_sub(least), now, &ending, |t| is_coming(kept, t.revision, t.stage));
        let old = tasks.wanted(|r| r != target);
        tasks.stop(tasks.healthy().saturating_sub(least).min(old), now, &ending, |t| t.revision != target);
        let room = |tasks: &Tasks| self.config.tasks_max(desired).saturating_sub(tasks.wanted(|_| true));
        if let Some(kept) = kept {
            let short = least.saturating_sub(tasks.healthy() + coming(Some(kept), tasks));
            tasks.start(kept, short.min(room(tasks)), now);
        }
        let missing = desired.saturating_sub(tasks.wanted(|r| r == target));
        tasks.start(target, missing.min(room(tasks)), now);
        let healthy = tasks.count(|t| t.revision == target && t.stage == Stage::Healthy);
        healthy == desired && tasks.list().len() as u64 == u64::from(desired)
    }

    /// The revision that runs until now, as long as it has tasks: what ends of it is replaced by the same revision, and
    /// a scale-out reaches it too, both within the two percentages (AWS, "Amazon ECS improves Service Availability
    /// during Rolling deployments", November 2025). That this keeps the minimum of healthy tasks and no more is our
    /// assumption. A revision that a rollback leaves gets no task.
    fn kept(&self, target: usize, tasks: &Tasks) -> Option<usize> {
        let forward = self.active().is_some_and(|d| d.rollback.is_none());
        self.good().filter(|old| forward && *old != target && tasks.wanted(|r| r == *old) > 0)
    }
}

fn is_coming(kept: Option<usize>, revision: usize, stage: Stage) -> bool {
    Some(revision) == kept && matches!(stage, Stage::Pending | Stage::Starting(_) | Stage::Running(_))
}

/// Tasks of a revision that may serve soon.
fn coming(kept: Option<usize>, tasks: &Tasks) -> u32 {
    tasks.count(|t| is_coming(kept, t.revision, t.stage))
}
