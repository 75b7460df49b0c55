//! Metrics with the tasks that carried them in the same minute, all questions in one call.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_cloudwatch::types::{Dimension, Metric, MetricDataQuery, MetricDataResult, MetricStat, ScanBy, StatusCode};
use aws_smithy_types::DateTime;
use futures_util::future::try_join_all;
use headroom_core::quota::VcpuQuota;
use headroom_core::seen::{Load, LoadQuestion, NOT_ASKED, Reading, graded, lowest_of};
use headroom_pipeline::{PortError, Retry};
use jiff::Timestamp;

use super::quota;
use crate::aws::Aws;
use crate::error::{failed, unusable};

const PLACE: &str = "cloudwatch GetMetricData";
/// GetMetricData takes 500 queries; a question is one or two, and the quota two more.
const QUESTIONS_A_CALL: usize = 249;
/// One call's answer fits one page; CloudWatch may still split it.
const PAGES: u32 = 5;
const PERIOD_SECONDS: i32 = 60;
const MINUTE: i64 = 60;
/// Twice what counts as fresh: a datapoint that is too old is seen, and said to be stale.
const WINDOW_MINUTES: i64 = 10;
const SAMPLE_COUNT: &str = "SampleCount";
/// Each task reports its CPU once a minute, so the number of samples is the number of tasks.
const ECS: &str = "AWS/ECS";
const ECS_CPU: &str = "CPUUtilization";

/// Readings by question.
pub(super) type Loads = BTreeMap<LoadQuestion, Reading<Load>>;

/// One query's datapoints, or why there are none.
pub(crate) type Series = Result<BTreeMap<i64, f64>, String>;

/// What one or more calls of GetMetricData said.
#[derive(Debug)]
pub(super) struct Measured {
    pub(super) loads: Loads,
    pub(super) quota: Reading<VcpuQuota>,
}

/// Reads metrics, and Fargate's vCPU quota in the first call when it is wanted.
pub(super) async fn measured(
    aws: &Aws,
    wanted: &BTreeSet<&LoadQuestion>,
    with_quota: bool,
    now: Timestamp,
) -> Result<Measured, PortError> {
    let questions: Vec<&LoadQuestion> = wanted.iter().copied().collect();
    let (first, rest) = questions.split_at(questions.len().min(QUESTIONS_A_CALL));
    let mut measured = match get(aws, first, with_quota, now).await {
        // Where CloudWatch refuses the request for the quota's sake, the loads must not be lost with it.
        Err(error) if with_quota && error.retry == Retry::Never => {
            tracing::warn!(%error, "metrics are read again without the quota");
            let quota = Reading::Unreadable(error.to_string());
            Measured { quota, ..get(aws, first, false, now).await? }
        }
        read => read?,
    };
    let calls = rest.chunks(QUESTIONS_A_CALL).map(|batch| get(aws, batch, false, now));
    measured.loads.extend(try_join_all(calls).await?.into_iter().flat_map(|m| m.loads));
    Ok(measured)
}

async fn get(aws: &Aws, questions: &[&LoadQuestion], with_quota: bool, now: Timestamp) -> Result<Measured, PortError> {
    let not_asked = Reading::Unreadable(NOT_ASKED.to_owned());
    if questions.is_empty() && !with_quota {
        return Ok(Measured { loads: Loads::new(), quota: not_asked });
    }
    // The end is exclusive: the newest minute asked for is a complete one.
    let end = now.as_second().div_euclid(MINUTE) * MINUTE;
    let mut queries: Vec<MetricDataQuery> =
        questions.iter().enumerate().flat_map(|(index, question)| queries(index, question)).collect();
    let lasting = questions.iter().filter_map(|q| q.lowest_of).map(|n| i64::from(n) + WINDOW_MINUTES).max();
    let mut window = lasting.unwrap_or(WINDOW_MINUTES);
    if with_quota {
        queries.extend(quota::queries());
        window = window.max(quota::WINDOW_MINUTES);
    }
    let start = end - window * MINUTE;
    let series = fetch(aws, queries, start, end).await?;
    let answer = |(index, question): (usize, &&LoadQuestion)| {
        let (values, counts) = (series.get(&id(index)), series.get(&count_id(index)));
        let read = match question.lowest_of {
            Some(minutes) => lowest(values, minutes, now),
            None => reading(values, counts, now),
        };
        ((*question).clone(), read)
    };
    let quota = if with_quota { quota::reading(&series, now) } else { not_asked };
    Ok(Measured { loads: questions.iter().enumerate().map(answer).collect(), quota })
}

/// Every query's datapoints by the minute, from `start` to before `end`, in epoch seconds.
pub(crate) async fn fetch(
    aws: &Aws,
    queries: Vec<MetricDataQuery>,
    start: i64,
    end: i64,
) -> Result<BTreeMap<String, Series>, PortError> {
    let mut series: BTreeMap<String, Series> = BTreeMap::new();
    let mut token = None;
    for _ in 0..PAGES {
        let page = aws
            .cloudwatch()
            .get_metric_data()
            .set_metric_data_queries(Some(queries.clone()))
            .start_time(DateTime::from_secs(start))
            .end_time(DateTime::from_secs(end))
            .scan_by(ScanBy::TimestampDescending)
            .set_next_token(token)
            .send()
            .await
            .map_err(|error| failed(PLACE, &error))?;
        for result in page.metric_data_results() {
            add(&mut series, result, end);
        }
        token = page.next_token;
        if token.is_none() {
            return Ok(series);
        }
    }
    Err(unusable(PLACE, format!("more than {PAGES} pages")))
}

/// One metric by the minute.
pub(crate) fn query(
    id: String,
    namespace: &str,
    name: &str,
    dimensions: &[(String, String)],
    stat: &str,
) -> MetricDataQuery {
    let dimensions = dimensions.iter().map(|(name, value)| Dimension::builder().name(name).value(value).build());
    let metric =
        Metric::builder().namespace(namespace).metric_name(name).set_dimensions(Some(dimensions.collect())).build();
    let stat = MetricStat::builder().metric(metric).period(PERIOD_SECONDS).stat(stat).build();
    MetricDataQuery::builder().id(id).metric_stat(stat).return_data(true).build()
}

fn id(index: usize) -> String {
    format!("m{index}")
}

fn count_id(index: usize) -> String {
    format!("n{index}")
}

fn queries(index: usize, question: &LoadQuestion) -> Vec<MetricDataQuery> {
    let LoadQuestion { namespace, name, stat, dimensions, tasks_of, lowest_of: _ } = question;
    let mut queries = vec![query(id(index), namespace, name, dimensions, stat)];
    if let Some(service) = tasks_of {
        queries.push(query(count_id(index), ECS, ECS_CPU, service, SAMPLE_COUNT));
    }
    queries
}

/// Adds one page's part of a series; an error of CloudWatch replaces what came before it.
fn add(series: &mut BTreeMap<String, Series>, result: &MetricDataResult, end: i64) {
    let Some(id) = result.id() else { return };
    let entry = series.entry(id.to_owned()).or_insert_with(|| Ok(BTreeMap::new()));
    match result.status_code() {
        Some(status @ (StatusCode::InternalError | StatusCode::Forbidden)) => {
            let words = result.messages().iter().filter_map(|m| m.value()).collect::<Vec<_>>().join(", ");
            *entry = Err(format!("{}: {words}", status.as_str()));
        }
        Some(_) | None => {
            if let Ok(points) = entry {
                let times = result.timestamps().iter().map(DateTime::secs);
                let complete = times.zip(result.values().iter().copied()).filter(|(at, _)| at + MINUTE <= end);
                points.extend(complete);
            }
        }
    }
}

fn lowest(values: Option<&Series>, minutes: u32, now: Timestamp) -> Reading<Load> {
    match values {
        Some(Ok(points)) => lowest_of(points, minutes, now),
        Some(Err(why)) => Reading::Unreadable(why.clone()),
        None => Reading::Unreadable("CloudWatch did not answer this query".to_owned()),
    }
}

fn reading(values: Option<&Series>, counts: Option<&Series>, now: Timestamp) -> Reading<Load> {
    let points = match values {
        Some(Ok(points)) => points,
        Some(Err(why)) => return Reading::Unreadable(why.clone()),
        None => return Reading::Unreadable("CloudWatch did not answer this query".to_owned()),
    };
    let counts = counts.and_then(|series| series.as_ref().ok());
    let at = counts.and_then(|counts| whole_minute(points, counts)).or_else(|| points.keys().next_back().copied());
    let newest = at.and_then(|at| {
        let count = counts.and_then(|counts| counts.get(&at));
        let value = *points.get(&at)?;
        Some(Load { value, tasks: count.and_then(|n| tasks(*n)), at: Timestamp::from_second(at).ok()? })
    });
    graded(newest, now)
}

/// The newest minute that has both a value and a count. Where fewer tasks have reported in it than in the minute
/// before, some are still on their way: the one before is taken, since too small a count is too small a need.
fn whole_minute(points: &BTreeMap<i64, f64>, counts: &BTreeMap<i64, f64>) -> Option<i64> {
    let mut both = points.keys().rev().filter_map(|at| Some((*at, *counts.get(at)?)));
    match (both.next()?, both.next()) {
        ((_, fewer), Some((before, more))) if fewer < more => Some(before),
        ((newest, _), _) => Some(newest),
    }
}

/// The service's tasks send one sample each a minute.
fn tasks(samples: f64) -> Option<u32> {
    (1.0..=f64::from(u32::MAX)).contains(&samples).then_some(samples.round() as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 12_030;
    const END: i64 = 12_000;

    fn result(id: &str, points: &[(i64, f64)]) -> MetricDataResult {
        let mut result = MetricDataResult::builder().id(id).status_code(StatusCode::Complete);
        for (at, value) in points {
            result = result.timestamps(DateTime::from_secs(*at)).values(*value);
        }
        result.build()
    }

    fn read(results: &[MetricDataResult]) -> Reading<Load> {
        let mut series = BTreeMap::new();
        for result in results {
            add(&mut series, result, END);
        }
        reading(series.get("m0"), series.get("n0"), Timestamp::from_second(NOW).unwrap())
    }

    #[test]
    fn value_and_tasks_are_of_the_same_newest_complete_minute() {
        let values = result("m0", &[(12_000, 99.0), (11_940, 95.0), (11_880, 90.0)]);
        let counts = result("n0", &[(11_940, 2.0), (11_880, 2.0)]);
        let load = *read(&[values, counts]).known().unwrap();
        assert_eq!((load.value, load.tasks, load.at.as_second()), (95.0, Some(2), 11_940));
    }

    #[test]
    fn pages_of_one_series_are_joined() {
        let pages = [result("m0", &[(11_880, 90.0)]), result("m0", &[(11_940, 95.0)])];
        assert_eq!(read(&pages).known().unwrap().value, 95.0);
    }

    #[test]
    fn missing_old_and_refused_data_are_told_apart() {
        assert_eq!(read(&[result("m0", &[])]), Reading::Absent);
        assert!(matches!(read(&[result("m0", &[(11_700, 95.0)])]), Reading::Stale { .. }));
        assert!(matches!(read(&[]), Reading::Unreadable(_)));
        let forbidden = MetricDataResult::builder().id("m0").status_code(StatusCode::Forbidden).build();
        assert!(matches!(read(&[forbidden, result("m0", &[(11_940, 95.0)])]), Reading::Unreadable(_)));
    }

    #[test]
    fn a_sample_count_that_counts_no_task_is_no_number_of_tasks() {
        assert_eq!(tasks(3.0), Some(3));
        for odd in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert_eq!(tasks(odd), None, "{odd}");
        }
    }

    #[test]
    fn a_minute_in_which_tasks_are_still_reporting_is_not_the_newest() {
        let values = [(END - 120, 95.0), (END - 60, 95.0)];
        let load = |counts: &[(i64, f64)]| {
            let load = *read(&[result("m0", &values), result("n0", counts)]).known().unwrap();
            (load.at.as_second(), load.tasks)
        };
        assert_eq!(load(&[(END - 120, 2.0), (END - 60, 1.0)]), (END - 120, Some(2)), "one of two has reported");
        assert_eq!(load(&[(END - 120, 2.0), (END - 60, 3.0)]), (END - 60, Some(3)), "one more");
        assert_eq!(load(&[(END - 120, 2.0)]), (END - 120, Some(2)), "value and count of one minute");
        assert_eq!(load(&[]), (END - 60, None), "no count at all");
    }

    #[test]
    fn only_metrics_of_the_service_ask_for_a_count() {
        let mut question = LoadQuestion {
            namespace: "AWS/ECS".into(),
            name: "CPUUtilization".into(),
            stat: "Average".into(),
            dimensions: vec![("ClusterName".into(), "c".into())],
            tasks_of: Some(vec![("ClusterName".into(), "c".into())]),
            lowest_of: None,
        };
        let stats = |question: &LoadQuestion| -> Vec<String> {
            queries(0, question).iter().map(|q| q.metric_stat().unwrap().stat().unwrap().to_owned()).collect()
        };
        assert_eq!(stats(&question), ["Average", "SampleCount"]);
        question.tasks_of = None;
        assert_eq!(stats(&question), ["Average"]);
    }
}
