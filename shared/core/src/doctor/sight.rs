//! What was read of one environment.

use jiff::Timestamp;

use crate::capacity::ServiceState;
use crate::fleet::draft::{FoundAlarm, FoundPolicy};
use crate::quota::VcpuQuota;
use crate::seen::{Reading, TargetSeen};
use crate::signal::AlarmState;
use crate::time::Seconds;

/// How a call went that these credentials made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Access {
    /// AWS answered.
    Allowed,
    /// AWS refused it for want of a permission; its words.
    Denied(String),
    /// It failed for another reason, so that nobody knows.
    Failed(String),
}

/// What a complete installation has, by name.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Expected {
    /// Event rules.
    pub rules: Vec<String>,
    /// Headroom's own alarms.
    pub alarms: Vec<String>,
    /// IAM actions that change something, which are never tried.
    pub changing: Vec<String>,
}

/// What a service's tasks are told about starting and ending.
#[derive(Debug, Clone, PartialEq)]
pub struct TaskSight {
    /// Target groups, by name.
    pub target_groups: Vec<String>,
    /// `healthCheckGracePeriodSeconds`; absent when it names none.
    pub grace: Reading<Seconds>,
    /// The least `stopTimeout` of its containers.
    pub stop_timeout: Reading<Seconds>,
}

/// What was read of one service.
#[derive(Debug, Clone, PartialEq)]
pub struct ServiceSight {
    /// Its tasks' settings.
    pub tasks: Reading<TaskSight>,
    /// Its scalable target.
    pub target: Reading<TargetSeen>,
    /// Its scaling policies.
    pub policies: Reading<Vec<FoundPolicy>>,
    /// What the table remembers of it.
    pub state: Reading<ServiceState>,
    /// The longest deregistration delay of its target groups.
    pub deregistration: Reading<Seconds>,
}

/// What was read of one environment.
#[derive(Debug, Clone, PartialEq)]
pub struct Sight {
    /// The account, as ARNs name it.
    pub account: Reading<String>,
    /// What AWS's clock said, and this machine's then.
    pub clock: Reading<(Timestamp, Timestamp)>,
    /// Every IAM action that was used, once.
    pub access: Vec<(String, Access)>,
    /// The table's index of entries was read.
    pub entries: Reading<()>,
    /// When the baseline was put back over a lease, in the last days: label of the service and time.
    pub put_back: Reading<Vec<(String, Timestamp)>>,
    /// Event rules of Headroom, and whether each is enabled.
    pub rules: Reading<Vec<(String, bool)>>,
    /// Headroom's own alarms with their states.
    pub own_alarms: Reading<Vec<(String, AlarmState)>>,
    /// Every alarm of the account and region.
    pub alarms: Reading<Vec<FoundAlarm>>,
    /// Fargate's vCPU quota.
    pub quota: Reading<VcpuQuota>,
    /// The services, in the order of the fleet file.
    pub services: Vec<ServiceSight>,
}
