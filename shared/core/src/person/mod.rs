//! What people decide at the terminal, and every way in which it is not done.

mod not_applied;
mod switch;

pub use not_applied::NotApplied;
pub use switch::{Scope, Switch};
