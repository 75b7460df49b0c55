//! A journal entry: what was seen, decided, done, and why not.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::at_max::Episode;
use crate::capacity::{Change, Remark};
use crate::decide::{Decision, Judgement, Plan};
use crate::fleet::Mode;
use crate::id::{CaseKey, DecisionId, ServiceId};
use crate::notice::Notice;
use crate::remedy::Disruption;
use crate::rollback::{Release, RollbackEvent, Watch};
pub use crate::rule::Rule;
use crate::seen::Seen;
use crate::signal::AlarmEvent;
pub use crate::told::Told;

/// The remedy of the reconciler's own entries.
pub const RECONCILE: &str = "reconcile";
/// The remedy of an entry by which a person took something out of quarantine.
pub const QUARANTINE: &str = "quarantine";

/// The remedy of an operator's own lease.
pub const OPERATOR: &str = "operator";

/// How far an entry has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Written ahead; somebody finishes it: this invocation, a retry, or the reconciler.
    Planned,
    /// Done.
    Acted,
    /// It would have been done in mode `act`.
    Observed,
    /// Proposed: a person accepts it within half an hour, or it expires.
    Suggested,
    /// Proposed, and nobody accepted it in time.
    Expired,
    /// AWS refused it, or nobody knows whether it took effect; it is not tried again.
    Failed,
    /// Refused for good.
    Refused,
    /// Judged later by the alarm's present state.
    Deferred,
    /// Judged again under its later key; see there.
    Resumed,
    /// Taken note of: an alarm went quiet, its lease is looked at again.
    Noted,
    /// A deployment is watched, or an episode goes on.
    Watching,
}

impl Status {
    /// The word in the table and in lists.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Planned => "planned",
            Self::Acted => "acted",
            Self::Observed => "observed",
            Self::Suggested => "suggested",
            Self::Expired => "expired",
            Self::Failed => "failed",
            Self::Refused => "refused",
            Self::Deferred => "deferred",
            Self::Resumed => "resumed",
            Self::Noted => "noted",
            Self::Watching => "watching",
        }
    }
}

/// Whether an action helped, once its settle time had passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Helped {
    /// The metric is under the alarm's threshold.
    Yes,
    /// It is not.
    No,
    /// It could not be read; counts for nothing.
    Unknown,
}

impl Helped {
    /// The word in metrics and logs.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::No => "no",
            Self::Unknown => "unknown",
        }
    }
}

/// A person's word: the yes to a suggestion, or their own lease or release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Accepted {
    /// Who said it: the name that they gave, not proven.
    pub by: String,
    /// When.
    pub at: Timestamp,
}

/// One entry of the journal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// Its key.
    pub key: CaseKey,
    /// What people type.
    pub decision: DecisionId,
    /// The service.
    pub service: ServiceId,
    /// `prod-eu/web`.
    pub label: String,
    /// The remedy; [`RECONCILE`] for the reconciler's own.
    pub remedy: String,
    /// The mode that it was decided in.
    pub mode: Mode,
    /// How far it has come.
    pub status: Status,
    /// When it was decided.
    pub at: Timestamp,
    /// What the event woke; absent for the reconciler's own, and in entries of earlier releases.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<Rule>,
    /// The event, for an alarm's case.
    pub event: Option<AlarmEvent>,
    /// What was seen.
    pub seen: Option<Seen>,
    /// Guards, need and decision.
    pub judgement: Option<Judgement>,
    /// What the reconciler found.
    pub remarks: Vec<Remark>,
    /// The calls that follow.
    pub changes: Vec<Change>,
    /// Notices that are not published yet.
    pub outbox: Vec<Notice>,
    /// Events for CI that are not on the bus yet.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub events: Vec<RollbackEvent>,
    /// Notices that were published.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub told: Vec<Told>,
    /// When somebody must look at it again; absent when nobody must.
    pub due: Option<Timestamp>,
    /// Whether it helped; absent until its settle time has passed.
    pub helped: Option<Helped>,
    /// How often a disruptive call was sent whose outcome may be unknown; written before each.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub attempts: u32,
    /// Why it failed, or what nobody knows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<String>,
    /// When that was judged; absent in entries of earlier releases.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub helped_at: Option<Timestamp>,
    /// The deployment that is watched; its own entry, whatever woke it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub watch: Option<Box<Watch>>,
    /// Who accepted it, for a suggestion that was carried out (its mode is `act` from then on), or whose change it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accepted: Option<Accepted>,
    /// The episode of a service at its max, or of another alert; its own entry, whatever woke it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub episode: Option<Box<Episode>>,
    /// What a person took out of quarantine by it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub released: Option<Release>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_zero(n: &u32) -> bool {
    *n == 0
}

impl Entry {
    /// The disruptive call that it plans, when it plans one.
    #[must_use]
    pub fn disruption(&self) -> Option<&Disruption> {
        match &self.judgement.as_ref()?.decision {
            Decision::Act(plan) => match plan {
                Plan::Disrupt(disruption) => Some(disruption),
                Plan::Lease(_) | Plan::Tell { .. } => None,
            },
            Decision::Wait { .. } | Decision::Refuse(_) => None,
        }
    }

    /// The entry of a case, with nothing in it yet.
    #[must_use]
    pub fn new(key: CaseKey, service: ServiceId, label: String, remedy: String, mode: Mode, at: Timestamp) -> Self {
        Self {
            decision: key.decision(),
            key,
            service,
            label,
            remedy,
            mode,
            status: Status::Planned,
            at,
            rule: None,
            event: None,
            seen: None,
            judgement: None,
            remarks: Vec::new(),
            changes: Vec::new(),
            outbox: Vec::new(),
            events: Vec::new(),
            told: Vec::new(),
            due: None,
            helped: None,
            attempts: 0,
            failure: None,
            helped_at: None,
            watch: None,
            accepted: None,
            episode: None,
            released: None,
        }
    }
}
