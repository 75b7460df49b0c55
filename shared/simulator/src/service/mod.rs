//! One ECS service: its tasks under its load, second by second, and what it publishes.

mod dependency;
mod publish;
mod queue;
mod spec;
mod state;
mod sums;
mod traffic;

pub use dependency::{Dependency, Trouble};
pub use publish::Extra;
pub use queue::Queue;
pub use spec::Spec;
pub use state::{Ended, Service};
