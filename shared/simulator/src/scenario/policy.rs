//! The lines of policies, scheduled actions and alarms.

use headroom_core::fleet::Metric;

use super::service::TrackingFile;
use super::words::{duration, number, range, seconds, whole, with_unit, wrong};
use crate::cloudwatch::{Alarm, Compare, Missing};
use crate::scaling::{Adjustment, Cooldown, PolicyAlarm, PutScheduled, Step, StepPolicy, Target};

const TRACK: &str = "track cpu 70% out 60s in 300s";
const STEP: &str = "step fast requests > 1000 2 of 2 percent 0..100:+10 100..:+30 magnitude 1 cooldown 60s";
const SCHEDULE: &str = "schedule cron(0 8 ? * MON-FRI *) min 3 max 10 in Europe/Berlin";
const ALARM: &str = "alarm prod-eu-web-cpu-high cpu > 85% 2 of 2 missing breaching";

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
    if !matches!(metric, Metric::Cpu | Metric::Memory | Metric::RequestsPerTarget) {
        return Err(wrong(line, "cpu, memory or requests: what ECS has predefined", TRACK));
    }
    let target = value(metric, target)?;
    if target <= 0.0 {
        return Err(wrong(line, "a target over 0", TRACK));
    }
    Ok(TrackingFile { metric, target, cooldown, scale_in })
}

/// `NAME METRIC > V M of N change|percent|exact STEPS.. [magnitude N] [cooldown D]`.
pub(super) fn step(words: &[&str], line: &str) -> Result<StepPolicy, String> {
    let [name, metric, sign, threshold, m, "of", n, kind, rest @ ..] = words else {
        return Err(wrong(line, "a step policy", STEP));
    };
    let alarm = PolicyAlarm::Service(watched(&format!("{name}-alarm"), [metric, sign, threshold, m, n], line)?);
    let adjustment = match *kind {
        "change" => Adjustment::Change,
        "percent" => Adjustment::Percent,
        "exact" => Adjustment::Exact,
        other => return Err(wrong(other, "change, percent or exact", STEP)),
    };
    let (name, alarm) = ((*name).to_owned(), Some(alarm));
    let mut policy = StepPolicy { name, alarm, adjustment, cooldown: 300, ..StepPolicy::default() };
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
            (text, after) => {
                policy.steps.push(one_step(text)?);
                after
            }
        };
    }
    // AWS: at most 20 steps per policy (AWS_FACTS 2.8).
    if policy.steps.is_empty() || policy.steps.len() > 20 {
        return Err(wrong(line, "1 to 20 steps", STEP));
    }
    Ok(policy)
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

/// `NAME METRIC > V M of N [missing TREATMENT]`.
pub(super) fn alarm(words: &[&str], line: &str) -> Result<Alarm, String> {
    let (words, missing) = match words {
        [rest @ .., "missing", treatment] => (rest, self::missing(treatment)?),
        all => (all, Missing::default()),
    };
    let [name, metric, sign, threshold, m, "of", n] = words else { return Err(wrong(line, "an alarm", ALARM)) };
    let alarm = watched(name, [metric, sign, threshold, m, n], line)?;
    Ok(Alarm { missing, ..alarm })
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

fn watched(name: &str, [metric, sign, threshold, m, n]: [&str; 5], line: &str) -> Result<Alarm, String> {
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
    let alarm = Alarm::all_of(name.to_owned(), metric, compare, value(metric, threshold)?, n);
    Ok(Alarm { m, ..alarm })
}

fn metric_of(word: &str) -> Result<Metric, String> {
    match word {
        "requests" => Ok(Metric::RequestsPerTarget),
        other => Metric::ALL
            .into_iter()
            .find(|m| m.name() == other)
            .ok_or_else(|| wrong(other, &Metric::ALL.map(Metric::name).join(", "), "cpu")),
    }
}

/// A value in the metric's own unit.
fn value(metric: Metric, text: &str) -> Result<f64, String> {
    match metric {
        Metric::Cpu | Metric::Memory | Metric::ErrorRate => with_unit(text, "%", "70%"),
        Metric::RequestsPerTarget => number(text),
        Metric::ResponseTimeAvg | Metric::ResponseTimeP95 => duration(text),
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
        let step = step(&words(STEP), STEP).unwrap();
        assert_eq!((step.steps.len(), step.magnitude_min, step.cooldown), (2, 1, 60));
        let action = schedule(SCHEDULE, 0).unwrap();
        assert_eq!((action.action, action.zone.as_deref()), (Some((Some(3), Some(10))), Some("Europe/Berlin")));
        let alarm = alarm(&words(ALARM), ALARM).unwrap();
        assert_eq!((alarm.m, alarm.n, alarm.missing), (2, 2, Missing::Breaching));
    }

    #[test]
    fn a_policy_that_aws_would_refuse_is_refused() {
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
        for bad in ["alarm a cpu > 85% 3 of 2", "alarm a cpu >= 85% 1 of 1", "alarm a cpu > 85% 1 of 200"] {
            assert!(alarm(&words(bad), bad).is_err(), "{bad}");
        }
    }
}
