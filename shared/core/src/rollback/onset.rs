//! When the errors began.

use jiff::Timestamp;

use super::gate::BEARABLE;
use super::minute::Minute;

/// Errors that go on: so many of so many minutes, as the gate asks of the newest.
const OF: usize = 5;
const HOT: usize = 3;

/// The first minute of the rise: of the first five minutes in a row of which three are over `threshold` (a share,
/// 0 to 1, at least 1 %), the first that is over it. None when there is no such rise.
///
/// `minutes` in order of time, from before the deployment to the last one that is settled.
#[must_use]
pub fn onset(minutes: &[Minute], threshold: f64) -> Option<Timestamp> {
    let hot = |m: &&Minute| m.rate() > threshold.max(BEARABLE);
    let rise = (0..minutes.len())
        .map(|first| &minutes[first..minutes.len().min(first + OF)])
        .find(|five| five.iter().filter(hot).count() >= HOT)?;
    rise.iter().find(hot).map(|m| m.at)
}
