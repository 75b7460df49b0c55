//! Deployments: read for the watch, and taken back.

mod alarms;
mod announce;
mod balancer;
mod call;
mod counted;
mod deployments;
mod images;
mod permissions;
mod port;
mod revisions;
mod service;

pub(crate) use call::roll_back as by_hand;
pub use permissions::PERMISSIONS;
