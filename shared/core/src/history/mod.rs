//! Reading the journal: an entry as a line, an incident as a timeline, and what came after a decision.
//!
//! Nothing here is asked by a decision. Free text of others, such as an alarm's reason, is never printed.

mod after;
mod incident;
mod line;
mod list;
mod markdown;
mod outcome;
mod redacted;
mod remarks;
mod source;
mod typed;

pub use after::explained;
pub use incident::Incident;
pub use line::Line;
pub(crate) use line::plain;
pub use list::{COLUMNS_MAX, list};
pub(crate) use markdown::cell;
pub use markdown::markdown;
pub use outcome::Outcome;
pub use remarks::{remark, remarks};
pub use typed::{near, typed};
