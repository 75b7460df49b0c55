//! What runs in one cluster, read for a person's first fleet file: not for the functions, which know their fleet.

mod account;
mod alarms;
mod clients;
mod find;
mod permissions;
mod place;
mod policies;
mod progress;
mod services;
mod targets;

pub use crate::person::Failure;
pub use account::{ALARM_ACTIONS, AccountAlarms, account_alarms};
pub(crate) use alarms::with_account;
pub(crate) use clients::Clients;
pub use find::find;
pub use permissions::ACTIONS;
pub use place::Place;
pub(crate) use policies::{Policies, policies};
pub use progress::Progress;
pub(crate) use targets::{Targets, targets};
