//! What one look must see.

use jiff::Timestamp;

use super::deployment::Balancer;
use crate::id::ServiceId;
use crate::seen::NeedQuestion;

/// What one look at a service's deployments must see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeploymentsQuestion {
    /// The service.
    pub service: ServiceId,
    /// Name of its target group, when the fleet file has one; else the service's own first one.
    pub target_group: Option<String>,
    /// The balancer, once an earlier look has found it.
    pub balancer: Option<Balancer>,
    /// Start of the first minute that is counted; `None`: nothing is counted.
    pub from: Option<Timestamp>,
    /// Names of the alarms that woke the watch.
    pub alarms: Vec<String>,
    /// Dependencies that matter.
    pub needs: Vec<NeedQuestion>,
}

/// What must be seen before a deployment is rolled back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BackQuestion {
    /// The service.
    pub service: ServiceId,
    /// ARNs of revisions: the one that may be returned to first, then the one that runs.
    pub revisions: Vec<String>,
    /// The balancer whose other target groups are read.
    pub balancer: Option<Balancer>,
    /// Start of the first minute that is counted, and of the time in which deployments of needed services are seen.
    pub from: Timestamp,
    /// Names of the target groups of the environment's other services: their errors may rise for the same cause, behind
    /// whichever balancer they are.
    pub beside: Vec<String>,
    /// Services of the environment that this one depends on, by their names in the fleet file.
    pub needed: Vec<(String, ServiceId)>,
}
