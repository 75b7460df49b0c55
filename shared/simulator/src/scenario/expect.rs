//! `expect:` lines: a subject, a comparison, a value.

use super::service::ServiceFile;
use super::words::{moment, range, wrong};
use crate::report::{Check, Report, Row, ServiceReport};

const EXAMPLE: &str = "web.tasks at 02:10 >= 3";
const FORMS: &str = "web.VALUE at 02:10 >= N | web.VALUE min|mean|max in 02:10..03:00 <= N | web.tasks by hour == N N N | \
                     web.minutes_over_cpu(85) <= N | web.TOTAL == N | headroom.COUNT == N";
const VALUES: &str = "tasks, desired, healthy, min, max, cpu, memory, requests_per_target, p50, p95, p99";
const TOTALS: &str = "task_hours, flapping, scale_outs, scale_ins, error_percent";
const COUNTS: &str = "raises, returns, changes, notices";

/// What must hold at the end.
#[derive(Debug, Clone, PartialEq)]
pub struct Expectation {
    line: usize,
    text: String,
    /// Service, or `headroom`; none: all services together.
    of: Option<String>,
    what: What,
    compare: &'static str,
    wanted: Vec<f64>,
}

#[derive(Debug, Clone, PartialEq)]
enum What {
    At(String, i64),
    Over(String, &'static str, i64, i64),
    ByHour(String),
    MinutesOverCpu(f64),
    Total(String),
}

impl Expectation {
    /// Reads a line.
    pub(super) fn read(text: &str, line: usize) -> Result<Self, String> {
        let compare = ["==", "!=", "<=", ">=", "<", ">"].into_iter().find(|op| text.contains(&format!(" {op} ")));
        let compare = compare.ok_or_else(|| wrong(text, "a comparison: == != <= >= < >", EXAMPLE))?;
        let (subject, value) = text.split_once(&format!(" {compare} ")).unwrap_or((text, ""));
        let wanted: Result<Vec<f64>, String> =
            value.split_whitespace().map(|n| n.parse().map_err(|_| wrong(n, "a number", EXAMPLE))).collect();
        let (of, what) = subject_of(subject)?;
        let wanted = wanted?;
        let many = matches!(what, What::ByHour(_));
        if wanted.is_empty() || (!many && wanted.len() > 1) || (many && compare != "==") {
            return Err(wrong(text, "one value, or values by hour after ==", EXAMPLE));
        }
        Ok(Self { line, text: text.to_owned(), of, what, compare, wanted })
    }

    /// What is said about a service that is not there, if so.
    pub(super) fn unknown(&self, services: &[ServiceFile]) -> Option<String> {
        let name = self.of.as_ref().filter(|n| *n != "headroom")?;
        let known: Vec<&str> = services.iter().map(|s| s.name.as_str()).collect();
        (!known.contains(&name.as_str()))
            .then(|| format!("line {}: no service `{name}`; there is {}", self.line, known.join(", ")))
    }

    /// Judges it.
    #[must_use]
    pub fn check(&self, report: &Report) -> Check {
        let found = match self.of.as_deref() {
            Some("headroom") => headroom(report, &self.what),
            Some(name) => report
                .services
                .iter()
                .find(|s| s.name == name)
                .map_or_else(Vec::new, |s| self.of_service(s, report.start)),
            None => all(report, &self.what),
        };
        let holds = found.len() == self.wanted.len()
            && found.iter().zip(&self.wanted).all(|(found, wanted)| compared(self.compare, *found, *wanted));
        let words: Vec<String> = found.iter().map(|n| shown(*n)).collect();
        let found = if words.is_empty() { "nothing".to_owned() } else { words.join(" ") };
        Check { line: self.line, expected: self.text.clone(), found, holds }
    }

    fn of_service(&self, service: &ServiceReport, start: i64) -> Vec<f64> {
        let midnight = start - start.rem_euclid(86_400);
        match &self.what {
            What::At(name, at) => {
                let row = service.rows.iter().find(|r| r.at == midnight + at);
                row.and_then(|r| value(r, name)).into_iter().collect()
            }
            What::Over(name, how, from, until) => {
                let within = service.rows.iter().filter(|r| (midnight + from..midnight + until).contains(&r.at));
                summary(how, &within.filter_map(|r| value(r, name)).collect::<Vec<_>>()).into_iter().collect()
            }
            What::ByHour(_) => service.hours.iter().take(self.wanted.len()).map(|h| f64::from(h.tasks)).collect(),
            What::MinutesOverCpu(limit) => {
                vec![service.rows.iter().filter(|r| r.cpu.is_some_and(|c| c > *limit)).count() as f64]
            }
            What::Total(name) => total(service, name).into_iter().collect(),
        }
    }
}

fn subject_of(subject: &str) -> Result<(Option<String>, What), String> {
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
        (Some(_), ["by", "hour"]) => What::ByHour(name_of("tasks")?),
        (Some(_), []) if name.starts_with("minutes_over_cpu(") => {
            let limit = name.trim_start_matches("minutes_over_cpu(").trim_end_matches(')');
            What::MinutesOverCpu(limit.parse().map_err(|_| wrong(subject, "a percentage", "web.minutes_over_cpu(85)"))?)
        }
        (_, []) => What::Total(name_of(TOTALS)?),
        _ => return Err(wrong(subject, FORMS, EXAMPLE)),
    };
    Ok((of, what))
}

fn value(row: &Row, name: &str) -> Option<f64> {
    match name {
        "tasks" => Some(f64::from(row.tasks)),
        "desired" => Some(f64::from(row.desired)),
        "healthy" => Some(f64::from(row.healthy)),
        "min" => Some(f64::from(row.min)),
        "max" => Some(f64::from(row.max)),
        "cpu" => row.cpu,
        "memory" => row.memory,
        "requests_per_target" => row.requests_per_target,
        "p50" => row.p50,
        "p95" => row.p95,
        "p99" => row.p99,
        _ => None,
    }
}

fn summary(how: &str, values: &[f64]) -> Option<f64> {
    match how {
        "min" => values.iter().copied().reduce(f64::min),
        "max" => values.iter().copied().reduce(f64::max),
        _ => (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64),
    }
}

fn total(service: &ServiceReport, name: &str) -> Option<f64> {
    match name {
        "task_hours" => Some(service.task_hours),
        "flapping" => Some(f64::from(service.flapping)),
        "scale_outs" => Some(f64::from(service.scale_outs)),
        "scale_ins" => Some(f64::from(service.scale_ins)),
        "error_percent" => {
            let (errors, requests) =
                service.rows.iter().fold((0.0, 0.0), |(e, r), row| (e + row.errors, r + row.requests));
            (requests > 0.0).then(|| errors / requests * 100.0)
        }
        _ => None,
    }
}

/// All services together: sums.
fn all(report: &Report, what: &What) -> Vec<f64> {
    let What::Total(name) = what else { return Vec::new() };
    report.services.iter().map(|s| total(s, name)).sum::<Option<f64>>().into_iter().collect()
}

fn headroom(report: &Report, what: &What) -> Vec<f64> {
    let (What::Total(name), Some(counts)) = (what, report.headroom) else { return Vec::new() };
    let count = match name.as_str() {
        "raises" => counts.raises,
        "returns" => counts.returns,
        "changes" => counts.changes,
        _ => counts.notices,
    };
    vec![f64::from(count)]
}

fn compared(compare: &str, found: f64, wanted: f64) -> bool {
    match compare {
        "==" => (found - wanted).abs() < 1e-9,
        "!=" => (found - wanted).abs() >= 1e-9,
        "<=" => found <= wanted,
        ">=" => found >= wanted,
        "<" => found < wanted,
        _ => found > wanted,
    }
}

fn shown(number: f64) -> String {
    let rounded = (number * 1_000.0).round() / 1_000.0;
    if rounded.fract() == 0.0 { format!("{rounded:.0}") } else { format!("{rounded:.3}") }
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
        ] {
            assert!(Expectation::read(text, 1).is_err(), "{text}");
        }
    }

    #[test]
    fn what_was_not_found_never_holds() {
        let expectation = Expectation::read("headroom.raises == 0", 1).unwrap();
        let report = Report {
            title: String::new(),
            start: 0,
            days: 1,
            seed: 1,
            services: vec![],
            headroom: None,
            timeline: vec![],
            checks: vec![],
        };
        let check = expectation.check(&report);
        assert_eq!((check.found.as_str(), check.holds), ("nothing", false));
    }
}
