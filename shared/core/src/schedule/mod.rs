//! Floors that the clock keeps: when their windows are open, by level and never by edge.

mod calendar;
mod clock;
mod window;

pub use calendar::{Calendar, LOOK_AHEAD_DAYS};
pub use window::Window;
