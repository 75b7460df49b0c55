//! The chances of a delivery, and deliveries drawn by them.

use super::schedule::{Full, Schedule};
use crate::random::Random;

/// An event reaches its target this much later when nothing delays it. Seconds.
const USUAL: i64 = 1;
/// More copies of one event than this say nothing new.
const COPIES_MAX: u32 = 8;
/// Events under way at a time; a storm that has more is another problem than their order.
const WAITING_MAX: usize = 65_536;

/// What the service that sends an event promises (AWS_FACTS 1.5): durable delivery, or best effort.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Promise {
    /// At least once, for certain.
    Durable,
    /// Perhaps never.
    BestEffort,
}

/// How deliveries go wrong; percentages of events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Chances {
    /// Delivered more than once.
    pub twice_percent: u32,
    /// Most deliveries of one event, at least 2 to mean anything.
    pub copies: u32,
    /// Delivered late.
    pub late_percent: u32,
    /// The longest delay of a late one, in seconds.
    pub late_max: u32,
    /// Best-effort events that are never delivered.
    pub never_percent: u32,
}

/// What happened so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Events sent.
    pub sent: u64,
    /// Deliveries beyond the first.
    pub copies: u64,
    /// Late deliveries.
    pub late: u64,
    /// Deliveries that came after one of a younger event.
    pub overtaken: u64,
    /// Events that nobody will ever get.
    pub never: u64,
}

/// Events on their way to one target.
#[derive(Debug, Clone)]
pub struct Delivery<T> {
    schedule: Schedule<(u64, T)>,
    chances: Chances,
    random: Random,
    counts: Counts,
    youngest: u64,
}

impl<T: Clone> Delivery<T> {
    /// Nothing is on its way.
    #[must_use]
    pub fn new(chances: Chances, random: Random) -> Self {
        Self { schedule: Schedule::new(WAITING_MAX), chances, random, counts: Counts::default(), youngest: 0 }
    }

    /// From now on other chances; what is on its way stays there.
    pub fn set(&mut self, chances: Chances) {
        self.chances = chances;
    }

    /// Sends an event that happens now.
    ///
    /// # Errors
    /// Too many are on their way.
    pub fn send(&mut self, now: i64, event: T, promise: Promise) -> Result<(), Full> {
        self.counts.sent += 1;
        let number = self.counts.sent;
        if promise == Promise::BestEffort && self.happens(self.chances.never_percent) {
            self.counts.never += 1;
            return Ok(());
        }
        let copies = if self.happens(self.chances.twice_percent) {
            2 + self.below(self.chances.copies.min(COPIES_MAX).saturating_sub(1))
        } else {
            1
        };
        for _ in 0..copies {
            let delay = if self.happens(self.chances.late_percent) {
                self.counts.late += 1;
                i64::from(self.below(self.chances.late_max))
            } else {
                0
            };
            self.schedule.put(now + USUAL + delay, (number, event.clone()))?;
        }
        self.counts.copies += u64::from(copies - 1);
        Ok(())
    }

    /// Puts an event back that its target could not handle, to be delivered again then.
    ///
    /// # Errors
    /// Too many are on their way.
    pub fn again(&mut self, at: i64, event: T) -> Result<(), Full> {
        self.schedule.put(at, (self.youngest, event))
    }

    /// When the next one arrives.
    #[must_use]
    pub fn next_at(&self) -> Option<i64> {
        self.schedule.next_at()
    }

    /// Takes the next one that has arrived by then.
    pub fn take(&mut self, now: i64) -> Option<T> {
        let (_, (number, event)) = self.schedule.take(now)?;
        self.counts.overtaken += u64::from(number < self.youngest);
        self.youngest = self.youngest.max(number);
        Some(event)
    }

    /// What happened so far.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.counts
    }

    fn happens(&mut self, percent: u32) -> bool {
        self.random.next() % 100 < u64::from(percent)
    }

    /// 0 to `most`, excluded; 0 when that is 0.
    fn below(&mut self, most: u32) -> u32 {
        let drawn = self.random.next() % u64::from(most.max(1));
        u32::try_from(drawn).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROUGH: Chances = Chances { twice_percent: 40, copies: 3, late_percent: 50, late_max: 600, never_percent: 20 };

    fn delivered(chances: Chances, promise: Promise, seed: u64) -> (Vec<u32>, Counts) {
        let mut delivery = Delivery::new(chances, Random::new(seed, 1));
        let mut out = Vec::new();
        for n in 0..500_u32 {
            let now = i64::from(n) * 10;
            delivery.send(now, n, promise).unwrap();
            out.extend(std::iter::from_fn(|| delivery.take(now)));
        }
        out.extend(std::iter::from_fn(|| delivery.take(i64::MAX)));
        (out, delivery.counts())
    }

    #[test]
    fn a_durable_event_is_delivered_at_least_once_however_rough_the_chances() {
        for seed in 0..20 {
            let (out, counts) = delivered(ROUGH, Promise::Durable, seed);
            assert!((0..500).all(|n| out.contains(&n)), "seed {seed}");
            assert_eq!(out.len() as u64, counts.sent + counts.copies, "seed {seed}");
            assert!(counts.copies > 100 && counts.late > 100 && counts.overtaken > 50, "seed {seed}: {counts:?}");
            assert_eq!(counts.never, 0);
        }
    }

    #[test]
    fn a_best_effort_event_may_never_come_and_that_is_counted() {
        let (out, counts) = delivered(ROUGH, Promise::BestEffort, 3);
        let missing = (0..500).filter(|n| !out.contains(n)).count();
        assert_eq!(missing as u64, counts.never);
        assert!((50..150).contains(&missing), "{missing} of 500 at 20 %");
    }

    #[test]
    fn without_chances_events_come_once_in_order_a_second_later() {
        let mut delivery = Delivery::new(Chances::default(), Random::new(1, 1));
        delivery.send(10, 'a', Promise::BestEffort).unwrap();
        delivery.send(10, 'b', Promise::Durable).unwrap();
        assert_eq!((delivery.next_at(), delivery.take(10)), (Some(11), None));
        assert_eq!((delivery.take(11), delivery.take(11), delivery.take(11)), (Some('a'), Some('b'), None));
    }

    #[test]
    fn the_same_seed_gives_the_same_deliveries() {
        assert_eq!(delivered(ROUGH, Promise::Durable, 5), delivered(ROUGH, Promise::Durable, 5));
        assert_ne!(delivered(ROUGH, Promise::Durable, 5), delivered(ROUGH, Promise::Durable, 6));
    }

    #[test]
    fn what_its_target_could_not_handle_comes_again_at_the_time_given() {
        let mut delivery = Delivery::new(Chances::default(), Random::new(1, 1));
        delivery.again(70, 'a').unwrap();
        assert_eq!((delivery.take(69), delivery.take(70)), (None, Some('a')));
    }
}
