//! What waits for its time, in order of time and then of arrival.

use std::collections::BTreeMap;

/// Things that wait for their time.
#[derive(Debug, Clone)]
pub struct Schedule<T> {
    waiting: BTreeMap<(i64, u64), T>,
    put: u64,
    most: usize,
}

/// No more can wait: whoever puts faster than things become due must be told, not grow without end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{most} wait already")]
pub struct Full {
    /// How many may wait.
    pub most: usize,
}

impl<T> Schedule<T> {
    /// An empty one in which at most so many wait.
    #[must_use]
    pub fn new(most: usize) -> Self {
        Self { waiting: BTreeMap::new(), put: 0, most }
    }

    /// Puts a thing at a time, in seconds since the epoch.
    ///
    /// # Errors
    /// As many wait as may.
    pub fn put(&mut self, at: i64, thing: T) -> Result<(), Full> {
        if self.waiting.len() >= self.most {
            return Err(Full { most: self.most });
        }
        self.put += 1;
        self.waiting.insert((at, self.put), thing);
        Ok(())
    }

    /// When the next one is due.
    #[must_use]
    pub fn next_at(&self) -> Option<i64> {
        self.waiting.first_key_value().map(|((at, _), _)| *at)
    }

    /// Takes the next one that is due by then, with its time.
    pub fn take(&mut self, now: i64) -> Option<(i64, T)> {
        let first = self.waiting.first_entry().filter(|e| e.key().0 <= now)?;
        let ((at, _), thing) = first.remove_entry();
        Some((at, thing))
    }

    /// How many wait.
    #[must_use]
    pub fn len(&self) -> usize {
        self.waiting.len()
    }

    /// Whether none waits.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn things_come_by_time_and_those_of_one_time_in_the_order_in_which_they_were_put() {
        let mut schedule = Schedule::new(9);
        for (at, name) in [(20, "c"), (10, "a"), (20, "d"), (10, "b")] {
            schedule.put(at, name).unwrap();
        }
        assert_eq!((schedule.next_at(), schedule.take(9)), (Some(10), None));
        let taken: Vec<_> = std::iter::from_fn(|| schedule.take(20)).collect();
        assert_eq!(taken, [(10, "a"), (10, "b"), (20, "c"), (20, "d")]);
        assert!(schedule.is_empty());
    }

    #[test]
    fn what_does_not_fit_is_refused_and_what_waits_stays() {
        let mut schedule = Schedule::new(1);
        schedule.put(5, 'x').unwrap();
        assert_eq!(schedule.put(6, 'y'), Err(Full { most: 1 }));
        assert_eq!((schedule.len(), schedule.take(9)), (1, Some((5, 'x'))));
    }
}
