//! Judges an expectation minute by minute, so that no minute has to be kept for it.

use super::expect::{Expectation, Wanted, What};
use crate::report::{Check, Report, Row, ServiceReport, percent};

/// An expectation with what was found so far.
#[derive(Debug, Clone)]
pub struct Judge {
    expectation: Expectation,
    /// Index of its service.
    service: Option<usize>,
    /// The value at its time; the least, sum or most of its minutes.
    value: Option<f64>,
    /// Minutes or alarms counted.
    count: u32,
}

impl Judge {
    /// Of an expectation, with the services there are.
    #[must_use]
    pub fn new(expectation: Expectation, services: &[ServiceReport]) -> Self {
        let service = expectation.of.as_ref().and_then(|name| services.iter().position(|s| s.name == *name));
        Self { expectation, service, value: None, count: 0 }
    }

    /// Index of the service that it is about.
    #[must_use]
    pub fn service(&self) -> Option<usize> {
        self.service
    }

    /// Whether it needs the service's hours.
    #[must_use]
    pub fn by_hour(&self) -> bool {
        matches!(self.expectation.what, What::ByHour(_))
    }

    /// An alarm went to ALARM.
    pub fn alarm(&mut self, alarm: &str) {
        if matches!(&self.expectation.what, What::Alarm(name) if name == alarm) {
            self.count += 1;
        }
    }

    /// A minute of its service.
    pub fn minute(&mut self, row: &Row, midnight: i64) {
        let at = row.at - midnight;
        match &self.expectation.what {
            What::At(name, wanted) if *wanted == at => self.value = value(row, name),
            What::Over(name, how, from, until) if (*from..*until).contains(&at) => {
                let Some(found) = value(row, name) else { return };
                self.count += 1;
                self.value = Some(match (self.value, *how) {
                    (None, _) => found,
                    (Some(known), "min") => known.min(found),
                    (Some(known), "max") => known.max(found),
                    (Some(sum), _) => sum + found,
                });
            }
            What::MinutesOverCpu(limit) => {
                let Some(cpu) = row.cpu else { return };
                self.count += u32::from(cpu > *limit);
                self.value = Some(f64::from(self.count));
            }
            What::At(..) | What::Over(..) | What::ByHour(_) | What::Total(_) | What::Alarm(_) => {}
        }
    }

    /// The verdict at the end.
    #[must_use]
    pub fn check(&self, report: &Report) -> Check {
        let Expectation { line, text, compare, wanted, .. } = &self.expectation;
        let (holds, found) = match wanted {
            Wanted::Values(wanted) => {
                let for_all = wanted.len() == 1;
                let mut found = self.found(report);
                // What is said of all hours is said of those that have it.
                found.retain(|n| !(for_all && n.is_nan()));
                let holds = !found.is_empty()
                    && (for_all || found.len() >= wanted.len())
                    && found.iter().enumerate().all(|(i, found)| {
                        let wanted = if for_all { wanted.first() } else { wanted.get(i) };
                        wanted.is_none_or(|wanted| compared(compare, *found, *wanted))
                    });
                (holds, words(compare, &found, wanted.len()))
            }
            Wanted::Percent(wanted) => self.against_before(report, *wanted),
        };
        let found = if found.is_empty() { "nothing".to_owned() } else { found };
        Check { line: *line, expected: text.clone(), found, holds }
    }

    fn against_before(&self, report: &Report, wanted: f64) -> (bool, String) {
        let total = |report: &Report| self.found(report).first().copied();
        let before = report.before.as_ref().and_then(|before| total(before));
        let Some((before, now)) = before.zip(total(report)) else { return (false, String::new()) };
        let Some(more) = percent(before, now) else {
            return (false, format!("{} after {}: no percentage of nothing", shown(now), shown(before)));
        };
        let found = format!("{more:+.1}% ({} -> {})", shown(before), shown(now));
        (compared(self.expectation.compare, more, wanted), found)
    }

    fn found(&self, report: &Report) -> Vec<f64> {
        let of = self.expectation.of.as_deref();
        let service = of.and_then(|name| report.service(name));
        match (&self.expectation.what, of) {
            (What::Total(name), Some("headroom")) => headroom(report, name).into_iter().collect(),
            (What::Total(name), None) if name == "error_percent" => {
                let all = |of: fn(&ServiceReport) -> f64| report.services.iter().map(of).sum();
                let (requests, errors) = (all(|s| s.requests), all(|s| s.errors));
                let together = ServiceReport { requests, errors, ..ServiceReport::default() };
                together.error_percent().into_iter().collect()
            }
            (What::Total(name), None) => {
                report.services.iter().map(|s| total(s, name)).sum::<Option<f64>>().into_iter().collect()
            }
            (What::Total(name), Some(_)) => service.and_then(|s| total(s, name)).into_iter().collect(),
            (What::ByHour(name), _) => {
                let hours = service.map(|s| s.hours.as_slice()).unwrap_or_default().iter();
                let one = hours.map(|h| match name.as_str() {
                    "p95" => h.p95,
                    "p99" => h.p99,
                    _ => Some(f64::from(h.tasks)),
                });
                // An hour without requests has no response time: it is no number, which no comparison holds for.
                one.map(|found| found.unwrap_or(f64::NAN)).collect()
            }
            (What::Over(_, "mean", ..), _) => self.value.map(|sum| sum / f64::from(self.count)).into_iter().collect(),
            (What::At(..) | What::Over(..) | What::MinutesOverCpu(_), _) => self.value.into_iter().collect(),
            (What::Alarm(_), _) => vec![f64::from(self.count)],
        }
    }
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
        "queue" => row.queued.map(|(depth, _)| depth),
        "queue_per_worker" => row.queued.map(|(_, each)| each),
        _ => None,
    }
}

fn total(service: &ServiceReport, name: &str) -> Option<f64> {
    match name {
        "task_hours" => Some(service.task_hours),
        "flapping" => Some(f64::from(service.flapping)),
        "scale_outs" => Some(f64::from(service.scale_outs)),
        "scale_ins" => Some(f64::from(service.scale_ins)),
        "alarms" => Some(f64::from(service.alarms)),
        "error_percent" => service.error_percent(),
        _ => None,
    }
}

fn headroom(report: &Report, name: &str) -> Option<f64> {
    let counts = report.headroom?;
    Some(f64::from(match name {
        "raises" => counts.raises,
        "returns" => counts.returns,
        "changes" => counts.changes,
        _ => counts.notices,
    }))
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

/// As many values as were wanted; of more, the one that decides.
fn words(compare: &str, found: &[f64], wanted: usize) -> String {
    if wanted > 1 || found.len() < 2 {
        return found.iter().take(wanted).map(|n| shown(*n)).collect::<Vec<_>>().join(" ");
    }
    let (word, value) = match compare {
        "<" | "<=" => ("at most", found.iter().copied().reduce(f64::max)),
        _ => ("at least", found.iter().copied().reduce(f64::min)),
    };
    format!("{word} {} in {} hours", shown(value.unwrap_or(f64::NAN)), found.len())
}

fn shown(number: f64) -> String {
    if number.is_nan() {
        return "-".to_owned();
    }
    let rounded = (number * 1_000.0).round() / 1_000.0;
    if rounded.fract() == 0.0 { format!("{rounded:.0}") } else { format!("{rounded:.3}") }
}

#[cfg(test)]
mod tests;
