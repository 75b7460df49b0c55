//! The share of errors minute by minute, for people who would rather look than read.

use jiff::Timestamp;

use super::evidence::Numbers;
use super::verify::UNSETTLED;

/// So many minutes stand in a notice's line.
const MINUTES_MAX: usize = 20;

/// Errors of each settled minute in percent of its requests, both revisions together, oldest first; a minute without
/// a request is left out.
#[must_use]
pub fn chart(numbers: &Numbers, now: Timestamp) -> Vec<f64> {
    let to = now.checked_sub(UNSETTLED.duration()).unwrap_or(now);
    let minutes = match numbers {
        Numbers::Together(series) => series.minutes(Timestamp::MIN, to),
        Numbers::Apart { old, new } => old.plus(new).minutes(Timestamp::MIN, to),
    };
    let newest = minutes.get(minutes.len().saturating_sub(MINUTES_MAX)..).unwrap_or_default();
    // A tenth of a percent is fine enough for eight heights of a bar.
    newest.iter().map(|minute| (minute.rate() * 1_000.0).round() / 10.0).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rollback::Series;

    fn at(minute: i64) -> Timestamp {
        Timestamp::from_second(minute * 60).unwrap()
    }

    fn series(errors: &[(i64, f64)]) -> Series {
        Series::new((0..40).map(|n| (n * 60, 200.0)).collect(), errors.iter().map(|(n, e)| (n * 60, *e)).collect())
    }

    #[test]
    fn the_newest_settled_minutes_are_drawn_oldest_first() {
        let drawn = chart(&Numbers::Together(series(&[(37, 10.0), (38, 200.0)])), at(40));
        assert_eq!((drawn.len(), drawn.last()), (20, Some(&5.0)), "the last two minutes are not settled");
        assert_eq!(chart(&Numbers::Together(Series::default()), at(40)), [0.0; 0]);
    }

    #[test]
    fn two_target_groups_are_one_service() {
        let apart = Numbers::Apart { old: series(&[(2, 10.0)]), new: series(&[(2, 30.0)]) };
        assert_eq!(chart(&apart, at(5)), [0.0, 0.0, 10.0]);
    }
}
