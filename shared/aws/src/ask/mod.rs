//! Asks: the only place that reads AWS.

mod alarms;
mod load;
mod permissions;
mod policies;
mod port;
mod quota;
mod scheduled;
mod services;
mod stopped;
mod targets;
mod tasks;
mod usual;

pub(crate) use alarms::describe;
pub(crate) use load::{Series, fetch, query};
pub use permissions::PERMISSIONS;
pub(crate) use services::{primary, seen};
pub(crate) use targets::seen as target_seen;
