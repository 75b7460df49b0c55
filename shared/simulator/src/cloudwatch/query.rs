//! GetMetricData.
//!
//! API reference, GetMetricData: StartTime is included, EndTime is not; 500 queries, 100,800 datapoints.

use super::error::CloudWatchError;
use super::key::{MetricKey, Place};
use super::math::Series;
use super::reading::Readings;
use super::set::{Grid, QUERIES_MAX, Set};
use super::statistic::Statistic;

/// Datapoints of an answer (API reference, GetMetricData).
pub(super) const DATAPOINTS_MAX: usize = 100_800;

/// A page token is good for so long, in seconds: our assumption.
const TOKEN_AGE_MAX: i64 = 86_400;

/// MetricStat.
#[derive(Debug, Clone, PartialEq)]
pub struct MetricStat {
    /// The metric.
    pub metric: MetricKey,
    /// Stat.
    pub statistic: Statistic,
    /// Period in seconds, a multiple of 60.
    pub period: u32,
}

/// What is asked.
#[derive(Debug, Clone, PartialEq)]
pub enum Queried {
    /// A metric.
    Stat(MetricStat),
    /// Metric math over the others.
    Expression(String),
}

/// MetricDataQuery.
#[derive(Debug, Clone, PartialEq)]
pub struct MetricDataQuery {
    /// Id.
    pub id: String,
    /// MetricStat or Expression.
    pub queried: Queried,
    /// Label.
    pub label: Option<String>,
    /// ReturnData.
    pub return_data: bool,
}

/// Which datapoint comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ScanBy {
    /// The newest: the default.
    #[default]
    TimestampDescending,
    /// The oldest.
    TimestampAscending,
}

/// A request.
#[derive(Debug, Clone, PartialEq)]
pub struct GetMetricData {
    /// MetricDataQueries.
    pub queries: Vec<MetricDataQuery>,
    /// StartTime, included, in seconds since the epoch.
    pub start: i64,
    /// EndTime, not included.
    pub end: i64,
    /// ScanBy.
    pub scan_by: ScanBy,
    /// MaxDatapoints; none: 100,800.
    pub max_datapoints: Option<usize>,
    /// NextToken.
    pub next_token: Option<String>,
}

/// StatusCode of one query.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StatusCode {
    /// All datapoints are in this answer, or were in the ones before.
    Complete,
    /// There are more.
    PartialData,
}

impl StatusCode {
    /// As AWS writes it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Complete => "Complete",
            Self::PartialData => "PartialData",
        }
    }
}

/// MetricDataResult.
#[derive(Debug, Clone, PartialEq)]
pub struct MetricDataResult {
    /// Id.
    pub id: String,
    /// Label.
    pub label: String,
    /// Timestamps, in seconds since the epoch.
    pub timestamps: Vec<i64>,
    /// Values, as many.
    pub values: Vec<f64>,
    /// StatusCode.
    pub status: StatusCode,
}

/// An answer.
#[derive(Debug, Clone, PartialEq)]
pub struct MetricDataAnswer {
    /// MetricDataResults.
    pub results: Vec<MetricDataResult>,
    /// NextToken.
    pub next_token: Option<String>,
}

/// Answers a request.
pub(crate) fn get(
    request: GetMetricData,
    place: &Place,
    readings: &Readings<'_>,
) -> Result<MetricDataAnswer, CloudWatchError> {
    if request.start >= request.end {
        let message = "The parameter StartTime must be less than the parameter EndTime.";
        return Err(CloudWatchError::Validation(message.to_owned()));
    }
    if [request.start, request.end].into_iter().any(|at| jiff::Timestamp::from_second(at).is_err()) {
        let message = "The parameters StartTime and EndTime must be times of the years -9999 to 9999.";
        return Err(CloudWatchError::Validation(message.to_owned()));
    }
    let most = request.max_datapoints.unwrap_or(DATAPOINTS_MAX);
    if most == 0 || most > DATAPOINTS_MAX {
        let message = format!("MaxDatapoints is {most}, expected 1 to {DATAPOINTS_MAX}.");
        return Err(CloudWatchError::Validation(message));
    }
    let (now, skip) = match &request.next_token {
        None => (readings.now, 0),
        Some(token) => token_of(token, readings.now)?,
    };
    let readings = Readings { now, ..*readings };
    let set = Set::new(request.queries)?;
    let read = |_: usize, stat: &MetricStat, grid: Grid| -> Series {
        let source = readings.source(place, &stat.metric);
        let at = |from| readings.read(&source, (place, &stat.metric), stat.statistic, (from, from + grid.period));
        grid.times().map(|from| at(from).map(|d| d.value)).collect()
    };
    let all = set.work(&|period| Grid::between(request.start, request.end, i64::from(period)), &read, &|metric| {
        readings.quota(place, metric)
    })?;
    let returned = set.queries().zip(all).filter(|(query, _)| query.return_data);
    let points = returned.map(|(query, (grid, series))| {
        let mut points: Vec<(i64, f64)> = grid.times().zip(series).filter_map(|(at, v)| v.map(|v| (at, v))).collect();
        if request.scan_by == ScanBy::TimestampDescending {
            points.reverse();
        }
        (query, points)
    });
    Ok(page(points.collect(), skip, most, now))
}

/// One page: the datapoints of all queries in order, `most` of them after the first `skip`.
fn page(all: Vec<(&MetricDataQuery, Vec<(i64, f64)>)>, skip: usize, most: usize, now: i64) -> MetricDataAnswer {
    let (mut before, mut results) = (0, Vec::new());
    for (query, points) in &all {
        let (from, to) = (skip.saturating_sub(before), (skip + most).saturating_sub(before));
        before += points.len();
        let part = points.get(from.min(points.len())..to.min(points.len())).unwrap_or_default();
        // A query without datapoints is in the first page only, one whose datapoints came before in none.
        if part.is_empty() && (skip > 0 || !points.is_empty() && from >= points.len()) {
            continue;
        }
        let status = if to < points.len() { StatusCode::PartialData } else { StatusCode::Complete };
        let label = query.label.clone().unwrap_or_else(|| match &query.queried {
            Queried::Stat(stat) => stat.metric.name.clone(),
            Queried::Expression(_) => query.id.clone(),
        });
        let (timestamps, values) = part.iter().copied().unzip();
        results.push(MetricDataResult { id: query.id.clone(), label, timestamps, values, status });
    }
    let next_token = (skip + most < before).then(|| format!("{now}.{}", skip + most));
    MetricDataAnswer { results, next_token }
}

/// A token holds the instant of its first page, so that later pages continue the same answer. One that this world did
/// not make is refused: its numbers could be any.
fn token_of(token: &str, now: i64) -> Result<(i64, usize), CloudWatchError> {
    let read = token.split_once('.').and_then(|(at, skip)| Some((at.parse().ok()?, skip.parse().ok()?)));
    let invalid = || CloudWatchError::InvalidNextToken("The NextToken is not valid.".to_owned());
    let skips = 1..=QUERIES_MAX * DATAPOINTS_MAX;
    read.filter(|(at, skip): &(i64, usize)| {
        (now.saturating_sub(TOKEN_AGE_MAX)..=now).contains(at) && skips.contains(skip)
    })
    .ok_or_else(invalid)
}
