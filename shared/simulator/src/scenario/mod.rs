//! Scenario files: what is in the world, what comes at it, what is expected.

mod around;
mod build;
mod expect;
mod file;
mod judge;
mod load;
mod policy;
mod service;
mod words;

pub use build::Built;
pub use expect::Expectation;
pub use file::{Files, Problem, Scenario, read};
pub use judge::Judge;
pub use service::ServiceFile;
