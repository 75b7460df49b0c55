//! `headroom stand-down`: give everything back and begin nothing new.

use std::collections::BTreeSet;

use clap::Args;
use headroom_aws::person::{Failure, Hand};
use headroom_core::fleet::{Fleet, Service};
use headroom_core::id::ServiceId;
use headroom_core::person::{Scope, Switch};
use headroom_pipeline::Journal as _;
use headroom_pipeline::person::{release, switch};
use jiff::Timestamp;

use super::{Outcome, lease};
use crate::ask::ChangeOptions;
use crate::place;
use crate::with::With;

/// End all leases, restore and verify every baseline, and refuse new grants: what comes before uninstalling.
///
/// Each environment is paused first, until `headroom resume`. Run it again until it exits 0: a service that scales in
/// slowly, or that a person holds, is left for the next run.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  headroom stand-down prod-eu --dry-run
  headroom stand-down prod-eu
  headroom stand-down                     every environment of the fleet file in this region

It needs the permissions that `headroom lease --help` lists.

Exit codes: 0 every service is at its baseline; 1 some are not yet, or nobody said yes; 2 AWS or a file cannot be read, or
nobody could be asked.")]
pub(crate) struct StandDown {
    /// Environment, as the fleet file names it; left out: all of them
    environment: Option<String>,
    #[command(flatten)]
    with: With,
}

impl StandDown {
    /// Gives everything back.
    pub(crate) fn run(&self) -> Outcome {
        self.done().unwrap_or_else(|outcome| outcome)
    }

    fn done(&self) -> Result<Outcome, Outcome> {
        let fleet = place::fleet(&self.with.fleet)?;
        let services = place::services(&fleet, self.environment.as_deref(), None)?;
        let by = self.with.change.name()?;
        let names: BTreeSet<&str> = services.iter().map(|s| s.environment.as_str()).collect();
        let list = names.iter().copied().collect::<Vec<_>>().join(", ");
        let plan = format!(
            "{list}: nothing new begins until somebody resumes it; every lease of {} services ends now, and their bounds go \
             back to the baseline\n",
            services.len()
        );
        self.with.change.confirmed(&plan)?;
        let (mut out, mut left) = (String::new(), 0);
        for environment in names {
            let here: Vec<&Service> = services.iter().copied().filter(|s| s.environment == environment).collect();
            let Some(first) = here.first() else { continue };
            let hand = self.with.table.hand(Some(&first.region))?;
            let failed = |f| Outcome::failed(format!("{f}\n"));
            let scope = Scope { environment: environment.to_owned(), service: None, remedy: None };
            let pause = Switch::Pause { scope, until: None };
            hand.run(async |hands| switch(hands, &pause, &by).await).map_err(failed)?;
            let mut known: Vec<(String, ServiceId)> = here.iter().map(|s| (s.label(), ServiceId::of(s))).collect();
            known.extend(gone(&hand, &fleet, first).map_err(failed)?);
            let ids: Vec<ServiceId> = known.iter().map(|(_, id)| id.clone()).collect();
            let states = hand.states(&ids).map_err(failed)?;
            for ((label, id), state) in known.iter().zip(states) {
                if state.service.kept.is_none() && state.service.live().next().is_none() {
                    continue;
                }
                let sources = state.service.live().map(|lease| lease.source.clone()).collect();
                let (line, back) = one(&hand, &fleet, (label, id), &sources, &by);
                out.push_str(&line);
                left += u32::from(!back);
            }
        }
        if left > 0 {
            let err = format!("{left} services are not at their baseline yet; run it again in a minute\n");
            return Ok(Outcome { out, err, code: 1 });
        }
        Ok(Outcome::done(format!("{out}{list}: every service is at its baseline\n")))
    }
}

/// Services of this environment that the table still remembers something of, and that the fleet file no longer names.
fn gone(hand: &Hand, fleet: &Fleet, beside: &Service) -> Result<Vec<(String, ServiceId)>, Failure> {
    // All that is kept is due at some time.
    let due = hand.run(async |hands| hands.due(Timestamp::MAX).await)?;
    let elsewhere = |id: &ServiceId| (&id.account, &id.region) != (&beside.account, &beside.region);
    let named = |id: &ServiceId| fleet.services.iter().any(|service| ServiceId::of(service) == *id);
    let ids: Vec<ServiceId> = due.services.into_iter().filter(|id| !elsewhere(id) && !named(id)).collect();
    let states = hand.states(&ids)?;
    let here = ids.into_iter().zip(states).filter(|(_, state)| state.service.environment == beside.environment);
    Ok(here.map(|(id, _)| (format!("{}/{} (not in the fleet file)", beside.environment, id.service), id)).collect())
}

/// One service; what fails there does not keep the others from being given back.
fn one(
    hand: &Hand,
    fleet: &Fleet,
    (label, id): (&str, &ServiceId),
    sources: &BTreeSet<String>,
    by: &str,
) -> (String, bool) {
    let owner = ChangeOptions::owner(by);
    match hand.run(async |hands| release(hands, fleet, id, sources, by, &owner).await) {
        Ok(Ok(done)) => (lease::told(label, &done), done.back),
        Ok(Err(why)) => (format!("{label}: not given back: {why}\n"), false),
        Err(failure) => (format!("{label}: {failure}\n"), false),
    }
}
