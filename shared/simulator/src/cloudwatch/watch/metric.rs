//! A metric alarm: one metric or metric math, M of N.

use headroom_core::signal::AlarmState;

use super::put::{PutMetricAlarm, Watched};
use super::reason::{self, Evaluated};
use super::standing::Standing;
use crate::cloudwatch::missing::{Point, RANGE_MAX, evaluate};
use crate::cloudwatch::reading::{Readings, Source};
use crate::cloudwatch::set::{Grid, Set};
use crate::cloudwatch::{CloudWatchError, Datapoint, MetricStat, Place, Queried, Statistic};

/// Metrics of a metric-math alarm (AWS_FACTS 3.1).
const METRICS_MAX: usize = 10;

#[derive(Debug, Clone)]
enum Plan {
    Metric,
    Math { set: Set, returned: usize },
}

/// An alarm with what it needs to be evaluated.
#[derive(Debug, Clone)]
pub(super) struct MetricAlarm {
    pub(super) put: PutMetricAlarm,
    plan: Plan,
    period: u32,
    /// Who has the values of each metric; found again when services come or go.
    sources: Vec<Source>,
    found_among: Option<usize>,
}

impl MetricAlarm {
    pub(super) fn new(put: PutMetricAlarm) -> Result<Self, CloudWatchError> {
        let invalid = |message: &str| Err(CloudWatchError::Validation(message.to_owned()));
        let (plan, period) = match &put.watched {
            // The set checks the period as GetMetricData does.
            Watched::Metric(stat) => {
                let queried = Queried::Stat(stat.clone());
                let query =
                    crate::cloudwatch::MetricDataQuery { id: "m1".to_owned(), queried, label: None, return_data: true };
                (Plan::Metric, Set::new(vec![query])?.period(0))
            }
            Watched::Math(queries) => {
                if queries.iter().filter(|q| matches!(q.queried, Queried::Stat(_))).count() > METRICS_MAX {
                    return invalid("A metric math alarm can have at most 10 metrics.");
                }
                let mut returning = queries.iter().enumerate().filter(|(_, q)| q.return_data);
                let (Some((returned, _)), None) = (returning.next(), returning.next()) else {
                    return invalid("Exactly one element of the metrics list should return data.");
                };
                let set = Set::new(queries.clone())?;
                let period = set.period(returned);
                (Plan::Math { set, returned }, period)
            }
        };
        put.checked(period)?;
        Ok(Self { put, plan, period, sources: Vec::new(), found_among: None })
    }

    /// Evaluates it; CloudWatch does so every minute (AWS_FACTS 3.1). What it is now, when that is another state.
    ///
    /// Periods end with the newest whole minute, so those of 5 minutes move with it: so it is in the guide's event of
    /// an alarm of 300 s, whose query at 17:04:40 begins at 16:59:00.
    pub(super) fn evaluate(
        &mut self,
        standing: &Standing,
        place: &Place,
        readings: &Readings<'_>,
        range: &mut Vec<Evaluated>,
    ) -> Option<Standing> {
        if self.found_among != Some(readings.services.len()) {
            self.find(place, readings);
        }
        let (length, period) = (self.put.range(), i64::from(self.period));
        let first = readings.now.div_euclid(60) * 60 - period * length as i64;
        self.read(Grid { first, period, length }, place, readings, range);
        let breaches = |value: f64| self.put.comparison.holds(value, self.put.threshold);
        let mut points: [Point; RANGE_MAX] = [None; RANGE_MAX];
        for (point, each) in points.iter_mut().zip(range.iter()) {
            *point = each.point.map(|p| breaches(p.value));
        }
        let points = points.get(..length)?;
        let (m, n) = (self.put.points_to_alarm() as usize, self.put.evaluation_periods as usize);
        let value = evaluate(points, m, n, self.put.missing.unwrap_or_default(), standing.value);
        if value == standing.value || self.too_few_samples(range) {
            return None;
        }
        Some(self.turned(standing, value, range, n, readings.now))
    }

    fn turned(&self, from: &Standing, value: AlarmState, range: &[Evaluated], n: usize, now: i64) -> Standing {
        let evaluated = reason::evaluated(range, n);
        let data = reason::data(&self.put, self.period, &evaluated, now);
        from.turned(value, now, reason::sentence(&self.put, value, &evaluated), data)
    }

    fn stats(&self) -> Vec<&MetricStat> {
        match &self.put.watched {
            Watched::Metric(stat) => vec![stat],
            Watched::Math(queries) => {
                let stats = queries.iter().filter_map(|q| match &q.queried {
                    Queried::Stat(stat) => Some(stat),
                    Queried::Expression(_) => None,
                });
                stats.collect()
            }
        }
    }

    fn find(&mut self, place: &Place, readings: &Readings<'_>) {
        self.sources = self.stats().into_iter().map(|s| readings.source(place, &s.metric)).collect();
        self.found_among = Some(readings.services.len());
    }

    fn read(&self, grid: Grid, place: &Place, readings: &Readings<'_>, range: &mut Vec<Evaluated>) {
        range.clear();
        match (&self.plan, &self.put.watched) {
            (Plan::Metric, Watched::Metric(stat)) => {
                let Some(source) = self.sources.first() else { return };
                let key = (place, &stat.metric);
                let read = |at| readings.read(source, key, stat.statistic, (at, at + grid.period));
                range.extend(grid.times().map(|at| Evaluated { at, point: read(at) }));
            }
            (Plan::Math { set, returned }, _) => {
                let stats = self.stats();
                let read = |_: usize, stat: &MetricStat, grid: Grid| {
                    let index = stats.iter().position(|s| *s == stat);
                    let source = index.and_then(|i| self.sources.get(i));
                    let at = |at| readings.read(source?, (place, &stat.metric), stat.statistic, (at, at + grid.period));
                    grid.times().map(|t| at(t).map(|d| d.value)).collect()
                };
                // What cannot be worked out has no datapoints; queries were checked when they were put.
                let all = set.work(&|_| Ok(grid), &read, &|metric| readings.quota(place, metric)).unwrap_or_default();
                let series = all.into_iter().nth(*returned).map(|(_, series)| series).unwrap_or_default();
                let point = |value: Option<f64>| value.map(|value| Datapoint { value, samples: 0.0 });
                let padded = series.into_iter().chain(std::iter::repeat(None));
                range.extend(grid.times().zip(padded).map(|(at, v)| Evaluated { at, point: point(v) }));
            }
            (Plan::Metric, Watched::Math(_)) => {}
        }
    }

    /// EvaluateLowSampleCountPercentile `ignore`: the state stays with fewer than 10 / (1 - p) samples, or 10 / p under
    /// the median (guide, "Percentile-based alarms and low data samples").
    fn too_few_samples(&self, range: &[Evaluated]) -> bool {
        let (true, Watched::Metric(MetricStat { statistic: Statistic::Percentile(percent), .. })) =
            (self.put.low_samples_ignored, &self.put.watched)
        else {
            return false;
        };
        let share = percent / 100.0;
        let rest = if share >= 0.5 { 1.0 - share } else { share };
        let samples: f64 = range.iter().filter_map(|e| e.point.map(|p| p.samples)).sum();
        samples < 10.0 / rest
    }
}
