//! Load: how many requests arrive, and the work each one is.

mod demand;
mod formula;
mod generator;
mod table;
mod trace;

pub use demand::{Demand, Load, Shape};
pub use formula::Formula;
pub use generator::{Burst, Generator, Ramp};
pub use table::{Row, Table};
pub use trace::Trace;
