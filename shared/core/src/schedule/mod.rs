//! Floors that the clock keeps: when their windows are open, by level and never by edge.

mod asked;
mod calendar;
mod clock;
mod forecast;
mod grant;
mod keep;
mod learned;
mod proof;
mod stopped;
mod targets;
mod window;

pub use asked::{Asked, asked_of, look_ahead, schedule_of, source_of_schedule};
pub use calendar::{Calendar, LOOK_AHEAD_DAYS};
pub use forecast::{
    Basis, Follows, Forecast, Hour, HourForecast, SAMPLES_FAST, Span, Usual, UsualQuestion, WEEKS, hours, reports_fast,
    usual_question,
};
pub use grant::{Opening, incident, incident_of_proof, is_late};
pub(crate) use keep::judge;
pub(crate) use learned::learn;
pub use learned::{SAMPLES_MIN, lead_of};
pub(crate) use proof::Proved;
pub use proof::{Proof, SHORT_LOOKS};
pub use stopped::{Stopped, stopped_lately};
pub(crate) use targets::{There, targets_of, there};
pub use targets::{healthy_of, healthy_question};
pub use window::Window;
