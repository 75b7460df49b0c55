//! What only people write: switches and acknowledgements. No function holds them.

use std::future::Future;

use headroom_core::channel::Ack;
use headroom_core::control::Control;

use crate::ports::PortError;

/// The switches of environments.
pub trait Switches {
    /// Writes the switches, if they are still of the revision in them; they are of the next one then. Says whether it
    /// did.
    fn switch(&self, environment: &str, control: &Control) -> impl Future<Output = Result<bool, PortError>>;
}

/// What people acknowledged.
pub trait Acks {
    /// Of one incident, read consistently.
    fn acks(&self, incident: &str) -> impl Future<Output = Result<Vec<Ack>, PortError>>;
    /// Writes them all, if they are still as they were; says whether it did.
    fn put_acks(&self, incident: &str, acks: &[Ack], before: &[Ack]) -> impl Future<Output = Result<bool, PortError>>;
}
