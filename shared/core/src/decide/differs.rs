//! What differs between a plan that was proposed and the plan of now: a yes was said to the one, not to the other.

use std::fmt;

use serde::Serialize;

use super::context::Decision;
use super::plan::Plan;
use super::refusal::Refusal;
use crate::capacity::{Claimed, Lease};

/// One thing that differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// What.
    pub what: &'static str,
    /// In the proposal.
    pub then: String,
    /// Now.
    pub now: String,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: proposed {}, now {}", self.what, self.then, self.now)
    }
}

/// Everything that differs in what would be done or in what it expects to find; times of course do, and are not told.
#[must_use]
pub fn differences(then: &Plan, now: &Plan) -> Vec<Difference> {
    let differs = |what, then: String, now: String| (then != now).then_some(Difference { what, then, now });
    match (then.grant(), now.grant()) {
        (Some(old), Some(new)) => {
            let found = |grant: &crate::capacity::Grant| grant.expected.to_string();
            let back = |grant: &crate::capacity::Grant| grant.base_min.to_string();
            [
                differs("lease", claim(&old.lease), claim(&new.lease)),
                differs("bounds found", found(old), found(new)),
                differs("min to return to", back(old), back(new)),
            ]
            .into_iter()
            .flatten()
            .collect()
        }
        (_, _) => match (then, now) {
            (Plan::Disrupt(old), Plan::Disrupt(new)) if old.what == new.what => Vec::new(),
            (Plan::Tell { .. }, Plan::Tell { .. }) => Vec::new(),
            (Plan::Disrupt(_) | Plan::Tell { .. } | Plan::Lease(_), _) => {
                vec![Difference { what: "what is done", then: then.to_string(), now: now.to_string() }]
            }
        },
    }
}

/// A plan of which nothing is left: its need is gone, or what bounds it leaves no room. `None` where something else stands
/// in the way, which may pass and leave the plan as it was.
#[must_use]
pub fn gone(then: &Plan, now: &Decision) -> Option<Difference> {
    let Decision::Refuse(why) = now else { return None };
    let nothing = matches!(
        why,
        Refusal::AlreadyComing { .. }
            | Refusal::NoRoom { .. }
            | Refusal::NotAtMax { .. }
            | Refusal::VcpuQuota { .. }
            | Refusal::CostLimit { .. }
    );
    let now = || format!("nothing, {}: {why}", why.name());
    nothing.then(|| Difference { what: "what is done", then: then.to_string(), now: now() })
}

fn claim(lease: &Lease) -> String {
    match Claimed::of(lease) {
        Claimed::Raise => format!("max {}", lease.raise.unwrap_or(0)),
        Claimed::Floor => format!("min {}", lease.floor.unwrap_or(0)),
        Claimed::Hold => "scale-in suspended".to_owned(),
    }
}
