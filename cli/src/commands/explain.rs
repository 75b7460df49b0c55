//! `headroom explain`: why would it act on this event, or not; and why did it?

use std::path::{Path, PathBuf};

use clap::Args;
use headroom_aws::person::see;
use headroom_core::entry::Entry;
use headroom_core::explain;
use headroom_core::history::explained;
use headroom_core::id::DecisionId;
use headroom_core::seen::{Question, Seen};
use headroom_core::signal::{AlarmEvent, Signal, decode};
use headroom_core::time::{Seconds, after};
use jiff::Timestamp;
use serde::de::DeserializeOwned;

use super::Outcome;
use crate::files;
use crate::history::{TableOptions, decision_id, now};
use crate::prices::PriceOptions;

/// Explain a decision with every number: one that was made, or what would be decided about an event.
///
/// D-5H2WC: read from the journal's table, exactly as it was decided, with what happened after.
///
/// A file with an event: judged by the fleet file and by what is seen, from a file (--seen) or from AWS now (--live).
/// Nothing is changed, and no earlier lease or cooldown is assumed.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  headroom explain D-5H2WC                     also: headroom why D-5H2WC
  headroom explain alarm.json --seen seen.json
  headroom explain alarm.json --seen seen.json --short
  headroom explain alarm.json --seen seen.json --now 2026-11-23T02:31:00Z   as if it came later
  headroom explain alarm.json --live --profile prod

A decision needs these permissions, on the table and its index `entries`:
  dynamodb:Query
  dynamodb:BatchGetItem
--live needs these:
  ecs:DescribeServices
  ecs:ListTasks
  ecs:DescribeTasks
  ecs:GetTaskProtection
  application-autoscaling:DescribeScalableTargets
  application-autoscaling:DescribeScalingPolicies
  cloudwatch:GetMetricData
  cloudwatch:DescribeAlarms

Exit codes: 0 explained, 1 the event wakes nothing here or there is no such decision, 2 a file or AWS cannot be read.")]
pub(crate) struct Explain {
    /// A decision id such as D-5H2WC, or a file with the event as EventBridge delivers it, JSON
    #[arg(value_name = "ID or EVENT")]
    what: String,
    /// What was seen in AWS, JSON
    #[arg(long, conflicts_with = "live")]
    seen: Option<PathBuf>,
    /// Read from AWS now what must be seen, with your own credentials
    #[arg(long)]
    live: bool,
    /// The fleet file, for an event
    #[arg(long, default_value = "headroom.yaml")]
    fleet: PathBuf,
    /// When it is judged; left out: one second after the alarm's transition, with --live the present
    #[arg(long)]
    now: Option<Timestamp>,
    /// Five lines
    #[arg(long, conflicts_with = "json")]
    short: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    prices: PriceOptions,
    #[command(flatten)]
    table: TableOptions,
}

impl Explain {
    /// Explains.
    pub(crate) fn run(&self) -> Outcome {
        // A file of that name is meant.
        let is_id = self.what.to_ascii_uppercase().starts_with("D-") && !Path::new(&self.what).exists();
        let explained = if is_id { decision_id(&self.what).and_then(|id| self.recorded(&id)) } else { self.judged() };
        explained.unwrap_or_else(|outcome| outcome)
    }

    /// A decision of the journal.
    fn recorded(&self, id: &DecisionId) -> Result<Outcome, Outcome> {
        let for_an_event = [("--seen", self.seen.is_some()), ("--live", self.live), ("--now", self.now.is_some())];
        if let Some((option, _)) = for_an_event.into_iter().find(|(_, given)| *given) {
            return Err(Outcome::failed(format!("{option} is for an event; {id} is explained as it was decided\n")));
        }
        let known = self.table.connect()?.decision(id)?;
        let incident = known.incident();
        let out = match (self.json, self.short) {
            (true, _) => {
                let after: Vec<&Entry> = incident.after(&known.entry).collect();
                format!("{:#}\n", serde_json::json!({ "entry": known.entry, "after": after }))
            }
            (false, true) => explain::short(&known.entry),
            (false, false) => explained(&known.entry, &incident),
        };
        Ok(Outcome { err: known.others.clone(), ..Outcome::done(out) })
    }

    /// An event, by what a file or AWS says.
    fn judged(&self) -> Result<Outcome, Outcome> {
        let file = Path::new(&self.what);
        let mut parsed = files::fleet(&self.fleet, None)?.map_err(|p| Outcome::no(files::problems(&p)))?;
        self.prices.apply(&mut parsed.fleet)?;
        let event = event(file)?;
        let seen: Option<Seen> = self.seen.as_deref().map(read).transpose()?;
        if seen.is_none() && !self.live {
            let why = "what is seen is missing: --seen FILE gives it, --live reads it from AWS now";
            return Err(Outcome::failed(format!("{}: {why}\n", file.display())));
        }
        let at = self.now.unwrap_or_else(|| if self.live { now() } else { after(event.at, Seconds(1)) });
        let look = |question: &Question| match &seen {
            Some(seen) => Ok(seen.clone()),
            None => see(&self.table.caller.caller(), question).map_err(|f| Outcome::failed(format!("{f}\n"))),
        };
        let entry = explain::judged(&parsed.fleet, &event, at, look)
            .map_err(|why| Outcome::no(format!("unmatched: {why}\n")))??;
        Ok(Outcome::done(match (self.json, self.short) {
            (true, _) => {
                let (decision, judgement) = (&entry.decision, &entry.judgement);
                format!("{:#}\n", serde_json::json!({ "decision": decision, "judgement": judgement }))
            }
            (false, true) => explain::short(&entry),
            (false, false) => explain::long(&entry),
        }))
    }
}

/// The alarm of a file.
fn event(file: &Path) -> Result<Box<AlarmEvent>, Outcome> {
    let json: serde_json::Value = read(file)?;
    let no = |why: String| Outcome::no(format!("{}: {why}\n", file.display()));
    let signal = decode(&json).map_err(|why| no(why.to_string()))?;
    let (Signal::Alarm(event) | Signal::Contributor(event)) = signal else {
        return Err(no(format!("{}: nothing is decided on it yet", signal.name())));
    };
    Ok(event)
}

fn read<T: DeserializeOwned>(path: &Path) -> Result<T, Outcome> {
    let failed = |why: String| Outcome::failed(format!("{}: {why}\n", path.display()));
    let text = std::fs::read_to_string(path).map_err(|e| failed(e.to_string()))?;
    serde_json::from_str(&text).map_err(|e| failed(e.to_string()))
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory as _, Parser as _};

    use super::*;

    #[derive(clap::Parser)]
    struct Command {
        #[command(flatten)]
        explain: Explain,
    }

    fn run(arguments: &[&str]) -> Outcome {
        Command::try_parse_from([&["x"], arguments].concat()).expect("parsed").explain.run()
    }

    #[test]
    fn every_permission_stands_in_the_help() {
        let help = Command::command().render_help().to_string();
        for action in headroom_aws::history::ACTIONS.iter().chain(&headroom_aws::person::ACTIONS) {
            assert!(help.contains(&format!("\n  {action}\n")), "{action}: {help}");
        }
    }

    #[test]
    fn a_file_and_aws_are_not_both_what_is_seen() {
        let error =
            Command::try_parse_from(["x", "alarm.json", "--seen", "seen.json", "--live"]).err().expect("refused");
        assert!(error.to_string().contains("'--seen <SEEN>' cannot be used with '--live'"), "{error}");
    }

    #[test]
    fn what_belongs_to_an_event_is_refused_beside_a_decision() {
        for option in [["--seen", "x"].as_slice(), &["--live"], &["--now", "2026-11-23T02:31:00Z"]] {
            let outcome = run(&[&["D-5H2WC"], option].concat());
            assert!(outcome.code == 2 && outcome.err.contains("as it was decided"), "{outcome:?}");
        }
    }

    #[test]
    fn an_id_of_the_wrong_length_is_no_file() {
        let outcome = run(&["D-5H2WCC"]);
        assert!(outcome.code == 2 && outcome.err.contains("no decision id"), "{outcome:?}");
    }

    #[test]
    fn an_event_without_what_is_seen_says_how_to_give_it() {
        let root = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
        let event = format!("{root}/tests/fixtures/alarms/cpu_high.json");
        let fleet = format!("{root}/examples/langfuse/headroom.yaml");
        let outcome = run(&[&event, "--fleet", &fleet]);
        assert!(
            outcome.code == 2 && outcome.err.contains("--seen FILE") && outcome.err.contains("--live"),
            "{outcome:?}"
        );
    }
}
