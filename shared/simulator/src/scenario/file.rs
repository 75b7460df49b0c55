//! A scenario file line by line.

use std::fmt;

use headroom_core::fleet::{self, Fleet};

use super::expect::Expectation;
use super::service::{self, ServiceFile};
use super::words::{number, seconds, whole, with_unit, wrong};
use crate::cloudwatch::Delays;
use crate::tasks::Account;

/// A scenario is read by people; this bounds the memory of a wrong file.
const LINES_MAX: usize = 10_000;
const WORDS: &str = "scenario, start, days, seed, delay, quota, launches, headroom, service, expect:";

/// Reads a file that a scenario names, relative to the scenario; a message when it cannot.
pub type Files<'f> = &'f dyn Fn(&str) -> Result<String, String>;

/// What is wrong, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// 1-based; 0 is the file as a whole.
    pub line: usize,
    /// What.
    pub what: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.what)
    }
}

/// A scenario.
#[derive(Debug, Clone)]
pub struct Scenario {
    /// Its title.
    pub title: String,
    /// When it begins, in seconds since the epoch, at a whole minute.
    pub start: i64,
    /// How many days it runs.
    pub days: u32,
    /// Of everything random.
    pub seed: u64,
    /// Delays of metrics.
    pub delays: Delays,
    /// Fargate's limits, in each account and region.
    pub account: Account,
    /// Services.
    pub services: Vec<ServiceFile>,
    /// Headroom's fleet, when it runs in this world.
    pub fleet: Option<Fleet>,
    /// What must hold at the end.
    pub expectations: Vec<Expectation>,
}

/// Reads a scenario file.
///
/// # Errors
/// Every problem, in the order of the lines.
pub fn read(text: &str, files: Files<'_>) -> Result<Scenario, Vec<Problem>> {
    let mut scenario = Scenario {
        title: String::new(),
        start: 0,
        days: 1,
        seed: 1,
        delays: Delays::default(),
        account: Account::default(),
        services: Vec::new(),
        fleet: None,
        expectations: Vec::new(),
    };
    let mut problems = Vec::new();
    let mut expecting = false;
    for (number, line) in text.lines().enumerate().map(|(i, l)| (i + 1, l)) {
        if number > LINES_MAX {
            problems.push(Problem { line: number, what: format!("more than {LINES_MAX} lines") });
            break;
        }
        let line = without_comment(line);
        let words: Vec<&str> = line.split_whitespace().collect();
        let read = match words.as_slice() {
            [] => Ok(()),
            ["expect:"] => {
                expecting = true;
                Ok(())
            }
            _ if expecting => Expectation::read(line.trim(), number).map(|e| scenario.expectations.push(e)),
            words => scenario.line(words, line.trim(), files),
        };
        problems.extend(read.err().map(|what| Problem { line: number, what }));
    }
    if problems.is_empty() {
        problems.extend(scenario.missing().into_iter().map(|what| Problem { line: 0, what }));
    }
    if problems.is_empty() { Ok(scenario) } else { Err(problems) }
}

/// A comment begins the line, or follows a space: names may hold `#`.
fn without_comment(line: &str) -> &str {
    if line.starts_with('#') { "" } else { line.split_once(" #").map_or(line, |(before, _)| before) }
}

impl Scenario {
    fn line(&mut self, words: &[&str], line: &str, files: Files<'_>) -> Result<(), String> {
        match words {
            ["scenario", ..] => self.title = line.trim_start_matches("scenario").trim().to_owned(),
            ["start", at] => self.start = start(at)?,
            ["days", days] => self.days = whole(days)?,
            ["seed", seed] => self.seed = seed.parse().map_err(|_| wrong(seed, "a whole number", "7"))?,
            ["delay", "ecs", delay] => self.delays.ecs = i64::from(seconds(delay)?),
            ["delay", "elb", delay] => self.delays.load_balancer = i64::from(seconds(delay)?),
            ["quota", vcpu, "vcpu"] => self.account.vcpu_quota = Some(number(vcpu)?),
            ["launches", rate] => {
                let rate = with_unit(rate, "/s", "20/s")?;
                if rate < 1.0 || rate.fract() != 0.0 {
                    return Err(wrong(line, "a whole number of launches a second, at least 1", "launches 20/s"));
                }
                self.account.launches_per_second = Some(rate as u32);
            }
            ["headroom", path] => self.fleet = Some(read_fleet(path, files)?),
            ["service", name] => {
                if self.services.iter().any(|s| s.name == *name) {
                    return Err(format!("service `{name}` is there already"));
                }
                self.services.push(ServiceFile::new(name));
            }
            _ => match self.services.last_mut() {
                Some(service) => service::line(service, words, line, files)?,
                None => return Err(wrong(line, &format!("one of {WORDS}"), "service web")),
            },
        }
        Ok(())
    }

    fn missing(&self) -> Option<String> {
        if self.services.is_empty() {
            return Some(wrong("no service", "at least one", "service web"));
        }
        if self.start == 0 {
            return Some(wrong("no start", "a time", "start 2026-11-23T00:00:00Z"));
        }
        let unknown = self.expectations.iter().find_map(|e| e.unknown(&self.services));
        unknown.or_else(|| self.services.iter().find_map(ServiceFile::missing))
    }
}

fn start(text: &str) -> Result<i64, String> {
    let at: Option<jiff::Timestamp> = text.parse().ok();
    let at = at.map(jiff::Timestamp::as_second).filter(|s| *s > 0 && s.rem_euclid(60) == 0);
    at.ok_or_else(|| wrong(text, "a time at a whole minute", "2026-11-23T00:00:00Z"))
}

fn read_fleet(path: &str, files: Files<'_>) -> Result<Fleet, String> {
    let text = files(path)?;
    fleet::parse(&text, path).map_err(|problems| {
        let first = problems.first().map(ToString::to_string).unwrap_or_default();
        format!("{path}: {} problems, the first: {first}", problems.len())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const NO_FILES: Files<'_> = &|path| Err(format!("{path}: no such file"));

    #[test]
    fn every_problem_is_listed_with_its_line() {
        let text = "scenario t\nstart yesterday\nservice web\n  tasks many\n  colour red\nexpect:\n  web.tasks is 3\n";
        let problems = read(text, NO_FILES).unwrap_err();
        assert_eq!(problems.iter().map(|p| p.line).collect::<Vec<_>>(), [2, 4, 5, 7]);
        assert!(problems[2].what.contains("background"), "lists what is known: {}", problems[2].what);
    }

    #[test]
    fn an_expectation_about_an_unknown_service_is_an_error() {
        let text =
            "start 2026-11-23T00:00:00Z\nservice web\n load table\n 00:00 1/min 1ms\nexpect:\n api.flapping == 0\n";
        let problems = read(text, NO_FILES).unwrap_err();
        assert!(problems[0].what.contains("`api`") && problems[0].what.contains("web"), "{}", problems[0]);
    }
}
