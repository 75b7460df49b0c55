//! The guards, in the order in which they are asked: first those that the event and the table answer, so that a
//! refused event costs no call of ECS, then those that need a look at AWS.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{
    breaker, cooldown, cost, dependencies, deployment, drift, firing, fresh, frozen, limits, muted, native_first, new,
    paused, quota, reading, room, stopped, storm, subject,
};
use crate::decide::judge::{Look, Verdict};

/// A guard. The order of [`Guard::ALL`] is the order of asking; the first that stops decides. Which of them a remedy
/// is asked, [`crate::fleet::Action::guards`] says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Guard {
    /// The event is young enough to say something about now.
    Fresh,
    /// The environment is not stopped.
    NotStopped,
    /// Nobody paused the service or the remedy.
    NotPaused,
    /// No mute rule was in force.
    NotMuted,
    /// No freeze window is open.
    NotFrozen,
    /// No newer transition of the same source was handled.
    New,
    /// No storm of alarms blows in the environment.
    Storm,
    /// The remedy does not rest.
    Cooldown,
    /// The hour's limits leave room.
    Limits,
    /// The last actions helped.
    Breaker,
    /// The alarm is firing now, and nobody switched its actions off.
    Firing,
    /// The metric is known, and still over its threshold.
    Reading,
    /// No scaling policy watches the same metric, or it had its turn.
    NativeFirst,
    /// Nothing that the service needs is high.
    Dependencies,
    /// No deployment runs.
    Deployment,
    /// The bounds found are what was last applied, and no person holds the capacity.
    Drift,
    /// Max and ceiling leave room.
    Room,
    /// The account's Fargate quota carries what is added.
    Quota,
    /// The day's limit of cost leaves room.
    Cost,
    /// What would be replaced is there, is sick, and may be replaced.
    Subject,
}

impl Guard {
    /// In the order of asking.
    pub const ALL: [Self; 20] = [
        Self::Fresh,
        Self::NotStopped,
        Self::NotPaused,
        Self::NotMuted,
        Self::NotFrozen,
        Self::New,
        Self::Storm,
        Self::Cooldown,
        Self::Limits,
        Self::Breaker,
        Self::Firing,
        Self::Reading,
        Self::NativeFirst,
        Self::Dependencies,
        Self::Deployment,
        Self::Drift,
        Self::Room,
        Self::Quota,
        Self::Cost,
        Self::Subject,
    ];

    /// Whether it needs a look at AWS.
    #[must_use]
    pub fn looks(self) -> bool {
        self >= Self::Firing
    }

    /// The name in explanations and reference pages.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Fresh => "fresh",
            Self::NotStopped => "not stopped",
            Self::NotPaused => "not paused",
            Self::NotMuted => "not muted",
            Self::NotFrozen => "not frozen",
            Self::New => "new",
            Self::Storm => "no storm",
            Self::Cooldown => "cooldown",
            Self::Limits => "limits",
            Self::Breaker => "breaker",
            Self::Firing => "firing",
            Self::Reading => "reading",
            Self::NativeFirst => "native first",
            Self::Dependencies => "dependencies",
            Self::Deployment => "deployment",
            Self::Drift => "drift",
            Self::Room => "room",
            Self::Quota => "quota",
            Self::Cost => "cost",
            Self::Subject => "subject",
        }
    }

    /// When it lets a remedy pass, for the reference page.
    #[must_use]
    pub fn passes_when(self) -> &'static str {
        match self {
            Self::Fresh => "the event is younger than `limits.event_age_max`, and no replay",
            Self::NotStopped => "the environment is not stopped",
            Self::NotPaused => "nobody paused the environment, the service or the remedy",
            Self::NotMuted => "no mute rule was in force when the alarm fired",
            Self::NotFrozen => "no freeze of the environment is open",
            Self::New => "no newer transition of the same alarm was handled",
            Self::Storm => {
                "at most nine alarms of the environment fired in this minute; of a deferred case in its own, too, while its alarm fires"
            }
            Self::Cooldown => "the remedy's `cooldown` since it last acted is over",
            Self::Limits => "`limits.changes_per_hour` of service and environment leave room; counted with the plan",
            Self::Breaker => "not each of the last three actions of this remedy failed to help within a day",
            Self::Firing => "the alarm is in ALARM now, and its actions are enabled",
            Self::Reading => "the metric is known, and for a deferred case still over the threshold",
            Self::NativeFirst => "no scaling policy watches the metric, or it had `native_first`; and one can scale in",
            Self::Dependencies => "no dependency with `while_high: [no-scale-out]` is high",
            Self::Deployment => "no deployment of the service runs",
            Self::Drift => "the bounds are what was last applied, and desired lies inside them",
            Self::Room => "what is asked for is not there yet, and max and ceiling leave room",
            Self::Quota => "the account's Fargate On-Demand vCPU quota carries a task more, or cannot be read",
            Self::Cost => "`limits.added_cost_per_day` of the fleet leaves room for a task more; counted with the plan",
            Self::Subject => "what would be replaced is there, and is sick",
        }
    }

    /// Asks it.
    pub(crate) fn check(self, look: &Look<'_>) -> Verdict {
        match self {
            Self::Fresh => fresh::check(look),
            Self::NotStopped => stopped::check(look),
            Self::NotPaused => paused::check(look),
            Self::NotMuted => muted::check(look),
            Self::NotFrozen => frozen::check(look),
            Self::New => new::check(look),
            Self::Storm => storm::check(look),
            Self::Cooldown => cooldown::check(look),
            Self::Limits => limits::check(look),
            Self::Breaker => breaker::check(look),
            Self::Firing => firing::check(look),
            Self::Reading => reading::check(look),
            Self::NativeFirst => native_first::check(look),
            Self::Dependencies => dependencies::check(look),
            Self::Deployment => deployment::check(look),
            Self::Drift => drift::check(look),
            Self::Room => room::check(look),
            Self::Quota => quota::check(look),
            Self::Cost => cost::check(look),
            Self::Subject => subject::check(look),
        }
    }
}

impl fmt::Display for Guard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What a guard answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// The guard.
    pub guard: Guard,
    /// Whether it let the remedy pass.
    pub passed: bool,
    /// What it saw.
    pub saw: String,
}
