//! PutMetricData and GetMetricData.

use crate::cloudwatch::{CloudWatchError, Datum, GetMetricData, MetricDataAnswer, Place, Readings, get};
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
        let (services, custom) = (inner.services.as_slice(), &inner.custom);
        get(request, place, &Readings { services, custom, now: self.seconds(), delays: self.delays })
    }
}

#[cfg(test)]
pub(crate) mod tests;
