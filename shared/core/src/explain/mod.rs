//! A decision, explained: what came in, what it matched, what was seen, what each guard answered, the
//! arithmetic, and the plan or what to change. The same text for an entry of the journal and for an event that is
//! judged offline.

mod decided;
mod event;
mod long;
mod offline;
mod seen;
mod to_change;

pub(crate) use long::block;
pub use long::{long, outcome, short};
pub use offline::{at_present, judged, offline};
pub use to_change::{when_refused, when_waiting};
