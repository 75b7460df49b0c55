//! What runs in one cluster, read for a person's first fleet file: not for the functions, which know their fleet.

mod alarms;
mod clients;
mod failure;
mod find;
mod permissions;
mod policies;
mod progress;
mod services;
mod targets;

pub use clients::Place;
pub use failure::Failure;
pub use find::find;
pub use permissions::ACTIONS;
pub use progress::Progress;
