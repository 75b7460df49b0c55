//! The lines of policies, scheduled actions and alarms.

use headroom_core::fleet::Metric;

use super::service::TrackingFile;
use super::words::{duration, number, range, seconds, whole, with_unit, wrong};
use crate::cloudwatch::{Compare, Missing};
use crate::scaling::{Adjustment, Aggregation, Cooldown, PutScheduled, Step, StepPolicy, Target};
use crate::service::Extra;

const TRACK: &str = "track cpu 70% out 60s in 300s";
const STEP: &str = "step fast requests > 1000 2 of 2 percent 0..100:+10 100..:+30 magnitude 1 cooldown 60s";
const SCHEDULE: &str = "schedule cron(0 8 ? * MON-FRI *) min 3 max 10 in Europe/Berlin";
const ALARM: &str = "alarm prod-eu-web-cpu-high cpu > 85% 2 of 2 every 5m missing breaching";

/// A metric as a scenario names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Named {
    /// One that every service publishes.
    Service(Metric),
    /// One that its own code, or what it depends on, puts.
    Extra(Extra),
}

impl Named {
    /// As it stands in a policy's name.
    pub(super) fn short(&self) -> &str {
        match self {
            Self::Service(Metric::RequestsPerTarget) => "requests",
            Self::Service(metric) => metric.name(),
            Self::Extra(Extra::QueueDepth | Extra::QueuePerWorker) => "queue",
            Self::Extra(Extra::RunningTasks) => "tasks",
            Self::Extra(Extra::DependencyCpu(name)) => name,
        }
    }
}

/// What an alarm watches.
#[derive(Debug, Clone, PartialEq)]
pub struct Watch {
    /// Metric.
    pub metric: Named,
    /// How.
    pub compare: Compare,
    /// Threshold, in the metric's own unit.
    pub threshold: f64,
    /// DatapointsToAlarm.
    pub m: usize,
    /// EvaluationPeriods.
    pub n: usize,
}

/// An alarm as written.
#[derive(Debug, Clone, PartialEq)]
pub struct AlarmFile {
    /// AlarmName.
    pub name: String,
    /// What it watches.
    pub watch: Watch,
    /// Period in seconds.
    pub period: u32,
    /// TreatMissingData.
    pub missing: Missing,
}

/// `METRIC TARGET [out D in D] [no-scale-in]`.
pub(super) fn track(words: &[&str], line: &str) -> Result<TrackingFile, String> {
    let (words, scale_in) = match words {
        [rest @ .., "no-scale-in"] => (rest, false),
        all => (all, true),
    };
    let (metric, target, cooldown) = match words {
        [metric, target] => (metric, target, Cooldown::default()),
        [metric, target, "out", out, "in", scale_in] => {
            (metric, target, Cooldown { scale_out: seconds(out)?, scale_in: seconds(scale_in)? })
        }
        _ => return Err(wrong(line, "a tracking policy", TRACK)),
    };
    let metric = metric_of(metric)?;
    let predefined = [Metric::Cpu, Metric::Memory, Metric::RequestsPerTarget].map(Named::Service);
    if matches!(metric, Named::Service(_)) && !predefined.contains(&metric) {
        return Err(wrong(line, "cpu, memory or requests, what ECS has predefined, or a custom metric", TRACK));
    }
    let target = value(&metric, target)?;
    if target <= 0.0 {
        return Err(wrong(line, "a target over 0", TRACK));
    }
    Ok(TrackingFile { metric, target, cooldown, scale_in })
}

/// `NAME METRIC > V M of N change|percent|exact STEPS.. [magnitude N] [cooldown D]`.
pub(super) fn step(words: &[&str], line: &str) -> Result<(StepPolicy, Watch), String> {
    let [name, metric, sign, threshold, m, "of", n, kind, rest @ ..] = words else {
        return Err(wrong(line, "a step policy", STEP));
    };
    let watch = watched([metric, sign, threshold, m, n], line)?;
    let adjustment = match *kind {
        "change" => Adjustment::Change,
        "percent" => Adjustment::Percent,
        "exact" => Adjustment::Exact,
        other => return Err(wrong(other, "change, percent or exact", STEP)),
    };
    let mut policy = StepPolicy { name: (*name).to_owned(), adjustment, cooldown: 300, ..StepPolicy::default() };
    let mut rest = rest;
    while let Some((word, after)) = rest.split_first() {
        rest = match (*word, after) {
            ("magnitude", [n, after @ ..]) => {
                policy.magnitude_min = whole(n)?;
                after
            }
            ("cooldown", [length, after @ ..]) => {
                policy.cooldown = seconds(length)?;
                after
            }
            ("aggregation", [kind, after @ ..]) => {
                policy.aggregation = match *kind {
                    "average" => Aggregation::Average,
                    "minimum" => Aggregation::Minimum,
                    "maximum" => Aggregation::Maximum,
                    other => return Err(wrong(other, "average, minimum or maximum", STEP)),
                };
                after
            }
            (text, after) => {
                policy.steps.push(one_step(text)?);
                after
            }
        };
    }
    // Whatever else is wrong with it is what PutScalingPolicy says of it.
    Target::within(0, u32::MAX).put_step(policy.clone()).map_err(|e| wrong(line, &e.message, STEP))?;
    Ok((policy, watch))
}

fn one_step(text: &str) -> Result<Step, String> {
    let (bounds, adjust) = text.split_once(':').ok_or_else(|| wrong(text, "bounds and an adjustment", "0..100:+10"))?;
    let bound = |t: &str| -> Result<Option<f64>, String> {
        if t.is_empty() {
            return Ok(None);
        }
        t.parse().map(Some).map_err(|_| wrong(t, "a number or nothing", "0..100:+10"))
    };
    let (lower, upper) = range(bounds, bound)?;
    let adjust = adjust.parse().map_err(|_| wrong(text, "a whole adjustment", "0..100:+10"))?;
    Ok(Step { lower, upper, adjust })
}

/// `schedule EXPRESSION [min N] [max N] [in ZONE] [from TIME] [until TIME]`.
pub(super) fn schedule(line: &str, index: usize) -> Result<PutScheduled, String> {
    let no_action = || wrong(line, "a scheduled action with min, max or both", SCHEDULE);
    let (expression, rest) = line.trim_start_matches("schedule").split_once(')').ok_or_else(no_action)?;
    let mut call = PutScheduled {
        name: format!("schedule-{}", index + 1),
        schedule: Some(format!("{})", expression.trim())),
        ..PutScheduled::default()
    };
    let (mut min, mut max) = (None, None);
    let words: Vec<&str> = rest.split_whitespace().collect();
    for pair in words.chunks(2) {
        match pair {
            ["min", count] => min = Some(whole(count)?),
            ["max", count] => max = Some(whole(count)?),
            ["in", zone] => call.zone = Some((*zone).to_owned()),
            ["from", at] => call.start = Some(instant(at)?),
            ["until", at] => call.end = Some(instant(at)?),
            _ => return Err(no_action()),
        }
    }
    call.action = Some((min, max));
    // Whatever else is wrong with it is what PutScheduledAction says of it.
    Target::within(0, u32::MAX).put_scheduled(call.clone(), 0).map_err(|e| wrong(line, &e.message, SCHEDULE))?;
    Ok(call)
}

fn instant(text: &str) -> Result<i64, String> {
    let at = text.parse::<jiff::Timestamp>().map(jiff::Timestamp::as_second);
    at.map_err(|_| wrong(text, "a time", "2026-11-23T00:00:00Z"))
}

/// `NAME METRIC > V M of N [every PERIOD] [missing TREATMENT]`.
pub(super) fn alarm(words: &[&str], line: &str) -> Result<AlarmFile, String> {
    let (words, missing) = match words {
        [rest @ .., "missing", treatment] => (rest, self::missing(treatment)?),
        all => (all, Missing::default()),
    };
    let (words, period) = match words {
        [rest @ .., "every", period] => (rest, seconds(period)?),
        all => (all, 60),
    };
    let [name, metric, sign, threshold, m, "of", n] = words else { return Err(wrong(line, "an alarm", ALARM)) };
    let watch = watched([metric, sign, threshold, m, n], line)?;
    // Metrics are kept for about two hours.
    let minutes = (period / 60) as usize;
    if period == 0 || period % 60 != 0 || watch.n * minutes > crate::cloudwatch::POINTS_MAX {
        return Err(wrong(line, "periods of whole minutes, at most two hours together", ALARM));
    }
    Ok(AlarmFile { name: (*name).to_owned(), watch, period, missing })
}

fn missing(word: &str) -> Result<Missing, String> {
    match word {
        "missing" => Ok(Missing::Missing),
        "notBreaching" => Ok(Missing::NotBreaching),
        "breaching" => Ok(Missing::Breaching),
        "ignore" => Ok(Missing::Ignore),
        other => Err(wrong(other, "missing, notBreaching, breaching or ignore", ALARM)),
    }
}

fn watched([metric, sign, threshold, m, n]: [&str; 5], line: &str) -> Result<Watch, String> {
    let metric = metric_of(metric)?;
    let compare = match sign {
        ">" => Compare::Above,
        "<" => Compare::Below,
        other => return Err(wrong(other, "> or <", ALARM)),
    };
    let (m, n) = (whole(m)? as usize, whole(n)? as usize);
    if m == 0 || m > n || n > crate::cloudwatch::POINTS_MAX {
        return Err(wrong(line, "1 to N of at most 120 datapoints", ALARM));
    }
    let threshold = value(&metric, threshold)?;
    Ok(Watch { metric, compare, threshold, m, n })
}

fn metric_of(word: &str) -> Result<Named, String> {
    Ok(match word {
        "requests" => Named::Service(Metric::RequestsPerTarget),
        "queue_depth" => Named::Extra(Extra::QueueDepth),
        "queue_per_worker" => Named::Extra(Extra::QueuePerWorker),
        "running_tasks" => Named::Extra(Extra::RunningTasks),
        other => match (other.strip_suffix(".cpu"), Metric::ALL.into_iter().find(|m| m.name() == other)) {
            (Some(name), _) => Named::Extra(Extra::DependencyCpu(name.to_owned())),
            (None, Some(metric)) => Named::Service(metric),
            (None, None) => {
                let known = Metric::ALL.map(Metric::name).join(", ");
                let known = format!("{known}, queue_depth, queue_per_worker, running_tasks or DEPENDENCY.cpu");
                return Err(wrong(other, &known, "cpu"));
            }
        },
    })
}

/// A value in the metric's own unit.
fn value(metric: &Named, text: &str) -> Result<f64, String> {
    match metric {
        Named::Service(Metric::Cpu | Metric::Memory | Metric::ErrorRate) | Named::Extra(Extra::DependencyCpu(_)) => {
            with_unit(text, "%", "70%")
        }
        Named::Service(Metric::RequestsPerTarget)
        | Named::Extra(Extra::QueueDepth | Extra::QueuePerWorker | Extra::RunningTasks) => number(text),
        Named::Service(Metric::ResponseTimeAvg | Metric::ResponseTimeP95) => duration(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Vec<&str> {
        line.split_whitespace().skip(1).collect()
    }

    #[test]
    fn every_example_in_a_message_is_read() {
        assert!(track(&words(TRACK), TRACK).is_ok());
        let (step, _) = step(&words(STEP), STEP).unwrap();
        assert_eq!((step.steps.len(), step.magnitude_min, step.cooldown), (2, 1, 60));
        let action = schedule(SCHEDULE, 0).unwrap();
        assert_eq!((action.action, action.zone.as_deref()), (Some((Some(3), Some(10))), Some("Europe/Berlin")));
        let alarm = alarm(&words(ALARM), ALARM).unwrap();
        assert_eq!((alarm.watch.m, alarm.period, alarm.missing), (2, 300, Missing::Breaching));
    }

    #[test]
    fn a_policy_that_aws_would_refuse_is_refused() {
        for bad in [
            "step s cpu > 70% 2 of 2 change",
            "step s cpu > 70% 2 of 2 change 0..10:+1 20..:+2",
            "step s cpu > 70% 2 of 2 change 0..:+1 aggregation median",
        ] {
            assert!(step(&words(bad), bad).is_err(), "{bad}");
        }
        for bad in ["track error_rate 1%", "track cpu 70", "track cpu 0%", "track disk 70%"] {
            assert!(track(&words(bad), bad).is_err(), "{bad}");
        }
        for bad in [
            "schedule cron(0 8 * * MON-FRI) min 3",
            "schedule rate(1 hour)",
            "schedule rate(1 hour) min 3 max 2",
            "schedule rate(1 hour) min 3 in Berlin",
            "schedule rate(1 hour) min 3 until noon",
        ] {
            assert!(schedule(bad, 0).is_err(), "{bad}");
        }
        for bad in [
            "alarm a cpu > 85% 3 of 2",
            "alarm a cpu > 85% 2 of 2 every 90s",
            "alarm a cpu > 85% 25 of 25 every 5m",
            "alarm a cpu >= 85% 1 of 1",
            "alarm a cpu > 85% 1 of 200",
        ] {
            assert!(alarm(&words(bad), bad).is_err(), "{bad}");
        }
    }
}
