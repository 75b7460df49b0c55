//! Which minutes stand against which.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::evidence::{Evidence, Numbers};
use super::minute::Minute;
use super::series::{MINUTE, Series, whole_minute_from, whole_minute_to};

/// Half an hour is long enough for a rate of errors and short enough to be the same time of day (SEMANTICS 8).
pub(super) const BEFORE: SignedDuration = SignedDuration::from_mins(30);
/// CloudWatch may still add to the newest minutes (SEMANTICS 8).
const UNSETTLED: i64 = 2 * MINUTE;

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
pub struct Windows {
    /// How.
    pub comparison: Comparison,
    /// Of the revision that was there.
    pub before: Vec<Minute>,
    /// Of the new revision: whole minutes since it first served, less the last two.
    pub after: Vec<Minute>,
    /// Where burstiness is learnt: the minutes before the deployment began, and those compared beside it.
    pub calm: Vec<Minute>,
}

impl Windows {
    /// The minutes of the evidence. Where both revisions have a target group and the old one served fewer than
    /// `minutes_min` of the same minutes (all traffic went over at once), its minutes before the deployment stand in.
    #[must_use]
    pub fn of(evidence: &Evidence, minutes_min: usize) -> Self {
        let (old, new) = match &evidence.numbers {
            Numbers::Together(series) => (series, series),
            Numbers::Apart { old, new } => (old, new),
        };
        let before = before(old, evidence.created_at);
        let after = after(new, evidence);
        if matches!(evidence.numbers, Numbers::Apart { .. }) {
            let same: Vec<Minute> = match (after.first(), after.last()) {
                (Some(first), Some(last)) => {
                    let old = old.minutes(first.at, end(last.at));
                    old.into_iter().filter(|m| after.iter().any(|a| a.at == m.at)).collect()
                }
                _ => Vec::new(),
            };
            if same.len() >= minutes_min {
                let mut calm = before;
                calm.extend(same.iter().filter(|m| m.at >= evidence.created_at));
                let after = after.into_iter().filter(|a| same.iter().any(|m| m.at == a.at)).collect();
                return Self { comparison: Comparison::SideBySide, before: same, after, calm };
            }
        }
        Self { comparison: Comparison::BeforeAfter, calm: before.clone(), before, after }
    }
}

/// The half hour that ends when the deployment was created.
pub(super) fn before(series: &Series, created_at: Timestamp) -> Vec<Minute> {
    let from = created_at.checked_sub(BEFORE).unwrap_or(Timestamp::MIN);
    series.minutes(from, created_at)
}

fn after(series: &Series, evidence: &Evidence) -> Vec<Minute> {
    let Some(first) = evidence.first_traffic else { return Vec::new() };
    let from = whole_minute_from(first.max(evidence.created_at));
    let to = whole_minute_to(evidence.now).saturating_sub(UNSETTLED);
    match (Timestamp::from_second(from), Timestamp::from_second(to)) {
        (Ok(from), Ok(to)) => series.minutes(from, to),
        _ => Vec::new(),
    }
}

/// The end of the minute that begins at `at`.
fn end(at: Timestamp) -> Timestamp {
    at.checked_add(SignedDuration::from_secs(MINUTE)).unwrap_or(Timestamp::MAX)
}
