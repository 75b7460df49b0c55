//! What `headroom doctor` reads of an environment: each thing alone, so that one that fails hides no other.

mod access;
mod dated;
mod draining;
mod look;
mod own;
mod tasks;

pub use look::{ACTIONS, look};
