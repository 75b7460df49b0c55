//! What CloudWatch gave for a target group, and what its silence means.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::minute::Minute;

/// A period of the balancer's metrics. Seconds.
pub(super) const MINUTE: i64 = 60;

/// The Sum of each minute by its beginning in seconds since 1970, as CloudWatch gave them.
///
/// 5xx counts are published only when they are not zero, so an absent one beside a RequestCount is zero. Without a
/// RequestCount the minute is missing, which is not zero (SEMANTICS 8).
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Series {
    requests: BTreeMap<i64, f64>,
    target_errors: BTreeMap<i64, f64>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    balancer_errors: BTreeMap<i64, f64>,
}

impl Series {
    /// `RequestCount` and `HTTPCode_Target_5XX_Count` of a target group.
    #[must_use]
    pub fn new(requests: BTreeMap<i64, f64>, target_errors: BTreeMap<i64, f64>) -> Self {
        Self { requests, target_errors, balancer_errors: BTreeMap::new() }
    }

    /// With `HTTPCode_ELB_5XX_Count`, for a balancer that is this service's own: the metric has no target group, so
    /// on a shared balancer the errors may be anybody's. They join errors and requests alike, because RequestCount
    /// counts only requests that a target answered; so a service of which nothing answers any more is judged too.
    /// With two target groups they cannot be told apart: for the one that all traffic goes to, or for none.
    #[must_use]
    pub fn with_balancer_errors(self, balancer_errors: BTreeMap<i64, f64>) -> Self {
        Self { balancer_errors, ..self }
    }

    /// The minutes that begin at `from` or later and end at `to` or earlier, in order of time. Minutes that are
    /// missing or without a request are left out.
    #[must_use]
    pub fn minutes(&self, from: Timestamp, to: Timestamp) -> Vec<Minute> {
        let (from, to) = (whole_minute_from(from), to.as_second());
        let Some(last) = to.checked_sub(MINUTE).filter(|last| *last >= from) else { return Vec::new() };
        let mut seconds: Vec<i64> = self.requests.range(from..=last).map(|(second, _)| *second).collect();
        seconds.extend(self.balancer_errors.range(from..=last).map(|(second, _)| *second));
        seconds.sort_unstable();
        seconds.dedup();
        seconds.into_iter().filter_map(|second| self.minute(second)).collect()
    }

    /// The beginning of the first minute with a request that begins at `from` or later.
    #[must_use]
    pub fn first_traffic(&self, from: Timestamp) -> Option<Timestamp> {
        self.minutes(from, Timestamp::MAX).first().map(|minute| minute.at)
    }

    /// Both added up: the numbers of a service that serves from two target groups.
    #[must_use]
    pub fn plus(&self, other: &Self) -> Self {
        let sum = |mut these: BTreeMap<i64, f64>, those: &BTreeMap<i64, f64>| {
            those.iter().for_each(|(second, value)| *these.entry(*second).or_default() += value);
            these
        };
        Self {
            requests: sum(self.requests.clone(), &other.requests),
            target_errors: sum(self.target_errors.clone(), &other.target_errors),
            balancer_errors: sum(self.balancer_errors.clone(), &other.balancer_errors),
        }
    }

    fn minute(&self, second: i64) -> Option<Minute> {
        let at = Timestamp::from_second(second).ok()?;
        let (answered, unanswered) = (count(&self.requests, second), count(&self.balancer_errors, second).unwrap_or(0));
        let failed = answered.map_or(0, |_| count(&self.target_errors, second).unwrap_or(0));
        let requests = answered.unwrap_or(0).saturating_add(unanswered);
        let errors = failed.saturating_add(unanswered).min(requests);
        (requests > 0).then_some(Minute { at, requests, errors })
    }
}

/// The value of a minute; what is no count is none.
fn count(of: &BTreeMap<i64, f64>, second: i64) -> Option<u64> {
    of.get(&second).filter(|value| value.is_finite() && **value >= 0.0).map(|value| value.round() as u64)
}

/// The first whole minute that begins at `at` or later, in seconds since 1970.
pub(super) fn whole_minute_from(at: Timestamp) -> i64 {
    let second = at.as_second() + i64::from(at.subsec_nanosecond() > 0);
    second + (MINUTE - second.rem_euclid(MINUTE)) % MINUTE
}

/// The last whole minute that has ended at `at`: its end, in seconds since 1970.
pub(super) fn whole_minute_to(at: Timestamp) -> i64 {
    at.as_second() - at.as_second().rem_euclid(MINUTE)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn counted(series: &Series) -> Vec<(i64, u64, u64)> {
        let minutes = series.minutes(at(0), at(600));
        minutes.iter().map(|m| (m.at.as_second(), m.requests, m.errors)).collect()
    }

    #[test]
    fn semantics_8_no_error_count_beside_requests_is_zero_and_no_request_count_is_missing() {
        let series = Series::new([(0, 100.0), (120, 90.0)].into(), [(60, 5.0), (120, 4.0)].into());
        assert_eq!(counted(&series), [(0, 100, 0), (120, 90, 4)]);
    }

    #[test]
    fn semantics_8_errors_of_an_own_balancer_join_errors_and_requests() {
        let series = Series::new([(0, 100.0), (60, 50.0)].into(), [(60, 5.0)].into());
        let own = series.with_balancer_errors([(60, 20.0), (120, 80.0)].into());
        assert_eq!(counted(&own), [(0, 100, 0), (60, 70, 25), (120, 80, 80)]);
    }

    #[test]
    fn what_is_no_count_is_missing() {
        let requests = [(0, f64::NAN), (60, -1.0), (120, f64::INFINITY), (180, 0.0), (240, 10.0)];
        let errors = [(240, f64::NAN)];
        assert_eq!(counted(&Series::new(requests.into(), errors.into())), [(240, 10, 0)]);
        let more = Series::new([(0, 10.0)].into(), [(0, 12.0)].into());
        assert_eq!(counted(&more), [(0, 10, 10)], "no more errors than requests");
    }

    #[test]
    fn only_whole_minutes_inside_of_the_span_are_given() {
        let series = Series::new((0..10).map(|n| (n * 60, 1.0)).collect(), BTreeMap::new());
        let span = |from, to| series.minutes(at(from), at(to)).iter().map(|m| m.at.as_second()).collect::<Vec<_>>();
        assert_eq!(span(60, 180), [60, 120]);
        assert_eq!(span(61, 239), [120]);
        assert_eq!(span(120, 120), [0_i64; 0]);
        assert_eq!(span(300, 60), [0_i64; 0]);
        assert_eq!(series.minutes(Timestamp::MIN, Timestamp::MAX).len(), 10);
        assert_eq!(series.first_traffic(at(61)), Some(at(120)));
        assert_eq!(series.first_traffic(at(600)), None);
    }

    #[test]
    fn two_target_groups_add_up() {
        let old = Series::new([(0, 10.0), (60, 10.0)].into(), [(0, 1.0)].into());
        let new = Series::new([(60, 5.0)].into(), [(60, 5.0)].into()).with_balancer_errors([(60, 1.0)].into());
        assert_eq!(counted(&old.plus(&new)), [(0, 10, 1), (60, 16, 6)]);
    }
}
