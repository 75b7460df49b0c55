//! An episode: from the first notice about a service to the last, one thread of notices each.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::activity::Failure;
use super::found::Found;
use super::proposal::Proposed;
use super::still_high::StillHigh;
use crate::fleet::AlertKind;
use crate::id::DecisionId;
use crate::time::{Seconds, elapsed};

/// What an episode is about; a service has at most one of each at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Topic {
    /// Max is reached, or nearly.
    AtMax,
    /// Application Auto Scaling fails to scale.
    ScalingFailed,
    /// The load is high in spite of scaling.
    StillHigh,
    /// Tasks are added and removed in turn.
    Flapping,
}

impl Topic {
    /// Every topic.
    pub const ALL: [Self; 4] = [Self::AtMax, Self::ScalingFailed, Self::StillHigh, Self::Flapping];

    /// The word in keys and incidents, the same as its alert's in the fleet file.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.alert().name()
    }

    /// The alert that says how loud it is.
    #[must_use]
    pub fn alert(self) -> AlertKind {
        match self {
            Self::AtMax => AlertKind::AtMax,
            Self::ScalingFailed => AlertKind::ScalingFailed,
            Self::StillHigh => AlertKind::StillHigh,
            Self::Flapping => AlertKind::Flapping,
        }
    }
}

/// How far an episode has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Nobody was told.
    New,
    /// People were warned: max is near.
    Warned,
    /// People were told.
    Opened,
    /// People were woken.
    Paged,
    /// It is over.
    Ended,
}

/// What is remembered of an episode.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Episode {
    /// What it is about.
    pub topic: Topic,
    /// When it began, as far as a look or an event could tell.
    pub since: Timestamp,
    /// How far it has come.
    pub stage: Stage,
    /// The newest notice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub told_at: Option<Timestamp>,
    /// Since when it is so, for [`Topic::AtMax`]: a warning before it is no minute at max.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub full_since: Option<Timestamp>,
    /// Since when more is asked for than max.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unmet_since: Option<Timestamp>,
    /// Since when every look found it over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub over_since: Option<Timestamp>,
    /// What the newest look found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub found: Option<Found>,
    /// What could be proposed, by the newest look.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proposed: Option<Proposed>,
    /// The decision on it, and until when it is not decided again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decided: Option<(DecisionId, Timestamp)>,
    /// The moment of the event that it was decided on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked_at: Option<Timestamp>,
    /// What fails, for [`Topic::ScalingFailed`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<Failure>,
    /// What is high, for [`Topic::StillHigh`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub high: Option<StillHigh>,
    /// Turns of the last hour, for [`Topic::Flapping`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub turns: Option<u32>,
}

/// What a look means for an episode.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sight {
    /// Max is near, and the demand rises.
    Near,
    /// It is so.
    Full {
        /// Whether more is asked for than max; `None`: nobody knows.
        unmet: Option<bool>,
    },
    /// It is not so.
    Over,
    /// Nobody knows: nothing begins and nothing ends.
    Unknown,
}

/// One look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    /// What it means.
    pub sight: Sight,
    /// Whether something can be proposed; `None`: nobody knows.
    pub possible: Option<bool>,
    /// Now.
    pub now: Timestamp,
}

/// When an episode says what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rules {
    /// Unmet demand of this age pages; `None`: it does not page by itself.
    pub page_after: Option<Seconds>,
    /// What was told is told anew this often while it lasts.
    pub again: Seconds,
    /// It is over once every look found so for this long.
    pub closes_after: Seconds,
}

/// What is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tell {
    /// Max is near.
    Near,
    /// It began.
    Opened,
    /// It goes on.
    Updated,
    /// It goes on for too long.
    Paged,
    /// More is asked for than max, and nothing can be proposed.
    Blocked,
    /// It is over.
    Closed,
}

impl Episode {
    /// One that begins.
    #[must_use]
    pub fn new(topic: Topic, since: Timestamp) -> Self {
        Self {
            topic,
            since,
            stage: Stage::New,
            told_at: None,
            full_since: None,
            unmet_since: None,
            over_since: None,
            found: None,
            proposed: None,
            decided: None,
            asked_at: None,
            failure: None,
            high: None,
            turns: None,
        }
    }
}

/// Over for so long, unmet demand begins anew: longer than a dip between two minutes of a metric.
const QUIET_SPELL: Seconds = Seconds(180);

/// One step: what the look changes, and what is told. At most one notice a look; one that pages comes once.
pub fn advance(episode: &mut Episode, look: Look, rules: &Rules) -> Option<Tell> {
    let tell = step(episode, look, rules);
    if tell.is_some() {
        episode.told_at = Some(look.now);
    }
    tell
}

fn step(episode: &mut Episode, look: Look, rules: &Rules) -> Option<Tell> {
    if episode.stage == Stage::Ended {
        return None;
    }
    let Look { sight, possible, now } = look;
    match sight {
        // Silence neither begins nor ends anything; what began before still counts, or a dead metric would hush a page.
        Sight::Unknown => {
            episode.over_since = None;
            overdue(episode, rules, now).then(|| stage(episode, Stage::Paged, Tell::Paged))
        }
        Sight::Over => over(episode, rules, now),
        Sight::Near => {
            episode.unmet_since = None;
            match episode.stage {
                Stage::New => Some(stage(episode, Stage::Warned, Tell::Near)),
                Stage::Warned => {
                    episode.over_since = None;
                    again(episode, rules, now)
                }
                // Below max again: only a look that finds it over for long enough ends it.
                Stage::Opened | Stage::Paged | Stage::Ended => over(episode, rules, now),
            }
        }
        Sight::Full { unmet } => {
            // A minute's dip is no end of it; a quiet spell is, and what was unmet before counts no longer.
            if episode.over_since.take().is_some_and(|since| elapsed(since, now) >= QUIET_SPELL) {
                episode.unmet_since = None;
            }
            // What opens with it began when the first look or event could tell; what was warned of begins now.
            let began = if episode.stage == Stage::New { episode.since } else { now };
            episode.full_since.get_or_insert(began);
            match unmet {
                Some(true) => episode.unmet_since = episode.unmet_since.or(Some(now)),
                Some(false) => episode.unmet_since = None,
                None => {}
            }
            full(episode, possible, rules, now)
        }
    }
}

fn full(episode: &mut Episode, possible: Option<bool>, rules: &Rules, now: Timestamp) -> Option<Tell> {
    let blocked = episode.unmet_since.is_some() && possible == Some(false);
    match episode.stage {
        Stage::New | Stage::Warned | Stage::Opened if blocked => Some(stage(episode, Stage::Paged, Tell::Blocked)),
        Stage::Opened if overdue(episode, rules, now) => Some(stage(episode, Stage::Paged, Tell::Paged)),
        Stage::New | Stage::Warned => Some(stage(episode, Stage::Opened, Tell::Opened)),
        Stage::Opened | Stage::Paged => again(episode, rules, now),
        Stage::Ended => None,
    }
}

fn overdue(episode: &Episode, rules: &Rules, now: Timestamp) -> bool {
    let unmet = episode.unmet_since.zip(rules.page_after);
    episode.stage == Stage::Opened && unmet.is_some_and(|(since, limit)| elapsed(since, now) >= limit)
}

fn over(episode: &mut Episode, rules: &Rules, now: Timestamp) -> Option<Tell> {
    let since = *episode.over_since.get_or_insert(now);
    if elapsed(since, now) < rules.closes_after {
        return None;
    }
    let told = episode.stage != Stage::New;
    episode.stage = Stage::Ended;
    told.then_some(Tell::Closed)
}

fn again(episode: &Episode, rules: &Rules, now: Timestamp) -> Option<Tell> {
    episode.told_at.is_none_or(|told| elapsed(told, now) >= rules.again).then_some(Tell::Updated)
}

fn stage(episode: &mut Episode, stage: Stage, tell: Tell) -> Tell {
    episode.stage = stage;
    tell
}
