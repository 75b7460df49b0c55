//! What each scaling policy asks for now.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::demand::Tracked;
use super::question::CapacitySeen;
use crate::fleet::Metric;
use crate::remedy::{Arithmetic, ratio};
use crate::seen::LOAD_AGE_MAX;
use crate::time::elapsed;

/// What a scaling policy asks for: `ceil(n * metric / target)`, of its newest minute.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Want {
    /// PolicyName.
    pub policy: String,
    /// What it tracks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metric: Option<Metric>,
    /// The sum.
    pub sum: Arithmetic,
}

/// One for each policy whose newest minute is known and not older than a load may be; none for the others.
#[must_use]
pub fn wants(seen: &CapacitySeen, now: Timestamp) -> Vec<Want> {
    let tracked = seen.tracked.known().map(Vec::as_slice).unwrap_or_default();
    tracked.iter().filter_map(|tracked| want(tracked, seen, now)).collect()
}

fn want(tracked: &Tracked, seen: &CapacitySeen, now: Timestamp) -> Option<Want> {
    let (at, value) = tracked.hour.known()?.newest()?;
    if elapsed(Timestamp::from_second(at).ok()?, now) > LOAD_AGE_MAX {
        return None;
    }
    let service = seen.service.known()?;
    let alive = service.running.min(service.desired);
    let reported = seen.tasks.known().and_then(|tasks| tasks.values.get(&at)).filter(|n| n.is_finite());
    // While a deployment runs both colours, tasks of both report, and only one of them carries the load (SEMANTICS 23).
    let deploying = service.deployments_in_progress > 0;
    let most = if deploying { service.desired } else { service.running.max(service.desired) };
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to what is there")]
    let running = reported.map_or(alive, |n| n.round().clamp(0.0, f64::from(most)) as u32);
    Some(Want { policy: tracked.policy.clone(), metric: tracked.metric, sum: ratio(running, value, tracked.target) })
}

/// The most that any policy asks for; `None` when none of them can be read.
#[must_use]
pub fn need(wants: &[Want]) -> Option<u32> {
    wants.iter().map(|want| want.sum.tasks).max()
}
