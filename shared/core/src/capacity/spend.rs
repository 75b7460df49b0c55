//! What leases add over the baseline, and what of it is paid for (SEMANTICS 24).
//!
//! A lease that is renewed all day costs all day: each grant, each renewal and each growth charges what it commits, and
//! nothing is ever refunded. What stepped down before its time and grows again is charged again.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::bounds::{Bounds, intended};
use super::lease::{Claimed, Lease};
use crate::fleet::Task;
use crate::price;

/// Counted in ten-thousandths of a US dollar: a quarter vCPU for a minute is two of them.
const UNITS_IN_USD: f64 = 10_000.0;
const SECONDS_IN_HOUR: f64 = 3_600.0;

/// Tasks over the baseline, and until when they are committed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Added {
    /// Tasks.
    pub tasks: u32,
    /// Until the lease's end as people are told it, or its next look.
    pub until: Timestamp,
}

impl Added {
    /// What living leases add; `None` when nothing is added.
    ///
    /// A raised max counts in full: Application Auto Scaling may use all of it. The floors of schedules stand in the fleet
    /// file, as the baseline does: they are no surprise, and use up nothing that an alarm may need at night.
    #[must_use]
    pub fn of<'a>(
        base: Bounds,
        ceiling: u32,
        leases: impl Iterator<Item = &'a Lease> + Clone,
        now: Timestamp,
    ) -> Option<Self> {
        let claiming = leases.filter(|l| l.live() && !l.is_overridden() && Claimed::of(l) != Claimed::Hold);
        let adding = claiming.clone().filter(|l| l.window.is_none());
        let base = intended(base, ceiling, claiming.clone().filter(|l| l.window.is_some()));
        let to = intended(base, ceiling, adding.clone());
        let tasks = to.min.min(base.max).saturating_sub(base.min) + to.max.saturating_sub(base.max);
        let until = adding.map(|l| l.until.max(l.renew_at)).max()?.max(now);
        (tasks > 0).then_some(Self { tasks, until })
    }

    fn seconds(self, from: Timestamp, until: Timestamp) -> u64 {
        let seconds = until.as_second().saturating_sub(from.as_second());
        u64::from(self.tasks).saturating_mul(u64::try_from(seconds).unwrap_or(0))
    }
}

/// Task-seconds that `added` commits over what is paid for, with those that nobody looked at when they were due.
#[must_use]
pub fn task_seconds(paid: Option<Added>, added: Option<Added>, now: Timestamp) -> u64 {
    let overdue = paid.map_or(0, |paid| paid.seconds(paid.until, now));
    let committed = added.map_or(0, |added| {
        let covered = paid.map_or(0, |paid| {
            Added { tasks: paid.tasks.min(added.tasks), ..paid }.seconds(now, paid.until.min(added.until))
        });
        added.seconds(now, added.until).saturating_sub(covered)
    });
    overdue.saturating_add(committed)
}

/// What task-seconds cost, in units, rounded up.
#[must_use]
pub fn cost(task: &Task, task_seconds: u64) -> u32 {
    #[expect(clippy::cast_precision_loss, reason = "exact to 2^53 task-seconds")]
    let hours = task_seconds as f64 / SECONDS_IN_HOUR;
    units((hours * price::task_hour(task) * UNITS_IN_USD - 1e-6).ceil())
}

/// An amount of money in units.
#[must_use]
pub fn of_usd(usd: f64) -> u32 {
    units((usd * UNITS_IN_USD).round())
}

/// Units as US dollars.
#[must_use]
pub fn to_usd(units: u32) -> f64 {
    f64::from(units) / UNITS_IN_USD
}

fn units(value: f64) -> u32 {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to u32's range before")]
    let units = value.clamp(0.0, f64::from(u32::MAX)) as u32;
    units
}

/// The leases of a service with one in the place of its source's.
pub(crate) fn with<'a>(
    leases: &'a BTreeMap<String, Lease>,
    lease: &'a Lease,
) -> impl Iterator<Item = &'a Lease> + Clone {
    leases.values().filter(move |other| other.source != lease.source).chain(std::iter::once(lease))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::Architecture;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn added(tasks: u32, until: i64) -> Option<Added> {
        Some(Added { tasks, until: at(until) })
    }

    #[test]
    fn each_renewal_costs_what_it_commits_and_nothing_comes_back() {
        for (paid, then, now, seconds) in [
            (None, added(2, 1_800), 0, 3_600),
            (added(2, 1_800), added(2, 1_800), 300, 0),
            (added(2, 1_800), added(2, 2_100), 300, 600),
            (added(2, 1_800), added(3, 2_100), 300, 600 + 1_800),
            (added(3, 1_800), added(1, 2_100), 300, 300),
            (added(3, 1_800), None, 300, 0),
            (added(1, 2_100), added(3, 1_800), 300, 3_000),
            // Nobody looked for an hour: the tasks ran all the same.
            (added(2, 1_800), added(2, 5_700), 5_400, 7_200 + 600),
            (added(2, 1_800), None, 5_400, 7_200),
        ] {
            assert_eq!(task_seconds(paid, then, at(now)), seconds, "{paid:?} {then:?} at {now}");
        }
    }

    #[test]
    fn a_day_of_renewals_costs_a_day() {
        let (mut paid, mut total) = (None, 0);
        for now in (0..86_400).step_by(300) {
            let then = added(2, now + 1_800);
            total += task_seconds(paid, then, at(now));
            paid = then;
        }
        assert_eq!(total, 2 * (86_400 - 300 + 1_800));
    }

    #[test]
    fn money_is_counted_in_units_and_rounded_up() {
        let task = Task { vcpu: 2.0, memory_gib: 4.0, architecture: Architecture::X86_64, usd_hour: None };
        assert_eq!(cost(&task, 3_600), 988, "0.09874 USD");
        assert_eq!((cost(&task, 0), cost(&task, 1), cost(&task, u64::MAX)), (0, 1, u32::MAX));
        assert_eq!((of_usd(50.0), of_usd(1e12)), (500_000, u32::MAX));
        assert!((to_usd(11_800) - 1.18).abs() < 1e-9);
    }
}
