//! Deployments for the tests of this module.

use jiff::Timestamp;

use super::{Evidence, Numbers, Series};
use crate::fleet::Rollback;
use crate::time::Seconds;

/// A whole minute. Minutes of these tests are counted from here, where the deployment is created.
const CREATED: i64 = 29_000_000 * 60;

pub(super) const POLICY: Rollback = Rollback { deployed_within: Seconds(3_600), requests_min: 500 };

/// The beginning of a minute.
pub(super) fn at(minute: i64) -> Timestamp {
    Timestamp::from_second(CREATED + minute * 60).unwrap()
}

/// What CloudWatch has of a minute; none: no data point.
#[derive(Debug, Clone, Copy)]
struct Point {
    minute: i64,
    requests: Option<u64>,
    errors: Option<u64>,
    unanswered: Option<u64>,
}

/// Minutes with so many requests, of which so many failed.
#[derive(Debug, Default, Clone)]
pub(super) struct Counts(Vec<Point>);

impl Counts {
    /// Requests and target errors in each of these minutes.
    pub(super) fn with(self, minutes: std::ops::Range<i64>, requests: u64, errors: u64) -> Self {
        self.each(minutes, requests, |_| errors)
    }

    /// The same with errors that differ.
    pub(super) fn each(mut self, minutes: std::ops::Range<i64>, requests: u64, errors: impl Fn(i64) -> u64) -> Self {
        let errors = |minute| Some(errors(minute)).filter(|e| *e > 0);
        let point = |minute| Point { minute, requests: Some(requests), errors: errors(minute), unanswered: None };
        self.0.extend(minutes.map(point));
        self
    }

    /// Only errors of the balancer.
    pub(super) fn unanswered(mut self, minutes: std::ops::Range<i64>, errors: u64) -> Self {
        let point = |minute| Point { minute, requests: None, errors: None, unanswered: Some(errors) };
        self.0.extend(minutes.map(point));
        self
    }

    /// As CloudWatch gives it; `own`: the balancer is this service's.
    pub(super) fn series(&self, own: bool) -> Series {
        let pick = |value: fn(&Point) -> Option<u64>| {
            self.0.iter().filter_map(|point| Some((CREATED + point.minute * 60, value(point)? as f64))).collect()
        };
        let series = Series::new(pick(|p| p.requests), pick(|p| p.errors));
        if own { series.with_balancer_errors(pick(|p| p.unanswered)) } else { series }
    }

    /// One target group; the new revision serves from minute 2, judged at the beginning of minute `now`.
    pub(super) fn evidence(&self, now: i64) -> Evidence {
        evidence(Numbers::Together(self.series(false)), now)
    }
}

/// The new revision serves from minute 2, judged at the beginning of minute `now`.
pub(super) fn evidence(numbers: Numbers, now: i64) -> Evidence {
    Evidence { created_at: at(0), first_traffic: Some(at(2)), now: at(now), numbers }
}
