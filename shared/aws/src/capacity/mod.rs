//! What watching capacity reads: many services a little, one of them closely.

mod activities;
mod high;
mod permissions;
mod port;
mod series;
mod tracked;

pub use permissions::PERMISSIONS;
pub(crate) use series::Of;
