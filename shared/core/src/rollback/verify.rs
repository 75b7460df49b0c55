//! Whether going back helped.

use jiff::Timestamp;

use super::deployment::DeploymentsSeen;
use super::end::End;
use super::evidence::Numbers;
use super::gate::BEARABLE;
use super::watch::Watch;
use crate::time::{Seconds, after, elapsed};

/// CloudWatch may still add to the newest minutes (SEMANTICS 8).
pub(super) const UNSETTLED: Seconds = Seconds(120);
/// Fewer whole minutes say nothing.
const MINUTES_MIN: usize = 3;
/// Fewer requests say nothing about 1 %.
const REQUESTS_MIN: u64 = 100;
/// Errors that go on for so long have another cause, or the way back was none.
const WAITED_MAX: Seconds = Seconds(900);

/// Judges by the minutes since the good revision is alone again; `None`: look again.
#[must_use]
pub fn verify(watch: &Watch, since: Timestamp, seen: &DeploymentsSeen, now: Timestamp) -> Option<End> {
    let over = elapsed(since, now) >= WAITED_MAX;
    let unknown = |why: String| over.then_some(End::Unverified { why });
    let Some(numbers) = seen.numbers.known() else {
        return unknown(format!("request counts {}", seen.numbers.why()));
    };
    let series = match numbers {
        Numbers::Together(series) => series,
        Numbers::Apart { old, .. } => old,
    };
    let to = now.checked_sub(UNSETTLED.duration()).unwrap_or(now);
    // The minute in which it ended holds the errors of both.
    let minutes = series.minutes(after(since, Seconds(60)), to);
    let newest = &minutes[minutes.len().saturating_sub(MINUTES_MIN)..];
    let (requests, errors) = newest.iter().fold((0, 0), |(r, e), m| (r + m.requests, e + m.errors));
    if newest.len() < MINUTES_MIN || requests < REQUESTS_MIN {
        return unknown(format!("{requests} requests in {} minutes since", newest.len()));
    }
    let bearable = watch.judged.as_ref().map_or(BEARABLE, |judged| (2.0 * judged.before.upper).max(BEARABLE));
    if errors as f64 <= bearable * requests as f64 {
        return Some(End::Recovered { errors, requests });
    }
    over.then_some(End::NotRecovered { errors, requests })
}
