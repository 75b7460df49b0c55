//! The flow from event to notice over five narrow ports.
//!
//! Every await of the flow passes through a port, so that a test can fail, or never return from, any of
//! them; nothing here knows AWS.

mod alarm;
mod at_max;
mod converge;
mod cost;
mod disrupt;
mod history;
mod later;
pub mod notifier;
mod owed;
mod permit;
pub mod person;
mod ports;
mod prewarm;
mod records;
mod rollback;
mod said;
mod span;
mod storm;
mod sweep;
mod told;
mod watched;
mod would;

pub use alarm::{Handled, on_alarm};
pub use at_max::{Capacities, CapacityPorts, Polled, capacity_pass, look_at};
pub use history::{Decided, Found, History, NEAR_MAX, Named, Wanted};
pub use owed::{Owed, owed, said, said_as_a_whole};
pub use permit::Permit;
pub use ports::{
    Act, Ask, BudgetAdd, BudgetKey, Clock, Disrupted, Due, Expect, Journal, Keys, Loaded, Lost, Notify, PortError,
    Ports, Retry, Write, Written,
};
pub use records::{Answer, Answered, Failed, on_capacity_payload, on_payload, on_rollback_payload};
pub use rollback::{
    Passed, Released, Releases, RollbackPorts, Woken, on_deployment, on_error_alarm, quarantined, release_quarantined,
    watch_pass,
};
pub use sweep::{Swept, sweep};
pub use watched::Watched;
