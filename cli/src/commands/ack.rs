//! `headroom ack`: stop repeats of a notice.

use clap::Args;
use headroom_pipeline::person::{Acked, ack, repeats};

use super::Outcome;
use crate::ask::ChangeOptions;
use crate::history::{TableOptions, decision_id};

/// Say that you have seen what a decision told: it is not told again in its incident.
///
/// Nothing else changes: leases go on, and what is new or over is still told. PagerDuty has its own acknowledgement.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  headroom ack D-R4N6T
  headroom ack D-R4N6T --by ana

It needs these permissions, on the table and its index `entries`:
  dynamodb:Query
  dynamodb:BatchGetItem
  dynamodb:GetItem
  dynamodb:PutItem

Exit codes: 0 done, or so already; 1 there is no such decision, or it told nothing; 2 AWS cannot be read, or nobody could
be asked.")]
pub(crate) struct Ack {
    /// The decision id of the notice, such as D-R4N6T
    #[arg(value_name = "ID")]
    id: String,
    #[command(flatten)]
    change: ChangeOptions,
    #[command(flatten)]
    table: TableOptions,
}

impl Ack {
    /// Acknowledges.
    pub(crate) fn run(&self) -> Outcome {
        self.done().unwrap_or_else(|outcome| outcome)
    }

    fn done(&self) -> Result<Outcome, Outcome> {
        let id = decision_id(&self.id)?;
        let by = self.change.name()?;
        let entry = self.table.connect()?.decision(&id)?.entry;
        let told = repeats(&entry);
        if told.is_empty() {
            return Err(Outcome::no(format!("{id} {}: it told nothing that could be told again\n", entry.label)));
        }
        let lines = told.iter().map(|(incident, kinds)| {
            let kinds: Vec<&str> = kinds.iter().map(|kind| kind.name()).collect();
            format!("{incident}: not told again: {}\n", kinds.join(", "))
        });
        self.change.confirmed(&lines.collect::<String>())?;
        let hand = self.table.hand(Some(&entry.service.region))?;
        let acked = hand.run(async |hands| ack(hands, &entry, &by).await);
        let acked = acked.map_err(|f| Outcome::failed(format!("{f}\n")))?;
        Ok(Outcome::done(acked.iter().map(lines_of).collect()))
    }
}

fn lines_of(acked: &Acked) -> String {
    let line = |ack: &headroom_core::channel::Ack| {
        format!("{}: {} seen by {} at {:.0}\n", acked.incident, ack.kind.name(), ack.by, ack.at)
    };
    acked.acks.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;
    use headroom_aws::person::ACKING;

    use super::*;

    #[derive(clap::Parser)]
    struct Command {
        #[command(flatten)]
        _ack: Ack,
    }

    #[test]
    fn every_permission_stands_in_the_help() {
        let help = Command::command().render_help().to_string();
        for action in ACKING {
            assert!(help.contains(&format!("\n  {action}\n")), "{action}: {help}");
        }
    }
}
