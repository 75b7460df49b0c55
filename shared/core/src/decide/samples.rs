//! One of each way of not acting, with numbers as they might be: for the reference page, and for the check that the
//! page misses none.

use jiff::Timestamp;

use super::refusal::Refusal;
use super::waiting::Waiting;
use crate::capacity::Bounds;
use crate::time::Seconds;

const FOUND: Bounds = Bounds { min: 4, max: 10, scale_in_suspended: false };
const APPLIED: Bounds = Bounds { min: 3, max: 10, scale_in_suspended: false };
/// 2026-11-23 02:05:31 UTC.
const MOMENT: i64 = 1_795_399_531;

fn moment() -> Timestamp {
    Timestamp::from_second(MOMENT).unwrap_or(Timestamp::MIN)
}

/// One of each refusal, in the order of the enum.
#[must_use]
pub fn refusals() -> Vec<Refusal> {
    let text = str::to_owned;
    vec![
        Refusal::NotFiring,
        Refusal::NotAnEdge,
        Refusal::Superseded { newer: moment() },
        Refusal::NothingToRelease,
        Refusal::LimitReached { scope: text("prod-eu/web"), used: 6, limit: 6 },
        Refusal::CircuitBreaker { times: 3 },
        Refusal::Overridden { found: FOUND },
        Refusal::DeferredTooLong { since: moment() },
        Refusal::LeftTheFleet,
        Refusal::AlreadyComing { need: 3, desired: 3 },
        Refusal::NoRoom { need: 12, room: 10, desired: 10, by: None },
        Refusal::VcpuQuota { used: 199.0, limit: 200.0, vcpu: 2.0 },
        Refusal::CostLimit { usd: 0.05, spent: 49.98, limit: 50.0 },
        Refusal::NothingRuns,
        Refusal::NoLongerBreaching { value: 61.0, threshold: 85.0 },
        Refusal::Unseen {
            what: text("the service"),
            why: text("unreadable: ecs DescribeServices: ThrottlingException"),
        },
        Refusal::NothingScalesIn,
        Refusal::Daemon,
        Refusal::NoScalableTarget,
        Refusal::NotAtMax { desired: 8, max: 10 },
        Refusal::AlreadySuspended,
        Refusal::NothingSick { total: 6 },
        Refusal::ManySick { sick: 3, total: 4 },
        Refusal::TaskProtected { sick: 1 },
        Refusal::Conflict { expected: text("ecs-svc/2757582648257641111"), found: text("ecs-svc/6101923847561203984") },
        Refusal::OutcomeUnknown { attempts: 2, cause: text("nothing of it is seen after 3 min") },
        Refusal::NoDeployment { why: text("deployed-too-long-ago") },
        Refusal::DecidedByWatch,
        Refusal::NoSize,
    ]
}

/// One of each wait, in the order of the enum.
#[must_use]
pub fn waits() -> Vec<Waiting> {
    let text = str::to_owned;
    vec![
        Waiting::StaleEvent { age: Seconds(1_829), limit: Seconds(300) },
        Waiting::ComesAgain { why: text("replayed from an archive") },
        Waiting::Muted { by: text("arn:aws:cloudwatch:eu-west-1:222222222222:alarm-mute-rule:night") },
        Waiting::ActionsDisabled,
        Waiting::Stopped,
        Waiting::Paused { by: text("ana") },
        Waiting::Frozen { freeze: text("black-friday"), until: moment() },
        Waiting::Storm { cases: 14 },
        Waiting::CapacityHeldByPerson { desired: 20, found: FOUND },
        Waiting::Cooldown { until: moment() },
        Waiting::MetricMissing { why: text("metric absent") },
        Waiting::NativeFirst { policy: text("prod-eu-web-cpu-tracking-policy") },
        Waiting::DependencyHigh { name: text("redis") },
        Waiting::DeploymentRunning { running: 2 },
        Waiting::Drift { found: FOUND, applied: APPLIED },
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::explain::{when_refused, when_waiting};

    /// The names that the enum itself knows: serde lists them when it meets another.
    fn known<T: serde::de::DeserializeOwned>() -> Vec<String> {
        let Err(error) = serde_json::from_str::<T>("\"no such name\"") else { panic!("it has such a name") };
        error.to_string().split('`').skip(3).step_by(2).map(str::to_owned).collect()
    }

    #[test]
    fn there_is_one_of_each_and_its_name_is_the_one_in_the_journal() {
        let names: Vec<String> = refusals().iter().map(|r| r.name().to_owned()).collect();
        assert_eq!(names, known::<Refusal>());
        let names: Vec<String> = waits().iter().map(|w| w.name().to_owned()).collect();
        assert_eq!(names, known::<Waiting>());
    }

    #[test]
    fn each_says_what_to_change_or_what_comes_next() {
        assert!(refusals().iter().all(|r| when_refused(r).len() > 20));
        assert!(waits().iter().all(|w| when_waiting(w).len() > 20));
    }
}
