//! Fargate's limits of an account.

/// What an account without a limit says it may run: AWS's own default of new accounts is lower, and differs.
pub const UNLIMITED_VCPU: f64 = 1_000_000.0;

/// Fargate's limits of an account, shared by its services.
#[derive(Debug, Clone, Default)]
pub struct Account {
    /// On-demand vCPU that may run at a time; none: unlimited.
    pub vcpu_quota: Option<f64>,
    /// Tasks launched in a second; none: unlimited.
    pub launches_per_second: Option<u32>,
    /// Fargate has no capacity for anybody at the moment: nothing is launched.
    pub no_capacity: bool,
    pub(super) used: f64,
    /// The second in which tasks were launched last, and how many.
    pub(super) slot: Option<(i64, u32)>,
}

impl Account {
    /// The second in which the next task is launched; `None` when the quota is spent, or Fargate has no capacity.
    pub(super) fn launch(&mut self, now: i64, vcpu: f64) -> Option<i64> {
        if self.no_capacity || self.vcpu_quota.is_some_and(|q| self.used + vcpu > q + 1e-9) {
            return None;
        }
        self.used += vcpu;
        let Some(rate) = self.launches_per_second else { return Some(now) };
        let (second, launched) = self.slot.filter(|(second, _)| *second >= now).unwrap_or((now, 0));
        let slot = if launched >= rate { (second + 1, 1) } else { (second, launched + 1) };
        self.slot = Some(slot);
        Some(slot.0)
    }

    /// Why a task is not placed: `reason` of the event, and the sentence of the service's message (Amazon ECS Developer
    /// Guide, "Amazon ECS service action events" and "Amazon ECS service event messages").
    pub(crate) fn refusal(&self) -> (&'static str, &'static str) {
        if self.no_capacity {
            (
                "RESOURCE:FARGATE",
                "Capacity is unavailable at this time. Please try again later or in a different availability zone.",
            )
        } else {
            ("RESOURCE:CPU", "You've reached the limit on the number of vCPUs you can run concurrently.")
        }
    }

    /// vCPU in use.
    #[must_use]
    pub fn vcpu_used(&self) -> f64 {
        self.used
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn so_many_tasks_are_launched_in_a_second_also_before_1970() {
        let mut account = Account { launches_per_second: Some(2), ..Account::default() };
        let launched: Vec<_> = (0..5).map(|_| account.launch(-1_000, 1.0).unwrap()).collect();
        assert_eq!(launched, [-1_000, -1_000, -999, -999, -998]);
        assert_eq!(account.launch(-500, 1.0), Some(-500));
    }
}
