//! M out of N with missing data: the four treatments.
//!
//! AWS_FACTS 3.1; Amazon CloudWatch User Guide, "Configuring how CloudWatch alarms treat missing data", whose two
//! tables are the tests below.

use headroom_core::signal::AlarmState;

/// What an alarm does about a missing datapoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Missing {
    /// The default: nothing is known; when all are missing, INSUFFICIENT_DATA.
    #[default]
    Missing,
    /// Good.
    NotBreaching,
    /// Bad.
    Breaching,
    /// The state stays.
    Ignore,
}

impl Missing {
    /// As TreatMissingData has it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::NotBreaching => "notBreaching",
            Self::Breaching => "breaching",
            Self::Ignore => "ignore",
        }
    }

    /// Reads TreatMissingData.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Missing, Self::NotBreaching, Self::Breaching, Self::Ignore].into_iter().find(|m| m.name() == name)
    }
}

/// One datapoint: breaching, not breaching, or missing.
pub type Point = Option<bool>;

/// How many periods more than N CloudWatch looks back; the guide's examples have 5 for N = 3, the true number is
/// not published.
pub(super) const RANGE_EXTRA: usize = 2;
/// The longest range.
pub(super) const RANGE_MAX: usize = super::POINTS_MAX + RANGE_EXTRA;

/// The state after an evaluation.
///
/// `points` is the evaluation range, newest last, somewhat longer than `n`.
#[must_use]
pub fn evaluate(points: &[Point], m: usize, n: usize, missing: Missing, state: AlarmState) -> AlarmState {
    let real: Vec<bool> = points.iter().flatten().copied().collect();
    // Enough real ones in the range: the newest N of them decide, and nothing is filled in.
    if real.len() >= n {
        let breaching = real.iter().rev().take(n).filter(|b| **b).count();
        return if breaching >= m { AlarmState::Alarm } else { AlarmState::Ok };
    }
    let breaching = real.iter().filter(|b| **b).count();
    let filled = n - real.len();
    let decided = |breaching: usize| if breaching >= m { AlarmState::Alarm } else { AlarmState::Ok };
    match missing {
        Missing::Breaching => decided(breaching + filled),
        Missing::NotBreaching => decided(breaching),
        Missing::Ignore | Missing::Missing if breaching >= m => AlarmState::Alarm,
        Missing::Ignore | Missing::Missing if real.contains(&false) => AlarmState::Ok,
        Missing::Ignore => state,
        Missing::Missing if real.is_empty() => AlarmState::InsufficientData,
        Missing::Missing if oldest_breach_is_old(points, m) => AlarmState::Alarm,
        Missing::Missing => state,
    }
}

/// All that is known breaches, and the oldest known is at least M periods old: ALARM although fewer than M points exist
/// ("Avoiding premature transitions to alarm state", on the same page).
fn oldest_breach_is_old(points: &[Point], m: usize) -> bool {
    points.iter().position(Option::is_some).is_some_and(|oldest| points.len() - oldest >= m)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TREATMENTS: [Missing; 4] = [Missing::Missing, Missing::Ignore, Missing::Breaching, Missing::NotBreaching];

    /// Letters of the four outcomes: OK, Alarm, Insufficient, Kept.
    fn outcomes(points: &str, m: usize) -> String {
        let points: Vec<Point> = points.chars().map(|c| (c != '-').then_some(c == 'X')).collect();
        let of = |missing| {
            let from = |state| evaluate(&points, m, 3, missing, state);
            match (from(AlarmState::Ok), from(AlarmState::Alarm)) {
                (AlarmState::Ok, AlarmState::Ok) => 'O',
                (AlarmState::Alarm, AlarmState::Alarm) => 'A',
                (AlarmState::InsufficientData, AlarmState::InsufficientData) => 'I',
                (AlarmState::Ok, AlarmState::Alarm) => 'K',
                other => panic!("{other:?}"),
            }
        };
        TREATMENTS.map(of).iter().collect()
    }

    #[test]
    fn three_of_three_with_missing_data_is_as_the_guides_first_table_has_it() {
        for (points, expected) in
            [("0-X-X", "OOOO"), ("0----", "OOOO"), ("-----", "IKAO"), ("0XX-X", "AAAA"), ("--X--", "AKAO")]
        {
            assert_eq!(outcomes(points, 3), expected, "{points}: missing, ignore, breaching, notBreaching");
        }
    }

    #[test]
    fn one_new_breaching_datapoint_among_missing_ones_is_no_alarm_yet() {
        for points in ["----X", "---X-"] {
            assert_eq!(outcomes(points, 3), "KKAO", "{points}: the next one may be good");
        }
    }

    #[test]
    fn two_of_three_with_missing_data_is_as_the_guides_second_table_has_it() {
        for (points, expected) in
            [("0-X-X", "AAAA"), ("00X0X", "AAAA"), ("0-X--", "OOAO"), ("----0", "OOAO"), ("---X-", "AKAO")]
        {
            assert_eq!(outcomes(points, 2), expected, "{points}: missing, ignore, breaching, notBreaching");
        }
    }
}
