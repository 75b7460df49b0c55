//! PutMetricData and GetMetricData.

use headroom_core::quota::{self, VcpuQuota};
use headroom_core::seen::Reading;
use headroom_pipeline::Clock;

use crate::cloudwatch::{
    CloudWatchError, Datum, GetMetricData, MetricDataAnswer, MetricDataQuery, MetricKey, MetricStat, Place, Queried,
    Readings, ScanBy, Statistic, get,
};
use crate::world::World;

impl World {
    /// PutMetricData: all of it, or nothing and why. A namespace of AWS may be put, so that a scenario can stand in for
    /// a cache or a queue, but not one that this world publishes itself.
    ///
    /// # Errors
    /// As CloudWatch refuses it, or more metrics than [`crate::cloudwatch::METRICS_MAX`].
    pub fn put_metric_data(&self, place: &Place, namespace: &str, data: Vec<Datum>) -> Result<(), CloudWatchError> {
        let now = self.seconds();
        self.inner.borrow_mut().custom.put(place, namespace, data, now)
    }

    /// GetMetricData. What is not published, or cannot be read yet, has no datapoint.
    ///
    /// # Errors
    /// As CloudWatch refuses it, and metric math that this simulator does not have.
    pub fn get_metric_data(&self, place: &Place, request: GetMetricData) -> Result<MetricDataAnswer, CloudWatchError> {
        let inner = self.inner.borrow();
        let (services, accounts, custom) = (inner.services.as_slice(), inner.accounts.as_slice(), &inner.custom);
        get(request, place, &Readings { services, accounts, custom, now: self.seconds(), delays: self.delays })
    }

    /// Fargate's vCPU quota, by the world's own GetMetricData, as a function asks it.
    pub(crate) fn vcpu_quota(&self, place: &Place) -> Reading<VcpuQuota> {
        let dimensions = quota::DIMENSIONS.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        let metric = MetricKey::with(quota::NAMESPACE.to_owned(), quota::METRIC.to_owned(), dimensions);
        let queried = [
            ("used", Queried::Stat(MetricStat { metric, statistic: Statistic::Maximum, period: 60 })),
            ("quota", Queried::Expression("SERVICE_QUOTA(used)".to_owned())),
        ];
        let end = self.seconds().div_euclid(60) * 60;
        let request = GetMetricData {
            queries: queried
                .map(|(id, queried)| MetricDataQuery { id: id.to_owned(), queried, label: None, return_data: true })
                .into(),
            start: end - 2 * i64::from(quota::AGE_MAX.0),
            end,
            scan_by: ScanBy::TimestampAscending,
            max_datapoints: None,
            next_token: None,
        };
        match self.get_metric_data(place, request) {
            Ok(answer) => {
                let of = |id: &str| {
                    let results = answer.results.iter().filter(|r| r.id == id);
                    results.flat_map(|r| r.timestamps.iter().copied().zip(r.values.iter().copied())).collect()
                };
                quota::graded(&of("used"), &of("quota"), self.now())
            }
            Err(error) => Reading::Unreadable(error.to_string()),
        }
    }
}

#[cfg(test)]
pub(crate) mod tests;
