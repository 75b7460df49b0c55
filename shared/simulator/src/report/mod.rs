//! What a run shows: rows by the minute, hours, a timeline, expectations; as text, JSON and JUnit.

mod check;
mod hour;
mod json;
mod junit;
mod observe;
mod text;

pub use check::Check;
pub use hour::Hour;
pub use json::json;
pub use junit::junit;
pub use observe::{HeadroomCounts, Line, Observer, Report, Row, ServiceReport};
pub use text::{clock, minutes, text};
