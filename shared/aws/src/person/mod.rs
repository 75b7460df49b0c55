//! AWS as a person at a terminal reads it: with their own credentials, and errors that say what to do.

mod acks;
mod caller;
mod deployments;
mod failure;
mod hand;
mod letters;
mod live;
mod run;
mod signed;
mod switches;

pub use acks::ACKING;
pub use caller::Caller;
pub(crate) use caller::Connected;
pub use deployments::{Deployments, LOOKING, TAKING_BACK};
pub use failure::Failure;
pub(crate) use failure::failed;
pub use hand::{AT_MAX, CHANGING, Hand, Hands, REMEMBERING};
pub use letters::{DEAD_LETTERS, Held, Letters, READING_LETTERS, REDRIVING};
pub use live::{ACTIONS, see};
pub(crate) use run::runtime;
pub(crate) use signed::{Call, Signed};
pub use switches::SWITCHING;
