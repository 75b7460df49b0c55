//! One ECS service: its tasks under its load, second by second, and what it publishes.

mod spec;
mod state;
mod traffic;

pub use spec::Spec;
pub use state::{Ended, Service};
