//! The tasks of one service: placed, starting, running, healthy, draining, stopped, and why they ended.

mod account;
mod count;
mod list;
mod task;

pub use account::{Account, UNLIMITED_VCPU};
pub use list::Tasks;
pub use task::{Ending, Life, Noted, Stage, Task, TaskStatus};
