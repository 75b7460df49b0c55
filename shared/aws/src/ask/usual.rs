//! The usual load: the same hours of earlier weeks, of many services in one call a week.

use std::collections::BTreeMap;
use std::time::Duration;

use aws_sdk_cloudwatch::types::MetricDataQuery;
use futures_util::future::join_all;
use headroom_core::at_max::Points;
use headroom_core::schedule::{Follows, Span, UsualQuestion};
use headroom_core::seen::Reading;
use headroom_core::time::Seconds;

use super::load::{Series, fetch};
use crate::aws::Aws;
use crate::capacity::Of;

/// Minutes are kept for 15 days, five minutes for 63: four weeks are within.
const PERIOD: Seconds = Seconds(300);
/// A call takes 500 queries and answers with 100,800 values; a query of a day and an hour has 300.
const QUERIES_A_CALL: usize = 300;
/// A minute has a function's 30 s for all that is due.
const WITHIN: Duration = Duration::from_secs(5);

/// Reads every week of every question; one call that fails makes unreadable only what it was to read.
pub(super) async fn usual(aws: &Aws, questions: &[UsualQuestion]) -> Vec<Vec<Reading<Points>>> {
    // Services of one schedule ask for the same hours: those share their calls.
    let mut wanted: BTreeMap<Span, Vec<(usize, usize)>> = BTreeMap::new();
    for (question, asked) in questions.iter().enumerate() {
        for span in &asked.spans {
            let all = (0..asked.follows.len()).map(|follows| (question, follows));
            wanted.entry(*span).or_default().extend(all);
        }
    }
    let calls = wanted.iter().flat_map(|(span, places)| places.chunks(QUERIES_A_CALL).map(|some| (*span, some)));
    let read = join_all(calls.map(async |(span, places)| week(aws, questions, span, places).await)).await;
    let none = || Reading::Known(Points { period: PERIOD, values: BTreeMap::new() });
    let mut answers: Vec<Vec<Reading<Points>>> =
        questions.iter().map(|asked| asked.follows.iter().map(|_| none()).collect()).collect();
    for ((question, follows), points) in read.into_iter().flatten() {
        if let Some(answer) = answers.get_mut(question).and_then(|all| all.get_mut(follows)) {
            join(answer, points);
        }
    }
    answers
}

/// One week of some series, by their places.
async fn week(
    aws: &Aws,
    questions: &[UsualQuestion],
    span: Span,
    places: &[(usize, usize)],
) -> Vec<((usize, usize), Reading<Points>)> {
    let of = |n: usize, (question, follows): (usize, usize)| {
        let follows = questions.get(question)?.follows.get(follows)?;
        Some(series(follows, format!("u{n}")))
    };
    let all: Vec<_> = places.iter().enumerate().filter_map(|(n, place)| Some((*place, of(n, *place)?))).collect();
    let queries: Vec<MetricDataQuery> = all.iter().map(|(_, of)| of.query()).collect();
    // Floors of this minute wait for it, those that are fixed, too.
    let read = tokio::time::timeout(WITHIN, fetch(aws, queries, span.from.as_second(), span.until.as_second())).await;
    let read: Result<BTreeMap<String, Series>, String> = match read {
        Ok(read) => read.map_err(|error| error.to_string()),
        Err(_) => Err(format!("no answer within {} s", WITHIN.as_secs())),
    };
    let answer = |of: &Of<'_>| match &read {
        Ok(series) => of.points(series),
        Err(why) => Reading::Unreadable(why.clone()),
    };
    all.iter().map(|(place, of)| (*place, answer(of))).collect()
}

fn series(follows: &Follows, id: String) -> Of<'_> {
    let Follows { namespace, name, dimensions, .. } = follows;
    Of { id, namespace, name, dimensions: dimensions.clone(), stat: "Sum", period: PERIOD }
}

/// Adds a week; one that could not be read leaves the whole unread: a forecast of less would be lower.
fn join(answer: &mut Reading<Points>, week: Reading<Points>) {
    match (answer, week) {
        (Reading::Known(all), Reading::Known(week)) => all.values.extend(week.values),
        (answer @ Reading::Known(_), other) => *answer = other,
        (Reading::Absent | Reading::Unreadable(_) | Reading::Stale { .. }, _) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use headroom_core::fleet::Metric;

    #[test]
    fn weeks_are_joined_and_one_that_is_not_readable_leaves_the_whole_unread() {
        let week = |at| Reading::Known(Points { period: PERIOD, values: BTreeMap::from([(at, 1.0)]) });
        let mut answer = week(0);
        join(&mut answer, week(300));
        assert_eq!(answer.known().map(|points| points.values.len()), Some(2));
        join(&mut answer, Reading::Unreadable("Throttling".into()));
        join(&mut answer, week(600));
        assert_eq!(answer, Reading::Unreadable("Throttling".into()));
    }

    #[test]
    fn a_series_is_the_sum_of_five_minutes_under_its_own_dimensions() {
        let follows = Follows {
            metric: Metric::RequestsPerTarget,
            target: 1_000.0,
            namespace: "AWS/ApplicationELB",
            name: "RequestCount",
            dimensions: vec![("TargetGroup".into(), "targetgroup/web/2".into())],
        };
        let query = series(&follows, "u0".into()).query();
        let stat = query.metric_stat().unwrap();
        assert_eq!((stat.stat(), stat.period()), (Some("Sum"), Some(300)));
        assert_eq!(stat.metric().unwrap().dimensions()[0].value(), Some("targetgroup/web/2"));
    }
}
