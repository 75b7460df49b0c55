//! Delivery at least once: duplicated, late, out of order, by a seed.

mod chances;
mod schedule;

pub use chances::{Chances, Counts, Delivery, Promise};
pub use schedule::{Full, Schedule};
