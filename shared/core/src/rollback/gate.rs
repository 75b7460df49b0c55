//! The gate: whether errors rose beyond chance (SEMANTICS 8).

use jiff::{SignedDuration, Timestamp};

use super::burstiness::burstiness;
use super::compared::Windows;
use super::counted::Counted;
use super::evidence::Evidence;
use super::judged::Judged;
use super::series::{MINUTE, whole_minute_to};
use super::verdict::Verdict;
use super::why::Why;
use crate::fleet::Rollback;
use crate::time;

/// Fewer minutes are one incident of one minute (SEMANTICS 8).
const MINUTES_MIN: u32 = 3;
/// Fewer requests say nothing about 1 % (SEMANTICS 8).
const REQUESTS_MIN: u32 = 200;
/// Fewer errors are an accident (SEMANTICS 8).
const ERRORS_MIN: u64 = 10;
/// What can be borne: a smaller share of errors is no reason to deploy again (SEMANTICS 8). Share, 0 to 1.
pub(super) const BEARABLE: f64 = 0.01;
/// A smaller rise may be the time of day (SEMANTICS 8).
const TIMES: f64 = 2.0;
/// Of the newest five minutes, those that must be over what can be borne: errors that are over condemn nobody
/// (SEMANTICS 8).
pub(super) const HOT_MIN: u32 = 3;

/// Judges a deployment by its numbers alone; whether it is the cause is [`super::attribute`]'s question.
///
/// `policy` gives the requests that are needed (never fewer than 200) and the length of the watch window, counted from
/// `created_at`. Missing data never fails a deployment: without minutes, requests or a baseline it is watched, and
/// inconclusive at the end of the window.
pub fn judge(evidence: &Evidence, policy: &Rollback) -> Judged {
    let windows = Windows::of(evidence);
    let burstiness = burstiness(&[&windows.history, &windows.before, &windows.after]);
    let newest = windows.after.iter().filter(|m| m.at >= windows.newest_from);
    let mut judged = Judged {
        verdict: Verdict::Pass,
        comparison: windows.comparison,
        before: Counted::of(&windows.before, burstiness),
        after: Counted::of(&windows.after, burstiness),
        burstiness,
        hot_minutes: u32::try_from(newest.filter(|m| m.rate() > BEARABLE).count()).unwrap_or(u32::MAX),
    };
    judged.verdict = verdict(&judged, evidence, policy);
    judged
}

/// When one more minute can be counted: the next whole minute after `now`.
#[must_use]
pub fn next_look(now: Timestamp) -> Timestamp {
    let minute = Timestamp::from_second(whole_minute_to(now)).unwrap_or(now);
    minute.checked_add(SignedDuration::from_secs(MINUTE)).unwrap_or(Timestamp::MAX)
}

fn verdict(judged: &Judged, evidence: &Evidence, policy: &Rollback) -> Verdict {
    let rose = rose(judged);
    let lacks = lacks(judged, u64::from(policy.requests_min.max(REQUESTS_MIN)));
    if lacks.is_none() && rose && beyond_chance(judged) {
        return Verdict::Fail;
    }
    let chance = Why::MayBeChance { before: judged.before.rate, after: judged.after.rate };
    let lacks = lacks.or_else(|| rose.then_some(chance));
    let until = time::after(evidence.created_at, policy.deployed_within);
    if evidence.now < until {
        return Verdict::Watching { lacks, next: next_look(evidence.now).min(until), until };
    }
    lacks.map_or(Verdict::Pass, Verdict::Inconclusive)
}

/// What a verdict lacks.
fn lacks(Judged { before, after, .. }: &Judged, needed: u64) -> Option<Why> {
    if after.requests == 0 {
        return Some(Why::NoTraffic);
    }
    if after.minutes < MINUTES_MIN {
        return Some(Why::TooFewMinutes { seen: after.minutes, needed: MINUTES_MIN });
    }
    if after.requests < needed {
        return Some(Why::TooFewRequests { seen: after.requests, needed });
    }
    let needed = u64::from(REQUESTS_MIN);
    if before.minutes < MINUTES_MIN || before.requests < needed {
        return Some(Why::NoBaseline { seen: before.requests, needed });
    }
    None
}

/// The effect: more errors than can be borne, a multiple of what they were, and still going on.
fn rose(Judged { before, after, hot_minutes, .. }: &Judged) -> bool {
    let unbearable = after.errors >= ERRORS_MIN && after.rate > BEARABLE;
    unbearable && after.rate > TIMES * before.rate && *hot_minutes >= HOT_MIN
}

/// That the effect is no accident: with 99.9 % the error rate is over what can be borne, and over what it was.
///
/// The page of rules asks for twice the upper bound instead. That finds one calm rise from 1 % to 3 % in three within
/// five minutes at 1,000 requests a minute, so here the bounds tell whether the rate rose, and the rates by how much
/// (docs/decisions/0013-bounds-from-statrs-widened-by-burstiness.md).
fn beyond_chance(Judged { before, after, .. }: &Judged) -> bool {
    after.lower > BEARABLE && after.lower > before.upper
}

#[cfg(test)]
mod tests;
