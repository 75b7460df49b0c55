//! Decides: fleets, signals, guards, leases, plans and notices.
//!
//! This crate cannot reach the world: no SDK, no runtime, no clock, no environment, no file system.

pub mod at_max;
pub mod capacity;
pub mod channel;
pub mod control;
pub mod decide;
pub mod decoded;
pub mod doctor;
pub mod entry;
pub mod explain;
pub mod fleet;
pub mod history;
pub mod id;
pub mod notice;
pub mod person;
pub mod price;
pub mod quota;
pub mod redrive;
pub mod release;
pub mod remedy;
pub mod report;
pub mod rollback;
pub mod rule;
pub mod schedule;
pub mod seen;
pub mod signal;
pub mod status;
pub mod storm;
pub mod telemetry;
pub mod time;
pub mod told;
