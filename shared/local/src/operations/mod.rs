//! The operations, one file or folder a service; each is one function from a call to an answer.

mod balancing;
mod bus;
mod call;
mod cloudwatch;
mod ecs;
mod page;
mod quotas;
mod registry;
mod scaling;
mod table;

pub use bus::Bus;
pub use call::{Answer, Call, Definition, Operation, Store};
pub use table::{all, find};
