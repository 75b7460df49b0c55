//! Release: a lease follows the load, not the alarm (SEMANTICS A, 4).

mod hold;
mod judge;
mod raise;

pub use judge::Judged;
pub(crate) use judge::{BASELINE_TOO_LOW_AGE, Look, judge};
