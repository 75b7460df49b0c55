//! One look at a deployment that is watched.

use jiff::Timestamp;

use super::attribution::{AlarmBeside, Circumstances, Deployed, Revision, Sibling, Whose, attribute};
use super::chart::chart;
use super::deployment::{BackSeen, DeploymentSeen, DeploymentStatus, DeploymentsSeen};
use super::end::End;
use super::evidence::{Evidence, Numbers};
use super::gate::judge;
use super::judged::Judged;
use super::onset::onset;
use super::verdict::Verdict;
use super::watch::{Back, By, Watch};
use super::why::Why;
use crate::fleet::{Metric, Remedy, Rollback, When};
use crate::rollback::choice::Way;
use crate::seen::Reading;
use crate::time::{Seconds, after};

/// So long nobody wonders that a deployment has no verdict yet.
const EARLY: Seconds = Seconds(600);

/// What a look comes to.
#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    /// Nothing to do yet: look again in the next minute.
    Again {
        /// Why there is no verdict, in words, when there is something to say.
        why: Option<String>,
    },
    /// Errors are high, and nobody can say that this deployment is the cause: people are asked, once for each reason.
    Unsure(Why),
    /// The numbers condemn it, and nothing that is seen here speaks for it.
    Condemned,
    /// ECS goes back by itself: only follow (SEMANTICS 10).
    Follow(Back),
    /// The watch is over.
    End(End),
}

/// Looks at a deployment; the watch remembers what was learnt.
pub fn look(watch: &mut Watch, remedy: &Remedy, policy: &Rollback, seen: &DeploymentsSeen, now: Timestamp) -> Step {
    watch.looks = watch.looks.saturating_add(1);
    if let Reading::Known(balancer) = &seen.balancer {
        watch.balancer = Some(balancer.clone());
    }
    let until = after(watch.created_at, policy.deployed_within);
    if seen.service == Reading::Absent {
        return Step::End(End::Gone);
    }
    let Some(watched) = seen.deployments.iter().find(|d| d.arn == watch.deployment) else {
        let why = format!("ECS does not show {}", watch.deployment);
        return if now < until { Step::Again { why: Some(why) } } else { Step::End(End::Gone) };
    };
    if let Some(newer) = seen.deployments.iter().find(|d| d.created_at > watched.created_at) {
        return Step::End(End::Superseded { by: newer.arn.clone() });
    }
    match watched.status {
        DeploymentStatus::RollbackRequested
        | DeploymentStatus::RollbackInProgress
        | DeploymentStatus::RollbackSuccessful
        | DeploymentStatus::RollbackFailed => return Step::Follow(by_ecs(watched, now)),
        DeploymentStatus::StopRequested | DeploymentStatus::Stopped => {
            return Step::End(End::Superseded { by: watched.status.name().to_owned() });
        }
        DeploymentStatus::Pending | DeploymentStatus::InProgress | DeploymentStatus::Successful => {}
    }
    served(watch, watched, now);
    let numbers = match &seen.numbers {
        Reading::Known(numbers) => numbers,
        other @ (Reading::Absent | Reading::Unreadable(_) | Reading::Stale { .. }) => {
            let why = format!("request counts {}", other.why());
            return if now < until { Step::Again { why: Some(why) } } else { Step::End(End::Unsure { why }) };
        }
    };
    let evidence =
        Evidence { created_at: watch.created_at, first_traffic: watch.first_traffic, now, numbers: numbers.clone() };
    let judged = judge(&evidence, policy);
    watch.judged = Some(judged.clone());
    watch.onset = evidence.onset();
    watch.chart = chart(numbers, now);
    match &judged.verdict {
        Verdict::Pass => Step::End(End::Passed),
        Verdict::Watching { lacks: Some(why), .. }
            if alarming(seen, &judged) && (!why.is_early() || after(watch.created_at, EARLY) <= now) =>
        {
            Step::Unsure(why.clone())
        }
        Verdict::Watching { lacks, .. } => Step::Again { why: lacks.as_ref().map(ToString::to_string) },
        Verdict::Inconclusive(why) => Step::End(End::Unsure { why: why.to_string() }),
        Verdict::Fail if judged.before.rate > threshold(remedy) => {
            Step::Unsure(Why::HighBefore { rate: judged.before.rate, threshold: threshold(remedy) })
        }
        Verdict::Fail => match attribute(&circumstances(watch, remedy, seen, &judged, numbers, None, now)) {
            Some(why) => Step::Unsure(why),
            None => Step::Condemned,
        },
    }
}

/// The last question before a rollback: whether the revision to return to was tried, and whether others have the
/// same errors at the same time.
#[must_use]
pub fn cleared(
    watch: &Watch,
    remedy: &Remedy,
    seen: &DeploymentsSeen,
    good: &DeploymentSeen,
    back: &BackSeen,
    now: Timestamp,
) -> Option<Why> {
    let (Some(judged), Some(numbers)) = (&watch.judged, seen.numbers.known()) else { return None };
    attribute(&circumstances(watch, remedy, seen, judged, numbers, Some((good, back)), now))
}

/// People hear of doubt only where something is wrong: an alarm fires, or errors are high and still there.
fn alarming(seen: &DeploymentsSeen, judged: &Judged) -> bool {
    seen.alarms.iter().any(|alarm| alarm.firing) || (judged.hot_minutes >= 3 && judged.after.errors >= 10)
}

/// Remembers when the new revision first served: at this look, or, when it was all in place before the first one, from
/// its beginning on.
fn served(watch: &mut Watch, watched: &DeploymentSeen, now: Timestamp) {
    if watch.first_traffic.is_some() {
        return;
    }
    if watched.status == DeploymentStatus::Successful {
        watch.first_traffic = Some(watch.created_at);
    } else if watched.serves() {
        watch.first_traffic = Some(now);
    }
}

pub(super) fn by_ecs(watched: &DeploymentSeen, now: Timestamp) -> Back {
    Back {
        by: By::Ecs,
        way: Way::Stop,
        revision: watched.detail.as_ref().and_then(|d| d.rollback_to.clone()).unwrap_or_default(),
        task_definition: String::new(),
        good_since: None,
        planned_at: now,
        primary: String::new(),
        ours: None,
        second: false,
    }
}

fn circumstances(
    watch: &Watch,
    remedy: &Remedy,
    seen: &DeploymentsSeen,
    judged: &Judged,
    numbers: &Numbers,
    back: Option<(&DeploymentSeen, &BackSeen)>,
    now: Timestamp,
) -> Circumstances {
    let threshold = threshold(remedy);
    // Of several the one that has fired for longest: it may be older than the deployment.
    let firing = seen.alarms.iter().filter(|alarm| alarm.firing).min_by_key(|alarm| alarm.since);
    let alarm = firing.and_then(|alarm| {
        Some(AlarmBeside { name: alarm.name.clone(), fired: alarm.since?, threshold: Some(threshold) })
    });
    let other = |d: &&DeploymentSeen| d.arn != watch.deployment;
    let others = seen.deployments.iter().filter(other).map(|d| Deployed {
        whose: Whose::Own,
        deployment: d.arn.clone(),
        started: d.created_at,
    });
    let watched = seen.deployments.iter().find(|d| d.arn == watch.deployment);
    let siblings = back.and_then(|(_, back)| back.siblings.known()).into_iter().flatten();
    let needed = back.and_then(|(_, back)| back.needed.known()).into_iter().flatten();
    Circumstances {
        created_at: watch.created_at,
        onset: onset_now(watch, numbers, now),
        alarm,
        rate_before: judged.before.rate,
        others: others.chain(needed.cloned()).collect(),
        source: watched.and_then(|d| d.detail.as_ref()?.sources.first().cloned()),
        target: watch.target.clone(),
        return_to: back.map(|(good, _)| Revision {
            arn: good.target.clone(),
            from: good.finished_at.unwrap_or(good.created_at),
            to: watch.created_at,
        }),
        siblings: siblings
            .map(|(service, series)| Sibling { service: service.clone(), onset: onset(series, watch.created_at, now) })
            .collect(),
    }
}

fn onset_now(watch: &Watch, numbers: &Numbers, now: Timestamp) -> Option<Timestamp> {
    let (created_at, numbers) = (watch.created_at, numbers.clone());
    Evidence { created_at, first_traffic: watch.first_traffic, now, numbers }.onset()
}

/// The share of errors over which the remedy's own alarm fires; 1 % where its alarm is on something else.
fn threshold(remedy: &Remedy) -> f64 {
    match remedy.when {
        When::Metric { metric: Metric::ErrorRate, above, .. } => above / 100.0,
        When::Metric { .. } | When::Alarm { .. } | When::Contributor { .. } | When::Event { .. } => 0.01,
    }
}
