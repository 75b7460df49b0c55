//! The lines of what is around a service: its queue, its dependencies, people.

use super::service::ServiceFile;
use super::words::{duration, moment, whole, with_unit, wrong};
use crate::service::{Dependency, Queue, Trouble};

const QUEUE: &str = "queue jobs 4 at a time 30s each";
const DEPENDENCY: &str =
    "dependency redis cpu 20% + 3%/task` or `dependency redis from 02:00 until 02:30 errors 5% latency +2s cpu 80%";
const MANUAL: &str = "manual 10:00 desired 6";

/// Reads one of them; false when it is none.
pub(super) fn line(service: &mut ServiceFile, words: &[&str], line: &str) -> Result<bool, String> {
    match words {
        ["queue", name, at_a_time, "at", "a", "time", seconds, "each"] => {
            let (at_a_time, seconds) = (whole(at_a_time)?, duration(seconds)?);
            if at_a_time == 0 || seconds <= 0.0 {
                return Err(wrong(line, "at least one job at a time, and a time over 0", QUEUE));
            }
            service.queue = Some(Queue { name: (*name).to_owned(), at_a_time, seconds, depth: 0.0 });
        }
        ["queue", ..] => {
            return Err(wrong(line, "how many jobs a task takes at a time, and how long each takes", QUEUE));
        }
        ["dependency", name, "cpu", cpu] => dependency(service, name).cpu = percent(cpu)?,
        ["dependency", name, "cpu", cpu, "+", each] => {
            let (cpu, each) = (percent(cpu)?, with_unit(each, "%/task", "3%/task")?);
            let found = dependency(service, name);
            (found.cpu, found.cpu_per_task) = (cpu, each);
        }
        ["dependency", name, "from", from, "until", until, rest @ ..] => {
            let trouble = trouble(moment(from)?, moment(until)?, rest, line)?;
            dependency(service, name).troubles.push(trouble);
        }
        ["dependency", ..] => return Err(wrong(line, "a dependency", DEPENDENCY)),
        ["manual", at, "desired", count] => service.manual.push((moment(at)?, whole(count)?)),
        ["manual", ..] => return Err(wrong(line, "a time and a count", MANUAL)),
        _ => return Ok(false),
    }
    Ok(true)
}

fn dependency<'s>(service: &'s mut ServiceFile, name: &str) -> &'s mut Dependency {
    let found = service.dependencies.iter().position(|d| d.name == name);
    let index = found.unwrap_or(service.dependencies.len());
    if found.is_none() {
        let name = name.to_owned();
        service.dependencies.push(Dependency { name, cpu: 0.0, cpu_per_task: 0.0, troubles: Vec::new() });
    }
    &mut service.dependencies[index]
}

fn trouble(from: i64, until: i64, words: &[&str], line: &str) -> Result<Trouble, String> {
    let mut trouble = Trouble { from, until, errors: 0.0, latency: 0.0, cpu: None };
    for pair in words.chunks(2) {
        match pair {
            ["errors", share] => trouble.errors = percent(share)? / 100.0,
            ["latency", more] => trouble.latency = duration(more.trim_start_matches('+'))?,
            ["cpu", cpu] => trouble.cpu = Some(percent(cpu)?),
            _ => return Err(wrong(line, "errors, latency and cpu", DEPENDENCY)),
        }
    }
    if words.is_empty() || from >= until {
        return Err(wrong(line, "a trouble, and a time after its beginning", DEPENDENCY));
    }
    Ok(trouble)
}

fn percent(text: &str) -> Result<f64, String> {
    let percent = Some(with_unit(text, "%", "80%")?).filter(|n| *n <= 100.0);
    percent.ok_or_else(|| wrong(text, "at most 100%", "80%"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<ServiceFile, String> {
        let mut service = ServiceFile::new("web");
        let words: Vec<&str> = text.split_whitespace().collect();
        line(&mut service, &words, text).map(|_| service)
    }

    #[test]
    fn every_example_in_a_message_is_read() {
        for example in [QUEUE, MANUAL].into_iter().chain(DEPENDENCY.split("` or `")) {
            assert!(read(example).is_ok(), "{example}");
        }
        let redis = &read(DEPENDENCY.split("` or `").nth(1).unwrap()).unwrap().dependencies[0];
        let trouble = redis.troubles[0];
        assert_eq!((trouble.from, trouble.errors, trouble.latency, trouble.cpu), (7_200, 0.05, 2.0, Some(80.0)));
    }

    #[test]
    fn what_is_not_right_is_refused() {
        for bad in [
            "queue jobs 0 at a time 30s each",
            "queue jobs",
            "dependency redis",
            "dependency redis cpu 120%",
            "dependency redis from 02:30 until 02:00 errors 5%",
            "dependency redis from 02:00 until 02:30",
            "dependency redis from 02:00 until 02:30 colour 5%",
            "manual 10:00",
        ] {
            assert!(read(bad).is_err(), "{bad}");
        }
    }
}
