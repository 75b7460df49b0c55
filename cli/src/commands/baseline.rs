//! `headroom baseline`: what a service goes back to, and the fleet file's bounds in its place.

use clap::{Args, Subcommand};
use headroom_core::capacity::Bounds;
use headroom_core::fleet::{Fleet, Service};
use headroom_core::id::ServiceId;
use headroom_core::person::Rebased;
use headroom_core::seen::{Question, Reading, TargetSeen};
use headroom_pipeline::Ask as _;
use headroom_pipeline::person::{Yes, adopt, rebase};
use serde_json::json;

use super::Outcome;
use crate::ask::ChangeOptions;
use crate::with::{Listing, Place, With};
use crate::{place, table};

const NEEDS: &str = "\
Showing needs these permissions, on the table:
  dynamodb:BatchGetItem
and in the account of the services:
  ecs:DescribeServices
  application-autoscaling:DescribeScalableTargets
adopting and applying these too, on the table:
  dynamodb:Query
  dynamodb:PutItem
  dynamodb:UpdateItem
  dynamodb:ConditionCheckItem
and in the account of the service:
  application-autoscaling:RegisterScalableTarget
  ecs:UpdateService

Exit codes: 0 done, so already, or what would be done; 1 not done, or not verified yet, for the reason that is printed; 2 AWS
or a file cannot be read, or nobody could be asked.";

/// See what services go back to, and make the fleet file's bounds that.
///
/// The baseline is what was found when the first living lease began, or what somebody set since: a fleet file that changed
/// does not replace it by itself.
#[derive(Debug, Args)]
#[command(after_help = format!("\
Examples:
  headroom baseline show prod-eu
  headroom baseline adopt prod-eu web      the reconciler brings the bounds there in its next minutes
  headroom baseline apply prod-eu web      writes and verifies them now

Max is never written below what is desired, a living lease stays over it, and what a person holds is not moved.

{NEEDS}"))]
pub(crate) struct Baseline {
    #[command(subcommand)]
    sub: Sub,
}

#[derive(Debug, Subcommand)]
enum Sub {
    Show(Show),
    Adopt(Adopt),
    Apply(Apply),
}

/// Show what each service goes back to, what is found, and what the fleet file says.
#[derive(Debug, Args)]
struct Show {
    #[command(flatten)]
    listing: Listing,
}

/// Make the fleet file's bounds the baseline; the reconciler brings the bounds there.
#[derive(Debug, Args)]
struct Adopt {
    #[command(flatten)]
    of: Of,
}

/// Make the fleet file's bounds the baseline, write them now and verify them.
#[derive(Debug, Args)]
struct Apply {
    #[command(flatten)]
    of: Of,
}

#[derive(Debug, Args)]
struct Of {
    #[command(flatten)]
    place: Place,
    #[command(flatten)]
    with: With,
}

impl Baseline {
    /// Runs what is asked.
    pub(crate) fn run(&self) -> Outcome {
        let done = match &self.sub {
            Sub::Show(show) => show.shown(),
            Sub::Adopt(Adopt { of }) => of.done(false),
            Sub::Apply(Apply { of }) => of.done(true),
        };
        done.unwrap_or_else(|outcome| outcome)
    }
}

/// A service as it is shown.
struct Row<'a> {
    service: &'a Service,
    kept: Option<Bounds>,
    target: Reading<TargetSeen>,
    leases: usize,
}

impl Row<'_> {
    /// What it goes back to: what is kept, else what is found.
    fn baseline(&self) -> Option<Bounds> {
        self.kept.or_else(|| self.target.known().map(Bounds::of))
    }

    fn cells(&self) -> Vec<String> {
        let file = self.service.capacity;
        let words = |bounds: Option<Bounds>| bounds.map_or_else(|| self.target.why(), |b| b.to_string());
        let differs = self.baseline().is_some_and(|b| (b.min, b.max) != (file.min, file.max));
        vec![
            self.service.label(),
            words(self.baseline()),
            words(self.target.known().map(Bounds::of)),
            format!("{}..{}", file.min, file.max),
            self.leases.to_string(),
            if differs { "differs".to_owned() } else { String::new() },
        ]
    }

    fn json(&self) -> String {
        let file = self.service.capacity;
        let found = self.target.known().map(Bounds::of);
        let fleet_file = json!({ "min": file.min, "max": file.max });
        let (service, baseline, leases) = (self.service.label(), self.baseline(), self.leases);
        let object = json!({
            "service": service, "baseline": baseline, "found": found, "fleet_file": fleet_file, "leases": leases,
        });
        format!("{object}\n")
    }
}

impl Show {
    fn shown(&self) -> Result<Outcome, Outcome> {
        let fleet = self.listing.fleet()?;
        let mut rows = Vec::new();
        for (region, here) in self.listing.by_environment(&fleet)? {
            rows.extend(self.rows(region, &here)?);
        }
        if self.listing.json {
            return Ok(Outcome::done(rows.iter().map(Row::json).collect()));
        }
        let cells: Vec<Vec<String>> = rows.iter().map(Row::cells).collect();
        let header = ["SERVICE", "BASELINE", "FOUND", "FLEET FILE", "LEASES", ""];
        Ok(Outcome::done(table::render(&header, &cells, &[4])))
    }

    fn rows<'a>(&self, region: &str, services: &[&'a Service]) -> Result<Vec<Row<'a>>, Outcome> {
        let failed = |f| Outcome::failed(format!("{f}\n"));
        let hand = self.listing.table.hand(Some(region))?;
        let ids: Vec<ServiceId> = services.iter().map(|s| ServiceId::of(s)).collect();
        let states = hand.states(&ids).map_err(failed)?;
        let questions: Vec<Question> = ids.into_iter().map(Question::plain).collect();
        let seen = hand.run(async |hands| hands.ask(&questions).await).map_err(failed)?;
        let all = services.iter().zip(states).zip(seen);
        let row = |((service, state), seen): ((&&'a Service, headroom_core::capacity::State), _)| {
            let seen: headroom_core::seen::Seen = seen;
            let (kept, leases) = (state.service.kept.as_ref().map(|k| k.base()), state.service.live().count());
            Row { service, kept, target: seen.target, leases }
        };
        Ok(all.map(row).collect())
    }
}

impl Of {
    fn done(&self, at_once: bool) -> Result<Outcome, Outcome> {
        let fleet: Fleet = place::fleet(&self.with.fleet)?;
        let service = place::service(&fleet, &self.place.environment, &self.place.service)?;
        let label = service.label();
        let by = self.with.change.name()?;
        let hand = self.with.table.hand(Some(&service.region))?;
        let failed = |f| Outcome::failed(format!("{f}\n"));
        let refused = |why| Outcome::no(format!("{label}: not done: {why}\n"));
        let would = hand.run(async |hands| rebase(hands, &fleet, service).await).map_err(failed)?.map_err(refused)?;
        let already = "the fleet file's bounds are the baseline already";
        match &would {
            Some(would) => {
                let when = if at_once { "now" } else { "by the reconciler, in its next minutes" };
                let (from, to, found) = (would.from, would.to, would.found);
                let said = format!("{label}: baseline {from} -> {to}, as the fleet file says");
                self.with.change.confirmed(&format!("{said}; found {found}, written {when}\n"))?;
            }
            // Who was ended between the two halves may have left bounds that are not there yet.
            None if at_once => {
                let plan = format!("{label}: {already}; bounds are verified, and written where they differ\n");
                self.with.change.confirmed(&plan)?;
            }
            None => return Ok(Outcome::done(format!("{label}: {already}\n"))),
        }
        let owner = ChangeOptions::owner(&by);
        let yes = Yes { by: &by, owner: &owner, to: would.as_ref().map(Rebased::agreed) };
        let done = hand.run(async |hands| adopt(hands, &fleet, service, yes, at_once).await);
        let done = done.map_err(failed)?.map_err(refused)?;
        let what = match (&done.decision, &would) {
            (Some(decision), Some(would)) => format!("{decision} {label}: baseline {} -> {}", would.from, would.to),
            (Some(decision), None) => format!("{decision} {label}: the fleet file's bounds are the baseline"),
            (None, _) => format!("{label}: {already}"),
        };
        if done.back {
            return Ok(Outcome::done(format!("{what}; bounds verified\n")));
        }
        let out = format!("{what}; the reconciler brings the bounds there in its next minutes\n");
        Ok(Outcome { out, err: String::new(), code: u8::from(at_once) })
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;
    use headroom_aws::person::{CHANGING, REMEMBERING};

    use super::*;

    #[derive(clap::Parser)]
    struct Command {
        #[command(flatten)]
        baseline: Baseline,
    }

    #[test]
    fn every_permission_stands_in_the_help() {
        for action in REMEMBERING.iter().chain(&CHANGING).filter(|action| **action != "ecs:StopTask") {
            assert!(NEEDS.contains(&format!("\n  {action}\n")), "{action}");
        }
    }

    #[test]
    fn what_is_found_is_the_baseline_where_nothing_is_kept() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/langfuse/headroom.yaml");
        let fleet = place::fleet(std::path::Path::new(path)).expect("a fleet file");
        let service = place::service(&fleet, "prod-eu", "web").expect("a service");
        let bounds = |min, max| Bounds { min, max, scale_in_suspended: false };
        let target = Reading::Known(TargetSeen { min: 3, max: 12, suspended: Default::default(), by_desired: false });
        let row = Row { service, kept: None, target, leases: 0 };
        assert_eq!(row.cells(), ["prod-eu/web", "3..12", "3..12", "2..10", "0", "differs"]);
        let row = Row { kept: Some(bounds(2, 10)), leases: 1, ..row };
        assert_eq!(row.cells(), ["prod-eu/web", "2..10", "3..12", "2..10", "1", ""]);
        assert!(row.json().contains("\"fleet_file\":{\"max\":10,\"min\":2}"), "{}", row.json());
    }

    #[test]
    fn adopting_names_one_service() {
        assert!(Command::try_parse_from(["x", "show"]).is_ok());
        assert!(Command::try_parse_from(["x", "adopt", "prod-eu"]).is_err());
        let parsed = Command::try_parse_from(["x", "apply", "prod-eu", "web", "--dry-run"]);
        assert!(parsed.is_ok_and(|c| matches!(c.baseline.sub, Sub::Apply(_))));
    }
}
