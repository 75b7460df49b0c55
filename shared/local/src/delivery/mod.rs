//! Events of the world on their way to a URL or a command: at least once, late and out of order as the plan says.

mod outbox;
mod target;
mod worker;

pub use outbox::Outbox;
pub use target::Target;
pub use worker::{Counts, Worker};
