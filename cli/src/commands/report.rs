//! `headroom report`: what was done, or would have been, over days.

use std::path::PathBuf;

use clap::Args;
use headroom_aws::inventory::account_alarms;
use headroom_core::fleet::Fleet;
use headroom_core::report::{AlarmWakesNothing, markdown, quiet, report, text, wake_nothing};
use jiff::SignedDuration;

use super::Outcome;
use super::journal::length;
use crate::files;
use crate::history::{NEEDS, TableOptions};
use crate::prices::PriceOptions;
use crate::progress::Reporter;

/// More entries than a fleet's busiest month has; where there are more, the report says that it counts too few.
const ENTRIES_MAX: usize = 100_000;

/// Report what was done, and what would have been: the page on which a team decides to switch `act` on.
///
/// Per service and remedy: how often it acted, would have acted, waited, refused, helped; task-hours over the baseline
/// and their cost at list prices; refusals by reason; pages. With the fleet file also the remedies that nothing woke,
/// and with --alarms the account's alarms that wake no remedy. Reads, and changes nothing.
#[derive(Debug, Args)]
#[command(after_help = format!("\
Examples:
  headroom report                                         the last 7 days
  headroom report --since 30d --fleet headroom.yaml --alarms
  headroom report --markdown > report.md
  headroom report --json | jq '.total.would_usd'

What would have been done counts each case with one lease's length, as nobody knows how long the load would have
stayed. Task-hours of a lease are those over the baseline's min, also where Auto Scaling wanted the tasks anyway.
A raised max and a held scale-in count none: they start no task.

{NEEDS}
--alarms needs this one, too:
  cloudwatch:DescribeAlarms

Exit codes: 0 reported, 1 the fleet file has problems, 2 something could not be read (the reason is printed)."))]
pub(crate) struct Report {
    /// How far back: 24h, 7d; at most 90d
    #[arg(long, value_name = "LENGTH", default_value = "7d", value_parser = length)]
    since: SignedDuration,
    /// Only this service, as the fleet file names it: ENVIRONMENT/NAME
    #[arg(long, value_name = "SERVICE")]
    service: Option<String>,
    /// The fleet file: says which of its remedies nothing woke
    #[arg(long, value_name = "FILE")]
    fleet: Option<PathBuf>,
    /// Read the alarms of the account and region, and say which of them wake no remedy
    #[arg(long, requires = "fleet", conflicts_with = "service")]
    alarms: bool,
    /// Print Markdown
    #[arg(long, conflicts_with = "json")]
    markdown: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    prices: PriceOptions,
    #[command(flatten)]
    table: TableOptions,
}

impl Report {
    /// Reports.
    pub(crate) fn run(&self) -> Outcome {
        self.reported().unwrap_or_else(|outcome| outcome)
    }

    fn reported(&self) -> Result<Outcome, Outcome> {
        let fleet = self.fleet()?;
        if self.prices.prices.is_some() && fleet.is_none() {
            let words = "--prices needs the fleet file, which says how large tasks are: --fleet headroom.yaml\n";
            return Err(Outcome::failed(words.to_owned()));
        }
        let journal = self.table.connect()?;
        let mut found = journal.list(self.since, self.service.as_deref(), ENTRIES_MAX)?;
        if let Some(fleet) = &fleet {
            self.prices.reprice(fleet, &mut found.entries);
        }
        let since = journal.now.checked_sub(self.since).unwrap_or(journal.now);
        let mut report = report(&found.entries, found.older, since, journal.now);
        if let Some(fleet) = &fleet {
            report.quiet = Some(quiet(fleet, &report));
            report.alarms = if self.alarms { Some(self.unwatched(fleet)?) } else { None };
        }
        let out = match (self.json, self.markdown) {
            (true, _) => serde_json::to_string_pretty(&report)
                .map(|json| json + "\n")
                .map_err(|error| Outcome::failed(format!("{error}\n")))?,
            (false, true) => markdown(&report),
            (false, false) => text(&report),
        };
        Ok(Outcome::done(out))
    }

    /// The fleet file, cut down to the service that is asked for.
    fn fleet(&self) -> Result<Option<Fleet>, Outcome> {
        let Some(file) = &self.fleet else { return Ok(None) };
        let mut fleet = files::fleet(file, None)?.map_err(|p| Outcome::no(files::problems(&p)))?.fleet;
        self.prices.apply(&mut fleet)?;
        if let Some(wanted) = &self.service {
            let known = || fleet.services.iter().map(|s| s.label()).collect::<Vec<_>>().join(", ");
            if !fleet.services.iter().any(|s| s.label() == *wanted) {
                return Err(Outcome::failed(format!("no service {wanted} in {}: {}\n", file.display(), known())));
            }
            fleet.services.retain(|s| s.label() == *wanted);
        }
        Ok(Some(fleet))
    }

    fn unwatched(&self, fleet: &Fleet) -> Result<Vec<AlarmWakesNothing>, Outcome> {
        let progress = Reporter::new();
        let found = account_alarms(&self.table.caller.caller(), &|made| progress.told(made))
            .map_err(|failure| Outcome::failed(format!("{failure}\n")))?;
        let account = found.account.unwrap_or_default();
        Ok(wake_nothing(fleet, &account, &found.region, &found.alarms))
    }
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory as _, Parser as _};

    use super::*;

    #[derive(clap::Parser)]
    struct Command {
        #[command(flatten)]
        report: Report,
    }

    #[test]
    fn every_permission_stands_in_the_help() {
        let help = Command::command().render_help().to_string();
        for action in headroom_aws::history::ACTIONS.iter().chain(&headroom_aws::inventory::ALARM_ACTIONS) {
            assert!(help.contains(&format!("\n  {action}\n")), "{action}: {help}");
        }
    }

    #[test]
    fn alarms_are_judged_by_a_fleet_file_and_one_form_is_printed() {
        assert!(Command::try_parse_from(["x", "--alarms"]).is_err());
        assert!(Command::try_parse_from(["x", "--alarms", "--fleet", "f.yaml", "--json"]).is_ok());
        assert!(Command::try_parse_from(["x", "--markdown", "--json"]).is_err());
    }

    #[test]
    fn a_fleet_file_that_is_not_there_is_told_before_anything_is_read() {
        let outcome = Command::try_parse_from(["x", "--fleet", "/none.yaml"]).expect("parsed").report.run();
        assert!(outcome.code == 2 && outcome.err.contains("cannot read /none.yaml"), "{outcome:?}");
    }
}
