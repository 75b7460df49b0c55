//! From a notice in the queue to people: which channels, what is there already, one call at a time (SEMANTICS 28).

mod admit;
mod batch;
mod deliver;
mod digest;
mod look;
mod ports;
mod send;

pub use batch::{Handled, RECEIVES_MAX, notify};
pub use deliver::Outcome;
pub use ports::{Channels, Held, Place, Queue, Record, SlackForm, Speaker, Threads};
