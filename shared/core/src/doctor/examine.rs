//! Every check, in order.

use jiff::Timestamp;

use super::finding::Finding;
use super::sight::{Expected, ServiceSight, Sight};
use super::terraform::TargetChange;
use super::{access, alarms, capacity, installed, policies, tasks, terraform};
use crate::fleet::{Environment, Fleet, Service};
use crate::seen::Reading;

/// One environment with all that was read of it.
#[derive(Debug)]
pub struct Patient<'a> {
    /// The local fleet file, compiled.
    pub fleet: &'a Fleet,
    /// The environment.
    pub environment: &'a Environment,
    /// What a complete installation has.
    pub expected: &'a Expected,
    /// What was read.
    pub sight: &'a Sight,
    /// The fleet that the functions load.
    pub deployed: &'a Reading<Fleet>,
    /// Scalable targets that a Terraform plan would change.
    pub terraform: &'a Reading<Vec<TargetChange>>,
    /// Now.
    pub now: Timestamp,
}

impl<'a> Patient<'a> {
    /// The services of the environment with what was read of each.
    pub(super) fn services(&self) -> impl Iterator<Item = (&'a Service, &'a ServiceSight)> {
        let (fleet, environment, sight) = (self.fleet, self.environment, self.sight);
        fleet.services.iter().filter(|s| s.environment == environment.name).zip(&sight.services)
    }

    /// "1 service", "12 services".
    pub(super) fn count(&self) -> String {
        let count = self.services().count();
        if count == 1 { "1 service".to_owned() } else { format!("{count} services") }
    }
}

/// Makes every check. None is silent: each gives at least one finding.
#[must_use]
pub fn examine(patient: &Patient<'_>) -> Vec<Finding> {
    [
        access::credentials,
        access::permissions,
        access::clock,
        access::table,
        installed::rules,
        installed::functions,
        installed::fleet,
        capacity::quotas,
        capacity::targets,
        capacity::bounds,
        policies::policies,
        terraform::terraform,
        alarms::alarms,
        alarms::remedies,
        tasks::draining,
        tasks::grace,
    ]
    .iter()
    .flat_map(|check| check(patient))
    .collect()
}
