//! Which minutes stand against which.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::evidence::{Evidence, Numbers};
use super::minute::Minute;
use super::series::{MINUTE, Series, whole_minute_from, whole_minute_to};

/// Half an hour is long enough for a rate of errors and short enough to be the same time of day (SEMANTICS 8).
pub(super) const BEFORE: SignedDuration = SignedDuration::from_mins(30);
/// CloudWatch may still add to the newest minutes (SEMANTICS 8). Seconds.
const UNSETTLED: i64 = 2 * MINUTE;
/// How far back the newest minutes reach: errors that are over condemn nobody (SEMANTICS 8). Seconds.
const NEWEST: i64 = 5 * MINUTE;
/// Fewer minutes beside one another are no comparison; as many as the gate itself needs.
const BESIDE_MINUTES_MIN: usize = 3;
/// Fewer requests of the old revision say nothing; as many as the gate itself needs.
const BESIDE_REQUESTS_MIN: u64 = 200;

/// How the two revisions were compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Comparison {
    /// With the 30 minutes before the deployment was created.
    BeforeAfter,
    /// With the other target group in the same minutes.
    SideBySide,
}

/// The minutes that are compared.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Windows {
    /// How.
    pub(super) comparison: Comparison,
    /// Of the revision that was there.
    pub(super) before: Vec<Minute>,
    /// Of the new revision: whole minutes since it first served, less the last two.
    pub(super) after: Vec<Minute>,
    /// The half hour before the deployment where it is not `before` already: it shows burstiness, nothing else.
    pub(super) history: Vec<Minute>,
    /// The newest five minutes begin here.
    pub(super) newest_from: Timestamp,
}

impl Windows {
    /// The minutes of the evidence. While two target groups serve side by side, the same minutes of both; where the
    /// old one serves no more, or hardly, its minutes before the deployment stand in: all traffic went over.
    pub(super) fn of(evidence: &Evidence) -> Self {
        let settled = settled(evidence.now);
        let newest_from = second(settled.as_second().saturating_sub(NEWEST));
        let (old, new) = match &evidence.numbers {
            Numbers::Together(series) => (series, series),
            Numbers::Apart { old, new } => (old, new),
        };
        let (before, after) = (before(old, evidence.created_at), after(new, evidence, settled));
        let whole = Self { comparison: Comparison::BeforeAfter, before, after, history: Vec::new(), newest_from };
        match &evidence.numbers {
            Numbers::Together(_) => whole,
            Numbers::Apart { old, .. } => whole.beside(&old.minutes(evidence.created_at, settled)),
        }
    }

    /// The same minutes of both, if the old revision still serves enough.
    fn beside(self, old: &[Minute]) -> Self {
        let common = |these: &[Minute], those: &[Minute]| -> Vec<Minute> {
            these.iter().filter(|m| those.iter().any(|other| other.at == m.at)).copied().collect()
        };
        let same = common(old, &self.after);
        let still = same.iter().filter(|m| m.at >= self.newest_from).count() >= BESIDE_MINUTES_MIN;
        if !still || same.iter().map(|m| m.requests).sum::<u64>() < BESIDE_REQUESTS_MIN {
            return self;
        }
        let after = common(&self.after, &same);
        Self { comparison: Comparison::SideBySide, before: same, after, history: self.before, ..self }
    }
}

/// Until when CloudWatch's minutes no longer change: the end of a whole minute.
pub(super) fn settled(now: Timestamp) -> Timestamp {
    second(whole_minute_to(now).saturating_sub(UNSETTLED))
}

/// The half hour that ends when the deployment was created.
pub(super) fn before(series: &Series, created_at: Timestamp) -> Vec<Minute> {
    series.minutes(created_at.checked_sub(BEFORE).unwrap_or(Timestamp::MIN), created_at)
}

fn after(series: &Series, evidence: &Evidence, settled: Timestamp) -> Vec<Minute> {
    let Some(first) = evidence.first_traffic else { return Vec::new() };
    series.minutes(second(whole_minute_from(first.max(evidence.created_at))), settled)
}

/// Saturates at the ends of time.
fn second(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap_or(if second < 0 { Timestamp::MIN } else { Timestamp::MAX })
}
