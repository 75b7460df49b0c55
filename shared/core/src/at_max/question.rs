//! What must be seen of services that may be at their max.

use std::collections::BTreeMap;

use jiff::Timestamp;
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
    /// Services of which an alarm that calls a target-tracking policy to scale out is in ALARM, with since when; of the
    /// whole account and region. Whatever the policy tracks: CPU, memory, requests or a customized metric.
    pub high: Vec<(ServiceId, Timestamp)>,
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

/// A service that reports every 20 seconds sends three samples a minute and task.
const SAMPLES_FAST: f64 = 3.0;

impl CapacitySeen {
    /// With tasks in the place of samples: where the newest minute has three samples for each running task, every minute
    /// is a third.
    #[must_use]
    pub fn counted(mut self) -> Self {
        let newest = self.tasks.known().and_then(Points::newest).map(|(_, samples)| samples);
        let running = self.service.known().map(|service| f64::from(service.running));
        let fast = newest
            .zip(running)
            .is_some_and(|(samples, running)| running > 0.0 && (samples / running - SAMPLES_FAST).abs() < 0.5);
        for points in [&mut self.tasks, &mut self.tasks_fortnight] {
            if let (true, Reading::Known(points)) = (fast, points) {
                points.values.values_mut().for_each(|samples| *samples /= SAMPLES_FAST);
            }
        }
        self
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seen::Suspended;

    fn seen(running: u32, samples: f64) -> Option<f64> {
        let service = ServiceSeen {
            arn: "arn".into(),
            created_at: None,
            desired: running,
            running,
            deployments_in_progress: 0,
            daemon: false,
            primary: None,
            troubles: Vec::new(),
            target_groups: Vec::new(),
        };
        let mut tasks = Points::by_minute();
        tasks.values.insert(0, samples);
        let seen = CapacitySeen {
            service: Reading::Known(service),
            target: Reading::Known(TargetSeen { min: 1, max: 9, suspended: Suspended::default(), by_desired: false }),
            tracked: Reading::Absent,
            tasks: Reading::Known(tasks),
            tasks_fortnight: Reading::Absent,
            activities: Reading::Absent,
            quota: Reading::Absent,
            beside: BTreeMap::new(),
        };
        seen.counted().tasks.known().and_then(Points::newest).map(|(_, tasks)| tasks)
    }

    #[test]
    fn three_samples_a_minute_are_one_task() {
        assert_eq!(seen(4, 12.0), Some(4.0));
        assert_eq!(seen(4, 11.0), Some(11.0 / 3.0), "one sample is late");
        assert_eq!(seen(4, 4.0), Some(4.0));
        assert_eq!(seen(4, 8.0), Some(8.0), "twice is a deployment, not a period");
        assert_eq!(seen(0, 3.0), Some(3.0));
    }
}
