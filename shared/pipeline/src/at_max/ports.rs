//! The port of the function that watches capacity, beside the five.

use std::future::Future;

use headroom_core::at_max::{CapacityQuestion, CapacitySeen, Screened};
use headroom_core::id::{CaseKey, ServiceId};
use jiff::Timestamp;

use crate::ports::{PortError, Ports};

/// Reads many services a little, or one of them closely; changes nothing.
pub trait Capacities {
    /// Counts, bounds and the last hour of these services, in order, by as few calls as AWS allows. One that cannot be
    /// read is unreadable and hides no other.
    fn screen(&self, services: &[ServiceId]) -> impl Future<Output = Result<Screened, PortError>>;

    /// Everything about one.
    fn capacity(&self, question: &CapacityQuestion) -> impl Future<Output = Result<CapacitySeen, PortError>>;

    /// The episodes that are due, the longest due first. It may be late: the entry decides.
    fn episodes(&self, now: Timestamp) -> impl Future<Output = Result<Vec<CaseKey>, PortError>>;
}

/// The five and this one.
pub trait CapacityPorts: Ports + Capacities {}

impl<T: Ports + Capacities> CapacityPorts for T {}
