//! `headroom stand-down`: give everything back and begin nothing new.

use std::collections::BTreeSet;

use clap::Args;
use headroom_aws::person::Hand;
use headroom_core::capacity::State;
use headroom_core::fleet::{Fleet, Service};
use headroom_core::id::ServiceId;
use headroom_core::person::{Scope, Switch};
use headroom_core::seen::Question;
use headroom_pipeline::person::{release, switch};
use headroom_pipeline::{Ask as _, Journal as _};
use jiff::Timestamp;

use super::{Outcome, lease};
use crate::ask::ChangeOptions;
use crate::place;
use crate::with::With;

/// End all leases, restore and verify every baseline, and refuse new grants: what comes before uninstalling.
///
/// Each environment is paused first, until `headroom resume`. What is given back is what the table remembers, whether or
/// not the fleet file still names it. Run it again until it exits 0: a service that scales in slowly, or that a person
/// holds, is left for the next run.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  headroom stand-down prod-eu --dry-run
  headroom stand-down prod-eu
  headroom stand-down                     all that the tables remember, in each region of the fleet file
  headroom stand-down old-prod --region eu-west-2     an environment that left the fleet file

It needs the permissions that `headroom lease --help` lists.

Exit codes: 0 every service is at its baseline; 1 some are not yet, or cannot be seen, or nobody said yes; 2 AWS or a file cannot be read, or
nobody could be asked.")]
pub(crate) struct StandDown {
    /// Environment, as the fleet file or the table names it; left out: all of them
    environment: Option<String>,
    #[command(flatten)]
    with: With,
}

/// What one look at the index may leave behind is found by the next; more looks than that find nothing new.
const LOOKS: u32 = 10;

impl StandDown {
    /// Gives everything back.
    pub(crate) fn run(&self) -> Outcome {
        self.done().unwrap_or_else(|outcome| outcome)
    }

    fn done(&self) -> Result<Outcome, Outcome> {
        let fleet = place::fleet(&self.with.fleet)?;
        let by = self.with.change.name()?;
        let mut regions = Vec::new();
        for region in self.regions(&fleet) {
            regions.push(Region::read(self, &fleet, &region)?);
        }
        let names: BTreeSet<&str> = regions.iter().flat_map(|r| r.environments.iter().map(String::as_str)).collect();
        let unseen: String = regions.iter().flat_map(|region| &region.unseen).map(String::as_str).collect();
        if names.is_empty() {
            return Err(if unseen.is_empty() { self.unknown(&fleet) } else { Outcome::failed(unseen) });
        }
        let list = names.iter().copied().collect::<Vec<_>>().join(", ");
        self.with.change.confirmed(&plan(&list, &regions))?;
        let (mut out, mut left) = (String::new(), BTreeSet::new());
        for region in &regions {
            left.extend(region.stand_down(self, &fleet, &by, &mut out)?);
        }
        if !left.is_empty() {
            let left = left.into_iter().collect::<Vec<_>>().join(", ");
            let err = format!("{unseen}not at their baseline yet: {left}; run it again in a minute\n");
            return Ok(Outcome { out, err, code: 1 });
        }
        if !unseen.is_empty() {
            return Ok(Outcome { out, err: unseen, code: 1 });
        }
        Ok(Outcome::done(format!("{out}{list}: every service is at its baseline\n")))
    }

    fn means(&self, environment: &str) -> bool {
        self.environment.as_ref().is_none_or(|asked| asked == environment)
    }

    /// Each region has a table of its own.
    fn regions(&self, fleet: &Fleet) -> BTreeSet<String> {
        let regions = |wanted: &dyn Fn(&str) -> bool| {
            let all = fleet.environments.iter().filter(|e| wanted(&e.name));
            all.map(|e| e.region.clone()).collect::<BTreeSet<String>>()
        };
        let meant = regions(&|name| self.means(name));
        match self.with.table.caller.caller().region {
            Some(region) => BTreeSet::from([region]),
            // Only a table can know it.
            None if meant.is_empty() => regions(&|_| true),
            None => meant,
        }
    }

    fn unknown(&self, fleet: &Fleet) -> Outcome {
        let asked = self.environment.as_deref().unwrap_or("at all");
        let known: Vec<&str> = fleet.environments.iter().map(|e| e.name.as_str()).collect();
        let known = known.join(", ");
        Outcome::failed(format!("no environment {asked} in the fleet file ({known}), and the table remembers none\n"))
    }
}

/// A service that the table remembers something of.
struct Held {
    environment: String,
    label: String,
    id: ServiceId,
    sources: BTreeSet<String>,
}

/// One region: its table, and what is to be given back by it.
struct Region {
    hand: Hand,
    named: Vec<ServiceId>,
    environments: BTreeSet<String>,
    held: Vec<Held>,
    /// Environments of which these credentials see nothing: of another account, most likely.
    unseen: Vec<String>,
}

impl Region {
    fn read(asked: &StandDown, fleet: &Fleet, region: &str) -> Result<Self, Outcome> {
        let hand = asked.with.table.hand(Some(region))?;
        let here: Vec<&Service> =
            fleet.services.iter().filter(|s| s.region == region && asked.means(&s.environment)).collect();
        let named: Vec<ServiceId> = here.iter().map(|s| ServiceId::of(s)).collect();
        let held = held(asked, fleet, &hand, &named)?;
        let mut environments: BTreeSet<String> = held.iter().map(|held| held.environment.clone()).collect();
        environments.remove("");
        let unseen = seen(&hand, &here, &mut environments)?;
        Ok(Self { hand, named, environments, held, unseen })
    }

    /// Pauses, gives back until the table remembers nothing more that was not tried; what is left.
    fn stand_down(&self, asked: &StandDown, fleet: &Fleet, by: &str, out: &mut String) -> Result<Vec<String>, Outcome> {
        for environment in &self.environments {
            let scope = Scope { environment: environment.clone(), service: None, remedy: None };
            let pause = Switch::Pause { scope, until: None };
            let done = self.hand.run(async |hands| switch(hands, &pause, by).await);
            done.map_err(|f| Outcome::failed(format!("{f}\n")))?;
        }
        let mut tried: BTreeSet<ServiceId> = BTreeSet::new();
        for _ in 0..LOOKS {
            let found = held(asked, fleet, &self.hand, &self.named)?;
            let new: Vec<&Held> = found.iter().filter(|held| !tried.contains(&held.id)).collect();
            if new.is_empty() {
                return Ok(found.into_iter().map(|held| held.label).collect());
            }
            for held in new {
                out.push_str(&one(&self.hand, fleet, held, by));
                tried.insert(held.id.clone());
            }
        }
        Ok(held(asked, fleet, &self.hand, &self.named)?.into_iter().map(|held| held.label).collect())
    }
}

/// By the table, and not by names: what the fleet file named once, or under another environment, is found, too.
fn held(asked: &StandDown, fleet: &Fleet, hand: &Hand, named: &[ServiceId]) -> Result<Vec<Held>, Outcome> {
    let failed = |f| Outcome::failed(format!("{f}\n"));
    // All that is kept is due at some time. The index may be late; those that are named are read without it.
    let due = hand.run(async |hands| hands.due(Timestamp::MAX).await).map_err(failed)?;
    let ids: Vec<ServiceId> =
        due.services.into_iter().chain(named.iter().cloned()).collect::<BTreeSet<_>>().into_iter().collect();
    let states = hand.states(&ids).map_err(failed)?;
    let all = ids.into_iter().zip(states).map(|(id, state)| remembered(fleet, id, &state));
    Ok(all.flatten().filter(|held| asked.means(&held.environment)).collect())
}

fn remembered(fleet: &Fleet, id: ServiceId, state: &State) -> Option<Held> {
    let state = &state.service;
    if state.kept.is_none() && state.live().next().is_none() {
        return None;
    }
    let named = fleet.services.iter().find(|service| ServiceId::of(service) == id);
    let (environment, label) = match named {
        Some(service) => (service.environment.clone(), service.label()),
        None => (state.environment.clone(), format!("{}/{} (not in the fleet file)", state.environment, id.service)),
    };
    Some(Held { environment, label, id, sources: state.live().map(|lease| lease.source.clone()).collect() })
}

/// Adds environments of which a service is seen in the account that the fleet file says; a line for each of which neither
/// AWS nor the table knows anything: an empty table of another account must not pass for a fleet at its baseline.
fn seen(hand: &Hand, here: &[&Service], known: &mut BTreeSet<String>) -> Result<Vec<String>, Outcome> {
    let questions: Vec<Question> = here.iter().map(|s| Question::plain(ServiceId::of(s))).collect();
    let answers = hand.run(async |hands| hands.ask(&questions).await);
    let answers = answers.map_err(|f| Outcome::failed(format!("{f}\n")))?;
    for (service, seen) in here.iter().zip(&answers) {
        let account = seen.service.known().and_then(|found| found.arn.split(':').nth(4));
        if account == Some(service.account.as_str()) {
            known.insert(service.environment.clone());
        }
    }
    let others = here.iter().map(|s| (s.environment.as_str(), s.account.as_str())).filter(|(e, _)| !known.contains(*e));
    let line = |(environment, account): (&str, &str)| {
        format!("{environment}: none of its services is seen with these credentials; are they of account {account}?\n")
    };
    Ok(others.collect::<BTreeSet<_>>().into_iter().map(line).collect())
}

/// What a person says yes to.
fn plan(list: &str, regions: &[Region]) -> String {
    let mut plan = format!("{list}: nothing new begins until somebody resumes it\n");
    for held in regions.iter().flat_map(|region| &region.held) {
        let leases = match held.sources.len() {
            0 => "no lease lives".to_owned(),
            1 => "1 lease ends now".to_owned(),
            n => format!("{n} leases end now"),
        };
        plan.push_str(&format!("{}: {leases}; its bounds go back to the baseline\n", held.label));
    }
    plan.push_str(&regions.iter().flat_map(|region| &region.unseen).map(String::as_str).collect::<String>());
    plan
}

/// One service; what fails there does not keep the others from being given back.
fn one(hand: &Hand, fleet: &Fleet, held: &Held, by: &str) -> String {
    let (owner, label) = (ChangeOptions::owner(by), &held.label);
    match hand.run(async |hands| release(hands, fleet, &held.id, &held.sources, by, &owner).await) {
        Ok(Ok(done)) => lease::told(label, &done),
        Ok(Err(why)) => format!("{label}: not given back: {why}\n"),
        Err(failure) => format!("{label}: {failure}\n"),
    }
}
