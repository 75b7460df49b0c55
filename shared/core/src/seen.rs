//! What must be seen before deciding, and what was seen.
//!
//! Silence is never health: every reading says whether it is known, missing or stale, and nothing turns
//! a missing one into a number.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::at_max::Proposed;
use crate::id::ServiceId;
use crate::quota::VcpuQuota;
use crate::signal::AlarmState;
use crate::time::{Seconds, elapsed};

/// A reading of the world.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reading<T> {
    /// Read, and fresh.
    Known(T),
    /// It is not there: AWS answered and knows none.
    Absent,
    /// Nobody knows: the call failed or was not made.
    Unreadable(String),
    /// Read, but too old to decide on.
    Stale {
        /// When it was true.
        at: Timestamp,
    },
}

impl<T> Reading<T> {
    /// The value, when it is known.
    pub fn known(&self) -> Option<&T> {
        match self {
            Self::Known(value) => Some(value),
            Self::Absent | Self::Unreadable(_) | Self::Stale { .. } => None,
        }
    }

    /// Why there is no value, for people.
    #[must_use]
    pub fn why(&self) -> String {
        match self {
            Self::Known(_) => "known".to_owned(),
            Self::Absent => "absent".to_owned(),
            Self::Unreadable(why) => format!("unreadable: {why}"),
            Self::Stale { at } => format!("stale: newest is of {at:.0}"),
        }
    }
}

/// An ECS service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceSeen {
    /// ARN.
    pub arn: String,
    /// When it was created: a service re-created under its name is another one (SEMANTICS 25).
    pub created_at: Option<Timestamp>,
    /// Desired count.
    pub desired: u32,
    /// Running count.
    pub running: u32,
    /// Deployments that are not finished: 0 at rest, 2 while a rolling deployment runs both revisions.
    pub deployments_in_progress: u32,
    /// Scheduling strategy DAEMON: one task on each container instance, no count to set.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub daemon: bool,
    /// The primary deployment, when ECS names one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub primary: Option<Primary>,
    /// What ECS said lately about tasks that it cannot start or keep, newest first, at most [`TROUBLES_MAX`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub troubles: Vec<Trouble>,
    /// ARNs of the target groups that each of its tasks is registered in; without those that a deployment swaps for another,
    /// of which nobody says here which one serves.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub target_groups: Vec<String>,
}

/// So many service events say why; more would only repeat it.
pub const TROUBLES_MAX: usize = 3;

/// An event of a service that tells of trouble, in ECS's words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trouble {
    /// When ECS said it.
    pub at: Timestamp,
    /// Its words.
    pub message: String,
}

impl Trouble {
    /// Reads a service event; `None` for one that tells of no trouble: a steady state, tasks started and stopped. The words
    /// are those of the Amazon ECS Developer Guide, "Amazon ECS service event messages".
    #[must_use]
    pub fn read(at: Timestamp, message: &str) -> Option<Self> {
        let tells = ["unable to", "unhealthy", "failed", "throttled"].iter().any(|word| message.contains(word));
        tells.then(|| Self { at, message: message.to_owned() })
    }
}

/// The primary deployment of a service: another one there means that somebody, or we, deployed.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Primary {
    /// For example `ecs-svc/2757582648257641111`.
    pub id: String,
    /// ARN of its task definition.
    pub task_definition: String,
}

/// A task of a service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskSeen {
    /// ARN.
    pub arn: String,
    /// For example `RUNNING`.
    pub last_status: String,
    /// What ECS wants it to be; one that it wants stopped is none of ours.
    pub desired_status: String,
    /// By the container health checks of its task definition; unknown where it has none.
    pub unhealthy: bool,
    /// A container of it was killed for want of memory while the task runs on (TRAPS 20).
    pub out_of_memory: bool,
    /// Protected against scale-in by what runs in it, or by somebody: its work must not be ended.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub protected: bool,
    /// When it was created.
    pub created: Option<Timestamp>,
}

/// The three members of a scalable target's SuspendedState.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
pub struct Suspended {
    /// DynamicScalingInSuspended.
    pub scale_in: bool,
    /// DynamicScalingOutSuspended.
    pub scale_out: bool,
    /// ScheduledScalingSuspended.
    pub scheduled: bool,
}

/// A scalable target of Application Auto Scaling.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct TargetSeen {
    /// MinCapacity.
    pub min: u32,
    /// MaxCapacity.
    pub max: u32,
    /// What is suspended.
    #[serde(default)]
    pub suspended: Suspended,
    /// There is none: the desired count itself stands for min, and is set directly (SEMANTICS 23).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub by_desired: bool,
}

impl TargetSeen {
    /// What stands for the scalable target of a service without one: its desired count as min.
    #[must_use]
    pub fn by_desired(desired: u32, max: u32) -> Self {
        Self { min: desired, max: max.max(desired), suspended: Suspended::default(), by_desired: true }
    }
}

/// A scaling policy of the target.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PolicySeen {
    /// PolicyName.
    pub name: String,
    /// Predefined metric of a target-tracking policy, for example `ECSServiceAverageCPUUtilization`.
    pub tracks: Option<String>,
    /// Its target value.
    pub target: Option<f64>,
    /// Whether it may scale in: a step policy that only adds, or `DisableScaleIn`, may not.
    pub scales_in: bool,
    /// ResourceLabel of what it tracks, `app/NAME/ID/targetgroup/NAME/ID`; only requests have one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// A policy of predictive scaling: AWS makes a forecast of its own, and scales by it or only shows it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub predictive: bool,
}

/// The load of one minute, with the number of tasks that carried it in that same minute.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Load {
    /// The metric, in its own unit.
    pub value: f64,
    /// Tasks that reported in that minute (SampleCount of the service's CPU), when CloudWatch knows.
    pub tasks: Option<u32>,
    /// Start of the minute.
    pub at: Timestamp,
}

/// An alarm as DescribeAlarms has it now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlarmSeen {
    /// Its state.
    pub state: AlarmState,
    /// `DisableAlarmActions` leaves no mark in an event, only here.
    pub actions_enabled: bool,
}

/// Everything that was read about one service before deciding.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Seen {
    /// The service.
    pub service: Reading<ServiceSeen>,
    /// Its scalable target.
    pub target: Reading<TargetSeen>,
    /// Its scaling policies.
    pub policies: Reading<Vec<PolicySeen>>,
    /// The metric of the remedy.
    pub load: Reading<Load>,
    /// The alarm now.
    pub alarm: Reading<AlarmSeen>,
    /// (min, max) pairs of the target's own scheduled actions; asked for only beside a foreign change.
    #[serde(default)]
    pub scheduled: Vec<(Option<u32>, Option<u32>)>,
    /// Its tasks; asked for only by a remedy that stops one.
    #[serde(default = "not_asked")]
    pub tasks: Reading<Vec<TaskSeen>>,
    /// What it needs, as far as it was asked.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub needs: Vec<NeedSeen>,
    /// Fargate's vCPU quota of its account and Region; asked for only before tasks of a known size are added.
    #[serde(default = "not_asked", skip_serializing_if = "was_not_asked")]
    pub quota: Reading<VcpuQuota>,
    /// What its policies ask for and what bounds it, where max reached is what woke the remedy; read by whoever watches
    /// capacity, and by a person's yes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_max: Option<Box<Proposed>>,
}

/// Why a reading is missing that nobody asked for.
pub const NOT_ASKED: &str = "not asked";

fn was_not_asked<T>(reading: &Reading<T>) -> bool {
    matches!(reading, Reading::Unreadable(why) if why == NOT_ASKED)
}

fn not_asked<T>() -> Reading<T> {
    Reading::Unreadable(NOT_ASKED.to_owned())
}

/// A metric to read.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct LoadQuestion {
    /// Namespace.
    pub namespace: String,
    /// Metric name.
    pub name: String,
    /// Statistic: `Average`, `Sum`, `p95`.
    pub stat: String,
    /// Dimensions, sorted by name.
    pub dimensions: Vec<(String, String)>,
    /// Dimensions of the ECS service whose `CPUUtilization` SampleCount, of the same minute, is the number of
    /// tasks that carried the load; only for metrics that tasks divide.
    #[serde(default)]
    pub tasks_of: Option<Vec<(String, String)>>,
    /// The lowest value of so many minutes, in place of the newest one: whether it was high all the time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lowest_of: Option<u32>,
}

impl LoadQuestion {
    /// Of no metric: a lease that the clock ends is judged by none.
    #[must_use]
    pub fn none() -> Self {
        Self {
            namespace: String::new(),
            name: String::new(),
            stat: String::new(),
            dimensions: Vec::new(),
            tasks_of: None,
            lowest_of: None,
        }
    }
}

/// What says whether a dependency is high: its metric, or its alarm.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NeedQuestion {
    /// Name of the dependency in the fleet file.
    pub name: String,
    /// Its metric.
    pub load: Option<LoadQuestion>,
    /// Its alarm.
    pub alarm: Option<String>,
}

/// What was read about a dependency.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NeedSeen {
    /// Name of the dependency in the fleet file.
    pub name: String,
    /// Its metric; unreadable when it is watched by an alarm.
    pub load: Reading<Load>,
    /// Its alarm; unreadable when it is watched by a metric.
    pub alarm: Reading<AlarmSeen>,
}

/// What must be seen of one service. Asked by one place, which makes independent calls at the same time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// The service; its service and scalable target are always read.
    pub service: ServiceId,
    /// Whether its scaling policies matter.
    pub policies: bool,
    /// Whether the target's own scheduled actions matter.
    pub scheduled: bool,
    /// The metric, when one matters.
    pub load: Option<LoadQuestion>,
    /// The alarm's name, when its present state matters.
    pub alarm: Option<String>,
    /// Whether its tasks matter, one by one.
    pub tasks: bool,
    /// Dependencies that matter.
    pub needs: Vec<NeedQuestion>,
    /// Whether Fargate's vCPU quota matters.
    pub quota: bool,
}

impl Question {
    /// The service and its scalable target, and nothing beside them.
    #[must_use]
    pub fn plain(service: ServiceId) -> Self {
        Self {
            service,
            policies: false,
            scheduled: false,
            load: None,
            alarm: None,
            tasks: false,
            needs: Vec::new(),
            quota: false,
        }
    }
}

/// A datapoint older than this says nothing about now: ECS and load balancer metrics arrive within two
/// minutes; five leave room for a slow one.
pub const LOAD_AGE_MAX: Seconds = Seconds(300);

/// Grades a datapoint by its age.
#[must_use]
pub fn graded(load: Option<Load>, now: Timestamp) -> Reading<Load> {
    match load {
        None => Reading::Absent,
        Some(load) if !load.value.is_finite() => Reading::Unreadable(format!("value {}", load.value)),
        Some(load) if elapsed(load.at, now) > LOAD_AGE_MAX => Reading::Stale { at: load.at },
        Some(load) => Reading::Known(load),
    }
}

/// The lowest of the newest so many minutes, by the start of each in epoch seconds. Half of them must be there: fewer
/// say nothing about all of them.
#[must_use]
pub fn lowest_of(points: &BTreeMap<i64, f64>, minutes: u32, now: Timestamp) -> Reading<Load> {
    let newest = points
        .iter()
        .next_back()
        .and_then(|(at, value)| Some(Load { value: *value, tasks: None, at: Timestamp::from_second(*at).ok()? }));
    let newest = graded(newest, now);
    let Some(load) = newest.known() else { return newest };
    let since = load.at.as_second().saturating_sub((i64::from(minutes) - 1).max(0) * 60);
    let within: Vec<f64> = points.range(since..).map(|(_, value)| *value).collect();
    if u32::try_from(within.len()).unwrap_or(u32::MAX).saturating_mul(2) < minutes {
        return Reading::Unreadable(format!("{} of {minutes} minutes have data", within.len()));
    }
    graded(Some(Load { value: within.into_iter().fold(f64::INFINITY, f64::min), ..*load }), now)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn high_all_the_time_is_the_lowest_of_the_minutes() {
        let now = Timestamp::from_second(12_030).unwrap();
        let points = BTreeMap::from([(11_940, 80.0), (11_880, 76.0), (11_820, 90.0), (11_760, 20.0)]);
        let read = |minutes| lowest_of(&points, minutes, now).known().map(|l| l.value);
        assert_eq!(read(3), Some(76.0), "the dip lies before");
        assert_eq!(read(4), Some(20.0));
        assert_eq!(read(9), None, "4 of 9 minutes say nothing about all");
        assert!(matches!(lowest_of(&BTreeMap::from([(11_000, 80.0)]), 1, now), Reading::Stale { .. }));
        assert_eq!(lowest_of(&BTreeMap::new(), 1, now), Reading::Absent);
    }

    #[test]
    fn events_of_trouble_are_told_from_those_of_every_day() {
        for (message, tells) in [
            ("(service web) was unable to place a task. Reason: Capacity is unavailable at this time.", true),
            ("(service web) is unable to consistently start tasks successfully.", true),
            ("(service web) (port 80) is unhealthy in (target-group t) due to (reason Health checks failed).", true),
            ("(service web) has reached a steady state.", false),
            ("(service web) has started 2 tasks: (task 1) (task 2).", false),
        ] {
            assert_eq!(Trouble::read(Timestamp::UNIX_EPOCH, message).is_some(), tells, "{message}");
        }
    }

    #[test]
    fn an_old_or_absent_datapoint_is_never_a_number() {
        let now = Timestamp::from_second(10_000).unwrap();
        let load = |age| Some(Load { value: 1.0, tasks: None, at: Timestamp::from_second(10_000_i64 - age).unwrap() });
        assert!(graded(load(300), now).known().is_some());
        assert!(graded(load(301), now).known().is_none());
        assert_eq!(graded(None, now), Reading::Absent);
        let nan = Some(Load { value: f64::NAN, tasks: None, at: now });
        assert!(graded(nan, now).known().is_none());
    }
}
