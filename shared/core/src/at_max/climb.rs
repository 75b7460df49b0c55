//! How soon a service reaches its max: one number, from the last ten minutes.

use jiff::Timestamp;

use super::points::Points;
use crate::time::Seconds;

/// Above this share of max a rise is worth a word: there is less room left than target tracking adds at once.
pub const NEAR: f64 = 0.8;
/// As far back as the trend looks: long enough for a line, short enough for a surge.
const LOOKS_BACK: Seconds = Seconds(600);
/// Half of the minutes; fewer are no trend.
const POINTS_MIN: usize = 5;
/// What is further away than this is no warning but a forecast.
const MINUTES_MAX: f64 = 60.0;

/// Minutes until the demand reaches max, by the straight line through its last ten minutes.
///
/// `None`: it is not above [`NEAR`], does not rise, is too far away, or fewer than five minutes are known. 0 when it is
/// there already.
#[must_use]
pub fn minutes_to_max(demand: &Points, max: u32, now: Timestamp) -> Option<u32> {
    let from = now.checked_sub(LOOKS_BACK.duration()).ok()?;
    let (begin, last): (Vec<(i64, f64)>, f64) = {
        let recent: Vec<_> = demand.since(from).collect();
        let last = recent.last()?.0;
        #[expect(clippy::cast_precision_loss, reason = "ten minutes")]
        let last = last as f64;
        (recent, last)
    };
    if begin.len() < POINTS_MIN {
        return None;
    }
    #[expect(clippy::cast_precision_loss, reason = "minutes back from the last one, at most ten")]
    let line: Vec<(f64, f64)> = begin.iter().map(|(at, asked)| ((*at as f64 - last) / 60.0, *asked)).collect();
    let (slope, level) = straight(&line)?;
    let max = f64::from(max);
    if level <= NEAR * max || slope <= 0.0 {
        return None;
    }
    let minutes = ((max - level) / slope).max(0.0).ceil();
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 60")]
    (minutes <= MINUTES_MAX).then_some(minutes as u32)
}

/// Slope per minute, and the line's own value at minute 0: by least squares.
fn straight(points: &[(f64, f64)]) -> Option<(f64, f64)> {
    #[expect(clippy::cast_precision_loss, reason = "ten points")]
    let n = points.len() as f64;
    let (x, y) = points.iter().fold((0.0, 0.0), |(x, y), p| (x + p.0 / n, y + p.1 / n));
    let (xy, xx) = points.iter().fold((0.0, 0.0), |(xy, xx), p| (xy + (p.0 - x) * (p.1 - y), xx + (p.0 - x).powi(2)));
    (xx > 0.0).then(|| (xy / xx, y - xy / xx * x))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rising(from: f64, by: f64, minutes: i64) -> Points {
        let values = (0..minutes).map(|m| (m * 60, from + by * m as f64)).collect();
        Points { values, ..Points::by_minute() }
    }

    fn at(minute: i64) -> Timestamp {
        Timestamp::from_second(minute * 60).unwrap()
    }

    #[test]
    fn a_straight_rise_reaches_max_when_it_says() {
        for (from, by, max, minutes) in [
            (8.0, 0.1, 10, Some(11)),
            (8.0, 0.2, 10, Some(1)),
            (9.5, 0.5, 10, Some(0)),
            (7.0, 0.05, 10, None),
            (9.0, 0.0, 10, None),
            (9.0, -0.1, 10, None),
            (8.1, 0.001, 10, None),
        ] {
            assert_eq!(
                minutes_to_max(&rising(from, by, 10), max, at(10)),
                minutes,
                "{from} + {by} a minute, max {max}"
            );
        }
    }

    #[test]
    fn fewer_than_five_minutes_and_old_minutes_are_no_trend() {
        assert_eq!(minutes_to_max(&rising(9.0, 0.1, 4), 10, at(4)), None);
        assert_eq!(minutes_to_max(&rising(9.0, 0.1, 10), 10, at(30)), None);
        assert_eq!(minutes_to_max(&Points::by_minute(), 10, at(10)), None);
    }
}
