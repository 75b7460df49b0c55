//! `headroom lease`: see, take and end capacity leases.

use std::collections::BTreeSet;

use clap::{Args, Subcommand};
use headroom_core::capacity::{Claimed, Lease as CapacityLease, State};
use headroom_core::entry::Status;
use headroom_core::fleet::Service;
use headroom_core::id::{ServiceId, lease_id};
use headroom_core::notice::sentence;
use headroom_core::person::{Claim, Wish};
use headroom_core::price;
use headroom_core::time::Seconds;
use headroom_pipeline::person::{Granted, Released, grant, look, release, settled};

use super::Outcome;
use crate::ask::ChangeOptions;
use crate::length::length;
use crate::prices::PriceOptions;
use crate::with::{Listing, Place, With};
use crate::{place, table};

const NEEDS: &str = "\
Listing needs this permission, on the table:
  dynamodb:BatchGetItem
granting and releasing these too, on the table:
  dynamodb:Query
  dynamodb:PutItem
  dynamodb:UpdateItem
  dynamodb:ConditionCheckItem
and in the account of the service:
  ecs:DescribeServices
  application-autoscaling:DescribeScalableTargets
  application-autoscaling:DescribeScalingPolicies
  application-autoscaling:RegisterScalableTarget
  ecs:UpdateService

Exit codes: 0 done, or what would be done; 1 not done, for the reason that is printed; 2 AWS or a file cannot be read, or
nobody could be asked.";

/// See, take and end capacity leases: claims on capacity that end by themselves.
#[derive(Debug, Args)]
#[command(after_help = format!("\
Examples:
  headroom lease list
  headroom lease list prod-eu web
  headroom lease grant prod-eu web --floor 6 --for 2h     at least 6 tasks
  headroom lease grant prod-eu web --max 18 --for 2h      let Auto Scaling go to 18
  headroom lease grant prod-eu web --hold --for 30m       no scale-in
  headroom lease release prod-eu web L-8TM4R

An operator's lease is a lease like any other: within the ceiling, counted against the hour's limits, given back when its
time is over. The reconciler gives it back, and its role must be allowed to change bounds in that environment.

{NEEDS}"))]
pub(crate) struct Lease {
    #[command(subcommand)]
    sub: Sub,
}

#[derive(Debug, Subcommand)]
enum Sub {
    List(List),
    Grant(Grant),
    Release(Release),
}

/// List the living leases.
#[derive(Debug, Args)]
struct List {
    #[command(flatten)]
    listing: Listing,
}

/// Take capacity for a time.
#[derive(Debug, Args)]
struct Grant {
    #[command(flatten)]
    place: Place,
    #[command(flatten)]
    claim: Claims,
    /// How long: 30m, 2h, 1d
    #[arg(long = "for", value_name = "LENGTH", value_parser = length)]
    length: Seconds,
    #[command(flatten)]
    prices: PriceOptions,
    #[command(flatten)]
    with: With,
}

#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
struct Claims {
    /// At least so many tasks
    #[arg(long, value_name = "TASKS")]
    floor: Option<u32>,
    /// Let Auto Scaling go to so many tasks
    #[arg(long, value_name = "TASKS")]
    max: Option<u32>,
    /// Suspend scale-in
    #[arg(long)]
    hold: bool,
}

/// End a lease before its time, whoever asked for it.
#[derive(Debug, Args)]
struct Release {
    #[command(flatten)]
    place: Place,
    /// The lease, such as L-8TM4R
    #[arg(value_name = "LEASE")]
    lease: String,
    #[command(flatten)]
    with: With,
}

impl Lease {
    /// Runs what is asked.
    pub(crate) fn run(&self) -> Outcome {
        let done = match &self.sub {
            Sub::List(list) => list.listed(),
            Sub::Grant(grant) => grant.granted(),
            Sub::Release(release) => release.released(),
        };
        done.unwrap_or_else(|outcome| outcome)
    }
}

impl List {
    fn listed(&self) -> Result<Outcome, Outcome> {
        let fleet = self.listing.fleet()?;
        let mut found: Vec<(&Service, State)> = Vec::new();
        for (region, here) in self.listing.by_environment(&fleet)? {
            let ids: Vec<ServiceId> = here.iter().map(|s| ServiceId::of(s)).collect();
            let states = self.listing.table.hand(Some(region))?.states(&ids);
            found.extend(here.into_iter().zip(states.map_err(|f| Outcome::failed(format!("{f}\n")))?));
        }
        let living = found.iter().flat_map(|(service, state)| state.service.live().map(move |lease| (*service, lease)));
        Ok(Outcome::done(if self.listing.json { json(living) } else { lines(living) }))
    }
}

fn json<'a>(living: impl Iterator<Item = (&'a Service, &'a CapacityLease)>) -> String {
    let line = |(service, lease): (&Service, &CapacityLease)| {
        let (id, service) = (lease_id(&ServiceId::of(service), &lease.source), service.label());
        format!("{}\n", serde_json::json!({ "id": id, "service": service, "lease": lease }))
    };
    living.map(line).collect()
}

fn lines<'a>(living: impl Iterator<Item = (&'a Service, &'a CapacityLease)>) -> String {
    let rows: Vec<Vec<String>> = living
        .map(|(service, lease)| {
            vec![
                lease_id(&ServiceId::of(service), &lease.source),
                service.label(),
                claims(lease),
                lease.operator.clone().unwrap_or_else(|| lease.source.clone()),
                lease.case.decision().0,
                format!("{:.0}", lease.granted),
                format!("{:.0}", lease.until),
            ]
        })
        .collect();
    if rows.is_empty() {
        return "no lease lives: every service is at its baseline, or on its way there\n".to_owned();
    }
    table::render(&["LEASE", "SERVICE", "CLAIM", "FOR", "DECISION", "SINCE", "UNTIL"], &rows, &[])
}

/// What a lease claims, and whether somebody's change stands over it.
fn claims(lease: &CapacityLease) -> String {
    let claim = match Claimed::of(lease) {
        Claimed::Floor => format!("min {}", lease.floor.unwrap_or(0)),
        Claimed::Raise => format!("max {}", lease.raise.unwrap_or(0)),
        Claimed::Hold => "no scale-in".to_owned(),
    };
    if lease.is_overridden() { format!("{claim} (overridden)") } else { claim }
}

impl Grant {
    fn granted(&self) -> Result<Outcome, Outcome> {
        let mut fleet = place::fleet(&self.with.fleet)?;
        self.prices.apply(&mut fleet)?;
        let service = place::service(&fleet, &self.place.environment, &self.place.service)?;
        let by = self.with.change.name()?;
        let wish = Wish { claim: self.claim.claim(), length: self.length, by };
        let hand = self.with.table.hand(Some(&service.region))?;
        let failed = |f| Outcome::failed(format!("{f}\n"));
        let refused = |why| Outcome::no(format!("{}: not granted: {why}\n", service.label()));
        let would = hand.run(async |hands| look(hands, &fleet, service, &wish).await).map_err(failed)?;
        self.with.change.confirmed(&plan(service, &would.map_err(refused)?))?;
        let owner = ChangeOptions::owner(&wish.by);
        let done = hand.run(async |hands| grant(hands, &fleet, service, &wish, &owner).await).map_err(failed)?;
        let Granted { decision, entry, status, .. } = done.map_err(refused)?;
        let what = match (status, entry.changes.is_empty()) {
            (Status::Planned, _) => "planned; another writer carries it out".to_owned(),
            (_, true) => "granted; the bounds were there already".to_owned(),
            (_, false) => sentence(&entry.changes),
        };
        let label = service.label();
        Ok(Outcome::done(format!("{decision} {label}: {what}; take it back: headroom undo {decision}\n")))
    }
}

impl Claims {
    fn claim(&self) -> Claim {
        match (self.floor, self.max) {
            (Some(floor), _) => Claim::Floor(floor),
            (None, Some(max)) => Claim::Max(max),
            (None, None) => Claim::Hold,
        }
    }
}

/// What a person says yes to.
fn plan(service: &Service, would: &Granted) -> String {
    let Some(grant) = would.entry.judgement.as_ref().and_then(|j| j.decision.grant()) else { return String::new() };
    let (lease, found) = (&grant.lease, grant.expected);
    let usd = would.usd_hour.filter(|usd| *usd > 0.0);
    let cost = usd.zip(service.task.as_ref().map(price::source));
    let cost = cost.map(|(usd, source)| format!("; at most {usd:.2} USD/h ({source})")).unwrap_or_default();
    format!(
        "{}: {} until {:.0}, found {found}, ceiling {}{cost}\n",
        service.label(),
        claims(lease),
        lease.hard_end,
        grant.ceiling
    )
}

impl Release {
    fn released(&self) -> Result<Outcome, Outcome> {
        let fleet = place::fleet(&self.with.fleet)?;
        let service = place::service(&fleet, &self.place.environment, &self.place.service)?;
        let id = ServiceId::of(service);
        let by = self.with.change.name()?;
        let hand = self.with.table.hand(Some(&service.region))?;
        let failed = |f| Outcome::failed(format!("{f}\n"));
        let state = hand.states(std::slice::from_ref(&id)).map_err(failed)?.into_iter().next().unwrap_or_default();
        let asked = self.lease.trim().to_ascii_uppercase();
        // Who ended it may have died before the bounds were back.
        let meant = |lease: &&CapacityLease| lease.live() || !settled(&state.service);
        let found = state.service.leases.values().filter(meant).find(|lease| lease_id(&id, &lease.source) == asked);
        let Some(lease) = found else {
            let living: Vec<String> = state.service.live().map(|lease| lease_id(&id, &lease.source)).collect();
            let living = if living.is_empty() { "none lives".to_owned() } else { living.join(", ") };
            return Err(Outcome::no(format!("{}: no living lease {asked}: {living}\n", service.label())));
        };
        let what = if lease.live() { "ends now" } else { "has ended already; its bounds are brought back now" };
        let plan = format!("{}: {} of {} {what}\n", service.label(), claims(lease), lease.source);
        self.with.change.confirmed(&plan)?;
        let (sources, owner) = (BTreeSet::from([lease.source.clone()]), ChangeOptions::owner(&by));
        let done = hand.run(async |hands| release(hands, &fleet, &id, &sources, &by, &owner).await).map_err(failed)?;
        let done = done.map_err(|why| Outcome::no(format!("{}: not ended: {why}\n", service.label())))?;
        Ok(Outcome::done(told(&service.label(), &done)))
    }
}

/// What came of ending leases, for a person.
pub(super) fn told(label: &str, done: &Released) -> String {
    let ended = match &done.decision {
        Some(decision) => format!("{decision} {label}: ended {}", done.ended.join(", ")),
        None => format!("{label}: nothing to end"),
    };
    let back = if done.back { "bounds verified" } else { "the reconciler brings the bounds back in its next minutes" };
    format!("{ended}; {back}\n")
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;
    use headroom_aws::person::{CHANGING, REMEMBERING};

    use super::*;

    #[derive(clap::Parser)]
    struct Command {
        #[command(flatten)]
        lease: Lease,
    }

    #[test]
    fn every_permission_stands_in_the_help() {
        for action in REMEMBERING.iter().chain(&CHANGING).filter(|action| **action != "ecs:StopTask") {
            assert!(NEEDS.contains(&format!("\n  {action}\n")), "{action}");
        }
    }

    #[test]
    fn a_lease_claims_one_thing_for_a_time() {
        let parse =
            |args: &[&str]| Command::try_parse_from(["x", "grant", "prod-eu", "web"].iter().chain(args)).is_ok();
        assert!(parse(&["--floor", "6", "--for", "2h"]));
        assert!(parse(&["--hold", "--for", "30m"]));
        for wrong in [&["--floor", "6"][..], &["--for", "2h"], &["--floor", "6", "--max", "9", "--for", "2h"]] {
            assert!(!parse(wrong), "{wrong:?}");
        }
    }
}
