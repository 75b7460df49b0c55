//! `headroom explain`: why would it act on this event, or not?

use std::path::{Path, PathBuf};

use clap::Args;
use headroom_core::explain;
use headroom_core::seen::Seen;
use headroom_core::signal::{Signal, decode};
use headroom_core::time::{Seconds, after};
use jiff::Timestamp;
use serde::de::DeserializeOwned;

use super::Outcome;
use crate::files;

/// Explain what Headroom would do about an event, with every number.
///
/// Judged offline: from the event, the fleet file, and a file of what was seen. Nothing in AWS is read or
/// changed, and no earlier lease or cooldown is assumed.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  headroom explain alarm.json --seen seen.json
  headroom explain alarm.json --seen seen.json --short
  headroom explain alarm.json --seen seen.json --now 2026-11-23T02:31:00Z   as if it came later

Exit codes: 0 explained, 1 the event wakes nothing here, 2 a file cannot be read.")]
pub(crate) struct Explain {
    /// The event as EventBridge delivers it, JSON
    event: PathBuf,
    /// What was seen in AWS, JSON
    #[arg(long)]
    seen: PathBuf,
    /// The fleet file
    #[arg(long, default_value = "headroom.yaml")]
    fleet: PathBuf,
    /// When it is judged; one second after the alarm's transition when left out
    #[arg(long)]
    now: Option<Timestamp>,
    /// Five lines
    #[arg(long, conflicts_with = "json")]
    short: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Explain {
    /// Explains.
    pub(crate) fn run(&self) -> Outcome {
        self.explained().unwrap_or_else(|outcome| outcome)
    }

    fn explained(&self) -> Result<Outcome, Outcome> {
        let parsed = files::fleet(&self.fleet, None)?.map_err(|p| Outcome::no(files::problems(&p)))?;
        let json: serde_json::Value = read(&self.event)?;
        let seen: Seen = read(&self.seen)?;
        let no = |why: String| Outcome::no(format!("{}: {why}\n", self.event.display()));
        let signal = decode(&json).map_err(|why| no(why.to_string()))?;
        let (Signal::Alarm(event) | Signal::Contributor(event)) = signal else {
            return Err(no(format!("{}: nothing is decided on it yet", signal.name())));
        };
        let fleet = &parsed.fleet;
        let now = self.now.unwrap_or_else(|| after(event.at, Seconds(1)));
        let offline =
            explain::offline(fleet, &event, &seen, now).map_err(|why| Outcome::no(format!("unmatched: {why}\n")))?;
        Ok(Outcome::done(match (self.json, self.short) {
            (true, _) => {
                let (decision, judgement) = (&offline.decision, &offline.judgement);
                format!("{:#}\n", serde_json::json!({ "decision": decision, "judgement": judgement }))
            }
            (false, true) => explain::short(&offline),
            (false, false) => explain::long(&offline),
        }))
    }
}

fn read<T: DeserializeOwned>(path: &Path) -> Result<T, Outcome> {
    let failed = |why: String| Outcome::failed(format!("{}: {why}\n", path.display()));
    let text = std::fs::read_to_string(path).map_err(|e| failed(e.to_string()))?;
    serde_json::from_str(&text).map_err(|e| failed(e.to_string()))
}
