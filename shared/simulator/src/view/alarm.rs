//! Alarms as a person sees them: on which service, over what, since when.

use std::collections::BTreeMap;

use headroom_core::fleet::Metric;
use headroom_core::signal::AlarmState;

use crate::cloudwatch::{
    self, AlarmKind, Comparison, MetricKey, MetricStat, Place, PutMetricAlarm, Queried, Standing, Watched,
    target_group_dimension,
};
use crate::service::Service;

/// An alarm.
#[derive(Debug, Clone)]
pub struct AlarmView {
    /// AlarmName.
    pub name: String,
    /// Place in the list of the service that its metric's dimensions name.
    pub service: Option<usize>,
    /// Its state.
    pub state: AlarmState,
    /// Since when, in seconds since the epoch.
    pub since: i64,
    /// The metric of ours that it watches from above, with its threshold.
    pub metric: Option<(Metric, f64)>,
    /// What it watches, in words: metric and threshold, or a composite's rule.
    pub watches: String,
    /// DatapointsToAlarm and EvaluationPeriods; none for a composite.
    pub points: Option<(u32, u32)>,
}

/// Services by what dimensions call them.
pub(super) struct Index {
    of_service: BTreeMap<(Place, String, String), usize>,
    of_group: BTreeMap<(Place, String), usize>,
}

impl Index {
    pub(super) fn of(services: &[Service]) -> Self {
        let place = |s: &Service| Place::of(&s.spec.id);
        let all = || services.iter().enumerate();
        Self {
            of_service: all()
                .map(|(i, s)| ((place(s), s.spec.id.cluster.clone(), s.spec.id.service.clone()), i))
                .collect(),
            of_group: all().map(|(i, s)| ((place(s), target_group_dimension(&s.spec.target_group)), i)).collect(),
        }
    }

    pub(super) fn view(&self, alarm: &cloudwatch::AlarmView) -> AlarmView {
        let Standing { value, transitioned, .. } = alarm.standing;
        let seen = AlarmView {
            name: alarm.name.clone(),
            service: None,
            state: value,
            since: transitioned,
            metric: None,
            watches: String::new(),
            points: None,
        };
        match &alarm.kind {
            AlarmKind::Composite(put) => AlarmView { watches: put.rule.clone(), ..seen },
            AlarmKind::Metric(put) => {
                let stats = stats(put);
                let name = stats.first().map_or("metric math", |stat| stat.metric.name.as_str());
                let n = put.evaluation_periods;
                AlarmView {
                    service: stats.iter().find_map(|stat| self.service(&alarm.arn, &stat.metric)),
                    metric: ours(put, &stats)
                        .filter(|_| put.comparison == Comparison::Greater)
                        .map(|metric| (metric, put.threshold)),
                    watches: format!("{name} {} {}", put.comparison.words(), put.threshold),
                    points: Some((put.datapoints_to_alarm.unwrap_or(n), n)),
                    ..seen
                }
            }
        }
    }

    /// An alarm watches metrics of its own account and region.
    fn service(&self, arn: &str, metric: &MetricKey) -> Option<usize> {
        let mut parts = arn.split(':').skip(3).map(str::to_owned);
        let (region, account) = (parts.next()?, parts.next()?);
        let place = Place { account, region };
        let of = |name: &str| metric.dimensions().iter().find(|(n, _)| n == name).map(|(_, value)| value.clone());
        let by_name = of("ClusterName").zip(of("ServiceName"));
        let found = by_name.and_then(|(c, s)| self.of_service.get(&(place.clone(), c, s)));
        found.or_else(|| self.of_group.get(&(place, of("TargetGroup")?))).copied()
    }
}

fn stats(put: &PutMetricAlarm) -> Vec<&MetricStat> {
    match &put.watched {
        Watched::Metric(stat) => vec![stat],
        Watched::Math(queries) => queries.iter().filter_map(|q| stat(&q.queried)).collect(),
    }
}

fn stat(queried: &Queried) -> Option<&MetricStat> {
    match queried {
        Queried::Stat(stat) => Some(stat),
        Queried::Expression(_) => None,
    }
}

/// The metric of ours that an alarm watches; the error rate is the one that is math over two others.
fn ours(put: &PutMetricAlarm, stats: &[&MetricStat]) -> Option<Metric> {
    let has = |name: &str| stats.iter().any(|stat| stat.metric.name == name);
    if let Watched::Math(_) = put.watched {
        let rate = has("HTTPCode_Target_5XX_Count") && has("RequestCount");
        return rate.then_some(Metric::ErrorRate);
    }
    let stat = stats.first()?;
    let asked = (stat.metric.namespace.as_str(), stat.metric.name.as_str());
    let statistic = stat.statistic.to_string();
    Metric::ALL.into_iter().find(|m| m.cloudwatch().is_some_and(|(n, name, s)| (n, name) == asked && s == statistic))
}
