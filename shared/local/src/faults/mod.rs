//! Faults that the far side of a call sees, by a plan and a seed.

mod draw;
mod length;
mod plan;

pub use draw::{Counted, Faults, Injected};
pub use plan::{EventFaults, Kind, Plan, Rule, read};
