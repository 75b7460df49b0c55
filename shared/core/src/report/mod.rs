//! What was done, or would have been done, over days: the page on which a team decides to switch `act` on.
//!
//! Made from journal entries and, where it is given, the fleet file. Names, numbers and times only: no free text of
//! others, no account id, no ARN.

mod alarms;
mod at_max;
mod claim;
mod line;
mod markdown;
mod quiet;
mod text;
mod whole;
mod words;

pub use alarms::{AlarmWakesNothing, wake_nothing, woken};
pub use at_max::AtMax;
pub use line::{Did, Line};
pub use markdown::markdown;
pub use quiet::{Quiet, quiet};
pub use text::text;
pub use whole::{Report, report};
