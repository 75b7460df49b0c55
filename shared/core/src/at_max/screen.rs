//! Which services a minute looks at, and which of them closely (SEMANTICS 25).

use jiff::Timestamp;

use super::climb::NEAR;
use super::flapping::turns;
use super::question::CountsSeen;
use crate::time::Seconds;

/// Each minute looks at one part of the fleet: every service once in a quarter of an hour.
pub const POLL_PARTS: usize = 15;
/// A target of 50 %, the lowest that the fleet file takes, and a fifth: CPU below it is high for nobody.
const CPU_HIGH_PERCENT: f64 = 60.0;
/// A missing sample looks like a task that went and came: so many turns of the samples may be one of the count.
const TURNS_MIN: u32 = 3;

/// The indices of a fleet of `count` services that belong to the minute of `now`. By index, so that the parts are
/// equal; each minute stands alone, and one that was lost is made up for a quarter of an hour later.
pub fn part_of_minute(count: usize, now: Timestamp) -> impl Iterator<Item = usize> {
    let minute = now.as_second().div_euclid(60).rem_euclid(POLL_PARTS as i64);
    let first = usize::try_from(minute).unwrap_or_default();
    (first..count).step_by(POLL_PARTS)
}

/// Whether a service is to be looked at closely: near its max, with counts that turn, or with CPU that stays high.
#[must_use]
pub fn worth_a_look(seen: &CountsSeen, high_for: Seconds, now: Timestamp) -> bool {
    let (Some(service), Some(target)) = (seen.service.known(), seen.target.known()) else { return false };
    // One of a fixed size is always at its max; its load tells whether that matters.
    let near = target.min < target.max && f64::from(service.desired) > NEAR * f64::from(target.max);
    let turning = seen.tasks.known().is_some_and(|tasks| turns(tasks.finite().map(|(_, n)| n)) >= TURNS_MIN);
    let from = now.checked_sub(high_for.duration()).unwrap_or(now);
    let lowest = seen.cpu.known().and_then(|cpu| cpu.since(from).map(|(_, v)| v).reduce(f64::min));
    near || turning || lowest.is_some_and(|lowest| lowest > CPU_HIGH_PERCENT)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn a_quarter_of_an_hour_looks_at_each_service_once_and_each_minute_at_as_many() {
        let mut all: Vec<usize> = Vec::new();
        for minute in 0..15 {
            let part: Vec<usize> =
                part_of_minute(10_000, Timestamp::from_second(1_795_392_000 + minute * 60).unwrap()).collect();
            assert!((666..=667).contains(&part.len()), "{}", part.len());
            all.extend(part);
        }
        assert_eq!(all.len(), 10_000);
        assert_eq!(all.into_iter().collect::<BTreeSet<_>>().len(), 10_000);
        assert_eq!(part_of_minute(0, Timestamp::UNIX_EPOCH).count(), 0);
    }
}
