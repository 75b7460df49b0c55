//! `headroom pause`, `resume` and `stop`: what people hold back in an environment.

use clap::Args;
use headroom_core::control::Control;
use headroom_core::fleet::Fleet;
use headroom_core::person::{Scope, Switch};
use headroom_core::time::{Seconds, after};
use headroom_pipeline::person::{Switched, switch};

use super::Outcome;
use crate::files;
use crate::history::now;
use crate::length::length;
use crate::with::With;

const NEEDS: &str = "\
It needs these permissions, on the table:
  dynamodb:BatchGetItem
  dynamodb:UpdateItem

Exit codes: 0 done, or so already, or what would be done; 1 nobody said yes; 2 AWS or a file cannot be read, or nobody
could be asked.";

/// Begin nothing new for now: no lease, no restart, no rollback. What was granted is still given back.
///
/// Of an environment, of one service, or of one remedy. Alarms meanwhile are deferred, and judged by their present state
/// once the pause ends.
#[derive(Debug, Args)]
#[command(after_help = format!("\
Examples:
  headroom pause prod-eu web --for 2h
  headroom pause prod-eu web --remedy slow --for 2h
  headroom pause prod-eu                            until somebody resumes it

{NEEDS}"))]
pub(crate) struct Pause {
    #[command(flatten)]
    what: What,
    /// How long: 30m, 2h, 7d; left out: until `headroom resume`
    #[arg(long = "for", value_name = "LENGTH", value_parser = length)]
    length: Option<Seconds>,
    #[command(flatten)]
    with: With,
}

/// End a pause, or the stop of an environment.
#[derive(Debug, Args)]
#[command(after_help = format!("\
Examples:
  headroom resume prod-eu web
  headroom resume prod-eu web --remedy slow
  headroom resume prod-eu                  ends its stop, too

{NEEDS}"))]
pub(crate) struct Resume {
    #[command(flatten)]
    what: What,
    #[command(flatten)]
    with: With,
}

/// Make no call that changes AWS in an environment, restores included, until it is resumed.
///
/// It takes hold with the next plan: what is under way finishes within 30 s. Raised bounds stay raised: `headroom pause`
/// is what you want unless Headroom itself does harm.
#[derive(Debug, Args)]
#[command(after_help = format!("\
Examples:
  headroom stop prod-eu
  headroom resume prod-eu

{NEEDS}"))]
pub(crate) struct Stop {
    /// Environment, as the fleet file names it
    environment: String,
    #[command(flatten)]
    with: With,
}

#[derive(Debug, Args)]
struct What {
    /// Environment, as the fleet file names it
    environment: String,
    /// Service, as the fleet file names it; left out: all of them
    service: Option<String>,
    /// One remedy only
    #[arg(long, value_name = "NAME")]
    remedy: Option<String>,
}

impl Pause {
    /// Pauses.
    pub(crate) fn run(&self) -> Outcome {
        let scope = self.what.scope();
        let until = self.length.map(|length| after(now(), length));
        let end = until.map_or_else(|| "until somebody resumes it".to_owned(), |until| format!("until {until:.0}"));
        let plan = format!(
            "{scope}: nothing new begins {end}; what was granted is still given back, alarms are judged afterwards\n"
        );
        switched(&self.with, &Switch::Pause { scope, until }, &plan)
    }
}

impl Resume {
    /// Resumes.
    pub(crate) fn run(&self) -> Outcome {
        let scope = self.what.scope();
        let stop = if scope.is_all() { " and its stop" } else { "" };
        let plan =
            format!("{scope}: the pause of exactly this{stop} ends; deferred alarms are judged within minutes\n");
        switched(&self.with, &Switch::Resume { scope }, &plan)
    }
}

impl Stop {
    /// Stops.
    pub(crate) fn run(&self) -> Outcome {
        let environment = self.environment.clone();
        let plan = format!(
            "{environment}: no call changes AWS until somebody resumes it; raised bounds stay raised, and it is told every \
             15 minutes\n"
        );
        switched(&self.with, &Switch::Stop { environment }, &plan)
    }
}

impl What {
    fn scope(&self) -> Scope {
        let Self { environment, service, remedy } = self;
        Scope { environment: environment.clone(), service: service.clone(), remedy: remedy.clone() }
    }
}

fn switched(with: &With, what: &Switch, plan: &str) -> Outcome {
    done(with, what, plan).unwrap_or_else(|outcome| outcome)
}

fn done(with: &With, what: &Switch, plan: &str) -> Result<Outcome, Outcome> {
    let parsed = files::fleet(&with.fleet, None)?.map_err(|p| Outcome::no(files::problems(&p)))?;
    let region = named(&parsed.fleet, what)?;
    let by = with.change.name()?;
    with.change.confirmed(plan)?;
    let hand = with.table.hand(Some(&region))?;
    let done = hand.run(async |hands| switch(hands, what, &by).await);
    Ok(Outcome::done(match done.map_err(|f| Outcome::failed(format!("{f}\n")))? {
        Switched::Done(control) => format!("{what}: done\n{}", standing(what, &control)),
        Switched::Already(control) => format!("{what}: so already\n{}", standing(what, &control)),
    }))
}

/// What holds in the environment now.
fn standing(what: &Switch, control: &Control) -> String {
    let environment = what.environment();
    let mut out = String::new();
    if control.stopped {
        let by = control.stopped_by().map(|s| format!(" by {} at {:.0}", s.by, s.at)).unwrap_or_default();
        out.push_str(&format!("{environment} is stopped{by}\n"));
    }
    for pause in &control.pauses {
        let (service, remedy) = (pause.service.clone(), pause.remedy.clone());
        let scope = Scope { environment: environment.to_owned(), service, remedy };
        let end = pause.until.map_or_else(|| "until it is resumed".to_owned(), |until| format!("until {until:.0}"));
        out.push_str(&format!("{scope} is paused {end} by {}\n", pause.by));
    }
    out
}

/// The region of the environment; an unknown name is an error that lists the known ones.
fn named(fleet: &Fleet, what: &Switch) -> Result<String, Outcome> {
    let unknown = |what: &str, name: &str, known: Vec<&str>| {
        Outcome::failed(format!("no {what} {name} in the fleet file: {}\n", known.join(", ")))
    };
    let environment = what.environment();
    let found = fleet.environments.iter().find(|e| e.name == environment).ok_or_else(|| {
        unknown("environment", environment, fleet.environments.iter().map(|e| e.name.as_str()).collect())
    })?;
    let (Switch::Pause { scope, .. } | Switch::Resume { scope }) = what else { return Ok(found.region.clone()) };
    let all = || fleet.services.iter().filter(|s| s.environment == environment);
    let meant: Vec<_> = all().filter(|s| scope.service.as_ref().is_none_or(|name| *name == s.name)).collect();
    if let Some(service) = scope.service.as_ref().filter(|_| meant.is_empty()) {
        return Err(unknown("service", service, all().map(|s| s.name.as_str()).collect()));
    }
    if let Some(remedy) = &scope.remedy {
        let mut known: Vec<&str> = meant.iter().flat_map(|s| s.remedies.iter()).map(|r| r.name.as_str()).collect();
        known.sort_unstable();
        known.dedup();
        if !known.contains(&remedy.as_str()) {
            return Err(unknown("remedy", remedy, known));
        }
    }
    Ok(found.region.clone())
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;
    use headroom_aws::person::SWITCHING;

    use super::*;

    #[derive(clap::Parser)]
    struct Command {
        #[command(flatten)]
        pause: Pause,
    }

    fn run(args: &[&str]) -> Outcome {
        let fleet = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/langfuse/headroom.yaml");
        let all = ["x"].iter().chain(args).copied().chain(["--fleet", fleet, "--by", "ana", "--dry-run"]);
        Command::try_parse_from(all).expect("arguments").pause.run()
    }

    #[test]
    fn unknown_names_are_told_with_those_that_are_known() {
        for (args, words) in [
            (vec!["prod-ue"], "no environment prod-ue in the fleet file: staging, prod-eu"),
            (vec!["prod-eu", "wbe"], "no service wbe in the fleet file: web, "),
            (vec!["prod-eu", "web", "--remedy", "slwo"], "no remedy slwo in the fleet file: "),
        ] {
            let outcome = run(&args);
            assert!(outcome.code == 2 && outcome.err.contains(words), "{outcome:?}");
        }
    }

    #[test]
    fn a_dry_run_says_what_it_would_do_and_reads_nothing() {
        let outcome = run(&["prod-eu", "web", "--for", "2h"]);
        assert!(outcome.code == 0 && outcome.out.starts_with("prod-eu web: nothing new begins until "), "{outcome:?}");
        assert!(Command::try_parse_from(["x", "prod-eu", "--for", "soon"]).is_err());
    }

    #[test]
    fn every_permission_stands_in_the_help() {
        for action in SWITCHING {
            assert!(NEEDS.contains(&format!("\n  {action}\n")), "{action}");
        }
    }
}
