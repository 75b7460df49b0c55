//! What the table remembers of one service: leases, baseline, and every value that is ours.
//!
//! One item, one generation: every write of it is conditional on the generation that was read, so that two
//! writers can never both believe that they were first.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::bounds::Bounds;
use super::lease::{Lease, REGISTER_AGE};
use super::spend::Added;
use crate::at_max::Topic;
use crate::id::CaseKey;
use crate::rollback::Quarantined;
use crate::seen::TargetSeen;
use crate::time::{Seconds, after};

/// A writer's lock. A function ends after 30 s and an SDK attempt after 5 s, so nothing of its holder is
/// in flight once it has passed (SEMANTICS 6).
pub const LOCK_LENGTH: Seconds = Seconds(60);

/// Who may write the bounds of a service now.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Lock {
    /// The invocation that holds it.
    pub owner: String,
    /// When it no longer counts.
    pub until: Timestamp,
}

/// One member of the bounds.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Member<T> {
    /// What was found when the first live lease began, or what a person set since.
    pub base: T,
    /// The last verified value and every intent since: a found value among these is never foreign.
    pub ours: Vec<T>,
    /// The newest intent.
    pub newest: T,
    /// A foreign value and when a look first saw it; standing long enough it becomes the base.
    pub foreign: Option<(T, Timestamp)>,
}

impl<T: Copy + PartialEq> Member<T> {
    /// A member at rest: what was found is the base and the only value that is ours.
    #[must_use]
    pub fn at(found: T) -> Self {
        Self { base: found, ours: vec![found], newest: found, foreign: None }
    }

    /// Remembers an intent before AWS is touched.
    pub fn intend(&mut self, value: T) {
        if !self.ours.contains(&value) {
            self.ours.push(value);
        }
        self.newest = value;
    }
}

/// The bounds that Headroom keeps while a lease lives, or until the last restore is verified.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Kept {
    /// MinCapacity.
    pub min: Member<u32>,
    /// MaxCapacity.
    pub max: Member<u32>,
    /// DynamicScalingInSuspended.
    pub scale_in: Member<bool>,
    /// When a min was last intended: a desired count outside the bounds is ours for two minutes after.
    pub min_written: Option<Timestamp>,
    /// There is no scalable target: min stands for the desired count.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub by_desired: bool,
    /// Tasks that no scaling policy would take away, and that go back by the desired count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub caused: Option<Caused>,
}

/// A desired count that a floor of ours caused (SEMANTICS 22).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Caused {
    /// Desired count before the first floor, or where somebody else set it last.
    pub before: u32,
    /// The count that our newest call causes.
    pub count: u32,
    /// The count that it was made over: a call that was lost leaves it. Any third is somebody else's, and stays.
    pub was: u32,
}

impl Caused {
    /// Whether a count found is still ours.
    #[must_use]
    pub fn is(&self, desired: u32) -> bool {
        desired == self.count || desired == self.was
    }
}

impl Kept {
    /// Begins with what was found.
    #[must_use]
    pub fn at(found: Bounds) -> Self {
        Self {
            min: Member::at(found.min),
            max: Member::at(found.max),
            scale_in: Member::at(found.scale_in_suspended),
            min_written: None,
            by_desired: false,
            caused: None,
        }
    }

    /// Begins with what was found of a target, or of what stands for one.
    #[must_use]
    pub fn of(target: &TargetSeen) -> Self {
        Self { by_desired: target.by_desired, ..Self::at(Bounds::of(target)) }
    }

    /// The baseline.
    #[must_use]
    pub fn base(&self) -> Bounds {
        Bounds { min: self.min.base, max: self.max.base, scale_in_suspended: self.scale_in.base }
    }

    /// Whether everything that was found is ours.
    #[must_use]
    pub fn is_ours(&self, found: Bounds) -> bool {
        self.min.ours.contains(&found.min)
            && self.max.ours.contains(&found.max)
            && self.scale_in.ours.contains(&found.scale_in_suspended)
    }

    /// Drops the doubt about a member whose found value is ours again.
    pub(super) fn explained(&mut self, found: Bounds) {
        if self.min.ours.contains(&found.min) {
            self.min.foreign = None;
        }
        if self.max.ours.contains(&found.max) {
            self.max.foreign = None;
        }
        if self.scale_in.ours.contains(&found.scale_in_suspended) {
            self.scale_in.foreign = None;
        }
    }

    /// The newest intent.
    #[must_use]
    pub fn newest(&self) -> Bounds {
        Bounds { min: self.min.newest, max: self.max.newest, scale_in_suspended: self.scale_in.newest }
    }
}

/// Actions in a row that did not help.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Misses {
    /// How many.
    pub times: u32,
    /// When the newest was judged.
    pub at: Timestamp,
}

/// The state of one service.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServiceState {
    /// Name of its environment when its first lease began: whose stop switch holds for it.
    #[serde(default)]
    pub environment: String,
    /// ARN of the service when its first lease began.
    pub arn: Option<String>,
    /// When the service was created: another time means another service.
    pub created_at: Option<Timestamp>,
    /// Present while a lease lives, or until the last restore is verified.
    pub kept: Option<Kept>,
    /// The one writer.
    pub lock: Option<Lock>,
    /// Until when each remedy rests.
    #[serde(default)]
    pub cooldowns: BTreeMap<String, Timestamp>,
    /// Leases by source, the ended ones as registers.
    #[serde(default)]
    pub leases: BTreeMap<String, Lease>,
    /// Time of the newest transition of sources without a lease: an older event of theirs is superseded.
    #[serde(default)]
    pub newest: BTreeMap<String, Timestamp>,
    /// Actions in a row that did not help, by remedy; the circuit breaker counts them.
    #[serde(default)]
    pub did_not_help: BTreeMap<String, Misses>,
    /// Since when, and when last, AWS said that the service or its target is not there.
    #[serde(default)]
    pub absent: Option<(Timestamp, Timestamp)>,
    /// Since when a person holds this capacity outside its bounds; told once.
    #[serde(default)]
    pub held_since: Option<Timestamp>,
    /// What its leases add, as far as it is paid for; absent where no cost is limited.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paid: Option<Added>,
    /// Seconds that the batches of each schedule took from the grant to their floor, oldest first.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub batches: BTreeMap<String, Vec<u32>>,
    /// Revisions that were rolled back, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub quarantined: Vec<Quarantined>,
    /// Episodes that go on, each with its entry: of one topic there is never a second.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub episodes: BTreeMap<Topic, CaseKey>,
}

impl ServiceState {
    /// Whether somebody other than `me` may be writing now.
    #[must_use]
    pub fn locked_for(&self, me: &str, now: Timestamp) -> bool {
        self.lock.as_ref().is_some_and(|l| l.until > now && l.owner != me)
    }

    /// The newest transition of a source that was handled, whether it has a lease or not.
    #[must_use]
    pub fn newest_of(&self, source: &str) -> Option<Timestamp> {
        self.leases.get(source).map(|l| l.as_of).max(self.newest.get(source).copied())
    }

    /// Forgets what no longer counts: old registers and passed cooldowns.
    pub fn forget(&mut self, now: Timestamp) {
        self.leases.retain(|_, l| !l.forgotten(now));
        self.newest.retain(|_, at| after(*at, REGISTER_AGE) > now);
        self.cooldowns.retain(|_, until| *until > now);
    }

    /// The live leases.
    pub fn live(&self) -> impl Iterator<Item = &Lease> {
        self.leases.values().filter(|l| l.live())
    }
}

/// A state with the generation under which it was read; 0 when the table holds none yet.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct State {
    /// Every write bumps it; every write is conditional on it.
    pub generation: u64,
    /// The state itself.
    pub service: ServiceState,
}
