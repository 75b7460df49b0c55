//! Forecasts on whole traces: what they would have asked for, day by day, from what was known that day.

mod drawn;
mod future;
mod page;
mod replay;
mod trace;
