//! When the errors began.

use jiff::Timestamp;

use super::compared::{before, settled};
use super::gate::{BEARABLE, HOT_MIN};
use super::minute::Minute;
use super::series::Series;

/// The newest minutes in which the errors must be going on, as the gate asks.
const NEWEST: usize = 5;
/// Two calm minutes in a row end a rise, looked at backwards; a single one may be chance.
const CALM_MAX: usize = 1;

/// The beginning of the first minute of the rise that goes on at `now`; none when none does.
///
/// A minute belongs to the rise when its error rate is over 1 % and over half-way from the half hour before
/// `created_at` to the newest five minutes. It goes on when three of those five belong to it, and began after the last
/// two calm minutes in a row, with two in a row that are not: a lone bad minute before it may be chance. Looked for from
/// half an hour before `created_at`.
#[must_use]
pub fn onset(series: &Series, created_at: Timestamp, now: Timestamp) -> Option<Timestamp> {
    let baseline = before(series, created_at);
    let mut minutes = baseline.clone();
    minutes.extend(series.minutes(minutes.last().map_or(created_at, |m| after(m.at)), settled(now)));
    let newest = &minutes[minutes.len().saturating_sub(NEWEST)..];
    let half_way = f64::midpoint(rate(&baseline), rate(newest)).max(BEARABLE);
    let hot = |m: &Minute| m.rate() > half_way;
    if newest.iter().filter(|m| hot(m)).count() < HOT_MIN as usize {
        return None;
    }
    let mut first = minutes.len();
    for (n, minute) in minutes.iter().enumerate().rev() {
        if hot(minute) {
            first = n;
        } else if first < minutes.len() && first - n > CALM_MAX {
            break;
        }
    }
    let rise = &minutes[first..];
    let begins = rise.windows(2).position(|pair| pair.iter().all(hot)).unwrap_or(0);
    rise.get(begins).map(|m| m.at)
}

/// The minute after the one that begins at `at`.
fn after(at: Timestamp) -> Timestamp {
    super::next_look(at)
}

fn rate(minutes: &[Minute]) -> f64 {
    let requests: u64 = minutes.iter().map(|m| m.requests).sum();
    let errors: u64 = minutes.iter().map(|m| m.errors).sum();
    if requests == 0 { 0.0 } else { errors as f64 / requests as f64 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rollback::samples::{Counts, at};

    fn found(counts: &Counts, now: i64) -> Option<Timestamp> {
        onset(&counts.series(false), at(0), at(now))
    }

    #[test]
    fn semantics_9_the_onset_is_the_first_minute_of_the_rise_that_goes_on() {
        let fault = Counts::default().with(-30..3, 1_000, 2).with(3..20, 1_000, 50);
        assert_eq!(found(&fault, 8), Some(at(3)));
        assert_eq!(found(&fault, 22), Some(at(3)));
        assert_eq!(found(&fault, 7), None, "two of five minutes");
        let outage = Counts::default().with(-30..-10, 1_000, 0).with(-10..20, 1_000, 300);
        assert_eq!(found(&outage, 10), Some(at(-10)), "before the deployment");
    }

    #[test]
    fn one_calm_minute_does_not_end_a_rise_and_two_do() {
        let gap = |calm: i64| {
            let before = Counts::default().with(-30..2, 1_000, 2).with(2..5, 1_000, 50);
            before.with(5..5 + calm, 1_000, 2).with(5 + calm..20, 1_000, 50)
        };
        assert_eq!(found(&gap(1), 12), Some(at(2)));
        assert_eq!(found(&gap(2), 12), Some(at(7)));
        let lone = Counts::default().with(-30..1, 1_000, 2).with(1..2, 1_000, 50).with(2..3, 1_000, 2);
        assert_eq!(found(&lone.with(3..20, 1_000, 50), 12), Some(at(3)), "a lone minute is no beginning");
        let ragged = Counts::default().with(-30..2, 1_000, 2).each(2..20, 1_000, |m| if m % 2 == 0 { 90 } else { 2 });
        assert_eq!(found(&ragged, 13), Some(at(2)), "unless all are");
    }

    #[test]
    fn what_is_over_or_can_be_borne_has_no_onset() {
        let over = Counts::default().with(-30..2, 1_000, 2).with(2..5, 1_000, 50).with(5..20, 1_000, 2);
        assert_eq!(found(&over, 20), None);
        assert_eq!(found(&Counts::default().with(-30..2, 1_000, 1).with(2..20, 1_000, 9), 20), None);
        assert_eq!(found(&Counts::default(), 20), None);
    }
}
