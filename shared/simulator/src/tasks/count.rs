//! How many tasks there are of which kind.

use super::list::Tasks;
use super::task::{Stage, Task, is_running};

impl Tasks {
    /// Tasks of a kind.
    pub fn count(&self, which: impl Fn(&Task) -> bool) -> u32 {
        self.list().iter().filter(|t| which(t)).count() as u32
    }

    /// Tasks of a revision that are not on their way out.
    #[must_use]
    pub fn wanted(&self, of: impl Fn(usize) -> bool) -> u32 {
        self.count(|t| of(t.revision) && !matches!(t.stage, Stage::Draining(_)))
    }

    /// Running count, as DescribeServices has it.
    #[must_use]
    pub fn running(&self) -> u32 {
        self.count(|t| is_running(t.stage))
    }

    /// Healthy targets.
    #[must_use]
    pub fn healthy(&self) -> u32 {
        self.count(|t| t.stage == Stage::Healthy)
    }

    /// Tasks that wait to be placed.
    #[must_use]
    pub fn pending(&self) -> u32 {
        self.count(|t| t.stage == Stage::Pending)
    }

    /// Tasks that are paid for: from placement to the end of draining.
    #[must_use]
    pub fn billed(&self) -> u32 {
        self.count(|t| t.stage != Stage::Pending)
    }
}
