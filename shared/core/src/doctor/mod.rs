//! Whether what Headroom stands on is in order: judged from what was read; what could not be read is unknown.

mod access;
mod alarms;
mod capacity;
mod examine;
mod finding;
mod installed;
mod page;
mod policies;
mod sight;
mod tasks;
mod terraform;

pub use examine::{Patient, examine};
pub use finding::{Check, Finding, Verdict};
pub use page::render;
pub use sight::{Access, Expected, ServiceSight, Sight, TaskSight};
pub use terraform::{Planned, TargetChange, target_changes};
