//! What must be seen of services that may be at their max.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::activity::ActivitySeen;
use super::demand::Tracked;
use super::points::Points;
use crate::id::ServiceId;
use crate::quota::VcpuQuota;
use crate::seen::{Reading, ServiceSeen, TargetSeen};

/// Counts and bounds of one service, as the poll reads them of many at once.
#[derive(Debug, Clone, PartialEq)]
pub struct CountsSeen {
    /// The service.
    pub service: Reading<ServiceSeen>,
    /// Its scalable target; absent: it cannot be at a max.
    pub target: Reading<TargetSeen>,
    /// Tasks of each minute of the last hour.
    pub tasks: Reading<Points>,
    /// CPU in percent of each minute of the last hour.
    pub cpu: Reading<Points>,
}

/// What the poll read.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Screened {
    /// One for each service, in the order asked.
    pub counts: Vec<CountsSeen>,
    /// Services with an activity that failed in the last minutes, of the whole account and region.
    pub failed: Vec<ServiceId>,
    /// Calls that it took.
    pub calls: u32,
}

/// What must be seen of one service that may be at its max.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CapacityQuestion {
    /// The service.
    pub service: ServiceId,
    /// Its target group, by name, when the fleet file names one.
    pub target_group: Option<String>,
    /// Whether two weeks matter beside the last hour.
    pub fortnight: bool,
    /// Other services whose tasks use the same dependency.
    pub beside: Vec<ServiceId>,
}

/// What was seen of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CapacitySeen {
    /// The service.
    pub service: Reading<ServiceSeen>,
    /// Its scalable target.
    pub target: Reading<TargetSeen>,
    /// Its target-tracking policies, each with the history of its metric.
    pub tracked: Reading<Vec<Tracked>>,
    /// Tasks of each minute of the last hour.
    pub tasks: Reading<Points>,
    /// Tasks of the last two weeks, when asked for.
    pub tasks_fortnight: Reading<Points>,
    /// Scaling activities of the last hour, newest first, with those that scaled nothing.
    pub activities: Reading<Vec<ActivitySeen>>,
    /// The account's vCPU quota of Fargate.
    pub quota: Reading<VcpuQuota>,
    /// Desired counts of the other services, by their resource id.
    pub beside: BTreeMap<String, Reading<u32>>,
}
