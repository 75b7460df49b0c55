//! Fargate's vCPU quota and what is used of it: two queries in the GetMetricData call that goes out anyway.

use std::collections::BTreeMap;

use aws_sdk_cloudwatch::types::MetricDataQuery;
use headroom_core::quota::{AGE_MAX, DIMENSIONS, METRIC, NAMESPACE, STATISTIC, VcpuQuota, graded};
use headroom_core::seen::Reading;
use jiff::Timestamp;

use super::load::{Series, query};

const USED: &str = "vcpu";
const LIMIT: &str = "quota";
/// Twice what counts as fresh: a datapoint that is too old is seen, and said to be stale.
pub(super) const WINDOW_MINUTES: i64 = 2 * AGE_MAX.0 as i64 / 60;

/// Usage, and the quota by metric math: SERVICE_QUOTA gives it for a usage metric, so that no second service is asked.
pub(super) fn queries() -> [MetricDataQuery; 2] {
    let dimensions = DIMENSIONS.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let expression = format!("SERVICE_QUOTA({USED})");
    [
        query(USED.to_owned(), NAMESPACE, METRIC, &dimensions, STATISTIC),
        MetricDataQuery::builder().id(LIMIT).expression(expression).return_data(true).build(),
    ]
}

/// The newest minute that has both.
pub(super) fn reading(series: &BTreeMap<String, Series>, now: Timestamp) -> Reading<VcpuQuota> {
    match (series.get(USED), series.get(LIMIT)) {
        (Some(Ok(used)), Some(Ok(limit))) => graded(used, limit, now),
        (Some(Err(why)), _) | (_, Some(Err(why))) => Reading::Unreadable(why.clone()),
        (None, _) | (_, None) => Reading::Unreadable("CloudWatch did not answer this query".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_quota_is_asked_of_the_usage_metric_by_metric_math() {
        let [used, limit] = queries();
        let metric = used.metric_stat().unwrap().metric().unwrap();
        assert_eq!((metric.namespace(), metric.metric_name()), (Some("AWS/Usage"), Some("ResourceCount")));
        assert_eq!(metric.dimensions().len(), 4);
        assert_eq!(limit.expression(), Some("SERVICE_QUOTA(vcpu)"));
    }

    #[test]
    fn a_query_that_failed_or_is_not_answered_is_unreadable_and_no_number() {
        let now = Timestamp::from_second(12_000).unwrap();
        let points = || Ok(BTreeMap::from([(11_940, 8.0)]));
        let read = |used: Option<Series>, limit: Option<Series>| {
            let both = [(USED, used), (LIMIT, limit)];
            reading(&both.into_iter().filter_map(|(id, s)| Some((id.to_owned(), s?))).collect(), now)
        };
        assert_eq!(read(Some(points()), Some(points())), Reading::Known(VcpuQuota { used: 8.0, limit: 8.0 }));
        assert!(matches!(read(Some(points()), None), Reading::Unreadable(_)));
        assert!(matches!(read(Some(points()), Some(Err("Forbidden".into()))), Reading::Unreadable(_)));
        assert_eq!(read(Some(points()), Some(Ok(BTreeMap::new()))), Reading::Absent);
    }
}
