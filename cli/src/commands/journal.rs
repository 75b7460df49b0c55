//! `headroom journal`: what was decided, as a list and as a post-mortem's timeline.

use clap::{Args, Subcommand};
use headroom_core::entry::Entry;
use headroom_core::history::{Line, list, markdown};
use jiff::{SignedDuration, Timestamp};

use super::Outcome;
use crate::history::{NEEDS, TableOptions, decision_id};

/// Entries without --limit: a screen or two.
const LIMIT: usize = 100;
/// As long as an entry is kept.
const SINCE_DAYS_MAX: i64 = 90;

/// List what was decided, done and not done, from the journal's table.
///
/// One line per entry, newest last, times in UTC, counts at the end. Reads DynamoDB and changes nothing.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, after_help = format!("\
Examples:
  headroom journal                                        the last 24 hours
  headroom journal --since 7d --service prod-eu/web
  headroom journal --since 1h --json | jq 'select(.outcome == \"refuse\")'
  headroom journal export --markdown D-5H2WC > incident.md
  AWS_ENDPOINT_URL_DYNAMODB=http://127.0.0.1:4599 headroom journal      from a local stack

One entry in full: headroom explain D-5H2WC.

{NEEDS}

Exit codes: 0 listed, 2 it could not be read (the reason is printed)."))]
pub(crate) struct Journal {
    #[command(subcommand)]
    export: Option<Sub>,
    #[command(flatten)]
    list: List,
}

#[derive(Debug, Args)]
struct List {
    /// How far back: 30m, 24h, 7d, or since an instant, 2026-11-23T02:00:00Z; at most 90d
    #[arg(long, value_name = "LENGTH", default_value = "24h", value_parser = length_or_instant)]
    since: SignedDuration,
    /// Only this service, as the fleet file names it: ENVIRONMENT/NAME
    #[arg(long, value_name = "SERVICE")]
    service: Option<String>,
    /// At most so many, the newest
    #[arg(long, value_name = "N", default_value_t = LIMIT, value_parser = limit)]
    limit: usize,
    /// Print one JSON object per line
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    table: TableOptions,
}

#[derive(Debug, Subcommand)]
enum Sub {
    Export(Export),
}

/// Print an incident's timeline for a post-mortem.
///
/// The incident that the decision belongs to, from the first decision to the end of its capacity lease. Names,
/// numbers and times only: no account id, no ARN, no text of an alarm's reason. Where the fleet file says `redact: true`
/// for the environment, no words of AWS either, such as why a call failed.
#[derive(Debug, Args)]
#[command(after_help = format!("\
Examples:
  headroom journal export --markdown D-5H2WC > incident.md

{NEEDS}

Exit codes: 0 printed, 1 there is no such decision, 2 it could not be read (the reason is printed)."))]
struct Export {
    /// The decision: its incident is printed as Markdown
    #[arg(long, value_name = "ID")]
    markdown: String,
    #[command(flatten)]
    table: TableOptions,
}

impl Journal {
    /// Lists, or exports.
    pub(crate) fn run(&self) -> Outcome {
        let done = match &self.export {
            Some(Sub::Export(export)) => export.printed(),
            None => self.list.listed(),
        };
        done.unwrap_or_else(|outcome| outcome)
    }
}

impl List {
    fn listed(&self) -> Result<Outcome, Outcome> {
        let found = self.table.connect()?.list(self.since, self.service.as_deref(), self.limit)?;
        Ok(Outcome::done(if self.json { lines(&found.entries) } else { list(&found.entries, found.older) }))
    }
}

impl Export {
    fn printed(&self) -> Result<Outcome, Outcome> {
        let id = decision_id(&self.markdown)?;
        let known = self.table.connect()?.decision(&id)?;
        Ok(Outcome { err: known.others.clone(), ..Outcome::done(markdown(&known.incident())) })
    }
}

/// One JSON object per line.
fn lines(entries: &[Entry]) -> String {
    let line = |entry| serde_json::to_string(&Line::of(entry)).map(|json| json + "\n");
    entries.iter().filter_map(|entry| line(entry).ok()).collect()
}

/// Reads `30m`, `24h`, `7d`.
pub(super) fn length(text: &str) -> Result<SignedDuration, String> {
    let wrong = || format!("{text} is no length of time from 1m to {SINCE_DAYS_MAX}d: 30m, 24h or 7d");
    let unit = text.char_indices().next_back().ok_or_else(wrong)?;
    let seconds = match unit.1 {
        'm' => 60,
        'h' => 3_600,
        'd' => 86_400,
        _ => return Err(wrong()),
    };
    let number: i64 = text.get(..unit.0).and_then(|n| n.parse().ok()).filter(|n| *n > 0).ok_or_else(wrong)?;
    let length = number.checked_mul(seconds).filter(|s| *s <= SINCE_DAYS_MAX * 86_400).ok_or_else(wrong)?;
    Ok(SignedDuration::from_secs(length))
}

/// Reads a length, or an instant as the length since then.
fn length_or_instant(text: &str) -> Result<SignedDuration, String> {
    let Ok(instant) = text.parse::<Timestamp>() else { return length(text) };
    let ago = Timestamp::now().duration_since(instant);
    let fits = ago > SignedDuration::ZERO && ago <= SignedDuration::from_hours(SINCE_DAYS_MAX * 24);
    if fits { Ok(ago) } else { Err(format!("{text} does not lie within the last {SINCE_DAYS_MAX} days")) }
}

/// Reads a limit: nothing is no list, and a hundred thousand lines are a question for another tool.
fn limit(text: &str) -> Result<usize, String> {
    let wrong = || format!("{text} is no number from 1 to 100000");
    text.parse().ok().filter(|n| (1..=100_000).contains(n)).ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::{CommandFactory as _, Parser as _};

    #[derive(clap::Parser)]
    struct Command {
        #[command(flatten)]
        journal: Journal,
    }

    #[test]
    fn lengths_are_read_with_their_unit_and_have_a_limit() {
        for (text, seconds) in [("1m", 60), ("24h", 86_400), ("90d", 90 * 86_400)] {
            assert_eq!(length(text), Ok(SignedDuration::from_secs(seconds)), "{text}");
        }
        for text in ["", "24", "h", "0h", "-1h", "1.5h", "91d", "99999999999999999d", "1w", "24 h", "é"] {
            assert!(length(text).is_err(), "{text}");
        }
        let hour_ago = Timestamp::now().checked_sub(SignedDuration::from_hours(1)).unwrap();
        let read = length_or_instant(&format!("{hour_ago:.0}")).unwrap();
        assert!((3_599..=3_700).contains(&read.as_secs()), "{read}");
        assert_eq!(length_or_instant("2h"), length("2h"));
        for text in ["2001-01-01T00:00:00Z", "2999-01-01T00:00:00Z", "2026-11-23"] {
            assert!(length_or_instant(text).is_err(), "{text}");
        }
        assert!(limit("0").is_err() && limit("100001").is_err() && limit("x").is_err() && limit("1") == Ok(1));
    }

    #[test]
    fn every_permission_stands_in_the_help() {
        let mut command = Command::command();
        let export = command.find_subcommand_mut("export").expect("export").render_help().to_string();
        for help in [Command::command().render_help().to_string(), export] {
            for action in headroom_aws::history::ACTIONS {
                assert!(help.contains(&format!("\n  {action}\n")), "{action}: {help}");
            }
        }
    }

    #[test]
    fn listing_and_exporting_are_two_commands() {
        assert!(Command::try_parse_from(["x", "--since", "1h", "--service", "e/s", "--json"]).is_ok());
        assert!(Command::try_parse_from(["x", "export", "--markdown", "D-5H2WC"]).is_ok());
        assert!(Command::try_parse_from(["x", "export"]).is_err());
        assert!(Command::try_parse_from(["x", "--json", "export", "--markdown", "D-5H2WC"]).is_err());
    }

    #[test]
    fn what_is_no_id_is_told_before_anything_is_read() {
        let command = Command::try_parse_from(["x", "export", "--markdown", "prod"]).expect("parsed");
        let outcome = command.journal.run();
        assert!(outcome.code == 2 && outcome.err.contains("no decision id"), "{outcome:?}");
    }
}
