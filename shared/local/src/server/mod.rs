//! HTTP on one loopback port.

mod connection;
mod exchange;
mod limits;
mod run;

pub use run::{Running, bind, client_now, run};
