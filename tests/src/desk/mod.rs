//! The notifier's ports in memory: a table, a queue, secrets, and the receiver that behaves like Slack and PagerDuty.

mod fleet;
mod memory;
mod mouth;
mod ports;

pub use fleet::{fleet, one_channel};
pub use memory::{BOT, Desk, HOOK, ROUTING};
