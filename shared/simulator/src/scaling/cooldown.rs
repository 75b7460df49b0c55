//! Cooldowns (AWS_FACTS 2.3; Application Auto Scaling User Guide, "Define cooldown periods").

/// Which way capacity moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// More tasks.
    Out,
    /// Fewer tasks.
    In,
}

/// Lengths of a policy's cooldowns, in seconds; 300 each is AWS's default for ECS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cooldown {
    /// After a scale-out.
    pub scale_out: u32,
    /// After a scale-in.
    pub scale_in: u32,
}

impl Default for Cooldown {
    fn default() -> Self {
        Self { scale_out: 300, scale_in: 300 }
    }
}

/// What is cooling down on a target.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cooldowns {
    out: Option<(i64, u32)>,
    scale_in: Option<i64>,
}

impl Cooldowns {
    /// A policy scaled. A scale-out ends a scale-in cooldown: it does not go on afterwards (AWS_FACTS 2.3).
    pub fn scaled(&mut self, direction: Direction, by: u32, now: i64, lengths: Cooldown) {
        match direction {
            Direction::Out => {
                self.out = Some((now + i64::from(lengths.scale_out), by));
                self.scale_in = None;
            }
            Direction::In => self.scale_in = Some(now + i64::from(lengths.scale_in)),
        }
    }

    /// Whether capacity may move by this much now: within a scale-out cooldown only a larger scale-out goes on.
    #[must_use]
    pub fn allow(&self, direction: Direction, by: u32, now: i64) -> bool {
        match direction {
            Direction::Out => self.out.is_none_or(|(until, last)| now >= until || by > last),
            Direction::In => self.scale_in.is_none_or(|until| now >= until),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LENGTHS: Cooldown = Cooldown { scale_out: 60, scale_in: 300 };

    #[test]
    fn within_a_scale_out_cooldown_only_a_larger_scale_out_goes_on() {
        let mut cooldowns = Cooldowns::default();
        cooldowns.scaled(Direction::Out, 2, 0, LENGTHS);
        let allowed = |by, now| cooldowns.allow(Direction::Out, by, now);
        assert_eq!([allowed(2, 59), allowed(3, 59), allowed(1, 60)], [false, true, true]);
    }

    #[test]
    fn a_scale_in_waits_for_the_scale_in_cooldown() {
        let mut cooldowns = Cooldowns::default();
        cooldowns.scaled(Direction::In, 1, 0, LENGTHS);
        assert!(!cooldowns.allow(Direction::In, 1, 299) && cooldowns.allow(Direction::In, 1, 300));
        assert!(cooldowns.allow(Direction::Out, 1, 1), "a scale-out never waits for it");
    }

    #[test]
    fn a_scale_out_ends_a_scale_in_cooldown() {
        let mut cooldowns = Cooldowns::default();
        cooldowns.scaled(Direction::In, 1, 0, LENGTHS);
        cooldowns.scaled(Direction::Out, 1, 10, LENGTHS);
        assert!(cooldowns.allow(Direction::In, 1, 11));
    }
}
