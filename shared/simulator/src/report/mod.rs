//! What a run shows: hours, a timeline, expectations, and minutes when asked; as text, JSON and JUnit.

mod check;
mod compared;
mod hour;
mod json;
mod junit;
mod observe;
mod row;
mod summary;
mod text;
mod timeline;

pub use check::Check;
pub(crate) use compared::percent;
pub use hour::Hour;
pub use json::json;
pub use junit::junit;
pub use observe::{Observer, SERVICES_SHOWN};
pub use row::Row;
pub use summary::{HeadroomCounts, Report, ServiceReport};
pub use text::{clock, minutes, text};
pub use timeline::{LINES_KEPT, Line, Timeline};
