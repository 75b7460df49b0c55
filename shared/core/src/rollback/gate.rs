//! The gate: whether errors rose beyond chance (SEMANTICS 8).

use jiff::{SignedDuration, Timestamp};

use super::burstiness::burstiness;
use super::compared::Windows;
use super::counted::Counted;
use super::evidence::Evidence;
use super::judged::Judged;
use super::minute::Minute;
use super::series::{MINUTE, whole_minute_to};
use super::verdict::Verdict;
use super::why::Why;
use crate::fleet::Rollback;
use crate::time;

/// Fewer minutes are one incident of one minute (SEMANTICS 8).
pub(super) const MINUTES_MIN: u32 = 3;
/// Fewer requests say nothing about 1 % (SEMANTICS 8).
const REQUESTS_MIN: u32 = 200;
/// Fewer errors are an accident (SEMANTICS 8).
const ERRORS_MIN: u64 = 10;
/// What can be borne: a smaller share of errors is no reason to deploy again (SEMANTICS 8).
pub(super) const BEARABLE: f64 = 0.01;
/// A smaller rise may be the time of day (SEMANTICS 8).
const TIMES: f64 = 2.0;
/// So that errors which are over condemn nobody (SEMANTICS 8).
const LAST: usize = 5;
/// Of the last five minutes, those that must be over what can be borne (SEMANTICS 8).
const HOT_MIN: u32 = 3;

/// Judges a deployment by its numbers alone; whether it is the cause is [`super::attribute`]'s question.
///
/// `policy` gives the requests that are needed and the length of the watch window, counted from `created_at`.
pub fn judge(evidence: &Evidence, policy: &Rollback) -> Judged {
    let windows = Windows::of(evidence, MINUTES_MIN as usize);
    let burstiness = burstiness(&windows.calm);
    let (before, after) = (Counted::of(&windows.before, burstiness), Counted::of(&windows.after, burstiness));
    let hot_minutes = hot_minutes(&windows.after);
    let judged = |verdict| Judged { verdict, comparison: windows.comparison, before, after, burstiness, hot_minutes };
    let lacks = lacks(&before, &after, u64::from(policy.requests_min.max(REQUESTS_MIN)));
    if lacks.is_none() && fails(&before, &after, hot_minutes) {
        return judged(Verdict::Fail);
    }
    let lacks = lacks.or_else(|| may_be_chance(&before, &after, hot_minutes));
    let until = time::after(evidence.created_at, policy.deployed_within);
    judged(if evidence.now < until {
        Verdict::Watching { lacks, next: next_look(evidence.now).min(until), until }
    } else {
        lacks.map_or(Verdict::Pass, Verdict::Inconclusive)
    })
}

/// When one more minute can be counted: the next whole minute after `now`.
#[must_use]
pub fn next_look(now: Timestamp) -> Timestamp {
    let minute = Timestamp::from_second(whole_minute_to(now)).unwrap_or(now);
    minute.checked_add(SignedDuration::from_secs(MINUTE)).unwrap_or(Timestamp::MAX)
}

fn lacks(before: &Counted, after: &Counted, needed: u64) -> Option<Why> {
    if after.requests == 0 {
        Some(Why::NoTraffic)
    } else if after.minutes < MINUTES_MIN {
        Some(Why::TooFewMinutes { seen: after.minutes, needed: MINUTES_MIN })
    } else if after.requests < needed {
        Some(Why::TooFewRequests { seen: after.requests, needed })
    } else if before.requests < u64::from(REQUESTS_MIN) {
        Some(Why::NoBaseline { seen: before.requests, needed: u64::from(REQUESTS_MIN) })
    } else {
        None
    }
}

fn fails(before: &Counted, after: &Counted, hot_minutes: u32) -> bool {
    let enough = after.errors >= ERRORS_MIN && hot_minutes >= HOT_MIN;
    enough && after.lower > BEARABLE && after.lower > TIMES * before.upper
}

/// What was seen is a rise, and still going on, but the bounds allow that it is none.
fn may_be_chance(before: &Counted, after: &Counted, hot_minutes: u32) -> Option<Why> {
    let rose = after.rate > BEARABLE && after.rate > TIMES * before.rate && hot_minutes >= HOT_MIN;
    rose.then_some(Why::MayBeChance { before: before.rate, after: after.rate })
}

/// Of the last five minutes that have data, those in which more failed than can be borne.
fn hot_minutes(after: &[Minute]) -> u32 {
    let hot = after.iter().rev().take(LAST).filter(|m| m.rate() > BEARABLE).count();
    u32::try_from(hot).unwrap_or(u32::MAX)
}
