//! What one look means for each topic.

use headroom_core::at_max::CapacitySeen;
use headroom_core::at_max::{Episode, Found, Rules, Sight, Topic, failing, moves, still_high, turns};
use headroom_core::fleet::AlertKind;
use headroom_core::seen::Reading;
use headroom_core::time::Seconds;
use jiff::Timestamp;

use super::look::Scene;

/// How often a notice that lasts is edited (UX: every ten minutes; the other alerts once an hour).
const AT_MAX_AGAIN: Seconds = Seconds(600);
const HOUR: Seconds = Seconds(3_600);
/// As long as a target takes to settle: a service that left its max for a minute has not left it.
const CLOSES_AFTER: Seconds = Seconds(600);
const STILL_HIGH_AFTER: Seconds = Seconds(600);
const TURNS_MAX: u32 = 6;

/// When an episode of this topic says what, by the fleet file.
pub(super) fn rules(scene: Scene<'_>, topic: Topic) -> Rules {
    let page_after = match topic {
        Topic::AtMax => scene.fleet.alerts.get(AlertKind::AtMax).page_after,
        Topic::ScalingFailed | Topic::StillHigh | Topic::Flapping => None,
    };
    let again = if topic == Topic::AtMax { AT_MAX_AGAIN } else { HOUR };
    Rules { page_after, again, closes_after: CLOSES_AFTER }
}

/// What the look means for the topic; what it found is put into the episode.
pub(super) fn sight(
    scene: Scene<'_>,
    episode: &mut Episode,
    seen: &CapacitySeen,
    found: Option<&Found>,
    told: bool,
    now: Timestamp,
) -> Sight {
    // A service or target that AWS does not know any more is over; one that cannot be read is not.
    if matches!(seen.service, Reading::Absent) || matches!(seen.target, Reading::Absent) {
        return Sight::Over;
    }
    let Some(found) = found else { return Sight::Unknown };
    episode.found = Some(found.clone());
    let is = |holds: bool| if holds { Sight::Full { unmet: None } } else { Sight::Over };
    let alert = scene.fleet.alerts.get(episode.topic.alert());
    match episode.topic {
        Topic::AtMax => found.sight(told),
        Topic::ScalingFailed => {
            let Some(activities) = seen.activities.known() else { return Sight::Unknown };
            let failure = failing(activities);
            let fails = failure.is_some();
            episode.failure = failure.or_else(|| Some(episode.failure.take()?.after(activities)));
            is(fails)
        }
        Topic::StillHigh => {
            let Some(tracked) = seen.tracked.known().filter(|all| all.iter().any(|t| t.hour.known().is_some())) else {
                return Sight::Unknown;
            };
            let high = still_high(tracked, scene.service, alert.after.unwrap_or(STILL_HIGH_AFTER), now);
            // At max the other episode tells why nothing is added.
            let high = high.filter(|_| found.desired < found.max);
            let is_high = high.is_some();
            episode.high = high.or(episode.high.take());
            is(is_high)
        }
        Topic::Flapping => {
            let Some(activities) = seen.activities.known() else { return Sight::Unknown };
            let from = now.checked_sub(HOUR.duration()).unwrap_or(now);
            let turns = turns(moves(activities, from));
            let flaps = turns >= alert.turns_per_hour.unwrap_or(TURNS_MAX);
            if flaps || episode.turns.is_none() {
                episode.turns = Some(turns);
            }
            is(flaps)
        }
    }
}
