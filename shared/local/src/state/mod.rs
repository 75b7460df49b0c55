//! Saved states: what the world was made from and every call that changed it, with its second. The world follows
//! from them, so it goes on as if it had never stopped.

mod journal;
mod saved;
mod tree;

pub use journal::{Entry, Journal};
pub use saved::{Saved, VERSION};
