//! `expect:` lines: a subject, a comparison, a value.

use super::service::ServiceFile;
use super::words::{duration, moment, range, wrong};

const EXAMPLE: &str = "web.tasks at 02:10 >= 3";
const FORMS: &str = "web.VALUE at 02:10 >= N | web.VALUE min|mean|max in 02:10..03:00 <= N | \
                     web.tasks|p95|p99 by hour == N N N | web.minutes_over_cpu(85) <= N | web.TOTAL == N | \
                     alarm(NAME) == N | headroom.COUNT == N";
const VALUES: &str = "tasks, desired, healthy, min, max, cpu, memory, requests_per_target, p50, p95, p99, \
                      queue, queue_per_worker";
const TOTALS: &str = "task_hours, flapping, scale_outs, scale_ins, error_percent, alarms";
const COUNTS: &str = "raises, returns, changes, notices";
const HOURLY: &str = "tasks, p95, p99";
const COMPARISONS: [&str; 6] = ["==", "!=", "<=", ">=", "<", ">"];

/// What must hold at the end.
#[derive(Debug, Clone, PartialEq)]
pub struct Expectation {
    pub(super) line: usize,
    pub(super) text: String,
    /// Service, or `headroom`; none: all services together.
    pub(super) of: Option<String>,
    pub(super) what: What,
    pub(super) compare: &'static str,
    pub(super) wanted: Wanted,
}

/// What is looked at. Times are seconds after the first midnight.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum What {
    At(String, i64),
    Over(String, &'static str, i64, i64),
    ByHour(String),
    MinutesOverCpu(f64),
    Total(String),
    Alarm(String),
}

/// What it is compared with.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Wanted {
    /// One value; of hours one each, or one for all.
    Values(Vec<f64>),
    /// So many percent more than in the run before.
    Percent(f64),
}

impl Expectation {
    /// Reads a line.
    pub(super) fn read(text: &str, line: usize) -> Result<Self, String> {
        let compare = COMPARISONS.into_iter().find(|op| text.contains(&format!(" {op} ")));
        let compare = compare.ok_or_else(|| wrong(text, "a comparison: == != <= >= < >", EXAMPLE))?;
        let (subject, value) = text.split_once(&format!(" {compare} ")).unwrap_or((text, ""));
        let (of, what) = subject_of(subject)?;
        let wanted = wanted(value, &what)?;
        if let Wanted::Values(values) = &wanted {
            let hourly = matches!(what, What::ByHour(_));
            if values.is_empty() || (!hourly && values.len() > 1) {
                return Err(wrong(text, "one value, or one for each hour", EXAMPLE));
            }
            // A count of tasks that is only bounded says little about an hour; a response time is never exact.
            let tasks = matches!(&what, What::ByHour(name) if name == "tasks");
            if hourly && tasks != (compare == "==") {
                return Err(wrong(text, "== for tasks by hour, < or > for p95 and p99", "web.tasks by hour == 2 3"));
            }
        }
        Ok(Self { line, text: text.to_owned(), of, what, compare, wanted })
    }

    /// What is said about a service or an alarm that is not there, or a run before that is not named, if so.
    pub(super) fn unknown(&self, services: &[ServiceFile], alarms: &[&str], before: bool) -> Option<String> {
        if matches!(self.wanted, Wanted::Percent(_)) && !before {
            let example = "before langfuse_before.txt";
            return Some(format!("line {}: {}", self.line, wrong(&self.text, "a run to compare with", example)));
        }
        if let What::Alarm(name) = &self.what {
            let there = alarms.contains(&name.as_str());
            return (!there).then(|| format!("line {}: no alarm `{name}`; there is {}", self.line, alarms.join(", ")));
        }
        let name = self.of.as_ref().filter(|n| *n != "headroom")?;
        let known: Vec<&str> = services.iter().map(|s| s.name.as_str()).collect();
        let known_words = known.iter().take(20).copied().collect::<Vec<_>>().join(", ");
        (!known.contains(&name.as_str()))
            .then(|| format!("line {}: no service `{name}`; there is {known_words}", self.line))
    }
}

/// `3`, `2 2 3`, `500ms` of a response time, or `+10%` of a total.
fn wanted(value: &str, what: &What) -> Result<Wanted, String> {
    if let Some(percent) = value.strip_suffix('%') {
        let signed = percent.starts_with(['+', '-']) && matches!(what, What::Total(_));
        let percent = percent.parse().ok().filter(|_| signed);
        return percent.map(Wanted::Percent).ok_or_else(|| {
            wrong(value, "a total that may be so much more or less than before", "web.task_hours <= +10%")
        });
    }
    let timed = match what {
        What::At(name, _) | What::Over(name, ..) | What::ByHour(name) => matches!(name.as_str(), "p50" | "p95" | "p99"),
        What::MinutesOverCpu(_) | What::Total(_) | What::Alarm(_) => false,
    };
    let one = |text: &str| match text.parse::<f64>() {
        Ok(number) if number.is_finite() => Ok(number),
        Ok(_) | Err(_) if timed => duration(text),
        Ok(_) | Err(_) => Err(wrong(text, "a number", EXAMPLE)),
    };
    value.split_whitespace().map(one).collect::<Result<_, _>>().map(Wanted::Values)
}

fn subject_of(subject: &str) -> Result<(Option<String>, What), String> {
    if let Some(name) = subject.strip_prefix("alarm(").and_then(|s| s.strip_suffix(')')) {
        return Ok((None, What::Alarm(name.to_owned())));
    }
    let words: Vec<&str> = subject.split_whitespace().collect();
    let (of, name) = match words.first().and_then(|w| w.split_once('.')) {
        Some((of, name)) => (Some(of.to_owned()), name),
        None => (None, words.first().copied().unwrap_or_default()),
    };
    let name_of = |known: &str| {
        let listed = known.split(", ").any(|k| k == name);
        listed.then(|| name.to_owned()).ok_or_else(|| wrong(name, &format!("one of {known}"), EXAMPLE))
    };
    let what = match (of.as_deref(), words.get(1..).unwrap_or_default()) {
        (Some("headroom"), []) => What::Total(name_of(COUNTS)?),
        (Some(_), ["at", at]) => What::At(name_of(VALUES)?, moment(at)?),
        (Some(_), [how, "in", span]) => {
            let how = ["min", "mean", "max"].into_iter().find(|h| h == how);
            let (from, until) = range(span, moment)?;
            What::Over(name_of(VALUES)?, how.ok_or_else(|| wrong(subject, "min, mean or max", FORMS))?, from, until)
        }
        (Some(_), ["by", "hour"]) => What::ByHour(name_of(HOURLY)?),
        (Some(_), []) if name.starts_with("minutes_over_cpu(") => {
            let limit = name.trim_start_matches("minutes_over_cpu(").trim_end_matches(')');
            What::MinutesOverCpu(limit.parse().map_err(|_| wrong(subject, "a percentage", "web.minutes_over_cpu(85)"))?)
        }
        (_, []) => What::Total(name_of(TOTALS)?),
        _ => return Err(wrong(subject, FORMS, EXAMPLE)),
    };
    Ok((of, what))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_an_expectation_is_read() {
        for text in [
            "web.tasks at 02:10 >= 3",
            "web.cpu mean in 02:10..03:00 <= 75",
            "web.p95 max in d2/02:10..d2/03:00 < 0.5",
            "web.tasks by hour == 2 2 3 3 2",
            "web.minutes_over_cpu(85) <= 6",
            "web.error_percent == 0",
            "flapping == 0",
            "task_hours <= 53",
            "headroom.raises == 1",
            "web.p95 by hour <= 300ms 500ms 1",
            "web.p99 by hour < 2s",
            "web.p95 at 02:10 <= 500ms",
            "web.task_hours <= +10%",
            "task_hours > -5%",
            "web.alarms == 0",
            "alarm(prod-eu-web-cpu-high) == 1",
        ] {
            assert!(Expectation::read(text, 1).is_ok(), "{text}: {:?}", Expectation::read(text, 1));
        }
    }

    #[test]
    fn an_expectation_that_could_never_fail_is_refused() {
        for text in [
            "web.colour at 02:10 >= 3",
            "web.tasks by hour <= 2 2",
            "web.tasks at 02:10 >= 3 4",
            "web.tasks at 02:10 >=",
            "web.tasks",
            "headroom.tasks == 1",
            "web.cpu median in 02:10..03:00 <= 75",
            "web.cpu at 02:10 <= +10%",
            "web.task_hours <= 10%",
            "web.task_hours <= 10s",
            "web.p95 by hour == 0.5",
            "web.tasks at 02:10 >= NaN",
        ] {
            assert!(Expectation::read(text, 1).is_err(), "{text}");
        }
    }
}
