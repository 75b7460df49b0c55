//! A metric that stays high although a scaling policy tracks it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::demand::Tracked;
use crate::fleet::{Metric, Service, When};
use crate::time::Seconds;

/// Without a remedy that names a threshold: a fifth over the target is well beyond what target tracking tolerates.
const OVER_TARGET: f64 = 1.2;

/// A load that is high in spite of scaling.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StillHigh {
    /// PolicyName.
    pub policy: String,
    /// What it tracks.
    pub metric: Metric,
    /// The lowest value of the whole time.
    pub lowest: f64,
    /// The target of the policy.
    pub target: f64,
    /// The value that all of them are above.
    pub line: f64,
}

/// The first tracked metric of which every known minute of the last `lasting` is high. Half of the minutes must be
/// known, the newest with them: silence is neither high nor low.
#[must_use]
pub fn still_high(tracked: &[Tracked], service: &Service, lasting: Seconds, now: Timestamp) -> Option<StillHigh> {
    tracked.iter().find_map(|tracked| of(tracked, service, lasting, now))
}

fn of(tracked: &Tracked, service: &Service, lasting: Seconds, now: Timestamp) -> Option<StillHigh> {
    let metric = tracked.metric?;
    let line = line(service, metric, tracked.target);
    // CloudWatch shows a minute one to two minutes after its end.
    let from = now.checked_sub(Seconds(lasting.0.saturating_add(120)).duration()).ok()?;
    let recent: Vec<f64> = tracked.hour.known()?.since(from).map(|(_, value)| value).collect();
    let known = u32::try_from(recent.len()).unwrap_or(u32::MAX);
    let lowest = recent.into_iter().reduce(f64::min)?;
    let half = known.saturating_mul(2) >= lasting.0 / 60;
    let high = half && lowest > line;
    high.then(|| StillHigh { policy: tracked.policy.clone(), metric, lowest, target: tracked.target, line })
}

/// The threshold that a remedy of the service names for this metric, the lowest of several; else a fifth over target.
fn line(service: &Service, metric: Metric, target: f64) -> f64 {
    let named = service.remedies.iter().filter_map(|remedy| match &remedy.when {
        When::Metric { metric: of, above, .. } if *of == metric => Some(*above),
        When::Metric { .. } | When::Alarm { .. } | When::Contributor { .. } | When::Event { .. } => None,
    });
    named.reduce(f64::min).unwrap_or(target * OVER_TARGET)
}
