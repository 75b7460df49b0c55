//! `headroom check`: is this fleet file right, and what does it come to?

use std::fmt::Write as _;
use std::path::PathBuf;

use clap::Args;
use headroom_core::fleet::{
    Action, Fleet, Metric, Note, NoteKind, Parsed, Problem, Remedy, START_LASTS, Schedule, Service, Sizing, Watch,
    When, floor_words,
};
use headroom_core::notice::Severity;
use headroom_core::time::Seconds;
use serde_json::json;

use super::Outcome;
use crate::{files, table};

/// Check a fleet file and show what it comes to, service by service.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  headroom check headroom.yaml             the services with their bounds, modes and remedies
  headroom check headroom.yaml --expand    also their names in AWS, scaling targets and timings
  headroom check headroom.yaml --json      the same for programs
  headroom check headroom.yaml --strict    for a pipeline: a warning fails it too

Exit codes: 0 the file is right, 1 it is not (every problem is printed), 2 it cannot be read.")]
pub(crate) struct Check {
    /// The fleet file
    file: PathBuf,
    /// Print JSON
    #[arg(long)]
    json: bool,
    /// Print everything that the functions will load
    #[arg(long, conflicts_with = "json")]
    expand: bool,
    /// Count warnings as mistakes: exit with 1 when there is one
    #[arg(long)]
    strict: bool,
}

impl Check {
    /// Checks.
    pub(crate) fn run(&self) -> Outcome {
        let read = match files::fleet(&self.file, None) {
            Ok(read) => read,
            Err(outcome) => return outcome,
        };
        match read {
            Ok(parsed) => {
                let out = if self.json { json_text(&parsed) } else { human(&parsed, self.expand) };
                let warned = parsed.notes.iter().any(|n| n.kind == NoteKind::Warning);
                Outcome { out, err: String::new(), code: u8::from(self.strict && warned) }
            }
            Err(problems) if self.json => Outcome { out: json_problems(&problems), err: String::new(), code: 1 },
            Err(problems) => Outcome::no(files::problems(&problems)),
        }
    }
}

fn json_text(parsed: &Parsed) -> String {
    format!("{:#}\n", json!({ "ok": true, "fleet": parsed.fleet, "notes": parsed.notes }))
}

fn json_problems(problems: &[Problem]) -> String {
    format!("{:#}\n", json!({ "ok": false, "problems": problems }))
}

fn human(parsed: &Parsed, expand: bool) -> String {
    let fleet = &parsed.fleet;
    let mut out = String::new();
    let _ = writeln!(
        out,
        "{}   {}: {}, {}\n",
        fleet.fleet,
        fleet.source,
        count(fleet.environments.len(), "environment"),
        count(fleet.services.len(), "service")
    );
    out.push_str(&services(fleet));
    if expand {
        for service in &fleet.services {
            out.push('\n');
            expanded(service, fleet, &mut out);
        }
    }
    if !parsed.notes.is_empty() {
        out.push('\n');
        out.push_str(&notes(&parsed.notes));
    }
    out
}

fn services(fleet: &Fleet) -> String {
    let row = |s: &Service| {
        let bounds = format!("{}..{}", s.capacity.min, s.capacity.max);
        let remedies: Vec<String> = s.remedies.iter().map(|r| remedy_name(r, s)).collect();
        let remedies = if remedies.is_empty() { "none".to_owned() } else { remedies.join(", ") };
        let mode = s.mode.to_string();
        vec![s.environment.clone(), mode, s.name.clone(), bounds, s.capacity.ceiling.to_string(), remedies]
    };
    let mut header = vec!["ENVIRONMENT", "MODE", "SERVICE", "MIN..MAX", "CEILING", "REMEDIES"];
    let mut rows: Vec<Vec<String>> = fleet.services.iter().map(row).collect();
    if !fleet.schedules.is_empty() {
        header.push("SCHEDULES");
        for (row, service) in rows.iter_mut().zip(&fleet.services) {
            row.push(fleet.schedules_of(service).map(|s| s.name.as_str()).collect::<Vec<_>>().join(", "));
        }
    }
    table::render(&header, &rows, &[3, 4])
}

/// A remedy's own mode is named where it is more careful than the service.
fn remedy_name(remedy: &Remedy, service: &Service) -> String {
    if remedy.mode == service.mode { remedy.name.clone() } else { format!("{} ({})", remedy.name, remedy.mode) }
}

fn expanded(s: &Service, fleet: &Fleet, out: &mut String) {
    let _ = writeln!(out, "{}   {}   {} {}   mode {}", s.label(), s.resource_id(), s.account, s.region, s.mode);
    let around: Vec<(&str, String)> = clocked(s, fleet).into_iter().chain(needed(s, fleet)).collect();
    let names = s.remedies.iter().map(|r| r.name.as_str()).chain(around.iter().map(|(name, _)| *name));
    let width = names.map(str::len).fold("target group".len(), usize::max);
    let _ = writeln!(out, "  {:<width$}  {}", "capacity", capacity(s));
    if let Some(group) = &s.target_group {
        let _ = writeln!(out, "  {:<width$}  {group}", "target group");
    }
    if let Some(task) = &s.task {
        let _ = writeln!(
            out,
            "  {:<width$}  {} vCPU, {} GiB, {}",
            "task",
            task.vcpu,
            task.memory_gib,
            task.architecture.name()
        );
    }
    let _ = writeln!(out, "  {:<width$}  {}", "scaling", scaling(s));
    for remedy in &s.remedies {
        let (does, times) = remedy_lines(remedy, s);
        let _ = writeln!(out, "  {:<width$}  {does}", remedy.name);
        let _ = writeln!(out, "  {:<width$}  {times}", "");
    }
    for (name, line) in around {
        let _ = writeln!(out, "  {name:<width$}  {line}");
    }
}

/// The schedules of a service: `mon-fri 08:00-18:00 Europe/Berlin: floor 6, lead learned`.
fn clocked<'f>(s: &'f Service, fleet: &'f Fleet) -> Vec<(&'f str, String)> {
    let zone = fleet.environments.iter().find(|e| e.name == s.environment).map_or("UTC", |e| e.timezone.as_str());
    let line = |schedule: &Schedule| {
        let Schedule { opens, lead, .. } = schedule;
        let floor = floor_words(schedule.floor, schedule.usual);
        let start = schedule.start.map_or_else(String::new, |tasks| format!(", start {tasks} for {START_LASTS}"));
        let holidays = schedule.holidays.as_ref().map_or_else(String::new, |days| format!(", holidays {days}"));
        format!("{opens} {zone}: floor {floor}{start}, lead {lead}{holidays}")
    };
    fleet.schedules_of(s).map(|schedule| (schedule.name.as_str(), line(schedule))).collect()
}

/// What a service needs: `AWS/ElastiCache:CPUUtilization above 75 % for 10 min: no-scale-out; page`, its dimensions
/// below it.
fn needed<'f>(s: &'f Service, fleet: &'f Fleet) -> Vec<(&'f str, String)> {
    let mut lines = Vec::new();
    for dependency in fleet.dependencies_of(s) {
        let (high, of) = match &dependency.watch {
            Watch::Metric { namespace, metric, dimensions, above, lasting } => {
                let of: Vec<String> = dimensions.iter().map(|(name, value)| format!("{name} {value}")).collect();
                (format!("{namespace}:{metric} above {above} for {lasting}"), of.join(", "))
            }
            Watch::Alarm { alarm } => (format!("alarm {alarm}"), String::new()),
        };
        let words: Vec<&str> = dependency.while_high.iter().map(|word| word.name()).collect();
        let line = format!("{high}: {}; {}", words.join(", "), severity(dependency.severity));
        lines.push((dependency.name.as_str(), line));
        if !of.is_empty() {
            lines.push(("", of));
        }
    }
    lines
}

fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Info => "info",
        Severity::Warn => "warn",
        Severity::Page => "page",
    }
}

fn capacity(s: &Service) -> String {
    let c = s.capacity;
    let start = c.start.map_or_else(String::new, |tasks| format!(", start {tasks}"));
    format!("min {}, max {}, ceiling {}{start}", c.min, c.max, c.ceiling)
}

fn scaling(s: &Service) -> String {
    let targets = [
        s.scaling.cpu.map(|t| format!("cpu {t} %")),
        s.scaling.memory.map(|t| format!("memory {t} %")),
        s.scaling.requests_per_target.map(|t| format!("{t} requests per target and minute")),
    ];
    let targets: Vec<String> = targets.into_iter().flatten().collect();
    if targets.is_empty() {
        return "none".to_owned();
    }
    let (out, back) = (s.scaling.cooldown_scale_out, s.scaling.cooldown_scale_in);
    format!("{}; cooldown {out} out, {back} in", targets.join(", "))
}

/// What wakes it and what it does; and its times.
fn remedy_lines(r: &Remedy, service: &Service) -> (String, String) {
    let when = match &r.when {
        When::Metric { metric, above, lasting } => {
            format!("{} above {above}{} for {lasting}", metric.name(), unit(*metric))
        }
        When::Alarm { alarm } => format!("alarm {}", alarm.of(service)),
        When::Contributor { alarm } => format!("contributor of {}", alarm.of(service)),
        When::Event { event } => format!("event {event}"),
    };
    let watched = match &r.when {
        When::Metric { metric, .. } => metric.name(),
        When::Alarm { .. } | When::Contributor { .. } | When::Event { .. } => "metric",
    };
    let size = match r.sizing {
        Some(Sizing::Ratio { target }) => format!(" to ceil(n x {watched} / {target}), at most {} more", r.add_max),
        Some(Sizing::Add { tasks }) => format!(" by {tasks}"),
        None => String::new(),
    };
    let times = match r.action {
        Action::ScaleOut => timings(&[
            ("lease", r.lease),
            ("release delay", r.release_delay),
            ("cooldown", r.cooldown),
            ("native first", r.native_first),
            ("hard end", r.hard_end),
        ]),
        Action::RaiseMax | Action::SuspendScaleIn => timings(&[
            ("lease", r.lease),
            ("release delay", r.release_delay),
            ("cooldown", r.cooldown),
            ("hard end", r.hard_end),
        ]),
        Action::Rollback => format!("{}{}", blamed(r), timings(&[("cooldown", r.cooldown)])),
        Action::ForceNewDeployment | Action::StopTask | Action::NotifyOnly => timings(&[("cooldown", r.cooldown)]),
    };
    (format!("{when}: {}{size}; mode {}", r.action.name(), r.mode), times)
}

/// Which deployment a rollback may blame.
fn blamed(r: &Remedy) -> String {
    r.rollback.map_or_else(String::new, |rollback| {
        format!("deployed within {}, at least {} requests, ", rollback.deployed_within, rollback.requests_min)
    })
}

fn unit(metric: Metric) -> &'static str {
    match metric {
        Metric::Cpu | Metric::Memory | Metric::ErrorRate => " %",
        Metric::RequestsPerTarget => " per target and minute",
        Metric::ResponseTimeAvg | Metric::ResponseTimeP95 => " s",
    }
}

fn timings(list: &[(&str, Seconds)]) -> String {
    list.iter().map(|(name, length)| format!("{name} {length}")).collect::<Vec<_>>().join(", ")
}

/// The first few names, and how many more there are.
fn some_of(names: &[String]) -> String {
    const SHOWN: usize = 3;
    let shown = names[..names.len().min(SHOWN)].join(", ");
    if names.len() > SHOWN { format!("{shown} and {} more", names.len() - SHOWN) } else { shown }
}

/// Warnings, what was left out, then what this release does not do yet, one line for each meaning.
fn notes(list: &[Note]) -> String {
    let mut out = String::new();
    for note in list.iter().filter(|n| n.kind == NoteKind::Warning) {
        let about = if note.services.is_empty() { String::new() } else { format!("   {}", some_of(&note.services)) };
        let _ = writeln!(out, "warning  line {}, {}{about}\n         {}", note.line, note.path, note.text);
    }
    for note in list.iter().filter(|n| n.kind == NoteKind::LeftOut) {
        let _ = writeln!(out, "line {}: {}", note.line, note.text);
    }
    if !out.is_empty() && list.iter().any(|n| n.kind == NoteKind::NotYet) {
        out.push('\n');
    }
    let mut rows: Vec<(String, &Note, usize)> = Vec::new();
    for note in list.iter().filter(|n| n.kind == NoteKind::NotYet) {
        match rows.iter_mut().find(|(_, first, _)| first.text == note.text) {
            Some((_, _, more)) => *more += 1,
            None => rows.push((note.line.to_string(), note, 0)),
        }
    }
    if !rows.is_empty() {
        out.push_str("Recognised, not acted on by this release:\n");
        let place = |note: &Note, more: usize| match more {
            0 => note.path.clone(),
            _ => format!("{} and {more} more", note.path),
        };
        let rows: Vec<Vec<String>> =
            rows.iter().map(|(line, note, more)| vec![line.clone(), place(note, *more), note.text.clone()]).collect();
        out.push_str(&table::render(&["LINE", "WHERE", "TODAY"], &rows, &[0]));
    }
    out
}

fn count(n: usize, what: &str) -> String {
    if n == 1 { format!("1 {what}") } else { format!("{n} {what}s") }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn root() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
    }

    fn check(file: &str, json: bool, expand: bool) -> Outcome {
        Check { file: root().join(file), json, expand, strict: false }.run()
    }

    /// The output with the name of the file as a person in the project's folder gives it.
    fn printed(outcome: &Outcome) -> String {
        outcome.out.replace(&format!("{}/", root().display()), "")
    }

    /// Compares with a file; `UPDATE_GOLDEN=1` writes it instead.
    fn golden(name: &str, actual: &str) {
        let path = root().join("tests/fixtures/fleets/check").join(name);
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            std::fs::write(&path, actual).expect("golden file is written");
        }
        assert_eq!(
            actual,
            std::fs::read_to_string(&path).unwrap_or_default(),
            "{name}; UPDATE_GOLDEN=1 writes it anew"
        );
    }

    #[test]
    fn the_examples_are_right_and_print_what_they_come_to() {
        for example in ["langfuse", "openwebui", "openwan"] {
            let file = format!("examples/{example}/headroom.yaml");
            let outcome = check(&file, false, false);
            assert_eq!((outcome.code, outcome.err.as_str()), (0, ""));
            golden(&format!("{example}.txt"), &printed(&outcome));
            golden(&format!("{example}_expand.txt"), &printed(&check(&file, false, true)));
        }
    }

    #[test]
    fn json_says_what_the_table_says() {
        let outcome = check("examples/openwebui/headroom.yaml", true, false);
        let json: serde_json::Value = serde_json::from_str(&outcome.out).expect("JSON");
        assert_eq!(json["ok"], true);
        assert_eq!(json["fleet"]["services"][0]["capacity"], json!({ "min": 2, "max": 10, "ceiling": 10, "start": 3 }));
        assert!(json["notes"].as_array().is_some_and(|notes| notes.iter().any(|n| n["path"] == "dependencies")));
    }

    #[test]
    fn warnings_are_printed_and_fail_a_strict_check_only() {
        let mut command = Check {
            file: root().join("tests/fixtures/fleets/warned/as_a_colleague.yaml"),
            json: false,
            expand: false,
            strict: false,
        };
        let outcome = command.run();
        assert_eq!(outcome.code, 0);
        golden("warned.txt", &printed(&outcome));
        command.strict = true;
        assert_eq!((command.run().code, command.run().out), (1, outcome.out));
        command.file = root().join("examples/langfuse/headroom.yaml");
        assert_eq!(command.run().code, 0);
    }

    #[test]
    fn a_file_that_is_not_right_ends_with_1_and_one_that_is_not_there_with_2() {
        let bad = check("tests/fixtures/fleets/bad/several_at_once.yaml", false, false);
        assert_eq!((bad.code, bad.out.as_str()), (1, ""));
        assert!(bad.err.ends_with("\n4 problems\n"), "{}", bad.err);
        let json = check("tests/fixtures/fleets/bad/several_at_once.yaml", true, false);
        let json: serde_json::Value = serde_json::from_str(&json.out).expect("JSON");
        assert_eq!(json["problems"].as_array().map(Vec::len), Some(4));
        assert_eq!(check("no/such/file.yaml", false, false).code, 2);
    }
}
