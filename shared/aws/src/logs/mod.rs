//! Structured logs: one flat JSON object a line.

mod line;
mod start;

pub use start::start;
