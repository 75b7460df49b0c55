//! Whose the bounds are: the newest changes of a scalable target's MinCapacity and MaxCapacity.

use super::target::Target;

/// A page shows the newest; more than these are history.
const KEPT: usize = 32;

/// One change of the bounds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BoundsSet {
    /// Seconds since the epoch.
    pub at: i64,
    /// The scheduled action, or [`BoundsSet::BY_CALL`].
    pub cause: String,
    /// Min and max before.
    pub from: (u32, u32),
    /// Min and max after.
    pub to: (u32, u32),
}

impl BoundsSet {
    /// A call; AWS keeps no name with it.
    pub const BY_CALL: &str = "RegisterScalableTarget";
}

impl Target {
    /// Sets both bounds and remembers by what, when they change.
    pub(super) fn set_bounds(&mut self, cause: &str, min: u32, max: u32, now: i64) {
        let (from, to) = ((self.min, self.max), (min, max));
        if from == to {
            return;
        }
        (self.min, self.max) = to;
        if self.bounds_set.len() == KEPT {
            self.bounds_set.pop_front();
        }
        self.bounds_set.push_back(BoundsSet { at: now, cause: cause.to_owned(), from, to });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_of_the_bounds_is_kept_with_its_cause_and_a_repeat_is_none() {
        let mut target = Target::within(2, 10);
        target.set_bounds(BoundsSet::BY_CALL, 3, 10, 60);
        target.set_bounds(BoundsSet::BY_CALL, 3, 10, 120);
        target.set_bounds("night", 2, 10, 180);
        let causes: Vec<_> = target.bounds_set.iter().map(|b| (b.at, b.cause.as_str())).collect();
        assert_eq!(causes, [(60, BoundsSet::BY_CALL), (180, "night")]);
        (0..100).for_each(|i| target.set_bounds("again", i % 2, 10, i64::from(i)));
        assert_eq!(target.bounds_set.len(), KEPT);
    }
}
