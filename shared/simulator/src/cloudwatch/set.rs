//! Queries that use each other, worked out in order.

use std::collections::{BTreeMap, BTreeSet};

use super::error::CloudWatchError;
use super::key::MetricKey;
use super::math::{Expression, Series, Value};
use super::query::{DATAPOINTS_MAX, MetricDataQuery, MetricStat, Queried};

/// Queries of a request (API reference, GetMetricData).
pub(super) const QUERIES_MAX: usize = 500;
/// A day: no period of a metric here is longer, because metrics are kept for about two hours.
const PERIOD_MAX: u32 = 86_400;

/// Points in time of one period each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Grid {
    pub(super) first: i64,
    pub(super) period: i64,
    pub(super) length: usize,
}

impl Grid {
    pub(super) fn times(self) -> impl Iterator<Item = i64> {
        (0..self.length).map(move |i| self.first + i as i64 * self.period)
    }

    /// Datapoints begin at whole periods: our assumption, the API reference only recommends to ask for such times.
    pub(super) fn between(start: i64, end: i64, period: i64) -> Result<Self, CloudWatchError> {
        let first = (start.div_euclid(60) * 60 + period - 1).div_euclid(period) * period;
        let length = usize::try_from((end - first + period - 1).div_euclid(period)).unwrap_or(0);
        if length > DATAPOINTS_MAX {
            let message = format!("{length} datapoints of a query, expected at most {DATAPOINTS_MAX}.");
            return Err(CloudWatchError::InvalidParameterValue(message));
        }
        Ok(Self { first, period, length })
    }
}

/// Queries that were checked, in an order in which each comes after what it needs.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Set {
    queries: Vec<(MetricDataQuery, Option<Expression>)>,
    order: Vec<usize>,
    periods: Vec<u32>,
}

impl Set {
    pub(super) fn new(queries: Vec<MetricDataQuery>) -> Result<Self, CloudWatchError> {
        let invalid = |message: String| Err(CloudWatchError::Validation(message));
        if queries.is_empty() || queries.len() > QUERIES_MAX {
            return invalid(format!("MetricDataQueries has {} members, expected 1 to {QUERIES_MAX}.", queries.len()));
        }
        let mut read = Vec::with_capacity(queries.len());
        let mut ids = BTreeSet::new();
        for query in queries {
            let first = query.id.chars().next().is_some_and(|c| c.is_ascii_lowercase());
            if !first || !query.id.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') || query.id.len() > 255 {
                return invalid(format!("The value for parameter Id is invalid: `{}`, expected `m1`.", query.id));
            }
            if !ids.insert(query.id.clone()) {
                return invalid(format!(
                    "The values for parameter id in MetricDataQueries are not unique: `{}`.",
                    query.id
                ));
            }
            let expression = match &query.queried {
                Queried::Stat(stat) => {
                    checked_period(stat.period)?;
                    None
                }
                Queried::Expression(text) => Some(Expression::read(text).map_err(|why| wrong(&query.id, &why))?),
            };
            read.push((query, expression));
        }
        let mut set = Self { periods: vec![0; read.len()], queries: read, order: Vec::new() };
        for index in 0..set.queries.len() {
            set.place(index, &mut Vec::new())?;
        }
        Ok(set)
    }

    fn place(&mut self, index: usize, above: &mut Vec<usize>) -> Result<(), CloudWatchError> {
        if self.order.contains(&index) {
            return Ok(());
        }
        let Some((query, expression)) = self.queries.get(index) else { return Ok(()) };
        let id = query.id.clone();
        let (needs, own) = match (&query.queried, expression) {
            (Queried::Stat(stat), _) => (Vec::new(), Some(stat.period)),
            (Queried::Expression(_), expression) => (self.needs(&id, expression.as_ref())?, None),
        };
        if above.contains(&index) {
            return Err(wrong(&id, "it needs itself"));
        }
        above.push(index);
        let mut periods = BTreeSet::new();
        for need in needs {
            self.place(need, above)?;
            periods.extend(self.periods.get(need).copied());
        }
        above.pop();
        let period = match (own, periods.len(), periods.first()) {
            (Some(period), ..) => period,
            (None, 1, Some(period)) => *period,
            (None, 0, _) => return Err(wrong(&id, "it uses no metric")),
            (None, ..) => return Err(wrong(&id, "the simulator needs metrics of one period")),
        };
        if let Some(slot) = self.periods.get_mut(index) {
            *slot = period;
        }
        self.order.push(index);
        Ok(())
    }

    fn needs(&self, id: &str, expression: Option<&Expression>) -> Result<Vec<usize>, CloudWatchError> {
        match expression.and_then(Expression::ids) {
            Some(ids) => {
                let find = |wanted: &str| self.queries.iter().position(|(q, _)| q.id == wanted);
                let found = ids.into_iter().map(|wanted| {
                    find(wanted).ok_or_else(|| wrong(id, &format!("`{wanted}` is no id of this request")))
                });
                found.collect()
            }
            None => Ok((0..self.queries.len()).filter(|i| self.stat(*i).is_some()).collect()),
        }
    }

    fn stat(&self, index: usize) -> Option<&MetricStat> {
        match self.queries.get(index).map(|(q, _)| &q.queried) {
            Some(Queried::Stat(stat)) => Some(stat),
            Some(Queried::Expression(_)) | None => None,
        }
    }

    /// The queries.
    pub(super) fn queries(&self) -> impl Iterator<Item = &MetricDataQuery> {
        self.queries.iter().map(|(query, _)| query)
    }

    /// The period of a query's datapoints.
    pub(super) fn period(&self, index: usize) -> u32 {
        self.periods.get(index).copied().unwrap_or(60)
    }

    /// Every query's series, each on its grid; `quota` is that of a usage metric.
    pub(super) fn work(
        &self,
        grid: &dyn Fn(u32) -> Result<Grid, CloudWatchError>,
        read: &dyn Fn(usize, &MetricStat, Grid) -> Series,
        quota: &dyn Fn(&MetricKey) -> Option<f64>,
    ) -> Result<Vec<(Grid, Series)>, CloudWatchError> {
        let mut done: BTreeMap<usize, (Grid, Series)> = BTreeMap::new();
        for index in &self.order {
            let Some((query, expression)) = self.queries.get(*index) else { continue };
            let grid = grid(self.period(*index))?;
            let series = match (&query.queried, expression) {
                (Queried::Stat(stat), _) => read(*index, stat, grid),
                (Queried::Expression(_), None) => Vec::new(),
                (Queried::Expression(_), Some(expression)) => {
                    let position = |id: &str| self.queries.iter().position(|(q, _)| q.id == id);
                    let of = |id: &str| done.get(&position(id)?).map(|(_, s)| s.clone());
                    let all = || {
                        let stats = done.iter().filter(|(i, _)| self.stat(**i).is_some());
                        stats.map(|(_, (_, s))| s.clone()).collect()
                    };
                    let quota = |id: &str| quota(&self.stat(position(id)?)?.metric);
                    match expression.work(&of, &all, &quota).map_err(|why| wrong(&query.id, &why))? {
                        Value::Series(series) => series,
                        Value::Scalar(_) => return Err(wrong(&query.id, "it gives a number and no time series")),
                        Value::List(_) => return Err(wrong(&query.id, "the simulator gives one time series for each")),
                    }
                }
            };
            done.insert(*index, (grid, series));
        }
        Ok(done.into_values().collect())
    }
}

fn wrong(id: &str, why: &str) -> CloudWatchError {
    CloudWatchError::Validation(format!("Error in expression '{id}': {why}"))
}

fn checked_period(period: u32) -> Result<(), CloudWatchError> {
    if period == 0 || !period.is_multiple_of(60) || period > PERIOD_MAX {
        let message = format!("Period must be a multiple of 60 up to {PERIOD_MAX} in the simulator, found {period}.");
        return Err(CloudWatchError::Validation(message));
    }
    Ok(())
}
