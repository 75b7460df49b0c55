//! A fault plan: one rule a line.

use std::time::Duration;

use super::length::{length, range, share};
use crate::operations;

/// A plan is written by hand; this bounds a wrong file.
const RULES_MAX: usize = 200;
const KINDS: &str = "throttle, error-500, delay, reset, apply-then-time-out";
const EXAMPLE: &str = "DescribeServices throttle 10% after 60s until 10m at most 5";
const EVENTS: &str = "event duplicate 5%, event delay 1s..30s 20%, event lose 5%";

/// What goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// ThrottlingException; nothing is applied.
    Throttle,
    /// A 500 of the service; nothing is applied.
    Error500,
    /// The answer comes late, after so long.
    Delay(Duration, Duration),
    /// The connection is reset; nothing is applied.
    Reset,
    /// It is applied, and the client never hears of it.
    ApplyThenTimeOut,
}

impl Kind {
    /// Its name in a plan and in counts.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Throttle => "throttle",
            Self::Error500 => "error-500",
            Self::Delay(..) => "delay",
            Self::Reset => "reset",
            Self::ApplyThenTimeOut => "apply-then-time-out",
        }
    }
}

/// One rule.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    /// `service.Operation`, either of them `*`.
    pub service: String,
    /// Operation or `*`.
    pub operation: String,
    /// What goes wrong.
    pub kind: Kind,
    /// In which share of the calls, 0 to 1.
    pub share: f64,
    /// From so many seconds of the world after its start on.
    pub after: i64,
    /// Until then, excluded.
    pub until: i64,
    /// So many times in all.
    pub most: u64,
}

impl Rule {
    /// Whether it is about an operation.
    #[must_use]
    pub fn is_about(&self, service: &str, operation: &str) -> bool {
        let fits = |pattern: &str, name: &str| pattern == "*" || pattern == name;
        fits(&self.service, service) && fits(&self.operation, operation)
    }
}

/// What goes wrong with the delivery of events.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct EventFaults {
    /// Share of events that come more than once, in percent.
    pub duplicate_percent: u32,
    /// Share of deliveries that come late, in percent.
    pub late_percent: u32,
    /// The latest, in seconds.
    pub late_max: u32,
    /// Share of best-effort events that never come, in percent.
    pub lose_percent: u32,
}

/// A plan.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Plan {
    /// Rules, in the order of the file; the first that happens is what goes wrong.
    pub rules: Vec<Rule>,
    /// Of events.
    pub events: EventFaults,
}

/// Reads a plan.
///
/// # Errors
/// Every line that is not right, with its number and an example.
pub fn read(text: &str) -> Result<Plan, Vec<String>> {
    let (mut plan, mut problems) = (Plan::default(), Vec::new());
    for (index, line) in text.lines().enumerate() {
        let line = line.split('#').next().unwrap_or_default().trim();
        if line.is_empty() {
            continue;
        }
        let words: Vec<&str> = line.split_whitespace().collect();
        let read = match words.as_slice() {
            ["event", rest @ ..] => event(&mut plan.events, rest),
            words => rule(words).map(|rule| plan.rules.push(rule)),
        };
        problems.extend(read.err().map(|what| format!("line {}: `{line}`: {what}", index + 1)));
        if plan.rules.len() > RULES_MAX {
            problems.push(format!("line {}: more than {RULES_MAX} rules", index + 1));
            break;
        }
    }
    if problems.is_empty() { Ok(plan) } else { Err(problems) }
}

fn event(events: &mut EventFaults, words: &[&str]) -> Result<(), String> {
    let wrong = || format!("expected one of {EVENTS}");
    let percent = |text: &str| share(text).map(|s| (s * 100.0).round() as u32).ok_or_else(wrong);
    match words {
        ["duplicate", share] => events.duplicate_percent = percent(share)?,
        ["lose", share] => events.lose_percent = percent(share)?,
        ["delay", lengths, share] => {
            // An event takes a second when nothing delays it: that is the shortest.
            let (from, to) = range(lengths).filter(|(from, _)| from.as_secs() == 1).ok_or_else(wrong)?;
            (events.late_max, events.late_percent) = (seconds_up(to.max(from)), percent(share)?);
        }
        _ => return Err(wrong()),
    }
    Ok(())
}

fn seconds_up(length: Duration) -> u32 {
    length.as_secs_f64().ceil() as u32
}

fn rule(words: &[&str]) -> Result<Rule, String> {
    let [what, kind, rest @ ..] = words else {
        return Err(format!("expected an operation, a fault and how often, for example `{EXAMPLE}`"));
    };
    let (service, operation) = named(what)?;
    let (kind, rest) = match (*kind, rest) {
        ("throttle", rest) => (Kind::Throttle, rest),
        ("error-500", rest) => (Kind::Error500, rest),
        ("reset", rest) => (Kind::Reset, rest),
        ("apply-then-time-out", rest) => (Kind::ApplyThenTimeOut, rest),
        ("delay", [lengths, rest @ ..]) => {
            let (from, to) = range(lengths)
                .ok_or_else(|| format!("`{lengths}`, expected lengths up to 10m, for example `delay 200ms..2s 10%`"))?;
            (Kind::Delay(from, to), rest)
        }
        ("delay", []) => return Err("expected for example `delay 200ms..2s 10%`".to_owned()),
        (other, _) => return Err(format!("fault `{other}`, expected one of {KINDS}")),
    };
    let [how_often, rest @ ..] = rest else {
        return Err(format!("expected how often, for example `{EXAMPLE}`"));
    };
    let share = share(how_often).ok_or_else(|| format!("`{how_often}`, expected a share of calls like `10%`"))?;
    let mut rule = Rule { service, operation, kind, share, after: 0, until: i64::MAX, most: u64::MAX };
    limits(&mut rule, rest)?;
    Ok(rule)
}

fn limits(rule: &mut Rule, words: &[&str]) -> Result<(), String> {
    let second = |text: &str| {
        let found = length(text).and_then(|l| i64::try_from(l.as_secs()).ok());
        found.ok_or_else(|| format!("`{text}`, expected a length like `60s` or `10m`"))
    };
    match words {
        [] => Ok(()),
        ["after", at, rest @ ..] => {
            rule.after = second(at)?;
            limits(rule, rest)
        }
        ["until", at, rest @ ..] => {
            rule.until = second(at)?;
            limits(rule, rest)
        }
        ["at", "most", n, rest @ ..] => {
            rule.most = n.parse().map_err(|_| format!("`at most {n}`, expected a whole number"))?;
            limits(rule, rest)
        }
        _ => Err(format!("`{}`, expected `after`, `until`, `at most`, for example `{EXAMPLE}`", words.join(" "))),
    }
}

/// `*`, `Operation`, `service.*` or `service.Operation`; a name that is not served is an error that lists those that
/// are.
fn named(what: &str) -> Result<(String, String), String> {
    let (service, operation) = what.split_once('.').unwrap_or(("*", what));
    let rule = Rule {
        service: service.to_owned(),
        operation: operation.to_owned(),
        kind: Kind::Reset,
        share: 0.0,
        after: 0,
        until: 0,
        most: 0,
    };
    if operations::all().any(|(api, o)| rule.is_about(api.name(), o.name)) {
        return Ok((rule.service, rule.operation));
    }
    let known: Vec<String> = operations::all().map(|(api, o)| format!("{}.{}", api.name(), o.name)).collect();
    Err(format!("no operation `{what}`, expected `*` or one of {}", known.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_is_read_line_by_line() {
        let plan = read(
            "# slow start\n* delay 200ms..2s 10%\n\necs.DescribeServices throttle 10% until 10m   # ten minutes\n\
             RegisterScalableTarget apply-then-time-out 1% after 60s at most 3\n\
             event duplicate 5%\nevent delay 1s..30s 20%\nevent lose 2%\n",
        )
        .unwrap();
        let [delay, throttle, applied] = plan.rules.as_slice() else { panic!("{plan:?}") };
        assert_eq!(delay.kind, Kind::Delay(Duration::from_millis(200), Duration::from_secs(2)));
        assert!(delay.is_about("cloudwatch", "DescribeAlarms") && !throttle.is_about("cloudwatch", "DescribeAlarms"));
        assert_eq!((throttle.share, throttle.after, throttle.until), (0.1, 0, 600));
        assert_eq!((applied.after, applied.most), (60, 3));
        let events = EventFaults { duplicate_percent: 5, late_percent: 20, late_max: 30, lose_percent: 2 };
        assert_eq!(plan.events, events);
    }

    #[test]
    fn what_is_not_right_is_named_with_its_line_and_what_was_expected() {
        for (line, expected) in [
            ("DescribeServces throttle 10%", "ecs.DescribeServices"),
            ("ecs throttle 10%", "one of"),
            ("DescribeServices explode 10%", "apply-then-time-out"),
            ("DescribeServices throttle", "how often"),
            ("DescribeServices throttle 110%", "10%"),
            ("DescribeServices delay 10%", "200ms..2s"),
            ("DescribeServices delay 2s..1s 10%", "200ms..2s"),
            ("DescribeServices delay 1s..2h 10%", "10m"),
            ("DescribeServices reset 1% at most x", "whole number"),
            ("DescribeServices reset 1% before 5s", "after"),
            ("event explode 1%", "duplicate"),
            ("event delay 5s..30s 1%", "1s..30s"),
            ("reset", "for example"),
        ] {
            let problems = read(&format!("\n{line}\n")).unwrap_err();
            assert!(problems[0].starts_with("line 2: ") && problems[0].contains(expected), "{problems:?}");
        }
        assert_eq!(read("x reset 1%\ny reset 1%\n").unwrap_err().len(), 2, "every problem at once");
    }
}
