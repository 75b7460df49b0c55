//! Fargate's limits of an account.

/// Fargate's limits of an account, shared by its services.
#[derive(Debug, Clone, Default)]
pub struct Account {
    /// On-demand vCPU that may run at a time; none: unlimited.
    pub vcpu_quota: Option<f64>,
    /// Tasks launched in a second; none: unlimited.
    pub launches_per_second: Option<u32>,
    pub(super) used: f64,
    pub(super) slot: (i64, u32),
}

impl Account {
    /// The second in which the next task is launched; `None` when the quota is spent.
    pub(super) fn launch(&mut self, now: i64, vcpu: f64) -> Option<i64> {
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
