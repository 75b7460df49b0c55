//! `headroom apply`: say yes to a suggestion.

use clap::Args;
use headroom_aws::person::Hand;
use headroom_core::entry::Status;
use headroom_core::explain;
use headroom_core::person::NotApplied;
use headroom_pipeline::person::{Applied, apply, offer};

use super::Outcome;
use crate::ask::ChangeOptions;
use crate::files;
use crate::history::decision_id;
use crate::with::With;

/// Say yes to a suggestion of the last half hour, with your own credentials.
///
/// Everything is read and decided again, by the same guards. It is carried out only if the plan is still the one that
/// was proposed; else what differs is printed, and nothing is done. It is journaled under the same id, with your name.
/// Twice is once: the second run says who was first, and finishes what a crash left.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  headroom apply D-7QK2M --dry-run      what it would do now
  headroom apply D-7QK2M                asks, then does it
  headroom apply D-7QK2M --yes

A lease of it is given back by the reconciler, whose role must be allowed to change bounds in that environment.
A suggested rollback is carried out by `headroom rollback`.

It needs these permissions, on the table and its indexes:
  dynamodb:BatchGetItem
  dynamodb:Query
  dynamodb:PutItem
  dynamodb:UpdateItem
  dynamodb:ConditionCheckItem
to look again:
  ecs:DescribeServices
  ecs:ListTasks
  ecs:DescribeTasks
  ecs:GetTaskProtection
  application-autoscaling:DescribeScalableTargets
  application-autoscaling:DescribeScalingPolicies
  cloudwatch:GetMetricData
  cloudwatch:DescribeAlarms
to look again at a service that is at its max:
  application-autoscaling:DescribeScalingActivities
and what the plan says of:
  application-autoscaling:RegisterScalableTarget
  ecs:UpdateService
  ecs:StopTask

Exit codes: 0 done, before or now, or what would be done; 1 not done, for the reason that is printed; 2 AWS or a file
cannot be read, or nobody could be asked.")]
pub(crate) struct Apply {
    /// The decision id of the suggestion, such as D-7QK2M
    #[arg(value_name = "ID")]
    id: String,
    #[command(flatten)]
    with: With,
}

impl Apply {
    /// Says yes.
    pub(crate) fn run(&self) -> Outcome {
        self.applied().unwrap_or_else(|outcome| outcome)
    }

    fn applied(&self) -> Result<Outcome, Outcome> {
        let id = decision_id(&self.id)?;
        let by = self.with.change.name()?;
        let parsed = files::fleet(&self.with.fleet, None)?.map_err(|p| Outcome::no(files::problems(&p)))?;
        let entry = self.with.table.connect()?.decision(&id)?.entry;
        let label = entry.label.clone();
        let hand = self.with.table.hand(Some(&entry.service.region))?;
        let (fleet, key) = (&parsed.fleet, &entry.key);
        let refused = |why: NotApplied| Outcome::no(format!("{id} {label}: not done: {why}\n{}", way_on(&why)));
        if entry.accepted.is_none() {
            let offer = run(&hand, async |hands| offer(hands, fleet, key, &by).await)?.map_err(refused)?;
            self.with.change.confirmed(&explain::short(&offer.entry))?;
        }
        let owner = ChangeOptions::owner(&by);
        let done = run(&hand, async |hands| apply(hands, fleet, key, &by, &owner).await)?.map_err(refused)?;
        Ok(Outcome::done(match done {
            Applied::Now(status) => format!("{id} {label}: {}; headroom explain {id} follows it\n", became(status)),
            Applied::Before(yes, status) => {
                format!("{id} {label}: accepted by {} at {:.0}, {}\n", yes.by, yes.at, became(status))
            }
        }))
    }
}

fn run<T>(
    hand: &Hand,
    flow: impl AsyncFnOnce(&headroom_aws::person::Hands<'_>) -> Result<T, headroom_pipeline::PortError>,
) -> Result<T, Outcome> {
    hand.run(flow).map_err(|failure| Outcome::failed(format!("{failure}\n")))
}

/// How far it has come, in words for the person who said yes.
fn became(status: Status) -> &'static str {
    match status {
        Status::Planned => "planned; another writer, the reconciler or the same command in a minute carries it out",
        Status::Acted => "done",
        Status::Failed => "AWS refused it",
        Status::Refused => "not done: what it expects was not there any more",
        Status::Deferred => "held back by a storm of alarms, and judged again in some minutes",
        Status::Observed | Status::Suggested | Status::Expired | Status::Resumed | Status::Noted | Status::Watching => {
            "left as it was"
        }
    }
}

/// What somebody can do who is told no.
fn way_on(why: &NotApplied) -> &'static str {
    match why {
        NotApplied::Differs(_) => "the suggestion stays open: once it is again what is needed, a yes carries it out\n",
        NotApplied::Stands(_) => "`headroom explain ID` says what each guard wants\n",
        NotApplied::NotThere
        | NotApplied::NotOpen { .. }
        | NotApplied::Rollback
        | NotApplied::Expired { .. }
        | NotApplied::LeftTheFleet
        | NotApplied::Observes
        | NotApplied::Overridden
        | NotApplied::Contended => "",
    }
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory as _, Parser as _};
    use headroom_aws::person::{ACTIONS, AT_MAX, CHANGING, REMEMBERING};

    use super::*;

    #[derive(clap::Parser)]
    struct Command {
        #[command(flatten)]
        apply: Apply,
    }

    #[test]
    fn every_permission_stands_in_the_help() {
        let help = Command::command().render_help().to_string();
        for action in REMEMBERING.iter().chain(&ACTIONS).chain(&AT_MAX).chain(&CHANGING) {
            assert!(help.contains(&format!("\n  {action}\n")), "{action}: {help}");
        }
    }

    #[test]
    fn what_is_no_decision_id_ends_before_anything_is_read() {
        let outcome = Command::try_parse_from(["x", "D-1"]).ok().map(|c| c.apply.run());
        assert!(matches!(outcome, Some(Outcome { code: 2, .. })), "{outcome:?}");
    }
}
