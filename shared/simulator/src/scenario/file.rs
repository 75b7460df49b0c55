//! A scenario file line by line.

use std::fmt;

use headroom_core::fleet::{self, Fleet, Remedy, When};
use headroom_core::id::ServiceId;

use super::expect::Expectation;
use super::service::{self, Copies, ServiceFile};
use super::words::{number, range, seconds, whole, with_unit, wrong};
use crate::cloudwatch::Delays;
use crate::tasks::Account;

/// A scenario is read by people; this bounds the memory of a wrong file.
const LINES_MAX: usize = 10_000;
/// Copies of one service: more is no scenario but a mistake.
const COPIES_MAX: u32 = 10_000;
const WORDS: &str = "scenario, start, days, seed, delay, quota, launches, headroom, before, service, expect:";

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
    /// The run that this one is compared with.
    pub before: Option<Box<Scenario>>,
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
        before: None,
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
    scenario.services = scenario.services.into_iter().flat_map(ServiceFile::copies).collect();
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
            ["before", path] => self.before = Some(Box::new(before(path, files)?)),
            ["service", name] => {
                let (name, copies) = copies_of(name)?;
                if self.services.iter().any(|s| s.name == name) {
                    return Err(format!("service `{name}` is there already"));
                }
                self.services.push(ServiceFile { copies, ..ServiceFile::new(name) });
            }
            _ => match self.services.last_mut() {
                Some(service) => service::line(service, words, line, files)?,
                None => return Err(wrong(line, &format!("one of {WORDS}"), "service web")),
            },
        }
        Ok(())
    }

    /// Every alarm by name, with the index of its service: those of the scenario, and those of the fleet's remedies.
    pub(super) fn alarms(&self) -> Vec<(String, usize)> {
        let own = self.services.iter().enumerate();
        let own = own.flat_map(|(i, s)| s.alarms.iter().map(move |a| (a.name.clone(), i)));
        let remedies = self.fleet.iter().flat_map(|fleet| &fleet.services).flat_map(|service| {
            let id = ServiceId::of(service);
            let index = self.services.iter().position(|s| s.id == id);
            let metric = |r: &&Remedy| matches!(r.when, When::Metric { .. });
            let remedies = service.remedies.iter().filter(metric);
            remedies.filter_map(move |r| index.map(|i| (format!("{}-{}", service.service, r.name), i)))
        });
        own.chain(remedies).collect()
    }

    fn missing(&self) -> Option<String> {
        if self.services.is_empty() {
            return Some(wrong("no service", "at least one", "service web"));
        }
        if self.start == 0 {
            return Some(wrong("no start", "a time", "start 2026-11-23T00:00:00Z"));
        }
        if let Some(days) = self.before.as_ref().map(|b| b.days).filter(|days| *days != self.days) {
            return Some(format!("days {}, but {days} in the run before: compare runs of one length", self.days));
        }
        let alarms = self.alarms();
        let alarms: Vec<&str> = alarms.iter().map(|(name, _)| name.as_str()).collect();
        let unknown = self.expectations.iter().find_map(|e| e.unknown(&self.services, &alarms, self.before.is_some()));
        unknown.or_else(|| self.services.iter().find_map(ServiceFile::missing))
    }
}

/// `web`, or `web[1..1000]` for copies of it.
fn copies_of(text: &str) -> Result<(&str, Option<Copies>), String> {
    let Some((name, rest)) = text.split_once('[') else { return Ok((text, None)) };
    let example = "service web[1..1000]";
    let inside = rest.strip_suffix(']').ok_or_else(|| wrong(text, "copies in brackets", example))?;
    let (first, last) = range(inside, whole)?;
    if first > last || last - first >= COPIES_MAX {
        return Err(wrong(text, &format!("1 to {COPIES_MAX} copies"), example));
    }
    Ok((name, Some((first, last))))
}

/// Reads the scenario to compare with; it has none of its own.
fn before(path: &str, files: Files<'_>) -> Result<Scenario, String> {
    let text = files(path)?;
    if text.lines().any(|line| line.split_whitespace().next() == Some("before")) {
        return Err(format!("{path} is itself compared with another run: name one that is not"));
    }
    read(&text, files).map_err(|problems| {
        let first = problems.first().map(ToString::to_string).unwrap_or_default();
        format!("{path}: {} problems, the first: {first}", problems.len())
    })
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
    fn copies_of_a_service_are_numbered_with_their_names_in_aws_and_their_alarms() {
        let text = "start 2026-11-23T00:00:00Z\nservice web[8..10]\n ecs 1 r c/prod-web\n alarm hot cpu > 85% 2 of 2\n \
                    load table\n 00:00 1/min 1ms\nexpect:\n web9.flapping == 0\n alarm(hot10) == 0\n";
        let scenario = read(text, NO_FILES).unwrap();
        let names: Vec<_> = scenario.services.iter().map(|s| (s.name.as_str(), s.id.service.as_str())).collect();
        assert_eq!(names, [("web8", "prod-web8"), ("web9", "prod-web9"), ("web10", "prod-web10")]);
        assert_eq!(scenario.alarms().last(), Some(&("hot10".to_owned(), 2)));
        for bad in ["web[9..8]", "web[1..10001]", "web[1..]", "web[1..2"] {
            assert!(read(&text.replace("web[8..10]", bad), NO_FILES).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_run_to_compare_with_is_read_once_and_has_the_same_length() {
        let day = "start 2026-11-23T00:00:00Z\nservice web\n load table\n 00:00 1/min 1ms\n";
        let files = |path: &str| match path {
            "day.txt" => Ok(day.to_owned()),
            "two.txt" => Ok(format!("days 2\n{day}")),
            "chain.txt" => Ok(format!("before day.txt\n{day}")),
            other => Err(format!("{other}: no such file")),
        };
        let problem = |before: &str| read(&format!("{before}{day}expect:\n task_hours <= +10%\n"), &files).err();
        assert_eq!(problem("before day.txt\n"), None);
        for (bad, says) in [
            ("", "a run to compare with"),
            ("before two.txt\n", "one length"),
            ("before chain.txt\n", "itself compared"),
            ("before none.txt\n", "no such file"),
        ] {
            let problems = problem(bad).unwrap();
            assert!(problems[0].what.contains(says), "{bad}: {problems:?}");
        }
    }

    #[test]
    fn an_expectation_about_an_unknown_service_is_an_error() {
        let text =
            "start 2026-11-23T00:00:00Z\nservice web\n load table\n 00:00 1/min 1ms\nexpect:\n api.flapping == 0\n";
        let problems = read(text, NO_FILES).unwrap_err();
        assert!(problems[0].what.contains("`api`") && problems[0].what.contains("web"), "{}", problems[0]);
    }
}
