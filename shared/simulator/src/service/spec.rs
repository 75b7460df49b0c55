//! What a service is.

use headroom_core::id::ServiceId;

use super::traffic::Group;
use crate::queue::{Response, Server};

/// Requests without work would make a worker infinitely fast. Milliseconds of one vCPU.
pub(super) const WORK_MS_MIN: f64 = 0.001;

/// What a service is.
#[derive(Debug, Clone, PartialEq)]
pub struct Spec {
    /// Its name in the scenario.
    pub name: String,
    /// Its name in AWS.
    pub id: ServiceId,
    /// Target group, by name.
    pub target_group: String,
    /// vCPU of a task.
    pub vcpu: f64,
    /// Memory of a task.
    pub memory_mib: f64,
    /// vCPU that a task uses without any request.
    pub background_vcpu: f64,
    /// Memory that a task uses without any request.
    pub memory_base_mib: f64,
    /// Memory of each request in flight.
    pub memory_per_request_mib: f64,
    /// Time of a request that is not CPU, in seconds.
    pub elsewhere: f64,
    /// Longer than this is a 5xx, in seconds.
    pub timeout: f64,
}

impl Spec {
    pub(super) fn respond(&self, arrivals: f64, work_ms: f64) -> Response {
        // A worker per whole vCPU; less than one vCPU is one slower worker.
        let workers = (self.vcpu.floor() as u32).max(1);
        let free = (self.vcpu - self.background_vcpu).max(WORK_MS_MIN);
        let rate = free / f64::from(workers) / (work_ms / 1_000.0);
        let server = Server { workers, rate, elsewhere: self.elsewhere, timeout: self.timeout };
        server.respond(arrivals)
    }

    /// Memory of a task of a group, so many minutes after it began to run.
    pub(super) fn memory_of(&self, group: &Group, age: f64) -> f64 {
        // Little's law: requests in flight are those served in a second times how long each takes.
        let in_flight = group.response.served * group.response.mean;
        self.memory_base_mib + self.memory_per_request_mib * in_flight + group.leak * age
    }
}
