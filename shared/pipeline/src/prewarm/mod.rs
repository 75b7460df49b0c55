//! The floors of schedules: each minute, what the clock asks and no lease gives yet is granted.
//!
//! By level: which windows are open, or about to open, follows from the fleet file and the time alone. A minute, an
//! hour or a day without a reconciler is caught up by the next one, and granting twice grants once. What a lease gives
//! already is kept, and ended, by the pass over its service ([`crate::converge`]).

mod act;
mod all;
mod foretell;
mod ready;
mod record;
mod tell;
mod wanted;

pub(crate) use all::grant_all;
pub(crate) use tell::late_severity;
pub(crate) use wanted::{Wanted, asked_now, given, wanted};
