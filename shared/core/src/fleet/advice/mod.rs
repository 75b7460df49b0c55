//! What a good colleague would say about a fleet file that is right.

mod about;
mod alarms;
mod bounds;
mod cooldowns;
mod routes;
mod schedules;
mod whole;

pub(crate) use about::{About, service};
pub(crate) use whole::fleet;
