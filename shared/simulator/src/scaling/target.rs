//! A scalable target: bounds, what is suspended, policies, scheduled actions, activities.

use std::collections::VecDeque;

use headroom_core::seen::Suspended;

use super::activity::{Activity, NotScaled, Outcome, Status, Trigger};
use super::bounds::BoundsSet;
use super::cooldown::Cooldowns;
use super::dynamic::Policies;
use super::refused::Refused;
use super::schedule::Scheduled;

/// AWS keeps six weeks (AWS_FACTS 2.7); a thousand services with a hundred each are still small.
const ACTIVITIES_KEPT: usize = 100;

/// Members of a RegisterScalableTarget call; what is omitted stays (AWS_FACTS 2.1).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Register {
    /// MinCapacity.
    pub min: Option<u32>,
    /// MaxCapacity.
    pub max: Option<u32>,
    /// SuspendedState.
    pub suspended: Option<Suspended>,
}

/// A scalable target.
#[derive(Debug, Clone, Default)]
pub struct Target {
    /// MinCapacity.
    pub min: u32,
    /// MaxCapacity.
    pub max: u32,
    /// SuspendedState.
    pub suspended: Suspended,
    /// Scaling policies.
    pub policies: Policies,
    /// Scheduled actions, in order.
    pub scheduled: Vec<Scheduled>,
    /// The newest activities.
    pub activities: VecDeque<Activity>,
    /// The newest changes of the bounds, and whose they were.
    pub bounds_set: VecDeque<BoundsSet>,
    /// Desired counts set, in the whole run.
    pub scaled: u32,
    /// Activities recorded, in the whole run.
    pub recorded: u64,
    /// Whether ECS takes no desired count from Application Auto Scaling: each of its activities fails.
    pub failing: bool,
    pub(super) cooldowns: Cooldowns,
    pub(super) deregistered: bool,
    /// Whether an activity is in progress.
    pub(super) under_way: bool,
    /// Number of the newest activity that has ended.
    pub(super) ended: Option<u64>,
}

impl Target {
    /// A target with bounds and nothing else.
    #[must_use]
    pub fn within(min: u32, max: u32) -> Self {
        Self { min, max, ..Self::default() }
    }

    /// A service that no scalable target was registered for.
    #[must_use]
    pub fn unregistered() -> Self {
        Self { deregistered: true, ..Self::default() }
    }

    /// Whether there is a scalable target.
    #[must_use]
    pub fn is_registered(&self) -> bool {
        !self.deregistered
    }

    /// The code is AWS's; its message names the resource, which this does not know.
    pub(super) fn registered(&self) -> Result<(), Refused> {
        if self.deregistered { Err(Refused::not_found("No scalable target registered")) } else { Ok(()) }
    }

    /// RegisterScalableTarget. Every call forces the desired count into the bounds, also one that names neither
    /// (AWS_FACTS 2.1). Returns the count to set, when it changes.
    ///
    /// # Errors
    /// A new target without both bounds (AWS_FACTS 2.1), or min over max; nothing is changed.
    pub fn register(&mut self, call: Register, desired: u32, now: i64) -> Result<Option<u32>, Refused> {
        if self.deregistered && (call.min.is_none() || call.max.is_none()) {
            return Err(Refused::validation("MinCapacity and MaxCapacity are required for a new scalable target"));
        }
        let (min, max) = (call.min.unwrap_or(self.min), call.max.unwrap_or(self.max));
        if min > max {
            return Err(Refused::validation(format!("MinCapacity {min} is over MaxCapacity {max}")));
        }
        if self.deregistered {
            // A new target has no past.
            (self.min, self.max, self.deregistered) = (min, max, false);
        } else {
            self.set_bounds(BoundsSet::BY_CALL, min, max, now);
        }
        self.suspended = call.suspended.unwrap_or(self.suspended);
        Ok(self.force("bounds", desired, now))
    }

    /// DeregisterScalableTarget: policies and scheduled actions go with it (AWS_FACTS 2.1). What was recorded stays
    /// in the history.
    ///
    /// # Errors
    /// There is none.
    pub fn deregister(&mut self) -> Result<(), Refused> {
        self.registered()?;
        let activities = std::mem::take(&mut self.activities);
        *self = Self { activities, scaled: self.scaled, recorded: self.recorded, ..Self::unregistered() };
        Ok(())
    }

    /// Forces a count into the bounds, whatever cools down.
    pub(super) fn force(&mut self, cause: &str, desired: u32, now: i64) -> Option<u32> {
        let to = desired.clamp(self.min, self.max);
        if to == desired {
            return None;
        }
        self.record(cause, Trigger::Bounds, Outcome::Scaled { from: desired, to }, desired, now);
        (!self.failing).then_some(to)
    }

    /// The activities that were recorded after the first `seen`, as far as they are kept.
    pub fn newer(&self, seen: u64) -> impl Iterator<Item = &Activity> {
        let new = usize::try_from(self.recorded.saturating_sub(seen)).unwrap_or(usize::MAX);
        self.activities.iter().skip(self.activities.len().saturating_sub(new))
    }

    pub(super) fn record(&mut self, cause: &str, trigger: Trigger, outcome: Outcome, current: u32, now: i64) {
        let newest = self.activities.back().map(|a| a.outcome);
        let status = match outcome {
            // Only the first occurrence is recorded until the reason changes (AWS_FACTS 2.7).
            Outcome::NotScaled(_) if newest == Some(outcome) => return,
            Outcome::NotScaled(_) => Status::Failed,
            Outcome::Scaled { .. } if self.failing => Status::Failed,
            Outcome::Scaled { .. } => {
                self.scaled += 1;
                self.end(Status::Overridden, now);
                self.under_way = true;
                Status::InProgress
            }
        };
        if self.activities.len() == ACTIVITIES_KEPT {
            self.activities.pop_front();
        }
        self.recorded += 1;
        self.activities.push_back(Activity {
            number: self.recorded,
            at: now,
            ended: (self.failing && matches!(outcome, Outcome::Scaled { .. })).then_some(now),
            cause: cause.to_owned(),
            trigger,
            outcome,
            status,
            bounds: (self.min, self.max),
            current,
        });
    }

    /// Ends what is under way when the running count is what it set.
    pub(super) fn settle(&mut self, running: u32, now: i64) {
        let reached = |a: &Activity| matches!(a.outcome, Outcome::Scaled { to, .. } if to == running);
        if self.under_way && self.activities.iter().rev().any(|a| a.status == Status::InProgress && reached(a)) {
            self.end(Status::Successful, now);
        }
    }

    fn end(&mut self, status: Status, now: i64) {
        self.under_way = false;
        let under_way = self.activities.iter_mut().rev().find(|a| a.status == Status::InProgress);
        if let Some(activity) = under_way {
            activity.status = status;
            activity.ended = Some(now);
            self.ended = Some(activity.number);
        }
    }

    /// The activity that has ended since this was last asked.
    pub fn take_ended(&mut self) -> Option<&Activity> {
        let number = self.ended.take()?;
        self.activities.iter().rev().find(|a| a.number == number)
    }

    /// Why a policy that is in breach scales nothing, when the count it wants is the one that is.
    pub(super) fn reason(&self, wanted: u32, desired: u32) -> NotScaled {
        if wanted > self.max && desired >= self.max {
            NotScaled::AlreadyAtMaxCapacity
        } else if wanted < self.min && desired <= self.min {
            NotScaled::AlreadyAtMinCapacity
        } else {
            NotScaled::AlreadyAtDesiredCapacity
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target() -> Target {
        Target { min: 2, max: 10, ..Target::default() }
    }

    #[test]
    fn register_keeps_omitted_members() {
        let mut target = target();
        let suspended = Suspended { scale_in: true, ..Suspended::default() };
        target.register(Register { suspended: Some(suspended), ..Register::default() }, 2, 0).unwrap();
        target.register(Register { max: Some(12), ..Register::default() }, 2, 0).unwrap();
        assert_eq!((target.min, target.max, target.suspended), (2, 12, suspended));
    }

    #[test]
    fn register_forces_capacity_into_the_bounds_also_when_it_names_none() {
        let mut target = target();
        let call = |min, max| Register { min, max, suspended: None };
        assert_eq!(target.register(call(Some(3), None), 2, 0), Ok(Some(3)));
        assert_eq!(target.register(call(None, Some(4)), 9, 0), Ok(Some(4)));
        assert_eq!(target.register(call(None, None), 1, 0), Ok(Some(3)), "set by hand below min");
        assert_eq!(target.register(call(None, None), 4, 0), Ok(None));
    }

    #[test]
    fn register_refuses_a_min_over_max_and_changes_nothing() {
        let mut target = target();
        assert!(target.register(Register { min: Some(11), ..Register::default() }, 2, 0).is_err());
        assert_eq!((target.min, target.max), (2, 10));
    }

    #[test]
    fn only_the_first_not_scaled_is_recorded_until_the_reason_changes() {
        let mut target = target();
        for reason in [
            NotScaled::AlreadyAtMinCapacity,
            NotScaled::AlreadyAtMinCapacity,
            NotScaled::AlreadyAtMaxCapacity,
            NotScaled::AlreadyAtMinCapacity,
        ] {
            target.record("p", Trigger::Bounds, Outcome::NotScaled(reason), 2, 0);
        }
        assert_eq!(target.activities.len(), 3);
    }

    #[test]
    fn an_activity_is_in_progress_until_the_running_count_is_there_or_another_overrides_it() {
        let mut target = target();
        let call = |min, max| Register { min, max, suspended: None };
        target.register(call(Some(4), None), 2, 0).unwrap();
        target.settle(2, 30);
        assert_eq!(target.activities[0].status, Status::InProgress);
        target.register(call(Some(6), None), 4, 60).unwrap();
        assert_eq!((target.activities[0].status, target.activities[0].ended), (Status::Overridden, Some(60)));
        target.settle(6, 120);
        assert_eq!((target.activities[1].status, target.activities[1].ended), (Status::Successful, Some(120)));
        assert_eq!(target.take_ended().map(|a| a.number), Some(2));
        assert_eq!(target.take_ended(), None);
    }
}
