//! The journal's table for the commands that read it.

use std::time::SystemTime;

use clap::Args;
use headroom_aws::history::{Reader, TABLE_DEFAULT};
use headroom_aws::person::Hand;
use headroom_core::entry::Entry;
use headroom_core::history::{Incident, typed};
use headroom_core::id::DecisionId;
use headroom_core::time::{Seconds, after};
use headroom_pipeline::{Decided, History as _, PortError, Wanted};
use jiff::{SignedDuration, Timestamp};

use crate::caller::CallerOptions;
use crate::commands::Outcome;

/// What the help of each of them ends with.
pub(crate) const NEEDS: &str = "\
It needs these permissions, on the table and its index `entries`:
  dynamodb:Query
  dynamodb:BatchGetItem

Credentials: the environment (AWS_ACCESS_KEY_ID ...), the AWS configuration files with their roles, a container's or
an instance's role. A profile with single sign-on or a credential process is read by the AWS CLI for it:
  eval \"$(aws configure export-credentials --profile P --format env)\"";
/// How long an entry is kept.
const KEPT: Seconds = Seconds(90 * 86_400);
/// A lease ends after a day at the latest (`hard_end` of the fleet file); entries of an incident are looked for
/// this long before and after one of it.
const INCIDENT: Seconds = Seconds(2 * 86_400);
/// Entries of one service in that time; more would be an incident that nobody reads as a list.
const INCIDENT_ENTRIES: usize = 2_000;

/// Which table, as whom.
#[derive(Debug, Clone, Args)]
pub(crate) struct TableOptions {
    /// The journal's table
    #[arg(long, value_name = "NAME", default_value = TABLE_DEFAULT, help_heading = "Reading AWS")]
    table: String,
    #[command(flatten)]
    pub(crate) caller: CallerOptions,
}

/// A connected reader, and now.
pub(crate) struct Journal {
    reader: Reader,
    pub(crate) now: Timestamp,
}

impl TableOptions {
    /// Finds credentials and region.
    pub(crate) fn connect(&self) -> Result<Journal, Outcome> {
        self.connect_in(None)
    }

    /// The same, in the region of an environment unless another one is asked for.
    pub(crate) fn connect_in(&self, region: Option<&str>) -> Result<Journal, Outcome> {
        let mut caller = self.caller.caller();
        caller.region = caller.region.or_else(|| region.map(str::to_owned));
        let reader = Reader::connect(&caller, &self.table).map_err(|f| Outcome::failed(format!("{f}\n")))?;
        Ok(Journal { reader, now: now() })
    }

    /// The same table, to change something in it and in AWS.
    pub(crate) fn hand(&self, region: Option<&str>) -> Result<Hand, Outcome> {
        Hand::connect(&self.caller.caller(), region, &self.table).map_err(|f| Outcome::failed(format!("{f}\n")))
    }
}

/// The present.
pub(crate) fn now() -> Timestamp {
    Timestamp::try_from(SystemTime::now()).unwrap_or(Timestamp::UNIX_EPOCH)
}

impl Journal {
    /// Entries since a time, newest last.
    pub(crate) fn list(
        &self,
        since: SignedDuration,
        service: Option<&str>,
        limit: usize,
    ) -> Result<headroom_pipeline::Found, Outcome> {
        let since = self.now.checked_sub(since).unwrap_or(Timestamp::MIN);
        let wanted = Wanted { since, until: Timestamp::MAX, service: service.map(str::to_owned), limit };
        self.reader.wait(self.reader.list(&wanted)).map_err(failed)
    }

    /// One decision and the entries around it.
    pub(crate) fn decision(&self, id: &DecisionId) -> Result<Known, Outcome> {
        let since = self.now.checked_sub(KEPT.duration()).unwrap_or(Timestamp::MIN);
        let decided = self.reader.wait(self.reader.decided(id, since)).map_err(failed)?;
        let mut entries = decided.entries.clone().into_iter();
        let Some(entry) = entries.next() else { return Err(Outcome::no(self.unknown(id, &decided))) };
        let others: String = entries
            .map(|e| format!("{id} is also {} of {} at {:.0}; the newest is shown\n", e.remedy, e.label, e.at))
            .collect();
        let wanted = Wanted {
            since: entry.at.checked_sub(INCIDENT.duration()).unwrap_or(Timestamp::MIN),
            until: after(entry.at, INCIDENT),
            service: Some(entry.label.clone()),
            limit: INCIDENT_ENTRIES,
        };
        let around = self.reader.wait(self.reader.list(&wanted)).map_err(failed)?;
        Ok(Known { entry, around: around.entries, others })
    }

    fn unknown(&self, id: &DecisionId, decided: &Decided) -> String {
        let mut text = format!("no decision {id} in the last 90 days of {}.", self.reader.table());
        if !decided.near.is_empty() {
            let near = decided.near.iter().map(|n| format!("{} ({:.0} {})", n.decision, n.at, n.service));
            text.push_str(&format!(" Near: {}.", near.collect::<Vec<_>>().join(", ")));
        }
        text.push_str(" `headroom journal` lists what is there; one made in this second may come late\n");
        text
    }
}

/// A decision that was found.
pub(crate) struct Known {
    /// The newest of its id.
    pub(crate) entry: Entry,
    around: Vec<Entry>,
    /// Others of the same id, for standard error.
    pub(crate) others: String,
}

impl Known {
    /// The incident that it belongs to.
    pub(crate) fn incident(&self) -> Incident<'_> {
        Incident::of(&self.entry, &self.around)
    }
}

/// Reads a decision id; what is none ends the command.
pub(crate) fn decision_id(text: &str) -> Result<DecisionId, Outcome> {
    typed(text).ok_or_else(|| {
        Outcome::failed(format!("{text} is no decision id: D- and five digits or letters, for example D-5H2WC\n"))
    })
}

/// The cause is the whole sentence.
fn failed(error: PortError) -> Outcome {
    Outcome::failed(format!("{}\n", error.cause))
}
