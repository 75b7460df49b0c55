//! The compiled fleet: what `headroom compile` writes and the functions load.
//!
//! Everything inherited or templated in the fleet file is already resolved here, one entry per
//! service and environment, so that a function never computes precedence at 3 a.m.

use std::fmt;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::alert::Alerts;
use super::channel::Channel;
use super::cost::Bill;
use super::dependency::Dependency;
use super::freeze::Freeze;
use super::predictive::Predictive;
use super::rollback::Rollback;
use super::route::Route;
use super::schedule::Schedule;
use super::switch::Switch;
use super::template::AlarmName;
use crate::time::Seconds;

/// Version of the compiled format; a function refuses another one.
pub const COMPILED_VERSION: u32 = 2;

/// What Headroom may do: `observe` < `suggest` < `act`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// Decide and record; hold no write permission.
    Observe,
    /// Also propose: a person accepts with `headroom apply D-...`.
    Suggest,
    /// Change AWS within the bounds of the file.
    Act,
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Observe => "observe",
            Self::Suggest => "suggest",
            Self::Act => "act",
        })
    }
}

/// A fleet as the functions load it.
///
/// `S` is how its services are held: one by one here, packed in the file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fleet<S = Vec<Service>> {
    /// [`COMPILED_VERSION`].
    pub version: u32,
    /// The fleet's name.
    pub fleet: String,
    /// Name of the file that it was compiled from, for `file:line` in explanations.
    pub source: String,
    /// Environments in rollout order.
    pub environments: Vec<Environment>,
    /// One entry per service and environment, in rollout order, then in the order of the file.
    pub services: S,
    /// Floors that the clock keeps, in the order of the file.
    pub schedules: Vec<Schedule>,
    /// Times in which nothing that runs is replaced, in the order of the file.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub freezes: Vec<Freeze>,
    /// What services need and Headroom does not scale; one entry per environment and dependency.
    pub dependencies: Vec<Dependency>,
    /// What people are told, and how loudly; a text without them has the usual ones.
    #[serde(default)]
    pub alerts: Alerts,
    /// Limits that hold for every service.
    pub limits: Limits,
    /// Where notices may go, in the order of the file.
    pub channels: Vec<Channel>,
    /// Which notices go where; the first that fits.
    pub routes: Vec<Route>,
    /// Switches of traffic between two services.
    pub switches: Vec<Switch>,
    /// Bills to compare.
    pub costs: Vec<Bill>,
}

/// One account and region in which services of the fleet run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Environment {
    /// Name, for example `prod-eu`.
    pub name: String,
    /// Twelve digits.
    pub account: String,
    /// For example `eu-west-1`.
    pub region: String,
    /// Effective mode of the environment: its own, else the fleet's.
    pub mode: Mode,
    /// IANA time zone of its schedules; `UTC` when the file names none.
    pub timezone: String,
    /// True: notices carry names, numbers and links only.
    pub redact: bool,
    /// How long a change rests here before the next environment gets it, at most 30 days; 0 when the file names none.
    pub soak: Seconds,
}

/// One ECS service of one environment.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Service {
    /// Name of the environment.
    pub environment: String,
    /// Name in the fleet file, for example `web`; people read `prod-eu/web`.
    pub name: String,
    /// Account of the environment, repeated so that a service stands alone.
    pub account: String,
    /// Region of the environment.
    pub region: String,
    /// ECS cluster name.
    pub cluster: String,
    /// ECS service name.
    pub service: String,
    /// Target group name, when the file names one.
    pub target_group: Option<String>,
    /// Effective mode of the service.
    pub mode: Mode,
    /// Size of one task, for prices.
    pub task: Option<Task>,
    /// Bounds of the service.
    pub capacity: Capacity,
    /// What Application Auto Scaling is asked to track.
    pub scaling: Scaling,
    /// Names of the dependencies, and of the services beside it, without which it does not work, in the order of the file.
    pub depends_on: Vec<String>,
    /// Remedies that apply here, in the order of the file.
    pub remedies: RemedyList,
}

/// Size of one Fargate task.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Task {
    /// vCPU of a task, 0.25 to 16.
    pub vcpu: f64,
    /// Memory of a task in GiB.
    pub memory_gib: f64,
    /// Prices differ by it.
    pub architecture: Architecture,
    /// USD for an hour of one task, of a price file that was given; none: the prices of this release.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usd_hour: Option<f64>,
}

/// Processor architecture of a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Architecture {
    /// Intel and AMD; Fargate's own default.
    X86_64,
    /// Graviton.
    Arm64,
}

impl Architecture {
    /// The word in the fleet file.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::X86_64 => "x86_64",
            Self::Arm64 => "arm64",
        }
    }
}

/// Bounds of a service in tasks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Capacity {
    /// Lowest number of tasks at rest.
    pub min: u32,
    /// Highest number that Application Auto Scaling may reach by itself.
    pub max: u32,
    /// Above max: no lease passes it. `max` when the file names none.
    pub ceiling: u32,
    /// Desired count when the service is created, `min` to `max`; `None` leaves it to whoever creates it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start: Option<u32>,
}

/// Targets of the service's own scaling policies.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scaling {
    /// CPU target in percent, 50 to 90.
    pub cpu: Option<f64>,
    /// Memory target in percent, 50 to 90.
    pub memory: Option<f64>,
    /// Requests per target and minute.
    pub requests_per_target: Option<f64>,
    /// Cooldown after a scale-out.
    pub cooldown_scale_out: Seconds,
    /// Cooldown after a scale-in.
    pub cooldown_scale_in: Seconds,
    /// The predictive scaling policy beside them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub predictive: Option<Predictive>,
}

impl Scaling {
    /// Whether any target is set.
    #[must_use]
    pub fn is_any(&self) -> bool {
        self.cpu.is_some() || self.memory.is_some() || self.requests_per_target.is_some()
    }
}

/// A metric that a remedy can watch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Metric {
    /// `AWS/ECS CPUUtilization`, average, percent.
    Cpu,
    /// `AWS/ECS MemoryUtilization`, average, percent.
    Memory,
    /// `AWS/ApplicationELB RequestCountPerTarget`, per target and minute.
    RequestsPerTarget,
    /// `AWS/ApplicationELB TargetResponseTime`, average, seconds.
    ResponseTimeAvg,
    /// `AWS/ApplicationELB TargetResponseTime`, p95, seconds.
    ResponseTimeP95,
    /// Target 5xx over requests, percent.
    ErrorRate,
}

impl Metric {
    /// Every metric, in the order in which errors list them.
    pub const ALL: [Self; 6] = [
        Self::Cpu,
        Self::Memory,
        Self::RequestsPerTarget,
        Self::ResponseTimeAvg,
        Self::ResponseTimeP95,
        Self::ErrorRate,
    ];

    /// The name in the fleet file.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Cpu => "cpu",
            Self::Memory => "memory",
            Self::RequestsPerTarget => "requests_per_target",
            Self::ResponseTimeAvg => "response_time_avg",
            Self::ResponseTimeP95 => "response_time_p95",
            Self::ErrorRate => "error_rate",
        }
    }

    /// Whether twice the tasks halve it: only then may a need be computed as a ratio (SEMANTICS 23).
    #[must_use]
    pub fn proportional(self) -> bool {
        matches!(self, Self::Cpu | Self::RequestsPerTarget)
    }

    /// Whether a load balancer measures it, by target group.
    #[must_use]
    pub fn of_load_balancer(self) -> bool {
        match self {
            Self::Cpu | Self::Memory => false,
            Self::RequestsPerTarget | Self::ResponseTimeAvg | Self::ResponseTimeP95 | Self::ErrorRate => true,
        }
    }

    /// Namespace, name and statistic as CloudWatch has them; `None` for a metric made of two.
    #[must_use]
    pub fn cloudwatch(self) -> Option<(&'static str, &'static str, &'static str)> {
        match self {
            Self::Cpu => Some(("AWS/ECS", "CPUUtilization", "Average")),
            Self::Memory => Some(("AWS/ECS", "MemoryUtilization", "Average")),
            Self::RequestsPerTarget => Some(("AWS/ApplicationELB", "RequestCountPerTarget", "Sum")),
            Self::ResponseTimeAvg => Some(("AWS/ApplicationELB", "TargetResponseTime", "Average")),
            Self::ResponseTimeP95 => Some(("AWS/ApplicationELB", "TargetResponseTime", "p95")),
            Self::ErrorRate => None,
        }
    }
}

/// What wakes a remedy.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum When {
    /// A metric above a threshold for a time; the alarm is `{service}-{remedy}`.
    Metric {
        /// The metric.
        metric: Metric,
        /// Threshold in the metric's own unit.
        above: f64,
        /// How long.
        lasting: Seconds,
    },
    /// An alarm that exists already, by name.
    Alarm {
        /// Its name.
        alarm: AlarmName,
    },
    /// A contributor of a multi-series alarm, whose attributes name the service; never the alarm itself.
    Contributor {
        /// Name of the alarm.
        alarm: AlarmName,
    },
    /// Another kind of event, for example `at-max`.
    Event {
        /// Its name.
        event: String,
    },
}

/// What a remedy does. Issue by issue this list grows; an unknown word is refused when compiled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    /// A floor lease under min.
    ScaleOut,
    /// A lease that suspends scale-in.
    SuspendScaleIn,
    /// A lease that raises max.
    RaiseMax,
    /// Replace every task, as `UpdateService` with `forceNewDeployment` does.
    ForceNewDeployment,
    /// Stop one sick task; ECS starts another in its place.
    StopTask,
    /// Return to the last successful deployment.
    Rollback,
    /// Tell people only.
    NotifyOnly,
}

impl Action {
    /// Every action, in the order in which errors list them.
    pub const ALL: [Self; 7] = [
        Self::ScaleOut,
        Self::SuspendScaleIn,
        Self::RaiseMax,
        Self::ForceNewDeployment,
        Self::StopTask,
        Self::Rollback,
        Self::NotifyOnly,
    ];

    /// The word in the fleet file.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::ScaleOut => "scale-out",
            Self::SuspendScaleIn => "suspend-scale-in",
            Self::RaiseMax => "raise-max",
            Self::ForceNewDeployment => "force-new-deployment",
            Self::StopTask => "stop-task",
            Self::Rollback => "rollback",
            Self::NotifyOnly => "notify-only",
        }
    }

    /// What it does, in sentences for the reference page.
    #[must_use]
    pub fn does(self) -> &'static str {
        match self {
            Self::ScaleOut => {
                "A lease raises min to the need, `ceil(n x metric / target)` or a fixed addition, within `add_max`, max and \
                 ceiling; Application Auto Scaling starts the tasks. Without a scalable target the desired count is set \
                 instead. It follows the load: stepped down to the need, ended when the need stayed at the baseline."
            }
            Self::SuspendScaleIn => {
                "A lease suspends dynamic scale-in; the other two members of the suspended state stay as found. It ends when \
                 the alarm has been quiet for the release delay."
            }
            Self::RaiseMax => {
                "A lease raises max by `add_max`, at most to the ceiling. It ends when desired has stayed at or under the \
                 baseline's max; max is never lowered below what is desired."
            }
            Self::ForceNewDeployment => {
                "One UpdateService with forceNewDeployment and nothing else, only if the primary deployment is still the one \
                 that was seen. Sent at most twice when the outcome is unknown."
            }
            Self::StopTask => {
                "One StopTask of the task that is out of memory, unhealthy or stuck for 15 minutes; ECS starts another. \
                 Refused when half of the tasks are sick."
            }
            Self::Rollback => {
                "Each deployment is watched for `deployed_within` and taken back to the last successful one when its errors \
                 rose beyond chance and nothing else explains them: stopped while it runs, so that ECS restores the old \
                 revision, else by UpdateService. Once per deployment; then followed to its end and verified."
            }
            Self::NotifyOnly => "One notice per cooldown.",
        }
    }
}

/// How a scale-out finds its size.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Sizing {
    /// `ceil(n x metric / target)`.
    Ratio {
        /// The metric's target, in its own unit.
        target: f64,
    },
    /// A fixed number of tasks more than now.
    Add {
        /// Tasks.
        tasks: u32,
    },
}

/// The remedies of a service; services that are alike share one list.
#[derive(Debug, Clone, PartialEq)]
pub struct RemedyList(Arc<[Remedy]>);

impl Deref for RemedyList {
    type Target = [Remedy];

    fn deref(&self) -> &[Remedy] {
        &self.0
    }
}

impl DerefMut for RemedyList {
    /// Gives this service a list of its own first, when another shares it.
    fn deref_mut(&mut self) -> &mut [Remedy] {
        Arc::make_mut(&mut self.0)
    }
}

impl FromIterator<Remedy> for RemedyList {
    fn from_iter<I: IntoIterator<Item = Remedy>>(remedies: I) -> Self {
        Self(remedies.into_iter().collect())
    }
}

impl From<Vec<Remedy>> for RemedyList {
    fn from(remedies: Vec<Remedy>) -> Self {
        Self(remedies.into())
    }
}

impl<'l> IntoIterator for &'l RemedyList {
    type Item = &'l Remedy;
    type IntoIter = std::slice::Iter<'l, Remedy>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

impl<'l> IntoIterator for &'l mut RemedyList {
    type Item = &'l mut Remedy;
    type IntoIter = std::slice::IterMut<'l, Remedy>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter_mut()
    }
}

impl Serialize for RemedyList {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.as_ref().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for RemedyList {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Vec::deserialize(deserializer).map(Self::from)
    }
}

/// One remedy of one service.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Remedy {
    /// Name in the fleet file.
    pub name: String,
    /// Line in the fleet file, 1-based.
    pub line: u32,
    /// What wakes it.
    pub when: When,
    /// What it does.
    pub action: Action,
    /// Effective mode: the service's, lowered by the remedy's own.
    pub mode: Mode,
    /// How many tasks; present exactly for `scale-out`.
    pub sizing: Option<Sizing>,
    /// At most this many tasks above what is found, per grant: above the desired count, for `raise-max` above max.
    pub add_max: u32,
    /// Tasks to start when none runs; `None` starts nothing on a service that is switched off.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wake: Option<u32>,
    /// Whether the added tasks are taken away by lowering the desired count, where no scaling policy scales in.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub gives_back_desired: bool,
    /// How long a scaling policy that watches the same metric gets before Headroom acts.
    pub native_first: Seconds,
    /// Length of a lease and of each renewal.
    pub lease: Seconds,
    /// How long the need must stay at the baseline before capacity goes back.
    pub release_delay: Seconds,
    /// The least time between two grants of this remedy for one service, and between two looks at its lease.
    pub cooldown: Seconds,
    /// A lease ends, and pages, at this age whatever is read.
    pub hard_end: Seconds,
    /// Which deployment it may blame; present exactly for `rollback`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rollback: Option<Rollback>,
}

/// Limits; when one is reached Headroom stops, says so once and pages.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// Older events are judged by the alarm's present state instead.
    pub event_age_max: Seconds,
    /// Changes of one service in one UTC hour.
    pub changes_per_hour_service: u32,
    /// Changes of one environment in one UTC hour.
    pub changes_per_hour_environment: u32,
    /// Rollbacks of one service in one UTC day.
    pub rollbacks_per_day_service: u32,
    /// Rollbacks of one environment in one UTC day.
    pub rollbacks_per_day_environment: u32,
    /// US dollars that added tasks of the fleet may cost in one UTC day; `None`: only counts and ceilings limit them.
    pub added_cost_per_day_usd: Option<f64>,
}

impl Service {
    /// What people call it: `prod-eu/web`.
    #[must_use]
    pub fn label(&self) -> String {
        format!("{}/{}", self.environment, self.name)
    }

    /// The scalable target's resource id: `service/<cluster>/<service>`.
    #[must_use]
    pub fn resource_id(&self) -> String {
        format!("service/{}/{}", self.cluster, self.service)
    }
}
