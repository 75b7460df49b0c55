//! Scheduled actions: min, max or both at a time (AWS_FACTS 2.5).

use super::cron::Cron;
use super::target::Target;

/// A scheduled action.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scheduled {
    /// ScheduledActionName.
    pub name: String,
    /// When.
    pub cron: Cron,
    /// New MinCapacity.
    pub min: Option<u32>,
    /// New MaxCapacity.
    pub max: Option<u32>,
}

impl Target {
    /// Carries out what is due in this minute, in order; capacity is forced into the new bounds whatever cools
    /// down. While scheduled scaling is suspended nothing happens, and nothing is caught up later (AWS_FACTS 2.1).
    pub fn on_schedule(&mut self, minute: i64, desired: u32) -> Option<u32> {
        if self.suspended.scheduled {
            return None;
        }
        let due: Vec<Scheduled> = self.scheduled.iter().filter(|s| s.cron.due(minute)).cloned().collect();
        let mut to = None;
        for action in due {
            let (min, max) = (action.min.unwrap_or(self.min), action.max.unwrap_or(self.max));
            // AWS does not say what a min over max does; here the action fails, as RegisterScalableTarget would.
            if min <= max {
                (self.min, self.max) = (min, max);
                to = self.force(&action.name, to.unwrap_or(desired), minute).or(to);
            }
        }
        to
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use headroom_core::seen::Suspended;

    fn target(suspended: bool) -> Target {
        let action =
            |name: &str, cron, min, max| Scheduled { name: name.into(), cron: Cron::read(cron).unwrap(), min, max };
        Target {
            min: 2,
            max: 10,
            suspended: Suspended { scheduled: suspended, ..Suspended::default() },
            scheduled: vec![
                action("day", "0 8 ? * * *", Some(3), Some(12)),
                action("night", "0 22 ? * * *", Some(2), None),
                action("wrong", "0 23 ? * * *", Some(20), None),
            ],
            ..Target::default()
        }
    }

    #[test]
    fn a_scheduled_action_sets_bounds_and_forces_capacity_up_but_a_lower_min_scales_nothing_in() {
        let mut target = target(false);
        assert_eq!(target.on_schedule(8 * 3_600, 2), Some(3));
        assert_eq!((target.min, target.max), (3, 12));
        assert_eq!(target.on_schedule(22 * 3_600, 3), None, "policies scale in, the action does not");
        assert_eq!((target.min, target.max), (2, 12), "the omitted max stays");
        assert_eq!(target.on_schedule(23 * 3_600, 3), None);
        assert_eq!((target.min, target.max), (2, 12));
    }

    #[test]
    fn suspended_scheduled_scaling_does_nothing() {
        let mut target = target(true);
        assert_eq!(target.on_schedule(8 * 3_600, 2), None);
        assert_eq!(target.min, 2);
    }
}
