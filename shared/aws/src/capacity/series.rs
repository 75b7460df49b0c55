//! Series of the last hour and of two weeks.

use std::collections::BTreeMap;

use aws_sdk_cloudwatch::types::{Dimension, Metric, MetricDataQuery, MetricStat};
use headroom_core::at_max::Points;
use headroom_core::id::ServiceId;
use headroom_core::seen::Reading;
use headroom_core::time::Seconds;

use crate::ask::Series;

pub(super) const ECS: &str = "AWS/ECS";
pub(super) const CPU: &str = "CPUUtilization";
pub(super) const SAMPLE_COUNT: &str = "SampleCount";
pub(super) const HOUR: i64 = 3_600;
pub(super) const FORTNIGHT: i64 = 14 * 86_400;
const MINUTE: f64 = 60.0;

/// One query of a period.
#[derive(Debug, Clone)]
pub(crate) struct Of<'a> {
    pub(crate) id: String,
    pub(crate) namespace: &'a str,
    pub(crate) name: &'a str,
    pub(crate) dimensions: Vec<(String, String)>,
    pub(crate) stat: &'a str,
    pub(crate) period: Seconds,
}

impl Of<'_> {
    pub(crate) fn query(&self) -> MetricDataQuery {
        let dimensions =
            self.dimensions.iter().map(|(name, value)| Dimension::builder().name(name).value(value).build());
        let metric = Metric::builder()
            .namespace(self.namespace)
            .metric_name(self.name)
            .set_dimensions(Some(dimensions.collect()))
            .build();
        let period = i32::try_from(self.period.0).unwrap_or(i32::MAX);
        let stat = MetricStat::builder().metric(metric).period(period).stat(self.stat).build();
        MetricDataQuery::builder().id(&self.id).metric_stat(stat).return_data(true).build()
    }

    /// Its answer; what adds up over a period is held per minute.
    pub(crate) fn points(&self, series: &BTreeMap<String, Series>) -> Reading<Points> {
        let adds_up = matches!(self.stat, "Sum" | SAMPLE_COUNT);
        let minutes = if adds_up { f64::from(self.period.0) / MINUTE } else { 1.0 };
        match series.get(&self.id) {
            Some(Ok(values)) => Reading::Known(Points {
                period: self.period,
                values: values.iter().map(|(at, value)| (*at, value / minutes)).collect(),
            }),
            Some(Err(why)) => Reading::Unreadable(why.clone()),
            None => Reading::Unreadable("CloudWatch did not answer this query".to_owned()),
        }
    }
}

/// The dimensions of a service's own metrics.
pub(super) fn own(id: &ServiceId) -> Vec<(String, String)> {
    vec![("ClusterName".to_owned(), id.cluster.clone()), ("ServiceName".to_owned(), id.service.clone())]
}

/// The tasks of a service: each reports its CPU once a minute.
pub(super) fn tasks(id: &ServiceId, query: String, period: Seconds) -> Of<'static> {
    Of { id: query, namespace: ECS, name: CPU, dimensions: own(id), stat: SAMPLE_COUNT, period }
}

/// Its CPU.
pub(super) fn cpu(id: &ServiceId, query: String, period: Seconds) -> Of<'static> {
    Of { id: query, namespace: ECS, name: CPU, dimensions: own(id), stat: "Average", period }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_adds_up_over_five_minutes_is_held_per_minute() {
        let id = ServiceId { account: "1".into(), region: "r".into(), cluster: "c".into(), service: "s".into() };
        let series = BTreeMap::from([("n".to_owned(), Ok(BTreeMap::from([(0, 50.0)])))]);
        let tasks = tasks(&id, "n".to_owned(), Seconds(300)).points(&series);
        assert_eq!(
            tasks.known().and_then(|points| points.newest()),
            Some((0, 10.0)),
            "ten tasks, a sample a minute each"
        );
        let cpu = cpu(&id, "n".to_owned(), Seconds(300)).points(&series);
        assert_eq!(cpu.known().and_then(|points| points.newest()), Some((0, 50.0)));
        assert!(matches!(super::tasks(&id, "x".to_owned(), Seconds(60)).points(&series), Reading::Unreadable(_)));
    }
}
