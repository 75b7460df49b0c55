//! What is measured of decisions, and from which value of the journal: pure, the functions' edge emits it.

mod decided;
mod dimension;
mod metric;
mod outcome;
mod sample;
mod table;
#[cfg(test)]
mod tests;

pub use decided::{Before, Decided, Of};
pub use dimension::Dimension;
pub use metric::{METRICS, Metric, NAMESPACE, Unit};
pub use outcome::{News, Outcome};
pub use sample::{Reconciled, Sample};
pub use table::markdown;
