//! `headroom simulate`: a scenario in a simulated AWS, and whether what is expected of it holds.

use std::path::{Path, PathBuf};
use std::time::Instant;

use clap::Args;
use headroom_simulator::report::{self, Report};
use headroom_simulator::{run, scenario};

use super::Outcome;
use crate::files;

/// Run a scenario in a simulated AWS and check what is expected of it.
///
/// Services, load, CloudWatch and Application Auto Scaling on a virtual clock, and Headroom itself when the scenario
/// names a fleet file. The same file gives the same report, byte for byte.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  headroom simulate tests/scenarios/langfuse_after.txt             hours, what happened, expectations
  headroom simulate tests/scenarios/langfuse_after.txt --minutes   every minute as well
  headroom simulate night.txt --json --junit night.xml             for a program and a CI

The format of a scenario: docs/simulator.md.

Exit codes: 0 every expectation holds, 1 one does not, or the scenario is not right (every problem is
printed), 2 a file cannot be read or written.")]
pub(crate) struct Simulate {
    /// The scenario file
    file: PathBuf,
    /// Print JSON: hours, what happened, expectations
    #[arg(long)]
    json: bool,
    /// Write the expectations as JUnit XML
    #[arg(long, value_name = "OUT")]
    junit: Option<PathBuf>,
    /// Print every minute as well
    #[arg(long, conflicts_with = "json")]
    minutes: bool,
}

impl Simulate {
    /// Simulates.
    pub(crate) fn run(&self) -> Outcome {
        self.simulated().unwrap_or_else(|outcome| outcome)
    }

    fn simulated(&self) -> Result<Outcome, Outcome> {
        let text = files::text(&self.file)?;
        let folder = self.file.parent().unwrap_or(Path::new(""));
        let read =
            |path: &str| std::fs::read_to_string(folder.join(path)).map_err(|e| format!("cannot read {path}: {e}"));
        let scenario = scenario::read(&text, &read).map_err(|problems| self.refused(&problems))?;
        let begun = Instant::now();
        let report = run::run_keeping(scenario, self.minutes)
            .map_err(|e| Outcome::no(format!("{}: {e}\n", self.file.display())))?;
        let seconds = begun.elapsed().as_secs_f64();
        if let Some(path) = &self.junit {
            files::write(path, &report::junit(&report))?;
        }
        let mut out = if self.json { report::json(&report).map_err(Outcome::failed)? } else { report::text(&report) };
        if self.minutes {
            out.push_str(&report::minutes(&report));
        }
        Ok(Outcome { out, err: speed(&report, seconds), code: u8::from(!report.holds()) })
    }

    fn refused(&self, problems: &[scenario::Problem]) -> Outcome {
        let lines: Vec<String> = problems.iter().map(|p| format!("{}: {p}\n", self.file.display())).collect();
        Outcome::no(lines.concat())
    }
}

/// On standard error: the report is the same each time, the speed is not.
fn speed(report: &Report, seconds: f64) -> String {
    let days = f64::from(report.days) * report.services.len() as f64;
    format!("{days} service-days in {seconds:.3} s: {:.0} service-days a second\n", days / seconds.max(1e-9))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn simulate(file: PathBuf, junit: Option<PathBuf>) -> Outcome {
        Simulate { file, json: false, junit, minutes: false }.run()
    }

    fn scratch(name: &str) -> PathBuf {
        std::env::temp_dir().join(format!("headroom-simulate-{}-{name}", std::process::id()))
    }

    fn written(name: &str, expectation: &str) -> PathBuf {
        let file = scratch(name);
        let text = format!(
            "scenario t\nstart 2026-11-23T00:00:00Z\nservice web\n  load table\n    00:00 60/min 60ms\n\
             expect:\n  {expectation}\n"
        );
        std::fs::write(&file, text).expect("written");
        file
    }

    #[test]
    fn a_failed_expectation_is_printed_with_what_was_found_and_exits_1() {
        let (file, junit) = (written("fails.txt", "web.task_hours <= 47"), scratch("fails.xml"));
        let outcome = simulate(file.clone(), Some(junit.clone()));
        assert_eq!(outcome.code, 1);
        assert!(outcome.out.contains("FAIL  web.task_hours <= 47   found 48"), "{}", outcome.out);
        assert!(outcome.err.contains("service-days a second"), "{}", outcome.err);
        let xml = std::fs::read_to_string(&junit).expect("written");
        assert!(xml.contains("failures=\"1\"") && xml.contains("found 48"), "{xml}");
        std::fs::remove_file(&file).and_then(|()| std::fs::remove_file(&junit)).expect("removed");
    }

    #[test]
    fn a_scenario_that_holds_exits_0_and_one_that_is_not_right_exits_1() {
        let good = written("good.txt", "web.task_hours == 48");
        let bad = written("bad.txt", "web.colour == 1");
        assert_eq!(simulate(good.clone(), None).code, 0);
        let outcome = simulate(bad.clone(), None);
        assert_eq!((outcome.code, outcome.out.as_str()), (1, ""));
        assert!(outcome.err.contains("line 7") && outcome.err.contains("task_hours"), "{}", outcome.err);
        assert_eq!(simulate(scratch("none.txt"), None).code, 2);
        std::fs::remove_file(&good).and_then(|()| std::fs::remove_file(&bad)).expect("removed");
    }
}
