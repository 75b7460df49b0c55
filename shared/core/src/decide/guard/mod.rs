//! Guards: one file each, in [`Guard::ALL`]'s order.

mod breaker;
mod cooldown;
mod cost;
mod dependencies;
mod deployment;
mod drift;
mod firing;
mod fresh;
mod frozen;
mod kind;
mod limits;
mod muted;
mod native_first;
mod new;
mod paused;
mod quota;
mod reading;
mod room;
mod stopped;
mod storm;
mod subject;

pub use kind::{Answer, Guard};
pub(crate) use native_first::policy_of;
