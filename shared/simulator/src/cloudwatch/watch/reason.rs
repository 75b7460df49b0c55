//! CloudWatch's sentences about a metric alarm, and its reason data.
//!
//! Worded after the events in the CloudWatch User Guide, "Alarm events and EventBridge", and public captures of 2026:
//! with DatapointsToAlarm `1 out of the last 1 datapoints [..] was .. (minimum 1 datapoint for OK -> ALARM
//! transition)`, without it `1 datapoint [..] was ..`; more than five datapoints are not all listed.

use headroom_core::signal::AlarmState;
use serde::Serialize;

use super::put::{PutMetricAlarm, Watched};
use super::standing::{stamp, written};
use crate::cloudwatch::Datapoint;
use crate::cloudwatch::missing::Missing;

/// Datapoints that a sentence lists.
const LISTED_MAX: usize = 5;

/// A datapoint that was evaluated, or the place of a missing one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Evaluated {
    pub(super) at: i64,
    pub(super) point: Option<Datapoint>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Data {
    version: &'static str,
    query_date: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    start_date: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    statistic: Option<String>,
    period: u32,
    recent_datapoints: Vec<f64>,
    threshold: f64,
    evaluated_datapoints: Vec<Point>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Point {
    timestamp: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    sample_count: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<f64>,
}

/// The N datapoints that were evaluated, oldest first: the newest real ones, and missing ones only where there are too
/// few of those ("Configuring how CloudWatch alarms treat missing data").
pub(super) fn evaluated(range: &[Evaluated], n: usize) -> Vec<Evaluated> {
    let real = range.iter().filter(|e| e.point.is_some()).count();
    let mut missing = n.saturating_sub(real);
    let mut kept: Vec<Evaluated> = Vec::with_capacity(n);
    for each in range.iter().rev() {
        if kept.len() == n {
            break;
        }
        if each.point.is_none() {
            if missing == 0 {
                continue;
            }
            missing -= 1;
        }
        kept.push(*each);
    }
    kept.reverse();
    kept
}

/// StateReasonData.
pub(super) fn data(put: &PutMetricAlarm, period: u32, evaluated: &[Evaluated], now: i64) -> Option<String> {
    let known = || evaluated.iter().filter_map(|e| e.point.map(|p| (e.at, p.value)));
    let point = |e: &Evaluated| Point {
        timestamp: stamp(e.at),
        sample_count: e.point.map(|p| p.samples),
        value: e.point.map(|p| p.value),
    };
    let data = Data {
        version: "1.0",
        query_date: stamp(now),
        start_date: known().next().map(|(at, _)| stamp(at)),
        statistic: match &put.watched {
            Watched::Metric(stat) => Some(stat.statistic.to_string()),
            Watched::Math(_) => None,
        },
        period,
        recent_datapoints: known().map(|(_, value)| value).collect(),
        threshold: put.threshold,
        // Metric math has no number of samples.
        evaluated_datapoints: evaluated
            .iter()
            .rev()
            .map(|e| match &put.watched {
                Watched::Metric(_) => point(e),
                Watched::Math(_) => Point { sample_count: None, ..point(e) },
            })
            .collect(),
    };
    serde_json::to_string(&data).ok()
}

/// StateReason.
pub(super) fn sentence(put: &PutMetricAlarm, state: AlarmState, evaluated: &[Evaluated]) -> String {
    let breaching = match state {
        AlarmState::InsufficientData => {
            return format!("Insufficient Data: {} unknown.", counted(evaluated.len(), "datapoint"));
        }
        AlarmState::Alarm => true,
        AlarmState::Ok => false,
    };
    let decided = |value: f64| put.comparison.holds(value, put.threshold) == breaching;
    let newest_first = evaluated.iter().rev().filter_map(|e| e.point.map(|p| (e.at, p.value)));
    let those: Vec<(i64, f64)> = newest_first.filter(|(_, value)| decided(*value)).collect();
    if those.is_empty() {
        return nothing(put, evaluated);
    }
    let (n, m) = (put.evaluation_periods, put.points_to_alarm());
    let head = match put.datapoints_to_alarm {
        Some(_) => format!("{} out of the last {n} datapoints", those.len()),
        None => format!("{} datapoint{}", those.len(), plural(those.len())),
    };
    let each = those
        .iter()
        .take(LISTED_MAX)
        .map(|(at, value)| format!("{} ({})", number(*value), written(*at, "%d/%m/%y %H:%M:%S")));
    let list = each.collect::<Vec<_>>().join(", ");
    let (inside, after) = if those.len() > LISTED_MAX {
        (String::new(), format!(". The most recent datapoints which crossed the threshold: [{list}]"))
    } else {
        (format!(" [{list}]"), String::new())
    };
    let minimum = match (put.datapoints_to_alarm, breaching) {
        (None, _) => String::new(),
        (Some(_), true) => format!(" (minimum {m} datapoint{} for OK -> ALARM transition)", plural(m as usize)),
        (Some(_), false) => {
            let least = n - m + 1;
            format!(" (minimum {least} datapoint{} for ALARM -> OK transition)", plural(least as usize))
        }
    };
    let was = if those.len() == 1 { "was" } else { "were" };
    let not = if breaching { "" } else { "not " };
    let (words, threshold) = (put.comparison.words(), number(put.threshold));
    let filled = match treated(put, evaluated) {
        Some(text) => format!(" and {text}"),
        None => String::new(),
    };
    format!("Threshold Crossed: {head}{inside} {was} {not}{words} the threshold ({threshold}){filled}{after}{minimum}.")
}

/// Where none of the real datapoints decided, but what the missing ones were treated as.
fn nothing(put: &PutMetricAlarm, evaluated: &[Evaluated]) -> String {
    let received = match evaluated.iter().filter(|e| e.point.is_some()).count() {
        0 => "no datapoints were".to_owned(),
        n => counted(n, "datapoint"),
    };
    let periods = format!("{} period{}", evaluated.len(), plural(evaluated.len()));
    let treated = treated(put, evaluated).map(|text| format!(" and {text}")).unwrap_or_default();
    format!("Threshold Crossed: {received} received for {periods}{treated}.")
}

/// What missing datapoints were filled in with; `missing` and `ignore` fill in nothing.
fn treated(put: &PutMetricAlarm, evaluated: &[Evaluated]) -> Option<String> {
    let missing = evaluated.iter().filter(|e| e.point.is_none()).count();
    let with = match put.missing.unwrap_or_default() {
        Missing::Breaching => "Breaching",
        Missing::NotBreaching => "NonBreaching",
        Missing::Ignore | Missing::Missing => return None,
    };
    (missing > 0).then(|| format!("{} treated as [{with}]", counted(missing, "missing datapoint")))
}

fn counted(n: usize, what: &str) -> String {
    if n == 1 { format!("1 {what} was") } else { format!("{n} {what}s were") }
}

fn plural(n: usize) -> &'static str {
    if n == 1 { "" } else { "s" }
}

/// A number as CloudWatch writes it: Java's `Double.toString`.
fn number(value: f64) -> String {
    let size = value.abs();
    if size != 0.0 && !(1e-3..1e7).contains(&size) {
        let text = format!("{value:E}");
        return match text.split_once('E') {
            Some((digits, exponent)) if !digits.contains('.') => format!("{digits}.0E{exponent}"),
            _ => text,
        };
    }
    format!("{value:?}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cloudwatch::watch::put::{Actions, Comparison};
    use crate::cloudwatch::{MetricKey, MetricStat, Statistic};

    fn put(m: Option<u32>, n: u32) -> PutMetricAlarm {
        let metric = MetricKey::new("AWS/EC2", "CPUUtilization", &[]);
        PutMetricAlarm {
            name: "a".into(),
            description: None,
            actions: Actions::default(),
            watched: Watched::Metric(MetricStat { metric, statistic: Statistic::Average, period: 60 }),
            comparison: Comparison::Greater,
            threshold: 20.0,
            evaluation_periods: n,
            datapoints_to_alarm: m,
            missing: None,
            low_samples_ignored: false,
            tags: Vec::new(),
        }
    }

    /// 2026-06-03T15:45:00Z and the minutes after.
    fn range(values: &[Option<f64>]) -> Vec<Evaluated> {
        let at = |i: usize| 1_780_501_500 + i as i64 * 60;
        let point = |v: &Option<f64>| v.map(|value| Datapoint { value, samples: 2.0 });
        values.iter().enumerate().map(|(i, v)| Evaluated { at: at(i), point: point(v) }).collect()
    }

    #[test]
    fn the_sentences_are_those_of_public_captures() {
        let one = range(&[Some(31.3283485070315)]);
        for (m, state, expected) in [
            (
                None,
                AlarmState::Alarm,
                "Threshold Crossed: 1 datapoint [31.3283485070315 (03/06/26 15:45:00)] was greater than the threshold (20.0).",
            ),
            (
                Some(1),
                AlarmState::Alarm,
                "Threshold Crossed: 1 out of the last 1 datapoints [31.3283485070315 (03/06/26 15:45:00)] was greater than the threshold (20.0) (minimum 1 datapoint for OK -> ALARM transition).",
            ),
        ] {
            assert_eq!(sentence(&put(m, 1), state, &one), expected);
        }
        let ok = range(&[Some(0.5)]);
        let expected = "Threshold Crossed: 1 out of the last 1 datapoints [0.5 (03/06/26 15:45:00)] was not greater than the threshold (20.0) (minimum 1 datapoint for ALARM -> OK transition).";
        assert_eq!(sentence(&put(Some(1), 1), AlarmState::Ok, &ok), expected);
        let three = range(&[Some(30.0), Some(40.0), Some(50.0)]);
        let expected = "Threshold Crossed: 3 out of the last 3 datapoints [50.0 (03/06/26 15:47:00), 40.0 (03/06/26 15:46:00), 30.0 (03/06/26 15:45:00)] were greater than the threshold (20.0) (minimum 3 datapoints for OK -> ALARM transition).";
        assert_eq!(sentence(&put(Some(3), 3), AlarmState::Alarm, &three), expected);
        let unknown = range(&[None; 5]);
        let expected = "Insufficient Data: 5 datapoints were unknown.";
        assert_eq!(sentence(&put(None, 5), AlarmState::InsufficientData, &unknown), expected);
        assert_eq!(
            sentence(&put(None, 1), AlarmState::InsufficientData, &unknown[..1]),
            "Insufficient Data: 1 datapoint was unknown."
        );
        let treated = PutMetricAlarm { missing: Some(Missing::Breaching), ..put(None, 1) };
        let expected = "Threshold Crossed: no datapoints were received for 1 period and 1 missing datapoint was treated as [Breaching].";
        assert_eq!(sentence(&treated, AlarmState::Alarm, &unknown[..1]), expected);
        let treated = PutMetricAlarm { missing: Some(Missing::NotBreaching), ..put(Some(1), 3) };
        let expected = "Threshold Crossed: 1 out of the last 3 datapoints [30.0 (03/06/26 15:46:00)] was greater than the threshold (20.0) and 2 missing datapoints were treated as [NonBreaching] (minimum 1 datapoint for OK -> ALARM transition).";
        assert_eq!(sentence(&treated, AlarmState::Alarm, &range(&[None, Some(30.0), None])), expected);
        let treated = PutMetricAlarm { missing: Some(Missing::Breaching), ..put(Some(2), 3) };
        let expected = "Threshold Crossed: 1 datapoint was received for 3 periods and 2 missing datapoints were treated as [Breaching].";
        assert_eq!(sentence(&treated, AlarmState::Alarm, &range(&[None, Some(1.0), None])), expected);
    }

    #[test]
    fn more_than_five_datapoints_are_not_all_listed() {
        let values: Vec<_> = (0..10).map(|i| Some(90.0 + f64::from(i))).collect();
        let text = sentence(&put(None, 10), AlarmState::Alarm, &range(&values));
        let head = "Threshold Crossed: 10 datapoints were greater than the threshold (20.0). The most recent datapoints which crossed the threshold: [99.0 (03/06/26 15:54:00), ";
        assert!(text.starts_with(head) && text.ends_with("95.0 (03/06/26 15:50:00)]."), "{text}");
    }

    #[test]
    fn reason_data_has_awss_members_in_awss_order() {
        let text = data(&put(None, 2), 60, &range(&[None, Some(31.5)]), 1_780_501_575).unwrap();
        assert_eq!(
            text,
            "{\"version\":\"1.0\",\"queryDate\":\"2026-06-03T15:46:15.000+0000\",\"startDate\":\"2026-06-03T15:46:00.000+0000\",\
             \"statistic\":\"Average\",\"period\":60,\"recentDatapoints\":[31.5],\"threshold\":20.0,\"evaluatedDatapoints\":[\
             {\"timestamp\":\"2026-06-03T15:46:00.000+0000\",\"sampleCount\":2.0,\"value\":31.5},\
             {\"timestamp\":\"2026-06-03T15:45:00.000+0000\"}]}"
        );
    }

    #[test]
    fn missing_datapoints_are_evaluated_as_few_times_as_possible() {
        let values = |e: Vec<Evaluated>| e.into_iter().map(|e| e.point.map(|p| p.value)).collect::<Vec<_>>();
        let range = range(&[Some(1.0), None, Some(2.0), None, Some(3.0)]);
        assert_eq!(values(evaluated(&range, 3)), [Some(1.0), Some(2.0), Some(3.0)]);
        assert_eq!(values(evaluated(&range, 4)), [Some(1.0), Some(2.0), None, Some(3.0)]);
    }

    #[test]
    fn numbers_are_written_as_java_does() {
        for (value, text) in [(0.0, "0.0"), (20.0, "20.0"), (1e7, "1.0E7"), (1.25e-4, "1.25E-4"), (0.001, "0.001")] {
            assert_eq!(number(value), text);
        }
    }
}
