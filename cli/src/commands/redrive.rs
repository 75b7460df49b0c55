//! `headroom redrive`: dead letters, shown and sent again.

use std::collections::BTreeMap;

use clap::Args;
use headroom_aws::person::{DEAD_LETTERS, Hand, Held, Letters, see};
use headroom_core::decoded::tell;
use headroom_core::explain;
use headroom_core::fleet::Fleet;
use headroom_core::redrive::{Opened, Way};
use headroom_core::seen::Question;
use headroom_core::signal::{AlarmEvent, Signal};
use headroom_pipeline::{Journal as _, Keys};

use super::Outcome;
use crate::history::now;
use crate::with::With;
use crate::{installed, place};

/// Letters of one run: what a person reads before a yes.
const LETTERS_MAX: usize = 50;

/// Show what was given up, what it would come to now, and send it again to whom missed it.
///
/// An event goes to its function as one that comes again: it is judged by the present state, and what was decided before is
/// not decided twice. A notice goes to its queue: what a channel shows already is not said twice. The minute of a schedule is
/// dropped, for the next one has done its work. Each letter is deleted only once it is sent.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  headroom redrive prod-eu --dry-run      shows them
  headroom redrive prod-eu                shows them and asks

It needs these permissions; on the queue headroom-dead-letters:
  sqs:GetQueueUrl
  sqs:GetQueueAttributes
  sqs:ReceiveMessage
  sqs:ChangeMessageVisibility
  sqs:DeleteMessage
on the queue headroom-notices:
  sqs:GetQueueUrl
  sqs:SendMessage
on the functions:
  lambda:InvokeFunction
on the table:
  dynamodb:BatchGetItem
and to look, those of `headroom explain --live`; what cannot be read is told, and stops nothing.

Exit codes: 0 sent, none there, or what would be sent; 1 some are left, for the reason that is printed, or nobody said yes; 2
AWS or a file cannot be read, or nobody could be asked.")]
pub(crate) struct Redrive {
    /// Environment, as the fleet file names it: its Region is looked at; left out: AWS_REGION, or the profile's
    environment: Option<String>,
    /// The queue of dead letters
    #[arg(long, value_name = "NAME", default_value = DEAD_LETTERS)]
    queue: String,
    #[command(flatten)]
    with: With,
}

/// What is looked at with.
struct Look<'a> {
    redrive: &'a Redrive,
    fleet: &'a Fleet,
    hand: Hand,
}

impl Redrive {
    /// Shows, asks, sends.
    pub(crate) fn run(&self) -> Outcome {
        self.done().unwrap_or_else(|outcome| outcome)
    }

    fn done(&self) -> Result<Outcome, Outcome> {
        let fleet = place::fleet(&self.with.fleet)?;
        let functions = installed::functions()?;
        let region = match &self.environment {
            None => None,
            Some(name) => place::services(&fleet, Some(name), None)?.first().map(|service| service.region.clone()),
        };
        let failed = |f| Outcome::failed(format!("{f}\n"));
        let caller = self.with.table.caller.caller();
        let letters = Letters::connect(&caller, region.as_deref(), &self.queue).map_err(failed)?;
        // Let go of while a person reads: nobody waits for them.
        let found = letters.receive(LETTERS_MAX).map_err(failed)?;
        found.iter().try_for_each(|held| letters.let_go(held)).map_err(failed)?;
        if found.is_empty() {
            return none(&letters);
        }
        let look = Look { redrive: self, fleet: &fleet, hand: self.with.table.hand(region.as_deref())? };
        let (mut plan, mut shown, mut unread) = (String::new(), BTreeMap::new(), String::new());
        for held in &found {
            match held.letter.opened(&functions) {
                Ok(opened) => {
                    plan.push_str(&look.lines(held, &opened));
                    shown.insert(held.letter.id.clone(), opened.way);
                }
                Err(why) => unread.push_str(&format!("left in {}: {why}\n", self.queue)),
            }
        }
        if shown.is_empty() {
            return Err(Outcome::no(unread));
        }
        let more = if found.len() == LETTERS_MAX { "; there may be more: run it again" } else { "" };
        plan.push_str(&format!("{unread}{} of {} go again{more}\n", shown.len(), found.len()));
        self.with.change.confirmed(&plan)?;
        let sent = sent(&letters, &shown)?;
        Ok(Outcome { err: format!("{unread}{}", sent.err), code: sent.code.max(u8::from(!unread.is_empty())), ..sent })
    }
}

/// Nothing is there, or somebody else has it.
fn none(letters: &Letters) -> Result<Outcome, Outcome> {
    match letters.elsewhere().map_err(|f| Outcome::failed(format!("{f}\n")))? {
        0 => Ok(Outcome::done("no dead letter\n".to_owned())),
        n => Err(Outcome::no(format!("{n} dead letters are in another run's hands; look again in a minute\n"))),
    }
}

/// Sends what was shown, and lets go of what came meanwhile.
fn sent(letters: &Letters, shown: &BTreeMap<String, Way>) -> Result<Outcome, Outcome> {
    let failed = |f| Outcome::failed(format!("{f}\n"));
    let (mut out, mut err, mut done) = (String::new(), String::new(), 0);
    for held in letters.receive(LETTERS_MAX).map_err(failed)? {
        let Some(way) = shown.get(&held.letter.id) else {
            letters.let_go(&held).map_err(failed)?;
            continue;
        };
        let id = &held.letter.id;
        // Killed between the two it is sent again: who gets it tells by its key that it is the same.
        match letters.send(&held, way).and_then(|()| letters.delete(&held)) {
            Ok(()) => {
                done += 1;
                out.push_str(&format!("{id}: {}\n", went(way)));
            }
            Err(why) => err.push_str(&format!("{id}: {why}\n")),
        }
    }
    let left = shown.len().saturating_sub(done);
    if left > 0 {
        err.push_str(&format!("{left} were not sent, or others have them; run it again in a minute\n"));
    }
    Ok(Outcome { out, err, code: u8::from(left > 0) })
}

fn went(way: &Way) -> String {
    match way {
        Way::Function { name, .. } => format!("sent to {name}"),
        Way::Notices => "sent to the queue of notices".to_owned(),
        Way::Passed => "dropped: its minute is over".to_owned(),
    }
}

impl Look<'_> {
    /// A letter, for a person.
    fn lines(&self, held: &Held, opened: &Opened) -> String {
        let sent = held.letter.sent.map_or_else(|| "at an unknown time".to_owned(), |at| format!("{at:.0}"));
        let mut out = format!("{sent}  {}\n", opened.what);
        if let Some(event) = opened.event.as_ref().filter(|_| opened.way != Way::Passed) {
            out.push_str(&format!("  event  {}\n", tell(event, Some(self.fleet))));
        }
        out.push_str(&format!("  died   {}\n  now    {}\n", opened.why, self.present(opened)));
        out
    }

    /// What it would come to now.
    fn present(&self, opened: &Opened) -> String {
        let Way::Function { name, .. } = &opened.way else {
            return match opened.way {
                Way::Notices => "told, where its channel does not show it yet".to_owned(),
                Way::Passed | Way::Function { .. } => "nothing to send: the next minute has done its work".to_owned(),
            };
        };
        match opened.event.as_ref().map(|received| &received.signal) {
            Some(Ok(Signal::Alarm(event) | Signal::Contributor(event))) => self.alarm(event),
            Some(Ok(signal)) => format!(
                "{name} looks at {} as it is then",
                signal.service().map_or_else(|| "it".to_owned(), |s| s.service.clone())
            ),
            Some(Err(why)) => format!("{name} does not read it, and gives it up again: {why}"),
            None => format!("{name} does not read it, and gives it up again"),
        }
    }

    fn alarm(&self, event: &AlarmEvent) -> String {
        let caller = self.redrive.with.table.caller.caller();
        let entry = match explain::at_present(self.fleet, event, now(), |question: &Question| see(&caller, question)) {
            Err(unmatched) => return format!("wakes nothing: {unmatched}"),
            Ok(Err(failure)) => return format!("unknown: {failure}"),
            Ok(Ok(entry)) => entry,
        };
        let keys = Keys { case: Some(entry.key.clone()), ..Keys::default() };
        let decided = match self.hand.run(async |hands| hands.load(&keys).await) {
            Ok(loaded) => loaded.entry,
            Err(failure) => return format!("unknown: {failure}"),
        };
        match decided {
            Some((known, _)) => {
                format!("in the journal already: {} ({}); nothing is done twice", known.decision, known.status.name())
            }
            None => explain::outcome(&entry).unwrap_or_else(|| "nothing is decided".to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory as _, Parser as _};
    use headroom_aws::person::{READING_LETTERS, REDRIVING};

    use super::*;

    #[derive(clap::Parser)]
    struct Command {
        #[command(flatten)]
        redrive: Redrive,
    }

    #[test]
    fn every_permission_stands_in_the_help() {
        let help = Command::command().render_help().to_string();
        for action in READING_LETTERS.iter().chain(&REDRIVING) {
            assert!(help.contains(&format!("\n  {action}\n")), "{action}: {help}");
        }
    }

    #[test]
    fn an_environment_that_the_fleet_file_does_not_name_ends_before_anything_is_read() {
        let fleet = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/langfuse/headroom.yaml");
        let parsed = Command::try_parse_from(["x", "prod-ue", "--fleet", fleet]).expect("arguments");
        let outcome = parsed.redrive.run();
        assert!(outcome.code == 2 && outcome.err.contains("no environment prod-ue"), "{outcome:?}");
    }
}
