//! `headroom undo`: end the lease that a decision granted.

use std::collections::BTreeSet;

use clap::Args;
use headroom_pipeline::person::{release, settled};

use super::{Outcome, lease};
use crate::ask::ChangeOptions;
use crate::history::decision_id;
use crate::place;
use crate::with::With;

/// End the lease that a decision granted; the bounds go back as at any end.
///
/// Max is never written below what is desired now, and what a person set meanwhile stays. Replaced tasks and rollbacks
/// cannot be undone.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  headroom undo D-5H2WC --dry-run
  headroom undo D-5H2WC

It needs the permissions that `headroom lease --help` lists.

Exit codes: 0 done, or so already; 1 there is no such decision, or it granted no lease; 2 AWS or a file cannot be read, or
nobody could be asked.")]
pub(crate) struct Undo {
    /// The decision id, such as D-5H2WC
    #[arg(value_name = "ID")]
    id: String,
    #[command(flatten)]
    with: With,
}

impl Undo {
    /// Ends it.
    pub(crate) fn run(&self) -> Outcome {
        self.done().unwrap_or_else(|outcome| outcome)
    }

    fn done(&self) -> Result<Outcome, Outcome> {
        let id = decision_id(&self.id)?;
        let by = self.with.change.name()?;
        let fleet = place::fleet(&self.with.fleet)?;
        let entry = self.with.table.connect()?.decision(&id)?.entry;
        let (label, service) = (&entry.label, &entry.service);
        let failed = |f| Outcome::failed(format!("{f}\n"));
        let Some(grant) = entry.judgement.as_ref().and_then(|j| j.decision.grant()) else {
            return Err(Outcome::no(format!("{id} {label}: it granted no lease; there is nothing to undo\n")));
        };
        let hand = self.with.table.hand(Some(&service.region))?;
        let states = hand.states(std::slice::from_ref(service)).map_err(failed)?;
        let source = &grant.lease.source;
        let lives = states.iter().any(|s| s.service.live().any(|l| l.source == *source && l.case == grant.lease.case));
        // Who ended it may have died before the bounds were back.
        if !lives && states.iter().all(|state| settled(&state.service)) {
            return Ok(Outcome::done(format!("{id} {label}: its lease has ended already\n")));
        }
        let what = if lives { "ends now" } else { "has ended already; its bounds are brought back now" };
        self.with.change.confirmed(&format!("{id} {label}: the lease of {source} {what}\n"))?;
        let (sources, owner) = (BTreeSet::from([source.clone()]), ChangeOptions::owner(&by));
        let done = hand.run(async |hands| release(hands, &fleet, service, &sources, &by, &owner).await);
        let done = done.map_err(failed)?.map_err(|why| Outcome::no(format!("{id} {label}: not ended: {why}\n")))?;
        Ok(Outcome::done(lease::told(label, &done)))
    }
}
