//! The usual load as a floor: what the same hours of the last four same weekdays asked for, and nothing else.

mod hours;
mod made;
mod question;
mod usual;

pub use hours::{Hour, Span, WEEKS, hours};
pub use made::{Basis, Forecast, HourForecast};
pub use question::{Follows, UsualQuestion, usual_question};
pub use usual::{SAMPLES_FAST, Usual, reports_fast};
