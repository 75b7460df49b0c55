//! Services at their max: looked at by event, by alarm and by poll; one episode, one thread of notices each.

mod decide;
mod episodes;
mod limits;
mod look;
mod pass;
mod ports;
mod record;
mod tell;
mod write;

pub(crate) use limits::proposed_anew;
pub use look::look_at;
pub use pass::{Polled, capacity_pass};
pub use ports::{Capacities, CapacityPorts};
pub(crate) use record::on_capacity_record;
