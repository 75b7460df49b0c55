//! What people decide at the terminal, and every way in which it is not done.

mod baseline;
mod lease;
mod not_applied;
mod switch;

pub use baseline::{Agreed, Rebased, rebased};
pub use lease::{Claim, NotGranted, Wish, wished};
pub use not_applied::NotApplied;
pub use switch::{Scope, Switch};
