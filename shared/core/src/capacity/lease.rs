//! A capacity lease: a claim on capacity with an owner, a reason and an end.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::fleet::{Metric, Sizing};
use crate::id::CaseKey;
use crate::schedule::{Forecast, Proof, Window};
use crate::seen::LoadQuestion;
use crate::time::{Seconds, after};

/// How long an ended lease stays as the register of its source's order (SEMANTICS 16).
pub const REGISTER_AGE: Seconds = Seconds(48 * 3_600);

/// Members of a lease that a person's change has overridden: no longer claimed, until the lease ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
pub struct Overridden {
    /// The floor.
    pub min: bool,
    /// The raise.
    pub max: bool,
    /// The hold of scale-in.
    pub scale_in: bool,
}

/// Why a lease ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ended {
    /// The need stayed at the baseline for the release delay.
    LoadGone,
    /// It reached its hard end: the baseline is too low, a person is paged.
    HardEnd,
    /// Its service or remedy left the fleet file.
    LeftTheFleet,
    /// The service was created anew under the same name.
    ServiceRecreated,
    /// The service, or its scalable target, is not there any more.
    ServiceGone,
    /// The service had no scalable target and has one now: its desired count is no longer ours to set.
    TargetAppeared,
    /// The window of its schedule is over, or is no longer in the fleet file.
    WindowClosed,
    /// The time for which an operator asked for it is over.
    TimeUp,
    /// A person ended it.
    Released,
}

/// One claim. Its source is its identity: a repeat renews it and never stacks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Lease {
    /// Who asks, for example `cpu-high@prod-eu-web-cpu-high`.
    pub source: String,
    /// The remedy of the fleet file.
    pub remedy: String,
    /// The case that granted it first.
    pub case: CaseKey,
    /// The incident that its notices belong to.
    pub incident: String,
    /// Tasks under min.
    pub floor: Option<u32>,
    /// Tasks that max is raised to.
    pub raise: Option<u32>,
    /// Whether scale-in is suspended.
    pub hold: bool,
    /// Whether the tasks that it adds are taken away by the desired count, as no scaling policy would.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub gives_back_desired: bool,
    /// The highest floor that it had.
    pub floor_highest: u32,
    /// When it began; renewal keeps a lease's age.
    pub granted: Timestamp,
    /// When it is looked at again.
    pub renew_at: Timestamp,
    /// Until when it was last renewed; what people are told.
    pub until: Timestamp,
    /// When it ends whatever is read.
    pub hard_end: Timestamp,
    /// Time of the newest transition of its source: older events are superseded (SEMANTICS 16).
    pub as_of: Timestamp,
    /// Since when the need has been at the baseline or below.
    pub low_since: Option<Timestamp>,
    /// The datapoint that first showed it: it alone proves nothing later.
    #[serde(default)]
    pub low_datapoint: Option<Timestamp>,
    /// 1, or 2 for a source that fired again within an hour of its release: both its length and its delay.
    pub patience: u32,
    /// The metric.
    pub metric: Metric,
    /// How its size is found.
    pub sizing: Sizing,
    /// What to read to judge it again.
    pub load: LoadQuestion,
    /// The alarm to look at; empty for a lease that no alarm asked for, which never grows.
    pub alarm: String,
    /// What a person overrode.
    #[serde(default)]
    pub overridden: Overridden,
    /// An apply or a schedule put the baseline back once and ours was written again (SEMANTICS D).
    #[serde(default)]
    pub put_back: bool,
    /// People were told that it lives so long that the baseline must be too low.
    #[serde(default)]
    pub told_long: bool,
    /// What its contributor last said, for a lease of one: whether it fires. The alarm may stay in ALARM for the sake
    /// of other contributors: then an OK that is lost keeps the lease until the alarm itself is OK, at the latest until
    /// [`Self::hard_end`], for DescribeAlarms tells of the alarm alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contributor_fires: Option<bool>,
    /// The window that it stands for, when a schedule asks for it: then the clock keeps it, and no load.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window: Option<Window>,
    /// Whether its tasks were found, for the lease of a schedule.
    #[serde(default, skip_serializing_if = "Proof::is_empty")]
    pub proof: Proof,
    /// What the hours of its window ask for, where its floor follows the usual load.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub forecast: Option<Forecast>,
    /// Balancer and target group whose healthy targets prove its window, `app/NAME/ID/targetgroup/NAME/ID`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub targets: Option<String>,
    /// The person who asked for it, by the name that they gave: then the clock alone keeps it, until its hard end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operator: Option<String>,
    /// When and why it ended; it then stays as a register until [`REGISTER_AGE`].
    pub ended: Option<(Timestamp, Ended)>,
}

/// What a lease claims; it claims one thing only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Claimed {
    /// Tasks under min.
    Floor,
    /// A higher max.
    Raise,
    /// Scale-in suspended.
    Hold,
}

impl Claimed {
    /// What this lease claims.
    #[must_use]
    pub fn of(lease: &Lease) -> Self {
        if lease.raise.is_some() {
            Self::Raise
        } else if lease.hold {
            Self::Hold
        } else {
            Self::Floor
        }
    }
}

impl Lease {
    /// Whether a person's change stands over what it claims.
    #[must_use]
    pub fn is_overridden(&self) -> bool {
        match Claimed::of(self) {
            Claimed::Floor => self.overridden.min,
            Claimed::Raise => self.overridden.max,
            Claimed::Hold => self.overridden.scale_in,
        }
    }

    /// Whether it claims capacity now.
    #[must_use]
    pub fn live(&self) -> bool {
        self.ended.is_none()
    }

    /// Whether it may be forgotten.
    #[must_use]
    pub fn forgotten(&self, now: Timestamp) -> bool {
        self.ended.is_some_and(|(at, _)| after(at.max(self.as_of), REGISTER_AGE) <= now)
    }
}
