//! Metrics that somebody puts: PutMetricData.

use std::collections::BTreeMap;

use super::error::CloudWatchError;
use super::key::{MetricKey, Place};
use super::metrics::MINUTES_KEPT;
use super::statistic::{Datapoint, Statistic, Summary};

/// Custom metrics of the whole world: ten for each of a thousand services. CloudWatch has no such limit; a program
/// that makes a new metric at every call would fill the memory here.
pub const METRICS_MAX: usize = 10_000;
/// Distinct values of a minute that are kept for percentiles: as many as one datum of PutMetricData can have.
const VALUES_MAX: usize = 150;
/// PutMetricData: metrics in a call, dimensions of a metric (API reference, PutMetricData).
const DATA_MAX: usize = 1_000;
const DIMENSIONS_MAX: usize = 30;
/// PutMetricData: values are within 2^360.
const VALUE_MAX: f64 = 2.348_542_582_773_833_2e108;
/// PutMetricData: at most two weeks old, at most two hours ahead.
const AGE_MAX: i64 = 14 * 86_400;
const AHEAD_MAX: i64 = 2 * 3_600;
/// Minutes of one metric: those that can be read, and those ahead of now.
const MINUTES_MAX: usize = MINUTES_KEPT + (AHEAD_MAX / 60) as usize;
/// What this world publishes itself, so nobody else may.
const OWN: [&str; 2] = ["AWS/ECS", "AWS/ApplicationELB"];

/// What a datum says.
#[derive(Debug, Clone, PartialEq)]
pub enum Sample {
    /// Value.
    Value(f64),
    /// Values and Counts; pairs.
    Values(Vec<(f64, f64)>),
    /// StatisticValues.
    Statistics(Summary),
}

/// MetricDatum.
#[derive(Debug, Clone, PartialEq)]
pub struct Datum {
    /// MetricName.
    pub name: String,
    /// Dimensions.
    pub dimensions: Vec<(String, String)>,
    /// Timestamp, in seconds since the epoch; none: now.
    pub at: Option<i64>,
    /// Its values.
    pub sample: Sample,
}

#[derive(Debug, Clone)]
struct Minute {
    summary: Summary,
    /// Values and how often; `None` when a statistic set came without its samples.
    values: Option<Vec<(f64, f64)>>,
}

/// All of them.
#[derive(Debug, Default)]
pub(crate) struct CustomMetrics {
    by_place: BTreeMap<Place, BTreeMap<MetricKey, BTreeMap<i64, Minute>>>,
    count: usize,
}

impl CustomMetrics {
    /// PutMetricData: all of it or nothing.
    pub(crate) fn put(
        &mut self,
        place: &Place,
        namespace: &str,
        data: Vec<Datum>,
        now: i64,
    ) -> Result<(), CloudWatchError> {
        if namespace.is_empty() || namespace.len() > 255 || OWN.contains(&namespace) {
            let message = format!("The value {namespace} for parameter Namespace is invalid.");
            return Err(CloudWatchError::InvalidParameterValue(message));
        }
        if data.is_empty() || data.len() > DATA_MAX {
            let message = format!("MetricData has {} members, expected 1 to {DATA_MAX}.", data.len());
            return Err(CloudWatchError::InvalidParameterValue(message));
        }
        let read: Vec<_> = data.into_iter().map(|d| checked(d, namespace, now)).collect::<Result<_, _>>()?;
        let known = self.by_place.get(place);
        let new: std::collections::BTreeSet<&MetricKey> =
            read.iter().map(|(key, ..)| key).filter(|k| known.is_none_or(|m| !m.contains_key(*k))).collect();
        if self.count + new.len() > METRICS_MAX {
            let message = format!("The simulator keeps at most {METRICS_MAX} custom metrics.");
            return Err(CloudWatchError::LimitExceeded(message));
        }
        self.count += new.len();
        let metrics = self.by_place.entry(place.clone()).or_default();
        let oldest = now.div_euclid(60) * 60 - MINUTES_KEPT as i64 * 60;
        for (key, at, minute) in read {
            let minutes = metrics.entry(key).or_default();
            // CloudWatch keeps two weeks of what is put late; this world keeps about two hours of everything.
            if at >= oldest {
                match minutes.get_mut(&at) {
                    Some(known) => known.add(minute),
                    None => drop(minutes.insert(at, minute)),
                }
            }
            while minutes.len() > MINUTES_MAX || minutes.keys().next().is_some_and(|first| *first < oldest) {
                minutes.pop_first();
            }
        }
        Ok(())
    }

    /// A statistic of what was put for `[from, to)`. It can be read at once: our assumption, AWS says only that a new
    /// metric can take minutes to be listed.
    pub(crate) fn read(
        &self,
        place: &Place,
        key: &MetricKey,
        statistic: Statistic,
        from: i64,
        to: i64,
    ) -> Option<Datapoint> {
        let minutes = self.by_place.get(place)?.get(key)?.range(from..to).map(|(_, minute)| minute);
        let mut whole: Option<Minute> = None;
        for minute in minutes {
            match &mut whole {
                None => whole = Some(minute.clone()),
                Some(sum) => sum.add(minute.clone()),
            }
        }
        let whole = whole?;
        let value = match statistic {
            Statistic::Percentile(percent) => percentile(whole.values.as_deref()?, percent),
            Statistic::Average | Statistic::Sum | Statistic::Minimum | Statistic::Maximum | Statistic::SampleCount => {
                whole.summary.value(statistic)
            }
        };
        value.map(|value| Datapoint { value, samples: whole.summary.count })
    }

    /// Which metrics there are.
    #[cfg(test)]
    fn keys(&self, place: &Place) -> impl Iterator<Item = &MetricKey> {
        self.by_place.get(place).into_iter().flat_map(BTreeMap::keys)
    }
}

fn checked(datum: Datum, namespace: &str, now: i64) -> Result<(MetricKey, i64, Minute), CloudWatchError> {
    let invalid = |what: &str, found: &str| {
        Err(CloudWatchError::InvalidParameterValue(format!("The value {found} for parameter {what} is invalid.")))
    };
    if datum.name.is_empty() || datum.name.len() > 255 {
        return invalid("MetricName", &datum.name);
    }
    if datum.dimensions.len() > DIMENSIONS_MAX {
        return invalid("Dimensions", &datum.dimensions.len().to_string());
    }
    let at = datum.at.unwrap_or(now);
    if at < now - AGE_MAX || at > now + AHEAD_MAX {
        return invalid("Timestamp", &at.to_string());
    }
    let minute = match datum.sample {
        Sample::Value(value) => Minute::of(&[(value, 1.0)]),
        Sample::Values(values) if !values.is_empty() && values.len() <= VALUES_MAX => Minute::of(&values),
        Sample::Values(values) => return invalid("Values", &values.len().to_string()),
        // Percentiles of a statistic set exist only when all its samples are the same (API reference, PutMetricData).
        Sample::Statistics(s) if s.min == s.max && s.sum == s.min * s.count => {
            Some(Minute { summary: s, values: Some(vec![(s.min, s.count)]) })
        }
        Sample::Statistics(summary) => Some(Minute { summary, values: None }),
    };
    let fits = |m: &Minute| {
        let s = m.summary;
        let numbers = [s.sum, s.min, s.max].iter().all(|v| v.is_finite() && v.abs() <= VALUE_MAX);
        numbers && s.count > 0.0 && s.count.is_finite() && s.min <= s.max
    };
    match minute.filter(fits) {
        Some(minute) => {
            let key = MetricKey::with(namespace.to_owned(), datum.name, datum.dimensions);
            Ok((key, at.div_euclid(60) * 60, minute))
        }
        None => invalid("Value", &format!("of {}", datum.name)),
    }
}

impl Minute {
    fn of(values: &[(f64, f64)]) -> Option<Self> {
        let (first, rest) = values.split_first()?;
        if values.iter().any(|(value, count)| !value.is_finite() || *count <= 0.0 || !count.is_finite()) {
            return None;
        }
        let whole = |(value, count): &(f64, f64)| Self {
            summary: Summary::same(*value, *count),
            values: Some(vec![(*value, *count)]),
        };
        let mut minute = whole(first);
        rest.iter().for_each(|pair| minute.add(whole(pair)));
        Some(minute)
    }

    fn add(&mut self, other: Self) {
        self.summary = self.summary.and(other.summary);
        match (&mut self.values, other.values) {
            (Some(mine), Some(others)) => others.into_iter().for_each(|pair| insert(mine, pair)),
            (mine, _) => *mine = None,
        }
    }
}

/// Adds a value to the sorted ones. Over the limit it counts as the nearest known value: our assumption, AWS does not
/// publish how it keeps samples.
fn insert(values: &mut Vec<(f64, f64)>, (value, count): (f64, f64)) {
    let place = values.partition_point(|(known, _)| *known < value);
    let room = values.len() < VALUES_MAX;
    match values.get_mut(place) {
        Some((known, n)) if *known == value => *n += count,
        _ if room => values.insert(place, (value, count)),
        _ => {
            let distance = |i: usize| values.get(i).map_or(f64::INFINITY, |(known, _)| (known - value).abs());
            let below = place.saturating_sub(1);
            let nearest = if distance(below) <= distance(place) { below } else { place };
            if let Some((_, n)) = values.get_mut(nearest) {
                *n += count;
            }
        }
    }
}

/// The smallest value that so many percent of the samples do not exceed.
fn percentile(values: &[(f64, f64)], percent: f64) -> Option<f64> {
    let all: f64 = values.iter().map(|(_, n)| n).sum();
    let mut under = 0.0;
    let found = values.iter().find(|(_, n)| {
        under += n;
        under >= all * percent / 100.0
    });
    found.or(values.last()).map(|(value, _)| *value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place() -> Place {
        Place { account: "222222222222".into(), region: "eu-west-1".into() }
    }

    fn datum(name: &str, at: i64, value: f64) -> Datum {
        Datum { name: name.into(), dimensions: Vec::new(), at: Some(at), sample: Sample::Value(value) }
    }

    fn read(custom: &CustomMetrics, name: &str, statistic: &str, from: i64, to: i64) -> Option<f64> {
        let statistic = Statistic::from_name(statistic).unwrap();
        custom.read(&place(), &MetricKey::new("App", name, &[]), statistic, from, to).map(|d| d.value)
    }

    #[test]
    fn what_is_put_is_read_with_every_statistic() {
        let mut custom = CustomMetrics::default();
        let values = (1..=100).map(|v| (f64::from(v), 1.0)).collect();
        let data = vec![Datum { sample: Sample::Values(values), ..datum("Depth", 30, 0.0) }];
        custom.put(&place(), "App", data, 60).unwrap();
        custom.put(&place(), "App", vec![datum("Depth", 61, 200.0)], 61).unwrap();
        for (statistic, expected) in [
            ("Average", 50.5),
            ("Sum", 5_050.0),
            ("Minimum", 1.0),
            ("Maximum", 100.0),
            ("SampleCount", 100.0),
            ("p95", 95.0),
        ] {
            assert_eq!(read(&custom, "Depth", statistic, 0, 60), Some(expected), "{statistic}");
        }
        assert_eq!(read(&custom, "Depth", "Maximum", 0, 120), Some(200.0), "a longer period has all its minutes");
        assert_eq!(read(&custom, "Depth", "Sum", 120, 180), None, "what is missing is missing, not zero");
    }

    #[test]
    fn a_statistic_set_has_percentiles_only_when_all_its_samples_are_the_same() {
        let mut custom = CustomMetrics::default();
        let put = |custom: &mut CustomMetrics, at, summary| {
            let datum = Datum { sample: Sample::Statistics(summary), ..datum("Set", at, 0.0) };
            custom.put(&place(), "App", vec![datum], 60).unwrap();
        };
        put(&mut custom, 0, Summary { count: 2.0, sum: 4.0, min: 1.0, max: 3.0 });
        assert_eq!((read(&custom, "Set", "Average", 0, 60), read(&custom, "Set", "p50", 0, 60)), (Some(2.0), None));
        put(&mut custom, 60, Summary::same(5.0, 4.0));
        assert_eq!(read(&custom, "Set", "p50", 60, 120), Some(5.0));
    }

    #[test]
    fn put_metric_data_refuses_what_aws_refuses_and_keeps_nothing_of_it() {
        let mut custom = CustomMetrics::default();
        let now = 2_000_000;
        for (namespace, bad) in [
            ("App", datum("", now, 1.0)),
            ("App", datum("m", now, f64::NAN)),
            ("App", datum("m", now, 1e109)),
            ("App", datum("m", now - 15 * 86_400, 1.0)),
            ("App", datum("m", now + 3 * 3_600, 1.0)),
            ("AWS/ECS", datum("CPUUtilization", now, 1.0)),
            ("", datum("m", now, 1.0)),
        ] {
            let refused = custom.put(&place(), namespace, vec![datum("good", now, 1.0), bad.clone()], now);
            assert_eq!(refused.unwrap_err().code(), "InvalidParameterValue", "{namespace} {bad:?}");
        }
        assert_eq!(custom.keys(&place()).count(), 0);
    }

    #[test]
    fn the_memory_of_custom_metrics_does_not_grow_with_time_or_names() {
        let mut custom = CustomMetrics::default();
        for minute in 0..1_000 {
            for value in 0..3 {
                custom.put(&place(), "App", vec![datum("m", minute * 60, f64::from(value))], minute * 60).unwrap();
            }
        }
        let kept = custom.by_place[&place()][&MetricKey::new("App", "m", &[])].len();
        assert!(kept <= MINUTES_KEPT + 1, "{kept}");
        let many: Vec<_> = (0..400).map(|v| (f64::from(v % 150), 1.0)).take(150).collect();
        for at in 0..3 {
            let values = many.iter().map(|(v, n)| (v + f64::from(at) * 0.1, *n)).collect();
            let datum = Datum { sample: Sample::Values(values), ..datum("wide", 60_000, 0.0) };
            custom.put(&place(), "App", vec![datum], 60_000).unwrap();
        }
        let wide = &custom.by_place[&place()][&MetricKey::new("App", "wide", &[])][&60_000];
        assert_eq!(wide.values.as_ref().map(Vec::len), Some(VALUES_MAX));
        assert_eq!(wide.summary.count, 450.0, "none is lost");
        let mut refused = None;
        for n in 0..=METRICS_MAX {
            refused = custom.put(&place(), "App", vec![datum(&format!("n{n}"), 60_000, 1.0)], 60_000).err();
        }
        assert_eq!(refused.map(|e| e.code()), Some("LimitExceeded"));
    }
}
