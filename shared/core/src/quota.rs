//! Fargate's vCPU quota: how many more tasks an account may run in a Region before ECS can place none.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::seen::Reading;
use crate::time::{Seconds, elapsed};

/// The usage metric of the quota "Fargate On-Demand vCPU resource count", with its statistic and dimensions, sorted by
/// name (Amazon ECS Developer Guide, "AWS Fargate usage metrics").
pub const NAMESPACE: &str = "AWS/Usage";
/// Its name.
pub const METRIC: &str = "ResourceCount";
/// Its statistic: usage is a level, and the peak of a minute is what the quota is held against.
pub const STATISTIC: &str = "Maximum";
/// Its dimensions, sorted by name. Spot has a quota of its own, which is not looked at.
pub const DIMENSIONS: [(&str, &str); 4] =
    [("Class", "Standard/OnDemand"), ("Resource", "vCPU"), ("Service", "Fargate"), ("Type", "Resource")];

/// An older reading says nothing about now. The guide names no period of usage metrics; ten minutes are two of the
/// slowest that CloudWatch publishes by itself.
pub const AGE_MAX: Seconds = Seconds(600);

/// vCPU of On-Demand tasks in an account and Region.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct VcpuQuota {
    /// In use.
    pub used: f64,
    /// The quota.
    pub limit: f64,
}

impl VcpuQuota {
    /// vCPU that are free; 0 when more are used than the quota allows.
    #[must_use]
    pub fn free(&self) -> f64 {
        // Hundredths are all that a task's size has.
        ((self.limit - self.used).max(0.0) * 100.0).round() / 100.0
    }

    /// Tasks of so many vCPU that fit into what is free.
    #[must_use]
    pub fn fits(&self, vcpu: f64) -> u32 {
        // A hair over, so that 1.2 free carries 0.4 three times.
        let tasks = (self.free() / vcpu + 1e-9).floor();
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to u32's range before")]
        let tasks = if tasks.is_nan() { u32::MAX } else { tasks.clamp(0.0, f64::from(u32::MAX)) as u32 };
        tasks
    }

    /// Tasks of a service that it carries in all: those that run are in what is used, and what is only asked for has to
    /// find its place yet.
    #[must_use]
    pub fn carries(&self, running: u32, vcpu: f64) -> u32 {
        running.saturating_add(self.fits(vcpu))
    }
}

/// Grades the newest minute that has both, by the start of each in epoch seconds.
#[must_use]
pub fn graded(used: &BTreeMap<i64, f64>, limit: &BTreeMap<i64, f64>, now: Timestamp) -> Reading<VcpuQuota> {
    let newest =
        used.iter().rev().find_map(|(at, used)| Some((*at, VcpuQuota { used: *used, limit: *limit.get(at)? })));
    match newest.and_then(|(at, quota)| Some((Timestamp::from_second(at).ok()?, quota))) {
        None => Reading::Absent,
        Some((_, quota)) if !(quota.used.is_finite() && quota.limit.is_finite()) => {
            Reading::Unreadable(format!("{} of {}", quota.used, quota.limit))
        }
        Some((at, _)) if elapsed(at, now) > AGE_MAX => Reading::Stale { at },
        Some((_, quota)) => Reading::Known(quota),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tasks_fit_as_often_as_their_size_goes_into_what_is_free() {
        for (used, limit, vcpu, fits) in [
            (138.0, 200.0, 2.0, 31),
            (0.0, 1.2, 0.4, 3),
            (7.9, 8.0, 0.25, 0),
            (9.0, 8.0, 0.25, 0),
            (0.0, 8.0, 0.0, u32::MAX),
        ] {
            assert_eq!(VcpuQuota { used, limit }.fits(vcpu), fits, "{used} of {limit}, {vcpu} each");
        }
    }

    #[test]
    fn usage_without_its_quota_is_absent_and_an_old_pair_is_stale() {
        let now = Timestamp::from_second(12_000).unwrap();
        let at = |at, value| BTreeMap::from([(at, value)]);
        assert_eq!(
            graded(&at(11_400, 8.0), &at(11_400, 16.0), now),
            Reading::Known(VcpuQuota { used: 8.0, limit: 16.0 })
        );
        assert!(matches!(graded(&at(11_340, 8.0), &at(11_340, 16.0), now), Reading::Stale { .. }));
        assert_eq!(graded(&at(11_400, 8.0), &BTreeMap::new(), now), Reading::Absent);
        assert_eq!(graded(&BTreeMap::new(), &at(11_400, 16.0), now), Reading::Absent);
        assert!(matches!(graded(&at(11_400, f64::NAN), &at(11_400, 16.0), now), Reading::Unreadable(_)));
    }
}
